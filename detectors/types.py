"""What detectors take and give: a message in, matches and a verdict out. Plain values, nothing that does I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from fingerprints.types import Key


class AssetKind(StrEnum):
    """What is protected."""

    DOCUMENT = "document"
    EQUIPMENT = "equipment"
    TEXT = "text"


class Level(StrEnum):
    """How bad a leak of it would be; ordered from mild to grave."""

    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    SECRET = "secret"
    TOP_SECRET = "top_secret"


class Severity(StrEnum):
    """How urgently a person must look; ordered."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Conclusion(StrEnum):
    """The machine's conclusion about one message; ordered."""

    CLEAR = "clear"
    REVIEW = "review"
    LEAK = "leak"


@dataclass(frozen=True, slots=True)
class Asset:
    """What the detectors may know of an asset."""

    id: str
    title: str
    kind: AssetKind
    level: Level
    terms: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """One registered picture or text. ``text`` is there only if the owner let originals be kept.

    ``leaked``: nobody registered it, a confirmed leak was this picture, and showed nothing else that is registered.
    """

    key: Key
    asset_id: str
    label: str
    text: str | None = None
    leaked: bool = False


@dataclass(frozen=True, slots=True)
class Mistake:
    """A picture or text that an analyst found to be something else than the asset it was matched to, in ``alert_id``.

    ``references``: those the asset had then; of one registered later nobody said anything.
    """

    key: Key
    references: frozenset[Key]
    alert_id: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How whoever posted stands to the organisation, as it says itself.

    ``ended``: the last day of their access, if that was before; ``clearance``: up to which level, ``None`` nobody said;
    ``unsigned``: they are no staff, and no confidentiality commitment of theirs is on record.
    """

    ended: date | None = None
    clearance: Level | None = None
    unsigned: bool = False


@dataclass(frozen=True, slots=True)
class Raised:
    """Why a severity is one step higher than it would be: ``access_ended``, ``clearance``, ``unsigned``; of an asset's level."""

    reason: str
    level: Level
    ended: date | None = None
    clearance: Level | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a message."""

    name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """What was posted. ``external``: people outside the organisation read the channel; ``None`` unknown.

    ``earlier``: texts that the same sender posted there shortly before, in their order. ``standing``: the sender's, if known.
    """

    gateway: str
    message_id: str
    sent_at: datetime | None
    channel_id: str
    sender_id: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    external: bool | None = None
    earlier: tuple[str, ...] = ()
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A hit that a detector confirmed, about one asset (none: a marking on something nobody registered).

    ``attachment``: index into the message's attachments, ``None`` its text. ``confidence``: 0..1. ``reference_key``: which
    reference, for showing it beside the leak. ``part``: which page of the attachment, ``""`` all of it. ``evidence`` is JSON:
    ``summary`` (a sentence for a tired person) and, as they apply, ``sha256``, ``perceptual``, ``geometry``, ``text``,
    ``token``, ``marking``, ``nearest_other``.
    """

    asset_id: str | None
    asset_title: str
    reference: str
    detector: str
    confidence: float
    attachment: int | None
    evidence: Mapping[str, Any]
    reference_key: Key | None = None
    part: str = ""


@dataclass(frozen=True, slots=True)
class Excused:
    """A match that does not count, because it repeats a ``mistake``. ``attachment`` and ``part``: as in ``Match``."""

    asset_id: str
    asset_title: str
    reference: str
    mistake: Mistake
    attachment: int | None
    part: str = ""


@dataclass(frozen=True, slots=True)
class UnreadPart:
    """Something of a message that could not be inspected. ``attachment``: its index. ``code``: the reason's stable word."""

    attachment: int
    reason: str
    code: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The conclusion about one message, with everything that led to it."""

    verdict: Conclusion
    severity: Severity
    matches: tuple[Match, ...]
    unread: tuple[UnreadPart, ...] = ()
    excused: tuple[Excused, ...] = ()
    raised: Raised | None = None

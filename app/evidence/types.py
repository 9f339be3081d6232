"""What an evidence bundle is made of: plain values, gathered once, so that report and archive tell the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Literal

from app.alerts.schemas import AlertOut
from app.audit.chain import Entry, Place

WHOLE = "spread/spread-all.svg"
"""Where it went with a lane for every channel, in the bundle."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the evidence is about. ``facts``: all that is known of it, as JSON."""

    kind: Literal["alert", "incident"]
    id: str
    title: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Piece:
    """One file. ``path``: in the bundle. ``what`` it is, and ``origin``: where it came from, for people; ``at``: when we got it.

    Its bytes are ``data``, or lie among the blobs under ``blob``, their SHA-256, and are ``size`` many.
    """

    path: str
    what: str
    origin: str
    at: datetime
    data: bytes | None = field(default=None, repr=False)
    blob: str | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class Concerned:
    """A registered asset that alerts are about, as it is registered now. ``there``: it is still registered."""

    id: str
    title: str
    kind: str = ""
    level: str = ""
    owner: str = ""
    unit: str = ""
    there: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened to the subject itself, in a sentence; alerts have histories of their own."""

    at: datetime
    says: str


@dataclass(frozen=True, slots=True)
class Spread:
    """Where it went: all of it as JSON, drawn (SVG), and for other programs (GraphML). ``whole``: drawn with a lane for every
    channel; empty: that was too large.
    """

    facts: Mapping[str, Any]
    drawing: str
    graph: str = ""
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen and decided.

    ``audit``: entries of the record about it; ``head``: where the record ended. ``left_out``: what is not there, and why.
    """

    subject: Subject
    alerts: tuple[AlertOut, ...]
    assets: tuple[Concerned, ...] = ()
    happened: tuple[Told, ...] = ()
    pieces: tuple[Piece, ...] = ()
    spread: Spread | None = None
    audit: tuple[Entry, ...] = ()
    head: Place = field(default_factory=Place)
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """Who takes it out, when and what for.

    ``zone``: of the times that stand beside UTC, ``None`` the machine's; ``language``: of the report.
    """

    at: datetime
    by: str
    role: str
    identity: str
    purpose: str
    words: str
    zone: tzinfo | None
    language: str = "en"

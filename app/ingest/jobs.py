"""What a detection process is asked, and what it answers: plain values, so the asking side loads no detection library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from fingerprints.types import Limits

if TYPE_CHECKING:
    from app.ingest.bench import Bench
    from app.settings import Settings

R_co = TypeVar("R_co", covariant=True)
Place = tuple[int, str]
"""An attachment's index, and which part of it (``""``: all of it)."""
MAX_PICTURES = 8
"""So many parts of one attachment are kept as pictures, the surest matches' first."""
UNREAD = "unread"
"""Among the kinds of a part's fingerprints: it was not read in full; what may be written there is not among them."""


class Priority(IntEnum):
    """Who is served first: a held message, a person trying a file, then messages and registrations in turn, then rehearsals
    and what else can wait.
    """

    CHECK = 0
    INTERACTIVE = 1
    BACKLOG = 2
    REHEARSAL = 3


class Job(Protocol[R_co]):
    """Work for a detection process. Travels by pickle, runs there alone."""

    def run(self, bench: "Bench") -> R_co: ...


class JobError(Exception):
    """The job ran and failed by our fault; what is wrong with a file is in its answer."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


class LaneError(Exception):
    """The process did not survive the job (``crashed``) or was ended because it took too long (``timeout``)."""

    def __init__(self, code: Literal["crashed", "timeout"], detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a detection process is set up with.

    ``message_seconds``: after so long, what is left of a message stays unread. ``niceness``: added to the process's scheduling
    priority, so that accepting comes first. ``reads``: its models are loaded at once, and not when first needed. ``limits``: of
    a posted file; ``registering``: of one that is registered. ``review_unread``: reasons for which what could not be inspected
    is put before a person. ``thorough``: posted pictures are read in full, whatever a glimpse of them says. ``sightings``: what
    is inspected leaves its fingerprints: all of it, what raises an alert, or nothing.
    """

    ocr_engine: str
    ocr_threads: int
    limits: Limits
    message_seconds: float = 600.0
    niceness: int = 5
    reads: bool = True
    review_unread: frozenset[str] = frozenset()
    registering: Limits | None = None
    thorough: bool = False
    sightings: Literal["all", "alerted", "none"] = "none"


def equipment(settings: "Settings") -> Equipment:
    """As the operator wants it."""
    return Equipment(
        settings.ocr_engine,
        settings.ocr_threads,
        settings.limits,
        settings.message_timeout,
        review_unread=settings.reviewed_reasons,
        registering=settings.registration_limits,
        thorough=settings.ocr_effort == "full",
        sightings="all" if settings.keep_sightings else "alerted",
    )


@dataclass(frozen=True, slots=True)
class File:
    """A file to read, where it lies, and what its sender called it."""

    path: str
    name: str
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class StoredReference:
    """A reference as the database has it; ``kinds`` are fingerprints in the bytes of ``fingerprints.codec``.

    ``derived``: a confirmed leak's picture.
    """

    id: str
    label: str
    digest: str
    text: str | None
    kinds: Mapping[str, bytes]
    derived: bool = False


@dataclass(frozen=True, slots=True)
class StoredMistake:
    """A picture or text held against an asset by mistake; ``references``: the asset's at the time; ``alert_id``: where it was."""

    id: str
    alert_id: str
    references: frozenset[str]
    digest: str
    kinds: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class StoredAsset:
    """The whole present state of one asset. ``asset``: title, kind, level, terms, tags; ``None`` once it is gone."""

    checkpoint: int
    asset_id: str
    asset: Mapping[str, Any] | None = None
    references: tuple[StoredReference, ...] = ()
    mistakes: tuple[StoredMistake, ...] = ()


@dataclass(frozen=True, slots=True)
class Apply:
    """Bring one asset of the live registry to its present state; answers the checkpoint reached."""

    change: StoredAsset

    def run(self, bench: "Bench") -> int:
        return bench.apply(self.change)


@dataclass(frozen=True, slots=True)
class Load:
    """Begin with a saved snapshot. Answers its checkpoint and how many references it has, zeros if it is of no use."""

    folder: str

    def run(self, bench: "Bench") -> tuple[int, int]:
        return bench.load(self.folder)


@dataclass(frozen=True, slots=True)
class Save:
    """Save the live registry as it is."""

    folder: str

    def run(self, bench: "Bench") -> None:
        bench.save(self.folder)


@dataclass(frozen=True, slots=True)
class Accused:
    """A part of a message that resembles a reference, kept in case this is a mistake. ``attachment``: ``None`` its text.

    ``kinds``: fingerprints in the bytes of ``fingerprints.codec``, and ``UNREAD``; none for a part of which there is no picture
    to look at.
    """

    attachment: int | None
    part: str
    digest: str
    kinds: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Sighted:
    """A part of an attachment as it is remembered for a while: fingerprints, no picture and no text.

    ``size``: bytes of the attachment. ``perceptual``: of the whole picture, 64 bits as a signed number. ``details``, ``phrases``:
    sketches, in the bytes of ``fingerprints.sieve``. ``kinds``: whole fingerprints, in the bytes of ``fingerprints.kept``.
    """

    attachment: int
    part: str
    digest: str
    size: int
    perceptual: int | None = None
    details: bytes = b""
    phrases: bytes = b""
    kinds: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inspected:
    """A verdict as JSON, and the accused parts as pictures that are safe to show (JPEG; ``MAX_PICTURES`` an attachment)."""

    verdict: dict[str, Any]
    pictures: dict[Place, bytes]
    checkpoint: int
    accused: tuple[Accused, ...] = ()
    sighted: tuple[Sighted, ...] = ()


@dataclass(frozen=True, slots=True)
class Inspect:
    """Inspect one message. ``body``: as the gateway sent it, without the files. ``own``: tell of these assets only.

    ``earlier``: texts that its sender posted in its channel shortly before, in their order. ``standing``: as
    ``detectors.types.Standing``.
    """

    body: Mapping[str, Any]
    files: tuple[File, ...] = ()
    own: frozenset[str] | None = None
    earlier: tuple[str, ...] = ()
    standing: Mapping[str, Any] | None = None

    def run(self, bench: "Bench") -> Inspected:
        return bench.inspect(self)


@dataclass(frozen=True, slots=True)
class Read:
    """Read a picture in full, whatever is registered: answers its lines in reading order."""

    file: File

    def run(self, bench: "Bench") -> tuple[str, ...]:
        return bench.read(self)


@dataclass(frozen=True, slots=True)
class ReadOn:
    """Read all of one part of a file, the one of that digest: answers the fingerprint of what is written there in the bytes of
    ``fingerprints.codec``, by its kind. ``None``: there is no such part.
    """

    file: File
    digest: str

    def run(self, bench: "Bench") -> dict[str, bytes] | None:
        return bench.read_on(self)


@dataclass(frozen=True, slots=True)
class Part:
    """One reference in the making. ``picture``: a JPEG safe to show; it and ``text`` only when they may be kept.

    ``distinctiveness`` is what is stored: ``score``, ``verdict``, ``advice``, ``flaws`` (name and advice of each) and
    ``resembles`` (``kinship``, ``share``, ``others``: asset and reference), which is told to those who may know.
    """

    label: str
    digest: str
    kinds: dict[str, bytes]
    distinctiveness: dict[str, Any]
    text: str | None = None
    picture: bytes | None = None


@dataclass(frozen=True, slots=True)
class Fingerprinted:
    """What a file gave: references, and (part, reason) of what could not be read. ``more``: there are further parts."""

    parts: tuple[Part, ...]
    unread: tuple[tuple[str, str], ...] = field(default=())
    more: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """How many parts a file has that may become references; ``unread``: (part, reason) of the others."""

    parts: int
    unread: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """Open a file that is to be registered, and do no more."""

    file: File

    def run(self, bench: "Bench") -> Counted:
        return bench.count(self)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Fingerprint one part of a file for registering, so that messages get their turn between the pages of a long one.

    ``keep``: its owner lets text and picture be kept. ``part``: which one. ``own``: its asset, if others of it are registered.
    """

    file: File
    keep: bool
    part: int = 0
    own: str = ""

    def run(self, bench: "Bench") -> Fingerprinted:
        return bench.fingerprint(self)

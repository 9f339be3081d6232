"""What a person tries: files of theirs against the registry, and attacks on a registered picture. Plain values, as in ``jobs``.

Nothing is recorded. Of assets that are not theirs an owner hears only that another owner's is meant, and only where they could
hear it by registering the file: from pictures and texts, never from words, which could be guessed one at a time.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.ingest.jobs import File

if TYPE_CHECKING:
    from app.ingest.bench import Bench


@dataclass(frozen=True, slots=True)
class Nearest:
    """What came nearest to being found: see ``detectors.nearest``."""

    asset_id: str
    asset_title: str
    reference: str
    missing: str
    there: float
    needed: float


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A match on an asset that may not be named."""

    detector: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Tried:
    """``verdict``: as JSON, of what may be named. ``nearest``: of what was not found; ``None`` if nothing is like it."""

    verdict: dict[str, Any]
    elsewhere: tuple[Elsewhere, ...]
    nearest: Nearest | None


@dataclass(frozen=True, slots=True)
class Try:
    """What a file would match. ``own``: the assets that may be named, ``None`` all."""

    file: File
    own: frozenset[str] | None

    def run(self, bench: "Bench") -> Tried:
        from app.ingest.trying import tried  # noqa: PLC0415 (loads the detection libraries)

        return tried(bench, self)


SAMPLE = 64
"""Phrases that a text is sought by."""


@dataclass(frozen=True, slots=True)
class Like:
    """What likeness is judged by of one part of a file. ``perceptual``: the bytes of that kind; none of what is no picture.
    ``phrases``: the first ``SAMPLE`` of its own text's, as a sketch has them; none of what would have to be read first.
    """

    digest: str
    perceptual: bytes = b""
    phrases: bytes = b""


@dataclass(frozen=True, slots=True)
class Likened:
    """The first parts of a file. ``unread``: why others could not be opened; ``more``: so many were not looked at."""

    parts: tuple[Like, ...]
    unread: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Liken:
    """By what a file would be known again; it is inspected for nothing. ``most``: parts of it."""

    file: File
    most: int

    def run(self, bench: "Bench") -> Likened:
        from app.ingest.trying import likened  # noqa: PLC0415

        return likened(bench, self)


@dataclass(frozen=True, slots=True)
class Render:
    """The first picture of a file, encoded anew; ``None`` if there is none."""

    file: File

    def run(self, bench: "Bench") -> bytes | None:
        from app.ingest.trying import rendered  # noqa: PLC0415

        return rendered(bench, self.file)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A picture after an attack, small, and whether the asset was found in it: by which detector and how sure, or how nearly."""

    picture: bytes
    detector: str | None = None
    confidence: float = 0.0
    nearest: Nearest | None = None


@dataclass(frozen=True, slots=True)
class Rehearse:
    """Attack a picture, and inspect what came of it. ``asset_id``: what is to be found; ``None``: it is only drawn."""

    file: File
    attack: str
    asset_id: str | None

    def run(self, bench: "Bench") -> Rehearsed:
        from app.ingest.trying import rehearsed  # noqa: PLC0415

        return rehearsed(bench, self)

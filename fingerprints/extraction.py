"""A file to its fingerprints, each computed when somebody first asks, and remembered for the same file's next visit.

Forwarding is most of the traffic in a leak. ``Extractor`` remembers what it computed (never the picture) for the last files it
opened, by the bytes' SHA-256 and by nothing weaker: two pictures that look alike in small may differ in one digit, or in a
faint line of text, and what was not seen in the one must not be taken for absent from the other. What a search found is
remembered only until the registry changes, and conclusions never.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import hypot
from typing import Any, TypeVar

from fingerprints.codes import read_codes
from fingerprints.contents.opening import open_file
from fingerprints.contents.parts import Opened, digest_of
from fingerprints.distinctiveness import Distinctiveness, distinctiveness
from fingerprints.errors import Unreadable
from fingerprints.keypoints import KeypointFingerprinter
from fingerprints.layout import Layout, outside
from fingerprints.lines import laid_out, located
from fingerprints.perceptual import PerceptualFingerprinter
from fingerprints.text import shingles
from fingerprints.types import (
    Code,
    Fingerprints,
    Keypoints,
    Limits,
    Line,
    Lines,
    PerceptualHash,
    Picture,
    Quad,
    Reader,
    Shingles,
    Strip,
    Unread,
)

MOST_STRIPS = 256
NEAR = 0.15  # of a line's height: its corners lie no farther from those of the same line, placed by another page of the form
ORNAMENT = 300
"""Pixels of the shorter side below which a picture in a document is taken for an emblem, which other documents bear too."""
_ORNAMENT = "A picture this small in a document may be an emblem that others bear too. Register it as a file if it is secret."

T = TypeVar("T")


@dataclass(slots=True)
class Facts:
    """What is known of one part of a file. ``values``: fingerprints by name. ``found``: what was found, by name, and where."""

    digest: str
    label: str
    text: str | None
    has_picture: bool
    embedded: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    found: dict[str, tuple[object, Any]] = field(default_factory=dict)
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """The lines of a picture as one text. ``lines[i]`` stands at ``text[starts[i]:starts[i] + len(lines[i].text)]``."""

    text: str
    lines: tuple[Line, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, lines: tuple[Line, ...]) -> "Reading":
        starts, at = [], 0
        for line in lines:
            starts.append(at)
            at += len(line.text) + 1
        return cls("\n".join(line.text for line in lines), lines, tuple(starts))

    def between(self, start: int, end: int) -> list[Line]:
        """The lines that overlap the half-open character span."""
        spans = zip(self.lines, self.starts, strict=True)
        return [line for line, at in spans if at < end and start < at + len(line.text)]

    def boxes(self, start: int, end: int) -> list[Quad]:
        """Their quads."""
        return [line.quad for line in self.between(start, end)]


class Observation:
    """One part of a file as detectors see it. Raises Unreadable where the picture is needed and cannot be decoded.

    ``digest``: the SHA-256 of the innermost file, of a page followed by its label.
    """

    def __init__(self, facts: Facts, load: Callable[[], Picture] | None, extractor: "Extractor") -> None:
        self.digest = facts.digest
        self.label = facts.label
        self.text = facts.text
        self.has_picture = facts.has_picture
        self.embedded = facts.embedded
        self._facts = facts
        self._load = load
        self._extractor = extractor

    @cached_property
    def picture(self) -> Picture:
        if self._load is None:
            raise Unreadable("unsupported", "this part is text; it has no picture")
        picture = self._load()
        self._facts.truncated = picture.truncated
        return picture

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in the pixels it is read in."""
        return self._remembered("size", lambda: (self.picture.grey.shape[1], self.picture.grey.shape[0]))

    @property
    def truncated(self) -> bool:
        """Whether the file ended early; known once a fingerprint was asked for."""
        return self._facts.truncated

    @property
    def perceptual(self) -> PerceptualHash | None:
        return self._remembered("perceptual", lambda: self._extractor.perceptual.fingerprint(self.picture))

    @property
    def keypoints(self) -> Keypoints | None:
        return self._remembered("keypoints", lambda: self._extractor.keypoints.fingerprint(self.picture))

    @property
    def reference_keypoints(self) -> Keypoints | None:
        """More of them, as a reference is worth."""
        return self._remembered("reference_keypoints", lambda: self._extractor.reference_keypoints.fingerprint(self.picture))

    @cached_property
    def closer_keypoints(self) -> Keypoints | None:
        """Three times as many as are searched for, to be compared with single references. Not remembered: they are large."""
        return self._extractor.closer_keypoints.fingerprint(self.picture)

    @property
    def codes(self) -> tuple[Code, ...]:
        return self._remembered("codes", lambda: read_codes(self.picture))

    @property
    def reading(self) -> Reading:
        """All lines of the picture."""

        def read() -> Reading:
            layout = vars(self).get("_layout")
            if layout is None or layout.rough:
                return Reading.of(self._extractor.reader.read(self.picture))
            return Reading.of(layout.read(range(len(layout))))

        return self._remembered("reading", read)

    @property
    def was_read(self) -> bool:
        """Whether ``reading`` is known already."""
        return "reading" in self._facts.values

    def knows(self, name: str) -> bool:
        """Whether that fingerprint of it was computed already."""
        return name in self._facts.values

    @property
    def glimpse(self) -> Reading:
        """The lines that tell whether the others need to be read."""
        return self._remembered("glimpse", lambda: Reading.of(self._layout.read(self._layout.telling())))

    def closer_glimpse(self, lines: Iterable[Line]) -> Reading:
        """The glimpse, and what stands around these lines of it."""
        self._layout.read(self._layout.telling())
        self._layout.read(self._layout.around(lines))
        return Reading.of(self._layout.read(self._layout.telling()))

    def reading_beside(self, places: tuple[Quad, ...]) -> Reading:
        """All lines of the picture but those in these places."""
        reader = self._extractor.reader

        def read() -> Reading:
            if self.was_read:
                return Reading.of(outside(self.reading.lines, places))
            layout = reader.layout(self.picture, places)
            return Reading.of(layout.read(range(len(layout))))

        return self.found("reading beside", places, read)

    @cached_property
    def _layout(self) -> Layout:
        return self._extractor.reader.layout(self.picture)

    @property
    def shingles(self) -> Shingles | None:
        """Of the part's own text where it has any, else of what stands in the picture."""
        return self._remembered("shingles", lambda: shingles(self.reading.text if self.text is None else self.text))

    @property
    def lines(self) -> Lines | None:
        """Where the lines in the picture stand, and a sketch of each; their spans are offsets into the part's text."""
        if not self.has_picture:
            return None
        reading = self.reading
        return laid_out(reading.lines, reading.starts if self.text is None else located(reading.lines, self.text))

    def read_strips(self, quads: Sequence[Quad]) -> list[Strip]:
        """What stands in each of these places, one line in each. Places read before are remembered (the last MOST_STRIPS)."""
        known: dict[Quad, Strip] = self._remembered("strips", dict)
        wanted = [_rounded(quad) for quad in quads]
        fresh = [quad for quad in dict.fromkeys(wanted) if quad not in known]
        if fresh:
            known.update(zip(fresh, self._extractor.reader.read_strips(self.picture, fresh), strict=True))
        found = [known[quad] for quad in wanted]
        for quad in list(known)[:-MOST_STRIPS]:
            del known[quad]
        return found

    def read_lines(self, quads: Sequence[Quad]) -> list[Strip]:
        """As ``read_strips``; but a line that was read where another page of the form has its own is not read again."""
        known: list[Quad] = self._remembered("lines read", list)
        places = []
        for quad in quads:
            place = next((one for one in known if _nearly(one, quad, self.size)), None)
            known += [quad] if place is None else []
            places.append(place or quad)
        del known[:-MOST_STRIPS]
        return self.read_strips(places)

    def found(self, name: str, state: object, search: Callable[[], T]) -> T:
        """What a search for this part gave, remembered as long as ``state``, that of what was searched, stays the same."""
        known, value = self._facts.found.get(name, (None, None))
        if known is None or known != state:
            value = search()
            self._facts.found[name] = (state, value)
        answer: T = value
        return answer

    def _remembered(self, name: str, compute: Callable[[], T]) -> T:
        if name not in self._facts.values:
            self._facts.values[name] = compute()
        value: T = self._facts.values[name]
        return value


class Remembered(Observation):
    """What is left of a part of which only fingerprints were kept: nothing of it can be read or looked at any more."""

    def __init__(self, prints: Fingerprints, label: str, extractor: "Extractor") -> None:
        picture = prints.perceptual is not None or prints.keypoints is not None
        values: dict[str, Any] = {name: getattr(prints, name) for name in ("perceptual", "keypoints", "shingles")}
        values |= {"codes": (), "reading": Reading.of(()), "size": (1, 1)}
        super().__init__(Facts(prints.digest, label, None if picture else "", picture, values=values), None, extractor)

    @cached_property
    def closer_keypoints(self) -> Keypoints | None:
        return None


@dataclass(frozen=True, slots=True)
class Observed:
    """A file opened: its parts, and what of it could not be opened."""

    parts: tuple[Observation, ...]
    unread: tuple[Unread, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FingerprintedPart:
    """One reference in the making. ``text`` is what was read; whether it may be kept is the owner's choice."""

    label: str
    fingerprints: Fingerprints
    text: str
    distinctiveness: Distinctiveness
    seen: Observation


@dataclass(frozen=True, slots=True)
class FingerprintedFile:
    """References one file gives. ``more``: further parts were not asked for yet."""

    parts: tuple[FingerprintedPart, ...]
    unread: tuple[Unread, ...]
    more: bool = False


class Extractor:
    """Opens files and computes fingerprints on demand. Not thread-safe.

    ``memory``: how many files are remembered. ``registering``: limits of files that are registered, if they are others.
    """

    def __init__(
        self, reader: Reader, limits: Limits | None = None, memory: int = 256, registering: Limits | None = None
    ) -> None:
        self.reader = reader
        self.limits = limits or Limits()
        self.registering = registering or self.limits
        self.perceptual = PerceptualFingerprinter()
        self.keypoints = KeypointFingerprinter()
        self.reference_keypoints = KeypointFingerprinter.of_references()
        self.closer_keypoints = KeypointFingerprinter.closer()
        self._memory = memory
        self._files: OrderedDict[tuple[str, Limits], tuple[tuple[Facts, ...], tuple[Unread, ...]]] = OrderedDict()
        self._last: tuple[tuple[str, Limits], Opened] | None = None

    def open(self, data: bytes, name: str, limits: Limits | None = None) -> Observed:
        """Open one file, within other ``limits`` than a posted one's if there are any. Never raises.

        What cannot be opened is in ``unread``.
        """
        digest = hashlib.sha256(data).hexdigest()
        known = digest, limits or self.limits
        if known not in self._files:
            opened = self._opened(known, data, name)
            facts = tuple(
                Facts(digest_of(one, digest), one.label, one.text, one.load is not None, one.embedded) for one in opened.parts
            )
            self._files[known] = (facts, opened.unread)
            while len(self._files) > self._memory:
                self._files.popitem(last=False)
        self._files.move_to_end(known)
        facts, unread = self._files[known]
        parts = tuple(self._observation(data, name, known, i, one) for i, one in enumerate(facts))
        return Observed(parts, unread)

    def _opened(self, known: tuple[str, Limits], data: bytes, name: str) -> Opened:
        """The last file stays open: each of its parts is asked for by itself, and what is packed would be unpacked each time."""
        if self._last is None or self._last[0] != known:
            self._last = known, open_file(data, name, known[1])
        return self._last[1]

    def text(self, text: str) -> Observation:
        """A message's own text, as a part like any other."""
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        return Observation(Facts(digest, "", text, has_picture=False), None, self)

    def fingerprint(self, data: bytes, name: str, first: int = 0, count: int | None = None) -> FingerprintedFile:
        """Everything computed, for registering. Parts that turn out undecodable, or to be ornaments, join ``unread``.

        ``first`` and ``count``: only so many parts from that one on; what the file itself left unread comes with the first.
        """
        observed = self.open(data, name, self.registering)
        last = len(observed.parts) if count is None else first + count
        parts, unread = [], list(observed.unread) if first == 0 else []
        for part in observed.parts[first:last]:
            try:
                parts.append(_fingerprinted(part))
            except Unreadable as error:
                unread.append(Unread(error.code, error.detail, part.label))
            if part.truncated:
                unread.append(Unread("truncated", "the file ends early; only what had arrived is registered", part.label))
        return FingerprintedFile(tuple(parts), tuple(unread), last < len(observed.parts))

    def _observation(self, data: bytes, name: str, known: tuple[str, Limits], index: int, facts: Facts) -> Observation:
        def load() -> Picture:
            part = self._opened(known, data, name).parts[index]
            if part.load is None:
                raise Unreadable("unsupported", "this part is text; it has no picture")
            return part.load()

        return Observation(facts, load if facts.has_picture else None, self)


def _fingerprinted(part: Observation) -> FingerprintedPart:
    if part.embedded and part.has_picture and min(part.picture.width, part.picture.height) < ORNAMENT:
        raise Unreadable("ornament", _ORNAMENT)
    text = part.text if part.text is not None else part.reading.text
    prints = Fingerprints(
        digest=part.digest,
        perceptual=part.perceptual if part.has_picture else None,
        keypoints=part.reference_keypoints if part.has_picture else None,
        shingles=part.shingles,
        lines=part.lines if part.has_picture else None,
    )
    found = distinctiveness(prints, part.picture if part.has_picture else None)
    return FingerprintedPart(part.label, prints, text, found, part)


def _nearly(one: Quad, other: Quad, size: tuple[int, int]) -> bool:
    """Whether two lines of a picture of that size lie so near that one strip shows either."""
    off = [hypot((x - u) * size[0], (y - v) * size[1]) for (x, y), (u, v) in zip(one, other, strict=True)]
    (x, y), (u, v) = other[0], other[3]
    return max(off) <= NEAR * hypot((x - u) * size[0], (y - v) * size[1])


def _rounded(quad: Quad) -> Quad:
    a, b, c, d = ((round(x, 4), round(y, 4)) for x, y in quad)
    return a, b, c, d

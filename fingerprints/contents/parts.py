"""What openers hand out, and what a file may cost them in all."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from fingerprints.errors import Unreadable
from fingerprints.types import Limits, Picture, Unread

UNSUSPICIOUS = 20_000_000
"""Bytes a file may unpack to however small it is itself: a page of XML shrinks to a hundredth, a blank scan to a thousandth."""

_PICTURES = 10  # of the greatest size: what decoding the frames of one film or animation may cost


@dataclass(frozen=True, slots=True)
class Part:
    """One picture, one text, or a page that is both.

    ``label``: ``""`` for the whole file, else ``page 3``, ``notes.pdf: page 3``. ``text``: what the file itself states, ``None``
    if it states none. ``load``: decodes the picture anew on each call, ``None`` if there is none. It raises Unreadable, nothing
    else. ``digest``: SHA-256 of the innermost file, of one of its pages followed by ``/`` and the page's label; ``""`` while the
    file was not packed in another. ``embedded``: a picture in a document of words; a letterhead's emblem, if it is small.
    """

    label: str
    text: str | None = None
    load: Callable[[], Picture] | None = field(default=None, repr=False)
    digest: str = ""
    embedded: bool = False

    @property
    def kind(self) -> str:
        """``picture`` where there is something to look at, else ``text``."""
        return "text" if self.load is None else "picture"


def digest_of(part: Part, whole: str) -> str:
    """What a part is known by. ``whole``: the digest of the file it is from."""
    return part.digest or (f"{whole}/{part.label}" if part.label else whole)


@dataclass(frozen=True, slots=True)
class Packed:
    """A file inside another. ``embedded``: in a document of words."""

    name: str
    data: bytes = field(repr=False)
    embedded: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """What a file holds, in its own order, and what of it could not be opened."""

    parts: tuple[Part, ...]
    unread: tuple[Unread, ...] = ()


Item: TypeAlias = Part | Packed | Unread
"""What an opener comes upon, one after the other. Where it cannot go on it raises Unreadable."""


class Allowance:
    """What one file from outside may still unpack to, with all that is packed in what it contains."""

    def __init__(self, limits: Limits, size: int) -> None:
        self.limits = limits
        self.bytes = min(limits.max_unpacked, max(UNSUSPICIOUS, limits.max_ratio * size))
        self.members = limits.max_members
        self.characters = limits.max_characters

    def member(self) -> None:
        """Count one more file inside. Raises Unreadable ``too_many_members``."""
        if self.members <= 0:
            detail = f"At most {self.limits.max_members:,} files in one are read. Send the rest apart."
            raise Unreadable("too_many_members", detail)
        self.members -= 1

    def take(self, data: bytes) -> bytes:
        """Those bytes, which were unpacked with no more than `most`. Raises Unreadable ``too_much``."""
        self.bytes -= len(data)
        if self.bytes < 0:
            raise Unreadable("too_much", "It unpacks to more than is read of one file. Send what it holds apart.")
        return data

    @property
    def most(self) -> int:
        """How many bytes to ask for at most: one more than is allowed, which tells that there are too many."""
        return min(self.bytes, self.limits.max_bytes) + 1

    def frames(self, width: int, height: int) -> int:
        """How many frames of that size are looked at: as many as a few pictures of the greatest size have pixels."""
        return max(1, min(self.limits.max_frames, _PICTURES * self.limits.max_pixels // max(1, width * height)))

    def text(self, text: str, label: str = "") -> tuple[str, tuple[Unread, ...]]:
        """As much of a text as is still read, and what is to be said of the rest."""
        most = self.characters
        self.characters -= min(most, len(text))
        if len(text) <= most:
            return text, ()
        detail = f"{len(text):,} characters; the first {most:,} were read. Split the text."
        return text[:most], (Unread("too_many_characters", detail, label),)


def tried(make: Callable[[], Iterable[Item]], name: str) -> Iterator[Item]:
    """What one member of a file gives; if it is damaged or locked, that costs only itself. What is too much ends the file."""
    try:
        yield from make()
    except Unreadable as error:
        if error.code in {"too_much", "too_many_members"}:
            raise
        yield Unread(error.code, error.detail, shown(name))


def shown(name: str) -> str:
    """A name from outside, fit to be shown: its end, on one line."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name[-80:]) or "unnamed"

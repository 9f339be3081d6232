"""The coarse sieve of a search backwards: which of many sketches (sketches.py) may show something that is registered only now.

A detail of a sketch that is like one of a registered picture says where, how large and how turned that picture would lie. Several
that say the same are no chance (generalised Hough transform, Ballard 1981, over similarities, as in Lowe, IJCV 2004, §7.3).

numpy alone, so that whoever reads a million sketches from a database can ask without loading what makes them. What is kept of a
sketch are bytes, as ``packed`` makes them.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from fingerprints.types import U32, U64

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

SIDES = 22
"""Bits of a detail's signature, beside its cell."""
PLACES, SIZES, ANGLES = 128, 32, 32
"""Steps of the longer side, of the sizes, and of a turn."""
STEP = 0.25
"""Of an octave, between two sizes."""
NEAR = 1
"""Bits of a signature that may be others when a detail is seen again."""
AGREEING, CROWD, CROWDED = 5, 20, 400
"""So many details must say the same, and one more for each ``CROWD`` pairs, up to ``CROWDED``, that are alike and do not, for a
picture to be looked at with all of its details: chance agrees more often among many, but not without end. A picture of like
circles had 1,127 pairs with a part of itself, of which 58 agreed; other real pictures 16 at most. Of attacked copies of 40 drawn
pages, machines and photographs that all details find 0.977 come through (`make hunt`, before ``CROWDED``); of others one in a
hundred for a machine, and for a page all that have its letterhead.
"""
NEAR_AS_A_WHOLE = 10
"""Bits of 64 by which a perceptual hash may differ."""
PASSAGES = 3
"""Sampled phrases, from which on a text is looked at with all of its phrases."""
_CELL_BITS = 18
_CELLS = 1 << _CELL_BITS
_ROOM = 0.25  # of the registered picture's longer side: two say the same place
_OCTAVE = 1.0
_TURNS = 12  # bins of a turn
_SAID_BITS, _NUMBER_BITS = 31, 12


def code(cell: I64, signature: I64, across: I64, down: I64, size: I64, angle: I64) -> U64:
    """A detail as one number: cell, signature, where it stands, how large and at what angle it is."""
    low = ((across << 7 | down) << 5 | size) << 5 | angle
    return np.asarray(((cell << SIDES | signature) << 24 | low), np.int64).astype(np.uint64)


def packed(codes: U64 | U32) -> bytes:
    return codes.astype(f"<u{codes.dtype.itemsize}").tobytes()


class Sieve:
    """Of one asset. ``pictures``: codes (sketches.py) of each of its references and their mirror images, ``nearest`` of every
    detail, and ``phrases``: hashes of all its texts, as bytes. ``wholes``: perceptual hashes, signed, in every orientation.
    """

    def __init__(
        self,
        pictures: Sequence[bytes],
        wholes: Sequence[int],
        phrases: bytes = b"",
        nearest: int = 1,
        near: int = NEAR,
        agreeing: int = AGREEING,
    ) -> None:
        codes = np.frombuffer(b"".join(pictures), "<u8").astype(np.uint64, copy=False)
        counts = np.array([len(one) // 8 for one in pictures], np.int64)
        numbers = np.arange(len(codes)) - np.repeat(np.cumsum(counts) - counts, counts)
        order = np.argsort(codes, kind="stable")
        self._codes = codes[order]
        self._views, self._numbers = np.repeat(np.arange(len(pictures)), counts)[order], (numbers // nearest)[order]
        self._starts = np.searchsorted(self._codes >> np.uint64(64 - _CELL_BITS), np.arange(_CELLS + 1)).astype(np.int32)
        self._signatures = _signatures(self._codes)
        self._crowd = np.diff(self._starts).clip(0, 65535).astype(np.uint16)
        self._pictures, self._near, self._agreeing = len(pictures), near, agreeing
        self._wholes: U64 = np.array(wholes, np.int64).view(np.uint64)
        self._phrases: U32 = np.unique(np.frombuffer(phrases, "<u4").astype(np.uint32, copy=False))

    def suspects(
        self, details: Sequence[bytes], wholes: Sequence[int | None], phrases: Sequence[bytes]
    ) -> list[tuple[int, int | None]]:
        """Which of these parts are to be looked at: their places, and the picture each has most details of, if it has enough."""
        votes, pairs, likest = self.details(details)
        alike = votes - np.minimum(pairs - votes, CROWDED) / CROWD >= self._agreeing
        near = (self.whole(wholes) <= NEAR_AS_A_WHOLE) | (self.words(phrases) >= PASSAGES)
        return [(place, int(likest[place]) if alike[place] else None) for place in np.flatnonzero(alike | near).tolist()]

    def details(self, sketches: Sequence[bytes]) -> tuple[I64, I64, I64]:
        """(n,) each: how many details of a sketch agree how a picture lies there, how many are alike, and which picture that is.

        Zeros where too few are alike.
        """
        best, crowd, likest = np.zeros((3, len(sketches)), np.int64)
        seen, entry, owner, number = self.alike(sketches)
        pair = owner * self._pictures + self._views[entry]
        alike = np.bincount(pair, minlength=1)
        pairs = np.flatnonzero(alike >= self._agreeing)
        enough = np.flatnonzero(alike[pair] >= self._agreeing)
        if not len(enough):
            return best, crowd, likest
        entry = entry[enough]
        asked = np.searchsorted(pairs, pair[enough])
        votes = _agreeing(asked, _lies(seen[enough], self._codes[entry]), number[enough], self._numbers[entry])
        order = np.argsort(votes, kind="stable")  # of several that are written to one place the last one, which has most, stays
        owners, views = np.divmod(pairs[order], self._pictures)
        best[owners], crowd[owners], likest[owners] = votes[order], alike[pairs[order]], views
        return best, crowd, likest

    def shared(self, views: Sequence[int | None], details: Sequence[bytes], phrases: Sequence[bytes]) -> list[I64]:
        """What each part has in common with what it is suspected to show: numbers of that picture's details which agree how it
        lies there; of phrases where no picture is named.
        """
        if not views:
            return []
        found = self._lying([one if view is not None else b"" for one, view in zip(details, views, strict=True)], views)
        return [one if view is not None else self._said(some) for one, some, view in zip(found, phrases, views, strict=True)]

    def _lying(self, sketches: Sequence[bytes], views: Sequence[int | None]) -> list[I64]:
        seen, entry, owner, _ = self.alike(sketches)
        mine = self._views[entry] == np.array([-1 if one is None else one for one in views], np.int64)[owner]
        seen, entry, owner = seen[mine], entry[mine], owner[mine]
        numbers = self._numbers[entry]
        says = np.stack([owner << _SAID_BITS | lie for lie in _lies(seen, self._codes[entry])])
        told = np.sort((says << _NUMBER_BITS | numbers).ravel())
        said = told[_firsts(told)] >> _NUMBER_BITS if len(told) else told
        begins = _firsts(said) if len(said) else said
        counts, said = np.diff(np.append(begins, len(said))), said[begins]
        order = np.argsort(counts, kind="stable")  # what most say is written last, and stays
        best = np.full(len(sketches), -1, np.int64)
        best[said[order] >> _SAID_BITS] = said[order]
        agrees = (says == best[owner]).any(axis=0)
        pairs = np.unique(owner[agrees] << _NUMBER_BITS | numbers[agrees])
        ends = np.searchsorted(pairs >> _NUMBER_BITS, np.arange(1, len(sketches)))
        return np.split(pairs & ((1 << _NUMBER_BITS) - 1), ends)

    def _said(self, phrases: bytes) -> I64:
        seen = np.frombuffer(phrases, "<u4").astype(np.uint32, copy=False)
        return np.flatnonzero(np.isin(self._phrases, seen))

    def alike(self, sketches: Sequence[bytes]) -> tuple[U64, I64, I64, I64]:
        """Details that are like some of the pictures': their codes, what they are like, whose sketch's, and which of its."""
        seen = np.frombuffer(b"".join(sketches), "<u8").astype(np.uint64, copy=False)
        lengths = np.array([len(one) // 8 for one in sketches], np.int64)
        if not len(seen) or not self._pictures:
            nothing = np.empty(0, np.int64)
            return seen[:0], nothing, nothing, nothing
        homes = (seen >> np.uint64(64 - _CELL_BITS)).astype(np.int32)
        crowd = np.take(self._crowd, homes)
        held = np.flatnonzero(crowd)
        counts = crowd[held].astype(np.int32)
        ends = np.cumsum(counts, dtype=np.int32)
        entry = np.arange(ends[-1] if len(ends) else 0, dtype=np.int32)
        entry += np.repeat(self._starts[homes[held]] - ends + counts, counts)
        differing = np.repeat(_signatures(seen[held]), counts) ^ self._signatures[entry]
        agrees = np.flatnonzero(np.bitwise_count(differing) <= self._near)
        place, entry = held[np.searchsorted(ends, agrees, "right")], entry[agrees].astype(np.int64)
        ends = np.cumsum(lengths)
        owner = np.searchsorted(ends, place, "right")
        return seen[place], entry, owner, place - (ends - lengths)[owner]

    def whole(self, perceptual: Sequence[int | None]) -> I64:
        """(n,): bits by which each differs from the nearest, 64 where there is nothing to compare."""
        if not len(self._wholes) or not perceptual:
            return np.full(len(perceptual), 64)
        seen = np.array([one or 0 for one in perceptual], np.int64).view(np.uint64)
        nearest = np.min([np.bitwise_count(seen ^ one) for one in self._wholes], axis=0).astype(np.int64)
        return np.where([one is None for one in perceptual], 64, nearest)

    def words(self, phrases: Sequence[bytes]) -> I64:
        """(n,): how many of the sampled phrases of each stand in the asset's texts."""
        seen = np.frombuffer(b"".join(phrases), "<u4").astype(np.uint32, copy=False)
        if not len(seen) or not len(self._phrases):
            return np.zeros(len(phrases), np.int64)
        places = np.searchsorted(self._phrases, seen).clip(max=len(self._phrases) - 1)
        ends = np.cumsum([len(one) // 4 for one in phrases])
        held = np.searchsorted(ends, np.flatnonzero(self._phrases[places] == seen), "right")
        return np.bincount(held, minlength=len(phrases))


def agreement(sought: bytes, seen: bytes) -> float:
    """Which share of a text's sampled phrases stands in another; 0 for fewer than ``PASSAGES``. Either ascending, as sketched.

    Of two samples of the smallest only what is smaller than the largest of both can be compared.
    """
    wanted, there = (np.frombuffer(one, "<u4").astype(np.uint32, copy=False) for one in (sought, seen))
    if not len(wanted) or not len(there):
        return 0.0
    wanted = wanted[wanted <= there[-1]]
    common = int(np.isin(wanted, there).sum())
    return common / len(wanted) if common >= PASSAGES else 0.0


def _lies(seen: U64, like: U64) -> Iterator[I64]:
    """How the picture would lie, by each pair of details, in 31 bits: sixteen times, each bin and those beside it on one side."""
    x, y, size, angle = _standing(seen)
    there_x, there_y, there_size, there_angle = _standing(like)
    octaves, turn = (size - there_size) * STEP, (angle - there_angle) % ANGLES / ANGLES
    factor, radians = 2.0**octaves, turn * 2 * np.pi
    cos, sin = np.cos(radians) * factor, np.sin(radians) * factor
    dx, dy = 0.5 - there_x / PLACES, 0.5 - there_y / PLACES
    room = _ROOM * factor
    bins = [
        octaves / _OCTAVE + 16,
        turn * _TURNS,
        (x / PLACES + cos * dx - sin * dy) / room + 512,
        (y / PLACES + sin * dx + cos * dy) / room + 512,
    ]
    low = [np.floor(one - 0.5).astype(np.int64) for one in bins]
    for beside in range(16):
        a, b, c, d = (one + (beside >> place & 1) for place, one in enumerate(low))
        yield (a & 31) << 26 | (b % _TURNS) << 22 | (c.clip(0, 1023)) << 11 | d.clip(0, 1023)


def _standing(codes: U64) -> tuple[F64, ...]:
    """Across, down, size and angle, in steps."""
    low = (codes & np.uint64((1 << 24) - 1)).astype(np.int64)
    return tuple(part.astype(np.float64) for part in (low >> 17, low >> 10 & 127, low >> 5 & 31, low & 31))


def _agreeing(pair: I64, lies: Iterator[I64], seen: I64, like: I64) -> I64:
    """Of each pair the most details that say the same of it: of the sketch or of the picture, of whichever there are fewer."""
    says = np.stack([(pair << _SAID_BITS | lie) << _NUMBER_BITS for lie in lies])
    counts = []
    for details in (seen, like):
        told = np.sort((says | details).ravel())
        said = told[_firsts(told)] >> _NUMBER_BITS
        begins = _firsts(said)
        counts.append(np.diff(np.append(begins, len(said))))
    return np.maximum.reduceat(np.minimum(*counts), _firsts(said[begins] >> _SAID_BITS))


def _signatures(codes: U64) -> U32:
    """Which of the planes of its cell each detail is beyond."""
    return np.asarray(codes >> np.uint64(24) & np.uint64((1 << SIDES) - 1), np.uint64).astype(np.uint32)


def _firsts(ordered: I64) -> I64:
    """Where another value begins."""
    return np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1])

"""The coarse sieve of a search backwards: which of many sketches (sketches.py) may show something that is registered only now.

numpy alone, so that whoever reads a million sketches from a database can ask without loading what makes them. What is kept of a
sketch are bytes, as ``packed`` makes them.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fingerprints.types import U8, U32, U64

I64 = npt.NDArray[np.int64]

BITS = 14
"""Sides that a detail is told by, beside its cell."""
NEAR = 3
"""Of them that may be others when it is seen again."""
VOTES = 5
"""Details seen again, from which on a picture is looked at with all of its details."""
NEAR_AS_A_WHOLE = 10
"""Bits of 64 by which a perceptual hash may differ."""
PASSAGES = 3
"""Sampled phrases, from which on a text is looked at with all of its phrases."""
_CELLS = 1 << 18


def packed(codes: U32) -> bytes:
    return codes.astype("<u4").tobytes()


class Sieve:
    """Of one asset. ``pictures``: codes (sketches.py) of each of its references and their mirror images, ``phrases``: hashes of
    all its texts, as bytes. ``wholes``: perceptual hashes, signed, in every orientation.
    """

    def __init__(
        self, pictures: Sequence[bytes], wholes: Sequence[int], phrases: bytes = b"", near: int = NEAR, votes: int = VOTES
    ) -> None:
        codes = np.frombuffer(b"".join(pictures), "<u4").astype(np.uint32, copy=False)
        views = np.repeat(np.arange(len(pictures)), np.array([len(one) // 4 for one in pictures], np.int64))
        order = np.argsort(codes, kind="stable")
        self._codes, self._views = codes[order], views[order].astype(np.uint32)
        self._starts = np.searchsorted(self._codes >> BITS, np.arange(_CELLS + 1)).astype(np.int32)
        self._crowd = np.diff(self._starts).clip(0, 65535).astype(np.uint16)
        self._pictures = len(pictures)
        self._near, self._votes = near, votes
        self._wholes: U64 = np.array(wholes, np.int64).view(np.uint64)
        self._phrases: U32 = np.unique(np.frombuffer(phrases, "<u4").astype(np.uint32, copy=False))

    def suspects(
        self, details: Sequence[bytes], wholes: Sequence[int | None], phrases: Sequence[bytes]
    ) -> list[tuple[int, int | None]]:
        """Which of these parts are to be looked at: their places, and the picture each has most details of, if it has enough."""
        votes, likest = self.details(details)
        alike = votes >= self._votes
        near = (self.whole(wholes) <= NEAR_AS_A_WHOLE) | (self.words(phrases) >= PASSAGES)
        return [(place, int(likest[place]) if alike[place] else None) for place in np.flatnonzero(alike | near).tolist()]

    def details(self, sketches: Sequence[bytes]) -> tuple[I64, I64]:
        """(n,) each: how many details of a sketch the picture that has most of them has as well, and which picture that is."""
        seen = np.frombuffer(b"".join(sketches), "<u4").astype(np.uint32, copy=False)
        lengths = np.array([len(one) // 4 for one in sketches], np.int64)
        best, likest = np.zeros(len(sketches), np.int64), np.zeros(len(sketches), np.int64)
        if not len(seen) or not self._pictures:
            return best, likest
        homes = seen >> np.uint32(BITS)
        crowd = np.take(self._crowd, homes)
        held = np.flatnonzero(crowd)
        counts = crowd[held].astype(np.int64)
        each = np.repeat(np.arange(len(held)), counts)
        entry = np.arange(len(each)) - np.repeat(np.cumsum(counts) - counts, counts) + self._starts[homes[held]][each]
        differing = _BITS_SET[(seen[held][each] ^ self._codes[entry]) & np.uint32((1 << BITS) - 1)]
        agrees = np.flatnonzero(differing <= self._near)
        pairs = np.unique(held[each[agrees]] * np.int64(self._pictures) + self._views[entry[agrees]])
        detail, view = np.divmod(pairs, self._pictures)
        owner = np.searchsorted(np.cumsum(lengths), detail, "right")
        which, votes = np.unique(owner * self._pictures + view, return_counts=True)
        order = np.argsort(votes, kind="stable")  # of several that are written to one place the last one, which has most, stays
        best[which[order] // self._pictures] = votes[order]
        likest[which[order] // self._pictures] = which[order] % self._pictures
        return best, likest

    def whole(self, perceptual: Sequence[int | None]) -> npt.NDArray[np.int64]:
        """(n,): bits by which each differs from the nearest, 64 where there is nothing to compare."""
        if not len(self._wholes) or not perceptual:
            return np.full(len(perceptual), 64)
        seen = np.array([one or 0 for one in perceptual], np.int64).view(np.uint64)
        nearest = np.min([np.bitwise_count(seen ^ one) for one in self._wholes], axis=0).astype(np.int64)
        return np.where([one is None for one in perceptual], 64, nearest)

    def words(self, phrases: Sequence[bytes]) -> npt.NDArray[np.int64]:
        """(n,): how many of the sampled phrases of each stand in the asset's texts."""
        seen = np.frombuffer(b"".join(phrases), "<u4").astype(np.uint32, copy=False)
        if not len(seen) or not len(self._phrases):
            return np.zeros(len(phrases), np.int64)
        places = np.searchsorted(self._phrases, seen).clip(max=len(self._phrases) - 1)
        ends = np.cumsum([len(one) // 4 for one in phrases])
        held = np.searchsorted(ends, np.flatnonzero(self._phrases[places] == seen), "right")
        return np.bincount(held, minlength=len(phrases))


_BITS_SET: U8 = np.array([value.bit_count() for value in range(1 << BITS)], np.uint8)

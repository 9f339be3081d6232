"""Which of many rows of 64 bits are near a few others, found by their quarters: exactly, and looking at some hundredths of them.

Two rows that differ in at most r bits differ little in some quarter: where quarters may differ in a, b, c and d bits,
a + b + c + d = r - 3, not all four can differ in more (multi-index hashing: Norouzi, Punjani and Fleet, CVPR 2012; quarters
with bounds of their own: Qin et al., ICDE 2018). So for every quarter the rows lie sorted by its 16 bits, and those are looked at
whose quarter is one of the few hundred that near. 16 bytes a row, and a megabyte.
"""

from functools import lru_cache
from itertools import combinations

import numpy as np
import numpy.typing as npt

from fingerprints.types import U8, U64

PARTS = 4
FARTHEST = 12
"""Bits; with more, or where so many rows are alike that a fourth of them would be looked at, a scan of all costs less."""
_WIDTH = 64 // PARTS
_VALUES = 1 << _WIDTH
_SHARE = 4

I64 = npt.NDArray[np.int64]
Found = tuple[U8, I64, I64]
"""Of pairs that are near: how many bits they differ by; which row; which of those asked for. Some pairs are told repeatedly."""


class Substrings:
    """Of rows as they are now. Where a row changes later, it is found as what it has become, or not at all: see ``near``."""

    def __init__(self, rows: U64) -> None:
        quarters = rows.view(np.uint16).reshape(-1, PARTS)
        counts = [np.bincount(quarters[:, part], minlength=_VALUES) for part in range(PARTS)]
        self._starts = np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.int32)
        self._order = np.empty(PARTS * len(rows), np.int32)
        for part in range(PARTS):
            self._order[part * len(rows) : (part + 1) * len(rows)] = np.argsort(quarters[:, part], kind="stable")
        self._count = len(rows)

    def __len__(self) -> int:
        return self._count

    def near(self, asked: U64, rows: U64, most: int) -> Found | None:
        """Pairs that differ in at most ``most`` bits; ``None`` where a scan costs less.

        ``rows``: at least as many as there were. All that are what they were are found; of the others some.
        """
        if not 0 <= most <= FARTHEST:
            return None
        parts, flips = _looked_up(most)
        quarters = asked.view(np.uint16).reshape(-1, PARTS).astype(np.int64)
        cells = (quarters.take(parts, axis=1) ^ flips).ravel()
        first, counts = self._starts.take(cells), self._starts.take(cells + 1)
        counts -= first
        ends = np.cumsum(counts)
        if ends[-1] * _SHARE > len(rows):
            return None
        at = np.repeat(first - ends + counts, counts) + np.arange(ends[-1])
        places = self._order.take(at)
        differing = np.bitwise_count(rows.take(places) ^ np.repeat(np.repeat(asked, len(flips)), counts))
        near = np.flatnonzero(differing <= most)
        return differing[near], places[near].astype(np.int64), np.searchsorted(ends, near, "right") // len(flips)


@lru_cache(maxsize=FARTHEST + 1)
def _looked_up(most: int) -> tuple[I64, I64]:
    """What is looked up: in which quarter, and the quarter's number and the bits to flip, to be XORed with its value."""
    bounds = [(most - part) // PARTS for part in range(PARTS)]
    flips = [_flips(bound) for bound in bounds]
    parts = np.repeat(np.arange(PARTS), [len(some) for some in flips])
    return parts, np.concatenate([part * _VALUES + some for part, some in enumerate(flips)])


def _flips(bound: int) -> I64:
    """Every number of 16 bits of which at most so many are set; none where the bound is below 0."""
    some = [sum(1 << bit for bit in bits) for count in range(bound + 1) for bits in combinations(range(_WIDTH), count)]
    return np.array(some, np.int64)

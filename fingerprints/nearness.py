"""Which places of many are near which others: in a picture a detail is looked for where it is due."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fingerprints.projecting import F64

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """``x``, ``y``: from left to right, (n,); ``order``: which place each is."""

    x: F64
    y: F64
    order: Indices

    @classmethod
    def of(cls, x: F64, y: F64) -> "Places":
        order = np.argsort(x, kind="stable")
        return cls(x[order], y[order], order)

    def near(self, x: F64, y: F64, reach: float) -> tuple[Indices, Indices]:
        """Pairs of a place and one of ``x``, ``y``, (m,), that is no farther from it, across and down: their indices. What is NaN
        is near nothing.
        """
        first = np.searchsorted(self.x, x - reach, "left")
        counts = np.searchsorted(self.x, x + reach, "right") - first
        ends = np.cumsum(counts)
        at = np.arange(counts.sum()) - np.repeat(ends - counts - first, counts)
        near = np.flatnonzero(np.abs(self.y[at] - np.repeat(y, counts)) <= reach)
        return self.order[at[near]], np.searchsorted(ends, near, "right")

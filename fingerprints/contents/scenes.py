"""Which frames of an animation or a film show something that the frames before did not."""

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from fingerprints.types import U8

F32: TypeAlias = npt.NDArray[np.float32]
_CELLS = 12
_SIDE = 8 * _CELLS
_CHANGED = 14.0
"""Levels of grey by which the pixels of a twelfth by a twelfth of the frame differ in the mean."""


class Scenes:
    """Remembers the scenes kept so far, at most ``most``."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: list[F32] = []

    @property
    def full(self) -> bool:
        return len(self._kept) >= self._most

    def new(self, grey: U8) -> bool:
        """Whether this frame, uint8 of any size, differs from all that were kept; if so it is kept too."""
        small = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
        if any(_apart(small, one) < _CHANGED for one in reversed(self._kept)):
            return False
        self._kept.append(np.asarray(small, np.float32))
        return True


def _apart(one: F32, other: F32) -> float:
    """The mean difference in the cell of the grid where it is greatest."""
    cells = np.abs(one - other).reshape(_CELLS, 8, _CELLS, 8)
    return float(cells.mean(axis=(1, 3)).max())

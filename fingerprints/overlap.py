"""Which pictures overlap another one as a parent would: their frames, and the light and dark within what both show.

Frames alone do not tell. Screenshots of one application overlap each other better than they overlap what they show, and yet hold
different words around it. So grids (lineage.py) are held against each other, the finer blurred to the coarser, after a change of
light: where one shows a bright bubble and the other none, they do not agree. Photos change light too much for that, and are
sought by frames alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from fingerprints.geometry import F64
from fingerprints.lineage import FRACTIONS, GRID, Look
from fingerprints.types import F32

MOST_AGREEING, MOST_FRAMED = 4, 2
"""Of the best by both, and of the best of the others by their frames alone."""
_CELLS = GRID // 2
_LEVELS = 6  # of blur, half an octave each
_SIDE = 12  # samples along each side of a frame
_OFF = 8.0  # grey levels

Flags = npt.NDArray[np.bool_]


def _samples() -> F64:
    x, y = np.meshgrid((np.arange(_SIDE) + 0.5) / _SIDE, (np.arange(_SIDE) + 0.5) / _SIDE)
    return np.stack([x.ravel(), y.ravel(), np.ones(x.size)])


_SAMPLES = _samples()


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """``light``: float32, (n, levels, cells, cells): the grids of n pictures, ever more blurred; of what is no picture, zeros."""

    light: F32

    @classmethod
    def of(cls, looks: Sequence[Look | None]) -> "Frames":
        light = np.zeros((len(looks), _LEVELS, _CELLS, _CELLS), np.float32)
        for number, look in enumerate(looks):
            if look is not None:
                light[number] = _blurred(look)
        return cls(light)

    def best(self, child: int, others: npt.NDArray[np.intp], views: F64) -> list[int]:
        """Those of ``others`` that overlap the child most as a parent would, the best first, by their indices there. ``views``:
        (others, 3, 3), from fractions of each to fractions of the child.
        """
        here, visible_at = _projected(views)
        there, inside_at = _projected(np.asarray(np.linalg.inv(views), np.float64))
        inside, visible = inside_at.mean(axis=1), visible_at.mean(axis=1)
        overlap = inside * visible / np.maximum(inside + visible - inside * visible, 1e-9)
        framed = np.maximum(inside, visible) ** 4 * np.sqrt(overlap)
        larger = inside >= visible  # the child shows it larger
        level = np.clip(np.rint(np.abs(np.log2((inside + 1e-3) / (visible + 1e-3)))), 0, _LEVELS - 1).astype(np.intp)
        at = np.where(larger[:, None, None], here, _SAMPLES[:2].T)
        other_at = np.where(larger[:, None, None], _SAMPLES[:2].T, there)
        both = np.where(larger[:, None], visible_at, inside_at)
        own = self._asked(np.full(len(others), child), np.where(larger, level, 0), at)
        other = self._asked(others, np.where(larger, 0, level), other_at)
        agree = _agree(own, other, both)
        order = [n for n in np.argsort(-framed * agree**4, kind="stable").tolist() if overlap[n] > 0]
        rest = [n for n in np.argsort(-framed, kind="stable").tolist() if overlap[n] > 0 and n not in order[:MOST_AGREEING]]
        return order[:MOST_AGREEING] + rest[:MOST_FRAMED]

    def _asked(self, which: npt.NDArray[np.intp], level: npt.NDArray[np.intp], at: F64) -> F32:
        """(which, samples): grey levels, between cells as they lie."""
        place = np.clip(np.nan_to_num(at) * _CELLS - 0.5, 0, _CELLS - 1.001)
        cell = place.astype(np.intp)
        x, y = np.moveaxis((place - cell).astype(np.float32), 2, 0)
        start = ((which * _LEVELS + level)[:, None] * _CELLS + cell[:, :, 1]) * _CELLS + cell[:, :, 0]
        flat = self.light.ravel()
        above = flat[start] * (1 - x) + flat[start + 1] * x
        below = flat[start + _CELLS] * (1 - x) + flat[start + _CELLS + 1] * x
        return np.asarray(above * (1 - y) + below * y, np.float32)


def _blurred(look: Look) -> F32:
    light = (look.grid.astype(np.float32) / FRACTIONS).reshape(_CELLS, 2, _CELLS, 2).mean(axis=(1, 3))
    blurs = [0.5 * np.sqrt(2.0**level - 1) for level in range(1, _LEVELS)]
    more = [cv2.GaussianBlur(light, (0, 0), blur, borderType=cv2.BORDER_REPLICATE) for blur in blurs]
    return np.asarray([light, *more], np.float32)


def _projected(views: F64) -> tuple[F64, Flags]:
    """(n, samples, 2), (n, samples): where homographies put the samples of a frame, and whether inside the other."""
    seen = views @ _SAMPLES
    depth = seen[:, 2:] * np.sign(views[:, 2:] @ np.array([[0.5], [0.5], [1.0]]))
    with np.errstate(divide="ignore", invalid="ignore"):
        at = seen[:, :2] / seen[:, 2:]
        inside = ((at >= 0) & (at <= 1)).all(axis=1) & (depth[:, 0] > 1e-9)
    return np.moveaxis(at, 1, 2), np.asarray(inside, np.bool_)


def _agree(own: F32, other: F32, both: Flags) -> F64:
    """(n,): of the samples that both show, the share where they differ by little more than light."""
    weight = both.astype(np.float32)
    off = own - other
    for _ in range(2):
        gain, shift = _lit(own, other, weight)
        off = own - gain * other - shift
        weight = both / (1 + (off / _OFF) ** 2)
    return np.asarray((both & (np.abs(off) < _OFF)).sum(axis=1) / np.maximum(both.sum(axis=1), 1), np.float64)


def _lit(own: F32, other: F32, weight: F32) -> tuple[F32, F32]:
    """(n, 1) each: the gain and the shift that make the one most like the other."""
    whole = np.maximum(weight.sum(axis=1, keepdims=True), 1e-6)
    mean, other_mean = ((weight * one).sum(axis=1, keepdims=True) / whole for one in (own, other))
    product = (weight * (own - mean) * (other - other_mean)).sum(axis=1, keepdims=True)
    gain = (product + 1e-3) / ((weight * (other - other_mean) ** 2).sum(axis=1, keepdims=True) + 1e-3)
    gain = np.clip(gain, 0.3, 3.0)
    return gain, mean - gain * other_mean

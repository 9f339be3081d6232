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

from fingerprints.lineage import FRACTIONS, GRID, Look
from fingerprints.projecting import F64, Flags, framed, inverse, projected
from fingerprints.types import F32

MOST_AGREEING, MOST_FRAMED = 4, 2
"""Of the best by both, and of the best of the others by their frames alone."""
_CELLS = GRID // 2
_LEVELS = 6  # of blur, half an octave each
_SIDE = 12  # samples along each side of a frame
_OFF = 8.0  # grey levels
_FIRST = 16  # of the best by their frames, that are asked before others

Indices = npt.NDArray[np.intp]


def _samples() -> F64:
    x, y = np.meshgrid((np.arange(_SIDE) + 0.5) / _SIDE, (np.arange(_SIDE) + 0.5) / _SIDE)
    return np.stack([x.ravel(), y.ravel()])


_SAMPLES = _samples()


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """A child and n others. ``here``/``there``: (2, n, samples), where the other's samples lie in the child, and the child's in
    the other; ``shows``/``shown``: whether inside. ``inside``/``visible``: (n,), shares of the child's and the other's samples.
    """

    here: F64
    there: F64
    shows: Flags
    shown: Flags
    inside: F64
    visible: F64

    @classmethod
    def of(cls, views: F64) -> "Pairs":
        here, there = (np.array(projected(planes, *_SAMPLES)) for planes in (views, inverse(views)))
        shown, shows = (framed(*at) for at in (here, there))
        return cls(here, there, shows, shown, shows.mean(axis=1), shown.mean(axis=1))

    def __getitem__(self, which: Indices) -> "Pairs":
        at = self.here[:, which], self.there[:, which]
        return Pairs(*at, self.shows[which], self.shown[which], self.inside[which], self.visible[which])

    @property
    def framed(self) -> F64:
        """(n,): 0..1, how well their frames alone fit."""
        overlap = self.inside * self.visible / np.maximum(self.inside + self.visible - self.inside * self.visible, 1e-9)
        return np.asarray(np.maximum(self.inside, self.visible) ** 4 * np.sqrt(overlap), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """``light``: float32, (n, levels, cells, cells): the grids of n pictures, ever more blurred; of what is no picture, zeros.
    ``plain``: (n, samples), the least blurred at a frame's own samples.
    """

    light: F32
    plain: F32

    @classmethod
    def of(cls, looks: Sequence[Look | None]) -> "Frames":
        light = np.zeros((len(looks), _LEVELS, _CELLS, _CELLS), np.float32)
        for number, look in enumerate(looks):
            if look is not None:
                light[number] = _blurred(look)
        return cls(light, _asked(light, np.arange(len(looks))[:, None], np.zeros((1, 1), np.intp), _SAMPLES[:, None]))

    def best(self, child: int, others: Indices, views: F64) -> list[int]:
        """Those of ``others`` that overlap the child most as a parent would, the best first, by their indices there. ``views``:
        (others, 3, 3), from fractions of each to fractions of the child.
        """
        pairs = Pairs.of(views)
        fit = pairs.framed
        order = np.argsort(-fit, kind="stable")[: np.count_nonzero(fit)]
        score = np.zeros(len(others))
        for some in (order[:_FIRST], order[_FIRST:]):
            least = np.sort(score)[-MOST_AGREEING:][0]
            asked = some[fit[some] >= least]  # none agrees by more than all of it
            score[asked] = fit[asked] * self.agreeing(child, others[asked], pairs[asked]) ** 4
        best = [n for n in np.argsort(-score, kind="stable").tolist() if fit[n] > 0][:MOST_AGREEING]
        return best + [n for n in order.tolist() if n not in best][:MOST_FRAMED]

    def agreeing(self, child: int, others: Indices, pairs: "Pairs") -> F64:
        """(others,): as ``_agree``."""
        larger = (pairs.inside >= pairs.visible)[:, None]  # the child shows it larger
        octaves = np.abs(np.log2((pairs.inside + 1e-3) / (pairs.visible + 1e-3)))
        level = np.clip(np.rint(octaves), 0, _LEVELS - 1).astype(np.intp)[:, None]
        laid = _asked(self.light, np.where(larger, child, others[:, None]), level, np.where(larger, pairs.here, pairs.there))
        plain = self.plain[np.where(larger[:, 0], others, child)]
        own, other = np.where(larger, laid, plain), np.where(larger, plain, laid)
        return _agree(own, other, np.where(larger, pairs.shown, pairs.shows))


def _asked(light: F32, which: Indices, level: Indices, at: F64) -> F32:
    """(n, samples): grey levels of some of the pictures, (n, 1), between cells as they lie. ``at``: (2, n, samples)."""
    place = np.fmin(np.fmax(at * _CELLS - 0.5, 0), _CELLS - 1.001)
    cell = place.astype(np.intp)
    x, y = (place - cell).astype(np.float32)
    start = ((which * _LEVELS + level) * _CELLS + cell[1]) * _CELLS + cell[0]
    flat = light.ravel()
    above, below = (flat.take(start + row) * (1 - x) + flat.take(start + row + 1) * x for row in (0, _CELLS))
    return np.asarray(above * (1 - y) + below * y, np.float32)


def _blurred(look: Look) -> F32:
    light = (look.grid.astype(np.float32) / FRACTIONS).reshape(_CELLS, 2, _CELLS, 2).mean(axis=(1, 3))
    blurs = [0.5 * np.sqrt(2.0**level - 1) for level in range(1, _LEVELS)]
    more = [cv2.GaussianBlur(light, (0, 0), blur, borderType=cv2.BORDER_REPLICATE) for blur in blurs]
    return np.asarray([light, *more], np.float32)


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

"""Many copies at once: which could have come from which, without comparing every pair in full.

Copies with the same border and nothing added are one *view*: a picture and what compression left of it. Views lie on each other
by homographies (laying.py); of each only those that overlap it most are asked what they hold of it, feature by feature.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fingerprints.descent import Descent, across, framed, grids, lost_between, within
from fingerprints.laying import between, lay
from fingerprints.lineage import Look
from fingerprints.types import Keypoints

MOST_VIEWS = 8
"""Other views that one is compared with."""
_SIDE = 8


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """One file. ``look``: ``None`` for what is no picture."""

    digest: str
    look: Look | None
    keypoints: Keypoints | None


class Kin:
    """``copies``: different files, the earliest seen first; ``until``: of each, how many of the first of them may be its
    parents.
    """

    def __init__(self, copies: Sequence[Copy], until: Sequence[int]) -> None:
        self._copies, self._until = copies, until
        self._near = _framed(copies)
        self._view = _views(len(copies), self._near)
        firsts = sorted(set(self._view))
        self._place = dict(zip(firsts, lay([copies[n].keypoints for n in firsts]), strict=True))
        self._within: dict[int, list[int]] = {first: [] for first in firsts}
        for number, first in enumerate(self._view):
            self._within[first].append(number)
        self._across: dict[tuple[int, int], Descent | None] = {}

    def descents(self, child: int) -> dict[int, Descent]:
        """By number of the parent: how the child would have come from it, of all that show the same."""
        found = {parent: one for parent, one in self._near[child].items() if parent < self._until[child]}
        for view in self._overlapping(self._view[child], self._until[child]):
            if (known := self._between(self._view[child], view)) is not None:
                members = [parent for parent in self._within[view] if parent < self._until[child] and parent not in found]
                found |= {parent: self._sized(known, child, parent) for parent in members}
        return found

    def _overlapping(self, child: int, until: int) -> list[int]:
        """Views that show the same and overlap most, the best first."""
        own = self._place[child]
        others = [n for n, place in self._place.items() if n != child and n < until and place.first == own.first]
        if not others:
            return []
        views = np.array([own.view @ np.linalg.inv(self._place[n].view) for n in others])
        inside, visible = _shares(np.linalg.inv(views)), _shares(views)
        overlap = inside * visible / np.maximum(inside + visible - inside * visible, 1e-9)
        order = np.argsort(-overlap, kind="stable")
        return [others[n] for n in order if overlap[n] > 0][:MOST_VIEWS]

    def _between(self, child: int, parent: int) -> Descent | None:
        if (child, parent) not in self._across:
            self._across[child, parent] = self._compared(child, parent)
        return self._across[child, parent]

    def _compared(self, child: int, parent: int) -> Descent | None:
        view = between(self._place[child], self._place[parent])
        one, other = self._copies[child], self._copies[parent]
        if view is None or one.keypoints is None or other.keypoints is None or one.look is None or other.look is None:
            return None
        return across(one.keypoints, other.keypoints, view, (one.look, other.look))

    def _sized(self, known: Descent, child: int, parent: int) -> Descent:
        """What is known of two views, for these copies of them."""
        looks = [self._copies[n].look for n in (child, self._view[child], parent, self._view[parent])]
        own, first, other, first_other = (look for look in looks if look is not None)
        scale = known.scale + _larger(own, first) - _larger(other, first_other)
        return replace(known, scale=scale, lost=known.lost + lost_between(own, first) - lost_between(other, first_other))


def _larger(one: Look, other: Look) -> float:
    """Octaves."""
    return float(np.log2(max(one.width, one.height) / max(other.width, other.height)))


def _shares(views: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(n,): of homographies (n, 3, 3), the share of the one frame that lies in the other."""
    x, y = np.meshgrid((np.arange(_SIDE) + 0.5) / _SIDE, (np.arange(_SIDE) + 0.5) / _SIDE)
    points = np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    seen = views @ points
    depth = seen[:, 2:] * np.sign(views[:, 2:] @ np.array([[0.5], [0.5], [1.0]]))
    with np.errstate(divide="ignore", invalid="ignore"):
        at = seen[:, :2] / seen[:, 2:]
        inside = ((at >= 0) & (at <= 1)).all(axis=1) & (depth[:, 0] > 1e-9)
    return np.asarray(inside.mean(axis=1), np.float64)


def _framed(copies: Sequence[Copy]) -> list[dict[int, Descent]]:
    """Of each copy, those with the same border."""
    looks = [copy.look for copy in copies]
    pictures = [n for n, look in enumerate(looks) if look is not None]
    some = [look for look in looks if look is not None]
    near: list[dict[int, Descent]] = [{} for _ in copies]
    values = grids(some)
    for own, child in zip(some, pictures, strict=True):
        apart, changed = framed(some, values, own)
        for at in np.flatnonzero(np.isfinite(apart)).tolist():
            if pictures[at] != child:
                near[child][pictures[at]] = within(own, some[at], float(apart[at]), float(changed[at]))
    return near


def _views(count: int, near: Sequence[dict[int, Descent]]) -> list[int]:
    """Of each copy the first copy of its view."""
    first = list(range(count))

    def top(number: int) -> int:
        while first[number] != number:
            number = first[number]
        return number

    for child, others in enumerate(near):
        for parent, one in others.items():
            if one.changed == 0:
                a, b = sorted((top(child), top(parent)))
                first[b] = a
    return [top(number) for number in range(count)]

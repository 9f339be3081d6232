"""Many copies at once: which could have come from which, without comparing every pair in full.

Copies with the same border and nothing added are one *view*: a picture and what compression left of it. Views lie on each other
by homographies (laying.py); of each only those that overlap it best (overlap.py) are asked what they hold of it, feature by
feature, and which of their copies it drifted from (drift.py).
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from fingerprints.descent import Descent, Relation, Shown, across, framed, grids, richness, within
from fingerprints.drift import likelihoods
from fingerprints.holding import ENOUGH
from fingerprints.laying import lay
from fingerprints.lineage import Look
from fingerprints.overlap import Frames
from fingerprints.projecting import F64
from fingerprints.remembering import Memory, key
from fingerprints.types import Keypoints


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """One file. ``look``: ``None`` for what is no picture."""

    digest: str
    look: Look | None
    keypoints: Keypoints | None

    @property
    def shown(self) -> Shown | None:
        """What it takes to lay it on others."""
        return None if self.keypoints is None or self.look is None else (self.keypoints, self.look)

    def mark(self) -> bytes:
        """A hash of all of it that is asked."""
        look, shown = self.look, self.keypoints
        arrays: list[npt.NDArray[Any]] = [] if look is None else [look.grid, look.detail]
        if shown is not None:
            arrays += [one[:ENOUGH] for one in (shown.xy, shown.scale, shown.angle, shown.descriptors)]
        said = None if look is None else (look.width, look.height, look.size, look.quality)
        return key(repr((said, None if shown is None else shown.aspect)).encode(), *(one.tobytes() for one in arrays))


class Kin:
    """``copies``: different files, the earliest seen first; ``until``: of each, how many of the first of them may be its
    parents. ``memory``: what others of these copies were asked before.
    """

    def __init__(self, copies: Sequence[Copy], until: Sequence[int], memory: Memory | None = None) -> None:
        self._copies, self._until = copies, until
        self._memory = Memory() if memory is None else memory
        self._marks = [copy.mark() for copy in copies]
        self._near = _framed(copies, self._marks, self._memory)
        self._view = _views(len(copies), self._near)
        firsts = sorted(set(self._view))
        marks = [self._marks[n] for n in firsts]
        self._place = dict(zip(firsts, lay([copies[n].keypoints for n in firsts], marks, self._memory), strict=True))
        self._within: dict[int, list[int]] = {first: [] for first in firsts}
        for number, first in enumerate(self._view):
            self._within[first].append(number)
        self._numbers = np.array(firsts, np.intp)
        self._kinds = np.array([self._place[n].first for n in firsts], np.intp)
        self._back = np.linalg.inv(np.array([self._place[n].view for n in firsts], np.float64).reshape(-1, 3, 3))
        self._looks = [copies[n].look for n in firsts]
        self._longest, self._rich = _measured(copies)

    @cached_property
    def _frames(self) -> Frames:
        """Of the views; not asked for where everything is remembered."""
        return Frames.of(self._looks)

    def descents(self, child: int) -> dict[int, Descent]:
        """By number of the parent: how the child would have come from it, of all that show the same."""
        until, first = self._until[child], self._view[child]
        found = {parent: one for parent, one in self._near[child].items() if parent < until}
        planes = self._overlapping(first, until)
        for view, known in self._compared(first, planes):
            members = [parent for parent in self._within[view] if parent < until and parent not in found]
            drifts = self._drifts(child, members, planes[view], known.relation)
            found |= {parent: self._sized(known, child, parent, drift) for parent, drift in zip(members, drifts, strict=True)}
        return found

    def _overlapping(self, child: int, until: int) -> dict[int, F64]:
        """Views that show the same and overlap it as a parent would, the best first, and how each lies on it."""
        own = self._place[child]
        others = np.flatnonzero((self._kinds == own.first) & (self._numbers < until) & (self._numbers != child))
        if not len(others):
            return {}
        planes = own.view @ self._back[others]
        numbers = self._numbers[others].tolist()
        asked = key(b"best", self._marks[child], b"".join(self._marks[n] for n in numbers), planes.tobytes())
        at = int(np.searchsorted(self._numbers, child))
        best = self._memory.one(asked, lambda: self._frames.best(at, others, planes))
        return {numbers[n]: planes[n] for n in best}

    def _compared(self, child: int, planes: Mapping[int, F64]) -> list[tuple[int, Descent]]:
        """How a view would have come from others, of those that are pictures."""
        own, marks = self._copies[child].shown, self._marks
        others = [(n, one) for n in planes if (one := self._copies[n].shown) is not None]
        if own is None or not others:
            return []
        shown, views = [one for _, one in others], np.array([planes[n] for n, _ in others])
        keys = [key(b"across", marks[child], marks[n], planes[n].tobytes()) for n, _ in others]
        made = self._memory.each(keys, lambda asked: across(own, [shown[at] for at in asked], views[asked]))
        return [(n, one) for (n, _), one in zip(others, made, strict=True)]

    def _drifts(self, child: int, members: Sequence[int], plane: F64, relation: Relation) -> list[float]:
        """Of each of one view: how much likelier the likeliest of them is. What is not first of its own view has nearer kin."""
        looks = [look for n in members if (look := self._copies[n].look) is not None]
        own = self._copies[child].look
        if own is None or len(looks) < 2 or len(looks) < len(members) or child != self._view[child]:
            return [0.0] * len(members)
        lit, marks = relation is Relation.PHOTO, (self._marks[n] for n in members)
        asked = key(b"drift", bytes([lit]), plane.tobytes(), self._marks[child], *marks)
        found = self._memory.one(asked, lambda: likelihoods(own, looks, plane, lit))
        return [0.0] * len(members) if found is None else (found - found.max()).tolist()

    def _sized(self, known: Descent, child: int, parent: int, drift: float) -> Descent:
        """What is known of two views, for these copies of them."""
        first, first_other = self._view[child], self._view[parent]
        scale, lost = known.scale, known.lost
        if (child, parent) != (first, first_other):
            size, rich = self._longest, self._rich
            scale = scale + size[child] - size[first] - size[parent] + size[first_other]
            lost = lost + rich[first] - rich[child] + rich[parent] - rich[first_other]
        shared = known.apart, known.changed, known.inside, known.visible, known.explained, known.kept
        return Descent(known.relation, *shared, scale, lost, drift)


def _measured(copies: Sequence[Copy]) -> tuple[list[float], list[float]]:
    """Of each copy the octaves of its longer side, and of its contrast."""
    looks = [copy.look for copy in copies]
    longest = [0.0 if look is None else math.log2(max(look.width, look.height)) for look in looks]
    return longest, [0.0 if look is None else richness(look) for look in looks]


def _framed(copies: Sequence[Copy], marks: Sequence[bytes], memory: Memory) -> list[dict[int, Descent]]:
    """Of each copy, those with the same border."""
    pictures = [(n, copy.look) for n, copy in enumerate(copies) if copy.look is not None]
    before = [marks[n] for n, _ in pictures]
    keys = [key(b"framed", *before[: place + 1]) for place in range(len(pictures))]
    near: list[dict[int, Descent]] = [{} for _ in copies]
    for (child, own), found in zip(
        pictures, memory.each(keys, lambda rows: _apart([look for _, look in pictures], rows)), strict=True
    ):
        for at, apart, changed in found:
            parent, look = pictures[at]
            near[child][parent] = within(own, look, apart, changed)
            near[parent][child] = within(look, own, apart, changed)
    return near


def _apart(looks: Sequence[Look], rows: Iterable[int]) -> Iterator[list[tuple[int, float, float]]]:
    """Of each of these the ones before it with the same border: which, grey levels apart, and the share that changed."""
    values = grids(looks)
    for row in rows:
        apart, changed = framed(values[:row], values[row : row + 1])
        yield [(at, float(apart[at]), float(changed[at])) for at in np.flatnonzero(np.isfinite(apart)).tolist()]


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

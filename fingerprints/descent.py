"""How one copy of a picture may have come from another: which part of it, how large, with how much left, and what was added.

Two copies with the same border are compared by their grids. Others are laid on each other by a homography, and every local
feature of the one is looked for where it is due in the other: what a child shows and its parent has not was added, by the child
or by somebody in between; what a parent shows and its child has not, though it should be seen there, tells against the child.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from fingerprints import geometry, views
from fingerprints.holding import ENOUGH, held, magnified, sides
from fingerprints.lineage import FRACTIONS, GRID, OCTAVES, PARTS, STEPS, Look
from fingerprints.projecting import F64, Flags, inverse, projected
from fingerprints.projecting import framed as _in_frame
from fingerprints.types import F32, Keypoints

FEWEST_INLIERS = 10
"""Below, two copies are not taken to show the same."""
CHANGED = 4.0
"""Grey levels, of a part of the grid, above which something was put there."""
_MOST_CHANGED = 0.35
_MOST_APART = 1.0  # grey levels, and ...
_APART_SHARE = 0.06  # ... of the grid's own contrast, above which two copies do not have the same border
_SAME_ASPECT = 0.02
_PART = 2  # cells of the grid along each side of a part that is asked whether it changed
_LEAST_FOUND = 0.35  # of what each shows of the other: things of one make share fittings, and little else
_CLEAR = 40  # inliers, after which no better plane is sought
_MIRROR = np.array([[-1, 0, 1], [0, 1, 0], [0, 0, 1]], np.float64)
_SIDE = 16  # samples along each side of a frame
_CORNERS = np.array([[0, 1, 1, 0], [0, 0, 1, 1]], np.float64)
_ASKEW = 0.025  # of the sides of a frame that a camera's view makes unequal, and by which it is turned
_POWERS = 4.0 ** (np.arange(256) / STEPS)

Indices = npt.NDArray[np.intp]
Places = tuple[F64, F64]
Shown = tuple[Keypoints, Look]


class Relation(StrEnum):
    """What a copy is of the one it came from."""

    SAME = "same"  # the same bytes
    RECOMPRESSED = "recompressed"  # the whole picture, compressed or scaled anew
    MARKED = "marked"  # the whole picture, with something on it or beside it: a caption, stickers
    CROP = "crop"  # a part of it
    SCREENSHOT = "screenshot"  # within something else: a screen, a collage
    PHOTO = "photo"  # photographed: of a screen, or of a print
    UNKNOWN = "unknown"  # pixels do not tell


@dataclass(frozen=True, slots=True)
class Descent:
    """How a child would have come from a parent.

    ``relation``: what it would be. ``apart``: grey levels between grids with the same border, root mean square of the unchanged
    parts; ``None``: other borders. ``changed``: share 0..1 of those parts that something was put on. ``inside``: share of the
    child's area that lies in the parent's, ``visible``: of the parent's that lies in the child's. ``explained``: share of what
    the child shows there that the parent shows as well, ``kept``: of what the parent shows there that is found in the child.
    ``scale``: octaves by which the child has more pixels for the same. ``lost``: octaves of contrast that the child has less.
    ``drift``: logarithm, at most 0, of how likely what compression left makes this the parent, against the likeliest of its view.
    """

    relation: Relation
    apart: float | None = None
    changed: float = 0.0
    inside: float = 1.0
    visible: float = 1.0
    explained: float = 1.0
    kept: float = 1.0
    scale: float = 0.0
    lost: float = 0.0
    drift: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Grids:
    """Of n copies. ``whole``: float32, (n, cells, cells), grey levels; ``parts``: (n, parts, parts), their means, exact;
    ``contrast``, ``aspect``: (n,).
    """

    whole: F32
    parts: F32
    contrast: F32
    aspect: F32

    def __getitem__(self, which: slice) -> "Grids":
        return Grids(self.whole[which], self.parts[which], self.contrast[which], self.aspect[which])


def grids(looks: Sequence[Look]) -> Grids:
    """What ``framed`` asks of each, made once."""
    whole = np.array([look.grid for look in looks], np.float32).reshape(-1, GRID, GRID) / np.float32(FRACTIONS)
    parts = whole.reshape(-1, GRID // _PART, _PART, GRID // _PART, _PART).mean(axis=(2, 4))
    aspect = np.array([look.width / look.height for look in looks], np.float32)
    return Grids(whole, parts, whole.reshape(-1, GRID * GRID).std(axis=1), aspect)


def framed(others: Grids, one: Grids) -> tuple[F32, F32]:
    """Of each of ``others`` against ``one``: grey levels apart, infinite where borders differ, and the share of its parts that
    changed.

    Apart is what a part differs more than its neighbours do: what compression does to wide and even areas is much the same in all
    copies, and says nothing of their descent.
    """
    alike = np.flatnonzero(np.abs(np.log(others.aspect / one.aspect)) <= _SAME_ASPECT)
    parts = others.parts[alike] - one.parts
    same = np.abs(parts) <= CHANGED
    count = same.sum(axis=(1, 2))
    share = 1 - count / one.parts.size
    rough = np.sqrt((np.where(same, parts, 0) ** 2).sum(axis=(1, 2)) / np.maximum(count, 1))
    fits = (share <= _MOST_CHANGED) & (rough <= min(_MOST_APART, _APART_SHARE * max(float(one.contrast[0]), 4.0)))
    apart, changed = np.full(len(others.aspect), np.inf, np.float32), np.ones(len(others.aspect), np.float32)
    apart[alike[fits]], changed[alike] = _apart(others.whole[alike[fits]] - one.whole, same[fits]), share
    return apart, changed


def _apart(off: F32, same: npt.NDArray[np.bool_]) -> F32:
    """Root mean square of what remains of differences without their neighbours', as much as they would have by themselves."""
    whole = np.repeat(np.repeat(same, _PART, axis=1), _PART, axis=2)
    middle, sides = np.s_[:, 1:-1, 1:-1], (np.s_[:, :-2, 1:-1], np.s_[:, 2:, 1:-1], np.s_[:, 1:-1, :-2], np.s_[:, 1:-1, 2:])
    rest = 4 * off[middle] - sum(off[side] for side in sides)
    kept = np.logical_and.reduce([whole[middle], *(whole[side] for side in sides)])
    mean = (np.where(kept, rest, 0) ** 2).sum(axis=(1, 2)) / np.maximum(kept.sum(axis=(1, 2)), 1)
    return np.asarray(np.sqrt(mean / 20), np.float32)


def within(child: Look, parent: Look, apart: float, changed: float) -> Descent:
    """Of two copies with the same border."""
    relation = Relation.MARKED if changed > 0 else Relation.RECOMPRESSED
    scale = 0.5 * np.log2(child.width * child.height / (parent.width * parent.height))
    unchanged = 1 - changed
    return Descent(relation, apart, changed, 1.0, 1.0, unchanged, unchanged, float(scale), lost_between(child, parent))


def lost_between(child: Look, parent: Look) -> float:
    """Octaves of contrast that the child has less, of two copies of one view: where there is much, for compression puts some
    of its own where there is none.
    """
    return richness(parent) - richness(child)


@lru_cache(maxsize=1 << 12)
def richness(look: Look) -> float:
    """Octaves of contrast, in the mean of its octaves of detail."""
    return float((0.5 * np.log2(_power([look])[0].mean(axis=1))).mean())


def laid(child: Keypoints, parent: Keypoints) -> F64 | None:
    """The homography from fractions of the parent to fractions of the child, ``None`` where they do not show the same."""
    few, others = _first(child), _first(parent)
    for back in (np.eye(3), _MIRROR):
        seen = views.mirrored(few) if back is _MIRROR else few
        view = geometry.best_plane(seen, others, FEWEST_INLIERS, _CLEAR)
        if view is not None and min(held(seen, [others], view[None])) >= _LEAST_FOUND:
            return np.asarray(back @ view, np.float64)
    return None


def _first(keypoints: Keypoints) -> Keypoints:
    """As many as it takes: every beginning of them is balanced."""
    few = slice(ENOUGH)
    return Keypoints(keypoints.xy[few], keypoints.scale[few], keypoints.angle[few], keypoints.descriptors[few], keypoints.aspect)


def across(child: Shown, parents: Sequence[Shown], views: F64) -> list[Descent]:
    """Of a copy that lies on each of these. ``views``: (n, 3, 3), as ``laid`` says. They do not touch each other."""
    (own, look), others = child, [one for one, _ in parents]
    there = projected(inverse(views), *_SAMPLES)
    inside, visible = (_in_frame(*at).mean(axis=1) for at in (there, projected(views, *_SAMPLES)))
    explained, kept = held(own, others, views)
    size = magnified(views, own.aspect, np.array([one.aspect for one in others]))
    longest = np.array([max(look.width, look.height) / max(one.width, one.height) for _, one in parents])
    askew, lost = _askew(views, own.aspect), _lost(look, [one for _, one in parents], there, size)
    relations = map(_relation, askew.tolist(), inside.tolist(), visible.tolist())
    told = (inside, visible, explained, kept, size + np.log2(longest), lost)
    return [Descent(one, None, 0.0, *row) for one, row in zip(relations, np.column_stack(told).tolist(), strict=True)]


def _samples() -> Places:
    x, y = np.meshgrid((np.arange(_SIDE) + 0.5) / _SIDE, (np.arange(_SIDE) + 0.5) / _SIDE)
    return x.ravel(), y.ravel()


_SAMPLES = _samples()


def _askew(views: F64, aspect: float) -> F64:
    """(n,): by how much the sides of the parent's frame are unequal and turned, as logarithm and radians; NaN, part is behind."""
    at = np.array(projected(views, *_CORNERS)) * sides(aspect)[:, None, None]
    x, y = np.roll(at, -1, axis=2) - at
    long = np.hypot(x, y)
    turned = np.abs((np.arctan2(y[:, 0], x[:, 0]) + np.pi / 4) % (np.pi / 2) - np.pi / 4)
    with np.errstate(divide="ignore"):
        uneven = np.abs(np.log(long[:, :2] / long[:, 2:]))
    return np.asarray(np.maximum(uneven.max(axis=1), turned), np.float64)


def _relation(askew: float, inside: float, visible: float) -> Relation:
    if not askew <= _ASKEW:
        return Relation.PHOTO
    if visible > 0.97 and inside < 0.97:
        return Relation.MARKED if inside > 0.75 else Relation.SCREENSHOT
    if inside > 0.97:
        return Relation.CROP if visible < 0.97 else Relation.MARKED
    return Relation.SCREENSHOT


def _lost(child: Look, parents: Sequence[Look], there: Places, size: F64) -> F64:
    """(n,): octaves of contrast that the child has less, over what both show, in those octaves of detail that both tell of."""
    both = _in_frame(*there)
    own = _seen(_power([child]), np.broadcast_to(_part(*_SAMPLES), both.shape), both)
    other = _seen(_power(parents), _part(*(np.where(both, at, 0) for at in there)), both)
    octaves = np.arange(OCTAVES) - size[:, None]  # the parent's that show what the child's show
    told = (octaves >= 0) & (octaves <= OCTAVES - 1)
    low = np.clip(octaves.astype(np.intp), 0, OCTAVES - 2)
    before, after = (np.take_along_axis(other, at, axis=1) for at in (low, low + 1))
    less = np.where(told, before + (after - before) * (octaves - low) - own, 0)
    return np.asarray(less.sum(axis=1) / np.maximum(told.sum(axis=1), 1) * both.any(axis=1), np.float64)


def _seen(power: F64, part: Indices, which: Flags) -> F64:
    """(n, octaves): the contrast of what ``which`` of the places show. ``power``: (n or 1, octaves, parts). ``part``: of each
    place.
    """
    count, parts = len(part), PARTS * PARTS
    held = np.bincount((part + parts * np.arange(count)[:, None])[which], minlength=count * parts).reshape(count, 1, parts)
    mean = (power * held).sum(axis=2) / np.maximum(held.sum(axis=2), 1)
    return np.asarray(0.5 * np.log2(np.maximum(mean, 1e-9)), np.float64)


def _power(looks: Sequence[Look]) -> F64:
    """(n, octaves, parts)."""
    found: F64 = _POWERS[np.array([look.detail for look in looks])]
    return found.reshape(len(looks), OCTAVES, PARTS * PARTS)


def _part(x: F64, y: F64) -> Indices:
    column, row = (np.minimum((at * PARTS).astype(np.intp), PARTS - 1) for at in (x, y))
    return np.asarray(row * PARTS + column, np.intp)

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

from fingerprints import geometry
from fingerprints.geometry import ALIKE, F64, WORKING_SIDE, project
from fingerprints.lineage import FRACTIONS, GRID, OCTAVES, PARTS, STEPS, Look
from fingerprints.types import F32, U8, Keypoints

FEWEST_INLIERS = 10
"""Below, two copies are not taken to show the same."""
CHANGED = 4.0
"""Grey levels, of a part of the grid, above which something was put there."""
_MOST_CHANGED = 0.35
_MOST_APART = 1.0  # grey levels, and ...
_APART_SHARE = 0.06  # ... of the grid's own contrast, above which two copies do not have the same border
_SAME_ASPECT = 0.02
_REACH = 5.0  # working pixels a feature may be off its due place
_LEAST_SEEN = 3.2  # working pixels of diameter below which a feature is not expected to be found again
_PART = 2  # cells of the grid along each side of a part that is asked whether it changed
_BLOCKS = 8
_FEWEST_IN_BLOCK = 3
_CONFIRMED = 0.1
_LEAST_FOUND = 0.35  # of what each shows of the other: things of one make share fittings, and little else
_CLEAR = 40  # inliers, after which no better plane is sought
_ENOUGH = 400  # features, to lay one copy on another
_MIRROR = np.array([[-1, 0, 1], [0, 1, 0], [0, 0, 1]], np.float64)
_SIDE = 16  # samples along each side of a frame
_ASKEW = 0.025  # of the sides of a frame that a camera's view makes unequal, and by which it is turned


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


def grids(looks: Sequence[Look]) -> F32:
    """(n, cells): grey levels."""
    values = np.array([look.grid.ravel() for look in looks], np.float32).reshape(len(looks), GRID * GRID)
    return np.asarray(values / np.float32(FRACTIONS), np.float32)


def framed(looks: Sequence[Look], others: F32, one: Look) -> tuple[F32, F32]:
    """Of each of ``others`` (the grids of ``looks``) against ``one``: grey levels apart, infinite where borders differ, and the
    share of its parts that changed.

    Apart is what a part differs more than its neighbours do: what compression does to wide and even areas is much the same in all
    copies, and says nothing of their descent.
    """
    own = one.grid.ravel().astype(np.float32) / np.float32(FRACTIONS)
    aspects = np.array([look.width / look.height for look in looks], np.float32) / np.float32(one.width / one.height)
    alike = np.flatnonzero(np.abs(np.log(aspects)) <= _SAME_ASPECT)
    off = (others[alike] - own).reshape(-1, GRID, GRID)
    parts = off.reshape(-1, GRID // _PART, _PART, GRID // _PART, _PART).mean(axis=(2, 4))
    same = np.abs(parts) <= CHANGED
    count = same.sum(axis=(1, 2))
    share = 1 - count / same[0].size if len(same) else count
    rough = np.sqrt((np.where(same, parts, 0) ** 2).sum(axis=(1, 2)) / np.maximum(count, 1))
    fits = (share <= _MOST_CHANGED) & (rough <= min(_MOST_APART, _APART_SHARE * max(float(own.std()), 4.0)))
    apart, changed = np.full(len(looks), np.inf, np.float32), np.ones(len(looks), np.float32)
    apart[alike[fits]], changed[alike] = _apart(off[fits], same[fits]), share
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
    return float(_contrast(look.detail.reshape(OCTAVES, -1)).mean())


def _contrast(detail: U8) -> F64:
    """(octaves, parts) to (octaves,): octaves of the mean power."""
    return np.asarray(0.5 * np.log2((4.0 ** (detail / STEPS)).mean(axis=1)), np.float64)


def laid(child: Keypoints, parent: Keypoints) -> F64 | None:
    """The homography from fractions of the parent to fractions of the child, ``None`` where they do not show the same."""
    few, others = _first(child), _first(parent)
    for seen, back in ((few, np.eye(3)), (geometry.mirrored(few), _MIRROR)):
        view = geometry.best_plane(seen, others, FEWEST_INLIERS, _CLEAR)
        if view is not None and min(_found(seen, others, view)) >= _LEAST_FOUND:
            return np.asarray(back @ view, np.float64)
    return None


def _first(keypoints: Keypoints) -> Keypoints:
    """As many as it takes: every beginning of them is balanced."""
    few = slice(_ENOUGH)
    return Keypoints(keypoints.xy[few], keypoints.scale[few], keypoints.angle[few], keypoints.descriptors[few], keypoints.aspect)


def across(child: Keypoints, parent: Keypoints, view: F64, looks: tuple[Look, Look]) -> Descent:
    """Of two copies that lie on each other. ``view``: as ``laid`` says. ``looks``: of child and parent."""
    back = np.asarray(np.linalg.inv(view), np.float64)
    inside, visible = _share(project(back, _SAMPLES)), _share(project(view, _SAMPLES))
    explained, kept = _found(_first(child), _first(parent), view)
    size = _magnified(view, child.aspect, parent.aspect)
    longest = max(looks[0].width, looks[0].height) / max(looks[1].width, looks[1].height)
    relation = _relation(view, inside, visible, child.aspect)
    lost = _lost(looks[0], looks[1], back, size)
    return Descent(relation, None, 0.0, inside, visible, explained, kept, size + float(np.log2(longest)), lost)


def _samples() -> F64:
    x, y = np.meshgrid((np.arange(_SIDE) + 0.5) / _SIDE, (np.arange(_SIDE) + 0.5) / _SIDE)
    return np.column_stack([x.ravel(), y.ravel()])


_SAMPLES = _samples()


def _in_frame(points: F64) -> npt.NDArray[np.bool_]:
    return np.asarray(((points >= 0) & (points <= 1)).all(axis=1), np.bool_)


def _share(points: F64) -> float:
    return float(_in_frame(points).mean())


def _magnified(view: F64, child: float, parent: float) -> float:
    """Octaves by which the middle of what is shown is larger in the child, both at the same longer side. Aspects are given."""
    seen = project(view, np.array([[0.5, 0.5], [0.51, 0.5], [0.5, 0.51]]))
    steps = (seen[1:] - seen[0]) * (_sides(child) / _sides(parent).mean())
    area = abs(steps[0, 0] * steps[1, 1] - steps[0, 1] * steps[1, 0]) / 0.01**2
    area *= _sides(parent).mean() ** 2 / _sides(parent).prod()
    return float(0.5 * np.log2(max(area, 1e-9)))


def _sides(aspect: float) -> F64:
    """Of a frame whose longer side is 1."""
    return np.array([aspect, 1.0]) / max(aspect, 1.0)


def _relation(view: F64, inside: float, visible: float, aspect: float) -> Relation:
    corners = project(view, np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)) * _sides(aspect)
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    turn = float(np.arctan2(*(corners[1] - corners[0])[::-1]))
    turned = abs((turn + np.pi / 4) % (np.pi / 2) - np.pi / 4)
    askew = max(abs(np.log(sides[0] / sides[2])), abs(np.log(sides[1] / sides[3])), turned)
    if not np.isfinite(askew) or askew > _ASKEW:
        return Relation.PHOTO
    if visible > 0.97 and inside < 0.97:
        return Relation.MARKED if inside > 0.75 else Relation.SCREENSHOT
    if inside > 0.97:
        return Relation.CROP if visible < 0.97 else Relation.MARKED
    return Relation.SCREENSHOT


def _found(child: Keypoints, parent: Keypoints, view: F64) -> tuple[float, float]:
    """By blocks of the child: of those that the parent's frame covers and that have features, the share that the parent explains;
    and of those where the parent's features are due, the share that holds some of them.
    """
    here = child.xy.astype(np.float64)
    due, there = project(view, parent.xy), project(np.asarray(np.linalg.inv(view), np.float64), child.xy)
    size = 2.0 ** _magnified(view, child.aspect, parent.aspect)
    large = _in_frame(there) & (child.scale * (WORKING_SIDE / max(size, 1e-6)) > _LEAST_SEEN)
    expected = _in_frame(due) & (parent.scale * (WORKING_SIDE * size) > _LEAST_SEEN)
    pairs = _pairs(here * _sides(child.aspect) * WORKING_SIDE, due * _sides(child.aspect) * WORKING_SIDE, expected)
    distance = ((child.descriptors[pairs[0]].astype(np.float32) - parent.descriptors[pairs[1]]) ** 2).sum(axis=1)
    found = pairs[:, distance < ALIKE]
    own, others = _counts(here[large]), _counts(due[expected])
    of_own, of_others = _counts(here[np.unique(found[0])]), _counts(due[np.unique(found[1])])
    return _confirmed(of_own, own), _confirmed(of_others, others)


def _pairs(here: F64, due: F64, which: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """(2, n): indices of features of the child and of the parent that are within reach of each other."""
    at = np.flatnonzero(which)
    order = np.argsort(here[:, 0], kind="stable")
    column = here[order, 0]
    first = np.searchsorted(column, due[at, 0] - _REACH, "left")
    last = np.searchsorted(column, due[at, 0] + _REACH, "right")
    counts = np.maximum(last - first, 0)
    parent = np.repeat(at, counts)
    child = order[np.arange(len(parent)) - np.repeat(np.cumsum(counts) - counts - first, counts)]
    near = np.abs(here[child, 1] - due[parent, 1]) <= _REACH
    return np.stack([child[near], parent[near]])


def _counts(points: F64) -> npt.NDArray[np.intp]:
    block = np.clip((points * _BLOCKS).astype(np.intp), 0, _BLOCKS - 1)
    return np.bincount(block[:, 1] * _BLOCKS + block[:, 0], minlength=_BLOCKS * _BLOCKS)


def _confirmed(found: npt.NDArray[np.intp], of: npt.NDArray[np.intp]) -> float:
    """Share of the blocks with enough of them in which enough are found; 1 where no block has enough."""
    asked = of >= _FEWEST_IN_BLOCK
    return float((found[asked] > _CONFIRMED * of[asked]).mean()) if asked.any() else 1.0


def _lost(child: Look, parent: Look, back: F64, size: float) -> float:
    """Octaves of contrast that the child has less, over what both show, in those octaves of detail that both tell of."""
    there = project(back, _SAMPLES)
    both = _in_frame(there)
    if not both.any():
        return 0.0
    own = _parts(child, _SAMPLES[both])
    other = _parts(parent, there[both])
    octaves = np.arange(OCTAVES) - size  # the parent's that show what the child's show
    told = (octaves >= 0) & (octaves <= OCTAVES - 1)
    if not told.any():
        return 0.0
    return float((np.interp(octaves[told], np.arange(OCTAVES), other) - own[told]).mean())


def _parts(look: Look, points: F64) -> F64:
    """(octaves,): the contrast at these places."""
    column, row = np.clip((points * PARTS).astype(np.intp), 0, PARTS - 1).T
    return _contrast(look.detail[:, row, column])

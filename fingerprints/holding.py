"""What a picture and those it lies on hold of each other: every detail of the one is looked for where it is due in the other.

Many parents of one child are asked at once. They do not touch each other: one by one, the answers are the same.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fingerprints.geometry import ALIKE, WORKING_SIDE
from fingerprints.nearness import Places
from fingerprints.projecting import F64, Flags, framed, inverse, projected
from fingerprints.types import U8, Keypoints

ENOUGH = 400
"""Features of a copy that are asked; every beginning of them is balanced."""
_REACH = 5.0  # working pixels a feature may be off its due place
_LEAST_SEEN = 3.2  # working pixels of diameter below which a feature is not expected to be found again
_BLOCKS = 8
_FEWEST_IN_BLOCK = 3
_CONFIRMED = 0.1
_PIECE = 256  # pairs

Indices = npt.NDArray[np.intp]


def held(child: Keypoints, parents: Sequence[Keypoints], views: F64) -> tuple[F64, F64]:
    """By blocks of the child, of each parent, (n,): of the blocks that its frame covers and that have features the share that it
    explains; and of those where its features are due the share that holds some of them. ``views``: (n, 3, 3), from fractions of
    each parent to fractions of the child.
    """
    few = slice(ENOUGH)
    x, y = child.xy[few].T.astype(np.float64)
    size = 2.0 ** magnified(views, child.aspect, np.array([one.aspect for one in parents]))
    there = framed(*projected(inverse(views), x, y))
    large = there & (child.scale[few] * (WORKING_SIDE / np.maximum(size, 1e-6))[:, None] > _LEAST_SEEN)

    of = np.repeat(np.arange(len(parents)), [len(one.xy[few]) for one in parents])
    due = [projected(view[None], *one.xy[few].T) for view, one in zip(views, parents, strict=True)]
    due_x, due_y = (np.concatenate(one, axis=1)[0] for one in zip(*due, strict=True))
    scale = np.concatenate([one.scale[few] for one in parents])
    expected = framed(due_x, due_y) & (scale * (WORKING_SIDE * size)[of] > _LEAST_SEEN)

    across, down = sides(child.aspect) * WORKING_SIDE
    asked = np.flatnonzero(expected)
    own, other = Places.of(x * across, y * down).near(due_x[asked] * across, due_y[asked] * down, _REACH)
    other = asked[other]
    described = np.concatenate([one.descriptors[few] for one in parents])
    found = _alike(child.descriptors, own, described, other)
    explaining, kept = np.zeros_like(large), np.zeros_like(expected)
    explaining[of[other[found]], own[found]] = kept[other[found]] = True

    here, whose = np.broadcast_to(_block(x, y), large.shape), np.broadcast_to(np.arange(len(parents))[:, None], large.shape)
    explained = _confirmed(*(_counts(whose[which], here[which], len(parents)) for which in (explaining, large)))
    where = _block(due_x, due_y)
    return explained, _confirmed(*(_counts(of[which], where[which], len(parents)) for which in (kept, expected)))


def magnified(views: F64, child: float, parents: F64) -> F64:
    """(n,): octaves by which the middle of what is shown is larger in the child, both at the same longer side. ``child``,
    ``parents``: their aspects.
    """
    x, y = projected(views, np.array([0.5, 0.51, 0.5]), np.array([0.5, 0.5, 0.51]))
    other = sides(parents)
    step = sides(child)[:, None, None] / other.mean(axis=0)[:, None]
    (across, across_down), (down_across, down) = (step[0] * (x[:, 1:] - x[:, :1])).T, (step[1] * (y[:, 1:] - y[:, :1])).T
    area = abs(across * down - down_across * across_down) / 0.01**2 * other.mean(axis=0) ** 2 / other.prod(axis=0)
    return np.asarray(0.5 * np.log2(np.maximum(area, 1e-9)), np.float64)


def sides(aspect: float | F64) -> F64:
    """(2, ...): of frames whose longer side is 1."""
    return np.array([aspect, np.ones_like(aspect)]) / np.maximum(aspect, 1.0)


def _alike(own: U8, which: Indices, others: U8, which_others: Indices) -> Flags:
    """Of each pair of descriptors whether they are like each other: exact. In pieces that stay near the processor."""
    found = np.empty(len(which), np.bool_)
    for start in range(0, len(which), _PIECE):
        piece = slice(start, start + _PIECE)
        off = own[which[piece]].astype(np.float32)
        off -= others[which_others[piece]]
        found[piece] = np.einsum("nd,nd->n", off, off) < ALIKE
    return found


def _block(x: F64, y: F64) -> Indices:
    """Of each place; of what has none, any."""
    column, row = (np.fmin(np.fmax(one * _BLOCKS, 0), _BLOCKS - 1).astype(np.intp) for one in (x, y))
    return np.asarray(row * _BLOCKS + column, np.intp)


def _counts(whose: Indices, block: Indices, count: int) -> Indices:
    """(count, blocks)."""
    blocks = _BLOCKS * _BLOCKS
    return np.bincount(whose * blocks + block, minlength=count * blocks).reshape(count, blocks)


def _confirmed(found: Indices, of: Indices) -> F64:
    """(n,): share of the blocks with enough of them in which enough are found; 1 where no block has enough."""
    asked = of >= _FEWEST_IN_BLOCK
    count = asked.sum(axis=1)
    good = (asked & (found > _CONFIRMED * of)).sum(axis=1)
    return np.asarray(np.where(count > 0, good / np.maximum(count, 1), 1.0), np.float64)

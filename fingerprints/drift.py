"""Which of several compressed copies of one view another copy was made of, told by the errors of compression it carries.

Each compression moves grey values by hundredths of a level, and what is made of a copy inherits that. Two grids (lineage.py) of
different frames are laid on each other by a homography; the finer is blurred to the coarser, and both are asked at the coarser's
places. What then differs is mostly no compression: the homography is a little off, one is sharper, lighter, lit from a side. All
of that looks like slopes and bends of the picture itself, so it is fitted and taken out (as least squares takes out nuisance
parameters), and places that fit badly weigh little. It is also the same for all copies of one view: what is left differs between
them by their own errors alone.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from fingerprints.geometry import F64, project
from fingerprints.lineage import BELL, FRACTIONS, GRID, Look

_FEWEST = 60  # places
_OUTLYING = 2.0  # standard deviations at which a place weighs half
_ROUNDS = 2
_ASKED = 8  # parents, that are asked which places fit badly
_STEP = 0.01
_BENT = 13  # of the nuisance, what is left of it without neighbours
_BLURS = 16  # steps of a blur, a cell

Flags = npt.NDArray[np.bool_]


def _nodes() -> F64:
    x, y = np.meshgrid((np.arange(GRID) + 0.5) / GRID, (np.arange(GRID) + 0.5) / GRID)
    return np.column_stack([x.ravel(), y.ravel()])


_NODES = _nodes()
_X, _Y = (2 * _NODES.T.reshape(2, GRID, GRID) - 1) * (1 - 1 / GRID)


def likelihoods(child: Look, parents: list[Look], view: F64, lit: bool) -> F64 | None:
    """(n,): of each parent the natural logarithm of how likely what is left between it and the child is, up to a constant they
    share; ``None`` where too little of them overlaps. ``view``: from fractions of the parents, which have one frame, to fractions
    of the child. ``lit``: the child is a photo, and its light says nothing.
    """
    own, others = _values([child]), _values(parents)
    made = _sampled(own, others, view)
    if made is None:
        return None
    off, base, where = made
    nuisance = _nuisance(base)
    if lit:
        where, off, nuisance = _inner(where), _without_neighbours(off), _without_neighbours(nuisance[:_BENT])
    if where.sum() < _FEWEST:
        return None
    left, count = _left(off[:, where], nuisance[:, where])
    return np.asarray(-count / 2 * np.log(np.maximum(left, 1e-9)), np.float64)


def _values(looks: list[Look]) -> F64:
    return np.array([look.grid for look in looks], np.float64) / FRACTIONS


def _sampled(child: F64, parents: F64, view: F64) -> tuple[F64, F64, Flags] | None:
    """(n, grid, grid), (grid, grid), (grid, grid): at the places of the coarser grid, what the child has more than each parent,
    the picture there, and whether both tell of it.
    """
    back = np.asarray(np.linalg.inv(view), np.float64)
    there = project(back, _NODES)
    shown = ((there >= 0) & (there <= 1)).all(axis=1)
    if shown.sum() < 4:
        return None
    turn = _turned(view, there[shown].mean(axis=0))
    coarse = abs(np.linalg.det(turn)) >= 1
    own, other = _wider(turn), _wider(np.asarray(np.linalg.pinv(turn), np.float64))
    at_child, at_parent = (project(view, _NODES), _NODES) if coarse else (_NODES, there)
    where = _inside(at_child, own) & _inside(at_parent, other)
    here, before = _asked(child, own, at_child[where]), _asked(parents, other, at_parent[where])
    off, base = np.zeros((len(parents), GRID * GRID)), np.zeros(GRID * GRID)
    off[:, where], base[where] = here - before, before[0] if coarse else here[0]
    return off.reshape(-1, GRID, GRID), base.reshape(GRID, GRID), where.reshape(GRID, GRID)


def _turned(view: F64, at: F64) -> F64:
    """(2, 2): the homography's derivative at a place."""
    seen = project(view, at + np.array([[0, 0], [_STEP, 0], [0, _STEP]]))
    return np.asarray(np.column_stack([seen[1] - seen[0], seen[2] - seen[0]]) / _STEP, np.float64)


def _wider(turn: F64) -> F64:
    """(2,): cells, across and down, by which a grid is to be blurred so that its bells are as wide as the other's are there."""
    wide = BELL * np.hypot(turn[:, 0], turn[:, 1])
    return np.asarray(np.sqrt(np.maximum(0, wide**2 - BELL**2)), np.float64)


def _inside(points: F64, blur: F64) -> Flags:
    margin = (1 + blur) / GRID
    with np.errstate(invalid="ignore"):
        return np.asarray(((points >= margin) & (points <= 1 - margin)).all(axis=1), np.bool_)


def _asked(grids: F64, blur: F64, points: F64) -> F64:
    """(n, points): blurred grids between their places, by cubic splines."""
    across, down = (_spline(round(_BLURS * float(cells))) for cells in blur)
    flat = (down @ grids @ across.T).reshape(len(grids), -1)
    place = points * GRID - 0.5
    cell = np.floor(place).astype(np.intp)
    f = place - cell
    weights = np.stack([(1 - f) ** 3, 3 * f**3 - 6 * f**2 + 4, -3 * f**3 + 3 * f**2 + 3 * f + 1, f**3]) / 6
    at = np.clip(cell + np.arange(-1, 3)[:, None, None], 0, GRID - 1)
    found = np.zeros((len(grids), len(points)))
    for row in range(4):
        for column in range(4):
            found += flat[:, at[row, :, 1] * GRID + at[column, :, 0]] * (weights[row, :, 1] * weights[column, :, 0])
    return found


@lru_cache(maxsize=256)
def _spline(blur: int) -> F64:
    """(grid, grid): from values to coefficients of the cubic spline through them, blurred."""
    cell = np.arange(GRID)
    bell = np.exp(-0.5 * ((cell[:, None] - cell) / max(blur / _BLURS, 0.05)) ** 2)
    through = np.zeros((GRID, GRID))
    for step, weight in ((-1, 1 / 6), (0, 4 / 6), (1, 1 / 6)):
        through[cell, np.clip(cell + step, 0, GRID - 1)] += weight
    return np.asarray(np.linalg.solve(through, bell / bell.sum(axis=1, keepdims=True)), np.float64)


def _nuisance(base: F64) -> F64:
    """(16, grid, grid): what a homography a little off, another sharpness and another light make of the picture."""
    gx, gy, bent_x, bent_y = (np.zeros_like(base) for _ in range(4))
    gx[:, 1:-1], gy[1:-1] = base[:, 2:] - base[:, :-2], base[2:] - base[:-2]
    bent_x[:, 1:-1] = base[:, 2:] + base[:, :-2] - 2 * base[:, 1:-1]
    bent_y[1:-1] = base[2:] + base[:-2] - 2 * base[1:-1]
    along = _X * gx + _Y * gy
    moved = [gx, gy, _X * gx, _Y * gx, _X * gy, _Y * gy, _X * along, _Y * along]
    return np.stack([*moved, bent_x, bent_y, base, base * _X, base * _Y, np.ones_like(base), _X, _Y])


def _inner(where: Flags) -> Flags:
    inner = np.zeros_like(where)
    inner[1:-1, 1:-1] = where[1:-1, 1:-1] & where[:-2, 1:-1] & where[2:, 1:-1] & where[1:-1, :-2] & where[1:-1, 2:]
    return inner


def _without_neighbours(values: F64) -> F64:
    rest = np.zeros_like(values)
    sides = values[:, :-2, 1:-1] + values[:, 2:, 1:-1] + values[:, 1:-1, :-2] + values[:, 1:-1, 2:]
    rest[:, 1:-1, 1:-1] = values[:, 1:-1, 1:-1] - sides / 4
    return rest


def _left(off: F64, nuisance: F64) -> tuple[F64, float]:
    """(n,): the mean square that no mixture of ``nuisance`` explains, places weighed; and how many places that weighs."""
    columns = nuisance / np.maximum(np.linalg.norm(nuisance, axis=1, keepdims=True), 1e-9)
    weight = np.ones(off.shape[1])
    for turn in range(_ROUNDS + 1):
        root = np.sqrt(weight)
        told = columns * root
        rest = off * root
        rest -= np.linalg.solve(told @ told.T + np.eye(len(told)) * 1e-9, told @ rest.T).T @ told
        if turn < _ROUNDS:
            typical = np.median(np.abs(rest[:_ASKED]), axis=0) / root
            weight = 1 / (1 + (typical / (_OUTLYING * 1.4826 * np.median(typical) + 1e-6)) ** 2)
    return np.asarray((rest * rest).sum(axis=1) / weight.sum(), np.float64), float(weight.sum())

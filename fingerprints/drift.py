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

from fingerprints.lineage import BELL, FRACTIONS, GRID, Look
from fingerprints.projecting import F64, Flags, framed, inverse, projected

_FEWEST = 60  # places
_OUTLYING = 2.0  # standard deviations at which a place weighs half
_ROUNDS = 2
_ASKED = 8  # parents, that are asked which places fit badly
_STEP = 0.01
_FLAT = 1e-12  # taken for how much a child shows it larger that shows it edge-on
_BENT = 13  # of the nuisance, what is left of it without neighbours
_BLURS = 16  # steps of a blur, a cell

Places = tuple[F64, F64]


def _nodes() -> Places:
    x, y = np.meshgrid((np.arange(GRID) + 0.5) / GRID, (np.arange(GRID) + 0.5) / GRID)
    return x.ravel(), y.ravel()


_NODES = _nodes()
_X, _Y = ((2 * at.reshape(GRID, GRID) - 1) * (1 - 1 / GRID) for at in _NODES)


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
    at = np.flatnonzero(where)
    if len(at) < _FEWEST:
        return None
    left, count = _left(*(one.reshape(len(one), -1).take(at, axis=1) for one in (off, nuisance)))
    return np.asarray(-count / 2 * np.log(np.maximum(left, 1e-9)), np.float64)


def _values(looks: list[Look]) -> F64:
    return np.array([look.grid for look in looks], np.float64) / FRACTIONS


def _sampled(child: F64, parents: F64, view: F64) -> tuple[F64, F64, Flags] | None:
    """(n, grid, grid), (grid, grid), (grid, grid): at the places of the coarser grid, what the child has more than each parent,
    the picture there, and whether both tell of it.
    """
    there = _through(inverse(view), *_NODES)
    shown = framed(*there)
    if shown.sum() < 4:
        return None
    turn = _turned(view, *(at[shown].mean() for at in there))
    (a, b), (c, d) = turn.tolist()
    larger = a * d - b * c
    own, other = _wider(turn), _wider(np.array([[d, -b], [-c, a]]) / (larger or _FLAT))
    if abs(larger) >= 1:
        x, y = _through(view, *_NODES)
        at = np.flatnonzero(_inside(x, y, own) & _inside(*_NODES, other))
        before = _blurred(parents, other).take(at, axis=1)
        here, base = _asked(child, own, x[at], y[at]), before[0]
    else:
        x, y = there
        at = np.flatnonzero(_inside(*_NODES, own) & _inside(x, y, other))
        here = _blurred(child, own).take(at, axis=1)
        before, base = _asked(parents, other, x[at], y[at]), here[0]
    rows = np.zeros((len(parents) + 1, GRID * GRID))
    rows[:-1, at], rows[-1, at] = here - before, base
    where = np.zeros((GRID, GRID), np.bool_)
    where.ravel()[at] = True
    grids = rows.reshape(-1, GRID, GRID)
    return grids[:-1], grids[-1], where


def _through(view: F64, x: F64, y: F64) -> Places:
    across, down = projected(view[None], x, y)
    return across[0], down[0]


def _turned(view: F64, x: float, y: float) -> F64:
    """(2, 2): the homography's derivative at a place."""
    seen = np.array(_through(view, np.array([x, x + _STEP, x]), np.array([y, y, y + _STEP])))
    return np.asarray((seen[:, 1:] - seen[:, :1]) / _STEP, np.float64)


def _wider(turn: F64) -> F64:
    """(2,): cells, across and down, by which a grid is to be blurred so that its bells are as wide as the other's are there."""
    wide = BELL * np.hypot(turn[:, 0], turn[:, 1])
    return np.asarray(np.sqrt(np.maximum(0, wide**2 - BELL**2)), np.float64)


def _inside(x: F64, y: F64, blur: F64) -> Flags:
    across, down = (1 + blur) / GRID
    return np.asarray((x >= across) & (x <= 1 - across) & (y >= down) & (y <= 1 - down), np.bool_)


def _asked(grids: F64, blur: F64, x: F64, y: F64) -> F64:
    """(n, points): blurred grids between their places, by cubic splines; at none in the outer half of an outer cell."""
    across, down = (_spline(step) for step in _steps(blur))
    wide = GRID + 2
    padded = np.empty((len(grids), wide, wide))
    padded[:, 1:-1, 1:-1] = down @ grids @ across.T
    padded[:, :, 0], padded[:, :, -1] = padded[:, :, 1], padded[:, :, -2]
    padded[:, 0], padded[:, -1] = padded[:, 1], padded[:, -2]
    flat = padded.reshape(len(grids), -1)
    place = np.stack([x, y]) * GRID - 0.5
    cell = np.floor(place)
    columns, rows = _weights(place - cell)
    at = (cell[1] * wide + cell[0]).astype(np.intp)
    found, part = np.zeros((len(grids), len(at))), np.empty((len(grids), len(at)))
    for row in range(4):
        for column in range(4):
            flat[:, row * wide + column :].take(at, axis=1, out=part, mode="clip")
            part *= columns[column] * rows[row]
            found += part
    return found


def _weights(f: F64) -> F64:
    """(2, 4, n): of the four places about each."""
    square = f * f
    cube = square * f
    left = 1 - f
    return np.stack([left * left * left, 3 * cube - 6 * square + 4, -3 * cube + 3 * square + 3 * f + 1, cube], axis=1) / 6


def _blurred(grids: F64, blur: F64) -> F64:
    """(n, places): blurred grids at their own places."""
    across, down = (_bell(step) for step in _steps(blur))
    return np.asarray(down @ grids @ across.T, np.float64).reshape(len(grids), -1)


def _steps(blur: F64) -> list[int]:
    return [round(_BLURS * cells) for cells in blur.tolist()]


@lru_cache(maxsize=256)
def _spline(blur: int) -> F64:
    """(grid, grid): from values to coefficients of the cubic spline through them, blurred."""
    through = np.zeros((GRID, GRID))
    cell = np.arange(GRID)
    for step, weight in ((-1, 1 / 6), (0, 4 / 6), (1, 1 / 6)):
        through[cell, np.clip(cell + step, 0, GRID - 1)] += weight
    return np.asarray(np.linalg.solve(through, _bell(blur)), np.float64)


@lru_cache(maxsize=256)
def _bell(blur: int) -> F64:
    """(grid, grid): from values to blurred ones."""
    cell = np.arange(GRID)
    bell = np.exp(-0.5 * ((cell[:, None] - cell) / max(blur / _BLURS, 0.05)) ** 2)
    return np.asarray(bell / bell.sum(axis=1, keepdims=True), np.float64)


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
    weight, rest = np.ones(off.shape[1]), off
    for turn in range(_ROUNDS + 1):
        told = columns * weight
        rest = off - np.linalg.solve(told @ columns.T + np.eye(len(told)) * 1e-9, told @ off.T).T @ columns
        if turn < _ROUNDS:
            typical = _middle(np.abs(rest[:_ASKED]))
            weight = 1 / (1 + (typical / (_OUTLYING * 1.4826 * np.median(typical) + 1e-6)) ** 2)
    return np.asarray((rest * rest * weight).sum(axis=1) / weight.sum(), np.float64), float(weight.sum())


def _middle(values: F64) -> F64:
    """The median of a few rows, place by place."""
    rows, count = [*values], len(values)
    for turn in range(count):  # sorted by exchanging neighbours, all places at once
        for a in range(turn % 2, count - 1, 2):
            rows[a], rows[a + 1] = np.minimum(rows[a], rows[a + 1]), np.maximum(rows[a], rows[a + 1])
    return np.asarray((rows[(count - 1) // 2] + rows[count // 2]) / 2, np.float64)

"""Where a picture has details, and what each of them looks like: SIFT (Lowe, IJCV 2004), vectorised over all keypoints at once.

Extrema of differences of Gaussians give place and size; the strongest direction of the gradients around gives the angle; a
4 x 4 x 8 histogram of gradients, seen at that size and angle, is the descriptor. OpenCV's implementation builds its scale space
twice over when keypoints are chosen between detection and description, and at double size; here it is built once, and what is
described is sampled straight from it. A bounded number is kept, balanced over sizes and over the picture.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from fingerprints.types import F32, U8

Indices = npt.NDArray[np.intp]
Places = npt.NDArray[np.intp]
"""(4, n): column, row, octave, level."""
F64 = npt.NDArray[np.float64]

STEPS = 3  # sizes an octave is divided into
FINEST = 1.6  # standard deviation of the first level, pixels
_OWN_BLUR = 0.5  # what a camera's picture already has
_CONTRAST = 0.009  # of the full range, in a difference of two levels
_FAINT = np.array([_CONTRAST])  # as OpenCV wants a number
_EDGE = 10.0  # ratio of curvatures above which an extremum lies on an edge
_SMALLEST_OCTAVE = 24  # pixels
_GRID = 8  # cells along each side that share the keypoints
_ORIENTATION_BINS = 36
_SECOND_PEAK = 0.8
_MOST_ROWS = 32_000  # of a picture that cv2.remap makes at once: fewer than 2**15
_PATCH = 16  # samples along each side of what is described
_TOGETHER = 64  # keypoints
_BIN_WIDTH = 3.0  # of a descriptor cell, in standard deviations
DIAMETER = 2.0  # of a keypoint, in standard deviations of its level, as OpenCV counts


@dataclass(frozen=True, slots=True, eq=False)
class Extrema:
    """Candidates for keypoints. ``x``, ``y``: pixels of the picture. ``sigma``: standard deviation there. ``strength``: contrast.

    ``octave``, ``level``: where in the scale space they lie.
    """

    x: F32
    y: F32
    sigma: F32
    strength: F32
    octave: Indices
    level: Indices

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, which: Indices) -> "Extrema":
        return Extrema(*(getattr(self, name)[which] for name in self.__slots__))


def scale_space(grey: U8) -> list[list[F32]]:
    """Octaves of ``STEPS`` + 3 levels, each blurred a step more than the one before, each octave half as large."""
    base = cv2.GaussianBlur(grey.astype(np.float32) * np.float32(1 / 255), (0, 0), (FINEST**2 - _OWN_BLUR**2) ** 0.5)
    step = 2 ** (1 / STEPS)
    more = [FINEST * step**i * (step**2 - 1) ** 0.5 for i in range(STEPS + 2)]
    octaves = []
    while True:
        levels = [np.asarray(base, np.float32)]
        for sigma in more:
            size = 2 * round(3 * sigma) + 1
            levels.append(np.asarray(cv2.GaussianBlur(levels[-1], (size, size), sigma), np.float32))
        octaves.append(levels)
        base = np.ascontiguousarray(levels[STEPS][::2, ::2])
        if min(base.shape) < _SMALLEST_OCTAVE:
            return octaves


_BAND = 1 << 16  # pixels
_NEIGHBOURHOOD = np.ones((3, 3), np.uint8)


def extrema(octaves: list[list[F32]]) -> Extrema:
    """Local extrema of the differences of levels, refined to parts of a pixel; weak ones and edges are left out."""
    places: list[Places] = []
    around: list[F32] = []
    for number, levels in enumerate(octaves):
        for level, at in enumerate(_peaks(levels), start=1):
            rows, columns = np.divmod(at, levels[0].shape[1])
            places.append(np.stack([columns, rows, np.full_like(at, number), np.full_like(at, level)]))
            around.append(_around(levels[level - 1 : level + 3], at))
    return _refined(np.concatenate(around, axis=1), np.concatenate(places, axis=1))


def _peaks(levels: list[F32]) -> list[Indices]:
    """Of every difference but the outermost, which pixels are highest or lowest among their 26 neighbours, row by row.

    Band by band, so that a band's differences stay in the processor's cache: looking at each costs more than making it.
    """
    height, width = levels[0].shape
    step = max(1, _BAND // width)
    found: list[list[Indices]] = [[] for _ in range(STEPS)]
    for top in range(0, max(1, height - 2), step):  # once at least
        band = slice(top, min(top + step + 2, height))
        differences = [np.asarray(cv2.subtract(b[band], a[band]), np.float32) for a, b in pairwise(levels)]
        for level, more in enumerate(found):
            more.append(_highest_or_lowest(*differences[level : level + 3]) + top * width)
    return [np.concatenate(bands) for bands in found]


def _highest_or_lowest(below: F32, here: F32, above: F32) -> Indices:
    """Which pixels of ``here``, those of the margin left out."""
    top = cv2.dilate(cv2.max(cv2.max(below, above), here), _NEIGHBOURHOOD)
    bottom = cv2.erode(cv2.min(cv2.min(below, above), here), _NEIGHBOURHOOD)
    high = cv2.compare(here, cv2.max(top, _FAINT), cv2.CMP_GE)
    low = cv2.compare(here, cv2.min(bottom, -_FAINT), cv2.CMP_LE)
    either = np.asarray(cv2.bitwise_or(high, low), np.uint8) != 0  # numpy searches truth values many times faster than bytes
    either[[0, -1]] = either[:, [0, -1]] = False
    return np.flatnonzero(either)


def _around(four: list[F32], at: Indices) -> F32:
    """(3, 9, n) as (27, n): what lies around each place in the differences of four levels, row by row."""
    width = four[0].shape[1]
    steps = np.array([down * width + right for down in (-1, 0, 1) for right in (-1, 0, 1)])
    seen = [level.ravel()[at + steps[:, None]] for level in four]
    return np.concatenate([b - a for a, b in pairwise(seen)])


def _refined(around: F32, places: Places) -> Extrema:
    """Newton's step to where a parabola through the neighbours has its extremum, by Cramer's rule."""
    below, here, above = around.reshape(3, 3, 3, -1).astype(np.float64)
    value, dx, dy, ds = here[1, 1], *((b - a) / 2 for a, b in _opposite(below, here, above))
    dxx, dyy, dss = (a + b - 2 * value for a, b in _opposite(below, here, above))
    dxy = (here[2, 2] - here[2, 0] - here[0, 2] + here[0, 0]) / 4
    dxs = (above[1, 2] - above[1, 0] - below[1, 2] + below[1, 0]) / 4
    dys = (above[2, 1] - above[0, 1] - below[2, 1] + below[0, 1]) / 4
    xx, xy, xs = dyy * dss - dys * dys, dxs * dys - dxy * dss, dxy * dys - dxs * dyy  # cofactors; the matrix is symmetric
    yy, ys, ss = dxx * dss - dxs * dxs, dxy * dxs - dxx * dys, dxx * dyy - dxy * dxy
    whole = dxx * xx + dxy * xy + dxs * xs
    by = np.where(np.abs(whole) > 1e-14, -1 / np.where(whole == 0, 1, whole), 0)
    offset = by * np.stack([xx * dx + xy * dy + xs * ds, xy * dx + yy * dy + ys * ds, xs * dx + ys * dy + ss * ds])
    strength = np.abs(value + 0.5 * (dx * offset[0] + dy * offset[1] + ds * offset[2]))
    trace = dxx + dyy
    kept = np.flatnonzero(
        (np.abs(offset) <= 0.8).all(axis=0)
        & (ss > 0)
        & (trace * trace * _EDGE < (_EDGE + 1) ** 2 * ss)
        & (strength > _CONTRAST * 1.1)
    )
    offset = offset[:, kept].clip(-0.6, 0.6)
    column, row, octave, level = places[:, kept]
    scale = 2.0**octave
    return Extrema(
        ((column + offset[0]) * scale).astype(np.float32),
        ((row + offset[1]) * scale).astype(np.float32),
        (FINEST * 2 ** (octave + (level + offset[2]) / STEPS)).astype(np.float32),
        strength[kept].astype(np.float32),
        octave,
        level,
    )


def _opposite(below: F64, here: F64, above: F64) -> tuple[tuple[F64, F64], ...]:
    """Neighbours to both sides: across, down, and in size."""
    return (here[1, 0], here[1, 2]), (here[0, 1], here[2, 1]), (below[1, 1], above[1, 1])


def balanced(found: Extrema, size: tuple[int, int], most: int) -> Indices:
    """Indices of at most ``most``: each octave gets an equal share and leaves the next what it cannot fill.

    Inside an octave every cell of an 8 x 8 grid gives its strongest first. In an order of which every beginning is balanced
    likewise. ``size``: width and height of the picture.
    """
    column, row = (np.column_stack([found.x, found.y]) / size * _GRID).astype(int).clip(0, _GRID - 1).T
    band = np.floor(np.log2(found.sigma / FINEST)).astype(int).clip(0, 4)
    rank = _rank_within(band * _GRID * _GRID + row * _GRID + column, found.strength)
    chosen, turns = [], []
    bands, counts = np.unique(band, return_counts=True)
    given = 0
    for left, one in zip(range(len(bands), 0, -1), bands[np.argsort(counts, kind="stable")], strict=True):
        members = np.flatnonzero(band == one)
        members = members[np.lexsort((-found.strength[members], rank[members]))][: (most - given) // left]
        chosen.append(members)
        turns.append((np.arange(len(members)) + 0.5) / max(len(members), 1))
        given += len(members)
    return np.concatenate(chosen)[np.argsort(np.concatenate(turns), kind="stable")]


def _rank_within(group: Indices, strength: F32) -> Indices:
    """Each one's rank by strength inside its group, 0 the strongest."""
    order = np.lexsort((-strength, group))
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    lengths = np.diff(starts, append=len(order))
    rank = np.empty(len(order), np.intp)
    rank[order] = np.arange(len(order)) - np.repeat(starts, lengths)
    return rank


def _patches(octaves: list[list[F32]], at: Extrema, angle: F32, grid: F32) -> F32:
    """(n, side, side): ``grid`` (side, side, 2), in standard deviations, laid on each keypoint at its size and angle."""
    side = len(grid)
    out = np.empty((len(at), side * side), np.float32)
    shrink = (0.5**at.octave).astype(np.float32)
    spacing = at.sigma * shrink
    frames = np.stack([at.x * shrink, at.y * shrink, np.cos(angle) * spacing, np.sin(angle) * spacing])[..., None]
    across, down = np.moveaxis(grid, 2, 0).reshape(2, -1)
    place = at.octave * (STEPS + 3) + at.level
    order = np.argsort(place, kind="stable")
    cuts = np.flatnonzero(np.diff(place[order])) + 1
    for members in np.split(order, cuts) if len(order) else ():
        level = octaves[at.octave[members[0]]][at.level[members[0]]]
        for some in np.array_split(members, -(-len(members) // _MOST_ROWS)):
            x, y, a, b = frames[:, some]
            columns, rows = x + across * a - down * b, y + across * b + down * a
            out[some] = cv2.remap(level, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return out.reshape(-1, side, side)


@cache
def _square(side: int, spacing: float) -> F32:
    """(side, side, 2): x and y of samples about the middle."""
    line = (np.arange(side, dtype=np.float32) - (side - 1) / 2) * spacing
    return np.stack(np.meshgrid(line, line), axis=-1).astype(np.float32)


def _gradients(patches: F32) -> tuple[F32, F32]:
    """Magnitude and angle, each (n, side - 2, side - 2), of patches one sample larger all round."""
    dx = patches[:, 1:-1, 2:] - patches[:, 1:-1, :-2]
    dy = patches[:, 2:, 1:-1] - patches[:, :-2, 1:-1]
    magnitude, angle = cv2.cartToPolar(dx.reshape(len(dx), -1), dy.reshape(len(dy), -1))
    return np.asarray(magnitude, np.float32), np.asarray(angle, np.float32)


_ORIENTATION_SIDE = 11


@cache
def _orientation_weights() -> F32:
    grid = _square(_ORIENTATION_SIDE, 0.8)
    return np.asarray(np.exp(-(grid**2).sum(axis=-1) / (2 * 1.5**2)).ravel(), np.float32)


def oriented(octaves: list[list[F32]], at: Extrema) -> tuple[Extrema, F32]:
    """Keypoints with their angle in radians; one with two strong directions comes twice."""
    if not len(at):
        return at, np.zeros(0, np.float32)
    still = np.zeros(len(at), np.float32)
    magnitude, angle = _gradients(_patches(octaves, at, still, _square(_ORIENTATION_SIDE + 2, 0.8)))
    bins = (angle * np.float32(_ORIENTATION_BINS / (2 * np.pi))).astype(np.intp)
    bins[bins == _ORIENTATION_BINS] = 0  # a full turn
    index = bins + (np.arange(len(at)) * _ORIENTATION_BINS)[:, None]
    weights = (magnitude * _orientation_weights()).ravel()
    counted = np.bincount(index.ravel(), weights, len(at) * _ORIENTATION_BINS)
    histogram = np.asarray(counted.reshape(len(at), _ORIENTATION_BINS), np.float64)
    for _ in range(2):
        histogram = (np.roll(histogram, 1, axis=1) + histogram * 2 + np.roll(histogram, -1, axis=1)) / 4
    before, after = np.roll(histogram, 1, axis=1), np.roll(histogram, -1, axis=1)
    peak = (histogram > before) & (histogram >= after) & (histogram >= _SECOND_PEAK * histogram.max(axis=1, keepdims=True))
    which, where = np.nonzero(peak)
    value, left, right = histogram[which, where], before[which, where], after[which, where]
    fine = where + 0.5 + 0.5 * (left - right) / np.minimum(left + right - 2 * value, -1e-12)
    return at[which], (fine * (2 * np.pi / _ORIENTATION_BINS)).astype(np.float32)


@cache
def _cells() -> F32:
    """(16, 256): how much each sample counts in each of the 4 x 4 cells, with the Gaussian window."""
    grid = _square(_PATCH, 4.0 / _PATCH)  # in cells, -2..2
    window = np.exp(-(grid**2).sum(axis=-1) / (2 * 2.0**2)).ravel()
    centres = np.arange(4) - 1.5
    across = np.maximum(0, 1 - np.abs(grid[..., 0].ravel()[None] - centres[:, None]))
    down = np.maximum(0, 1 - np.abs(grid[..., 1].ravel()[None] - centres[:, None]))
    return np.asarray((down[:, None] * across[None]).reshape(16, -1) * window, np.float32)


def described(octaves: list[list[F32]], at: Extrema, angle: F32) -> F32:
    """float32 (n, 128): 4 rows of 4 cells of 8 directions, in the frame of the keypoint; not normalised."""
    patches = _patches(octaves, at, angle, _square(_PATCH + 2, 4.0 * _BIN_WIDTH / _PATCH))
    out = np.empty((len(at), 128), np.float32)
    for start in range(0, len(at), _TOGETHER):
        out[start : start + _TOGETHER] = _histograms(patches[start : start + _TOGETHER])
    return out


def _histograms(patches: F32) -> F32:
    """float32 (n, 128), of a number of patches that the processor's cache can hold."""
    magnitude, direction = _gradients(patches)
    exact = direction * np.float32(8 / (2 * np.pi))
    lower = exact.astype(np.intp)
    part = magnitude * (exact - lower)
    base = np.arange(0, 8 * magnitude.size, 8).reshape(magnitude.shape)
    spread = np.zeros(magnitude.size * 8, np.float32)
    spread[base + (lower & 7)] = magnitude - part
    spread[base + ((lower + 1) & 7)] = part
    return np.asarray(np.matmul(_cells(), spread.reshape(len(patches), -1, 8)).reshape(len(patches), 128), np.float32)

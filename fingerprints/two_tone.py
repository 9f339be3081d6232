"""Where a picture shows dense patterns of two tones: what every code that decodes consists of, and few other things do.

Looked for in windows of 16 pixels in the picture at a half, a quarter, an eighth and a sixteenth of its size, so that in one
of them the modules of a code are one to four pixels wide. Nearly all is relative to a window's own darkest and brightest pixel:
a code in the dark looks like one in the light.

Measured against searching all of the picture, on drawn codes (most 1.5 to 6 pixels a module; blurred, pale, dark, covered,
tilted) pasted into 1,000 photographs and pages: of 502 found so, 13 are not found, 56 others are. Chance has its share: searching
all of 833 such pictures moved by 3 pixels lost 27 of 405 and found 28 others. With 12 to 45 pixels a module: 4 of 75, 5 others.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from fingerprints.shrinking import halved
from fingerprints.types import F32, U8

Kind = Literal["bars", "squares"]
Box = list[int]
Mask = npt.NDArray[np.bool_]

_LEVELS = (2, 4, 8, 16)
_CELL = 4  # pixels from window to window, a quarter of a window's side
_SPAN = 12  # grey levels from a window's darkest to its brightest pixel, at least
_CENTRED = 0.25  # of the span: no farther from its middle is the mean of a window that shows much of both tones
_BUSY = 0.26  # of the span: change from a pixel to the next, to the right and downwards together
# Twice the deviation from the local mean, of the span; 1 where nothing lies between the two tones.
_TWO_TONE: dict[Kind, float] = {"bars": 0.43, "squares": 0.4}
_ALONG, _ACROSS = 0.5, 0.65  # least change in any direction by the greatest: bars show less, squares more
_SLANT = 0.2  # difference between both diagonals by the greatest change: bars some 8 degrees from upright and level
_SIDE_BY_SIDE = 0.6  # of nine neighbouring windows show such bars, where a code is held at a slant
_FEW = 3  # windows a code has at least
_JOIN, _MARGIN = 3, 9  # cells: twice as far apart still one code; it may go on so much farther
_GRID = 24  # pixels: blocks of 8 and every third row, which is what zxing looks at, stay where they are in the whole picture
_WHOLE = 0.5  # of the picture, then all of it


@dataclass(frozen=True, slots=True)
class Region:
    """Part of a picture in pixels, half-open, in which there may be a code that consists of bars or of squares.

    ``slanting``: some bars are neither upright nor level. ``reduction``: the modules are large enough to show in a picture so
    many times smaller.
    """

    left: int
    top: int
    right: int
    bottom: int
    kind: Kind
    slanting: bool
    reduction: int

    def holds(self, other: "Region") -> bool:
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom and self.reduction <= other.reduction


@dataclass(frozen=True, slots=True)
class _Windows:
    """Windows of one reduced picture that look like part of a code; ``unit``: pixels of the picture from one to the next."""

    unit: int
    bars: Mask
    squares: Mask
    slanting: Mask


def regions(grey: U8) -> list[Region]:
    """Those of one kind and reduction do not overlap. Where one kind is nearly everywhere, the whole picture is its region."""
    half, quarter, *coarse = (_windows(small, level * _CELL) for level, small in _reduced(grey))
    slanting = np.zeros(_grid(grey), np.bool_)
    for windows in (half, quarter, *coarse):
        slanting[tuple(np.argwhere(windows.slanting).T * windows.unit // _GRID)] = True
    found: list[Region] = []
    for kind in _TWO_TONE:
        tilted, painted = slanting & (kind == "bars"), _painted(grey, kind, [half, quarter])
        if whole := painted.mean() > _WHOLE:
            painted[:] = 1
        found += [_region(grey, box, kind, tilted, 1) for box in _merged(painted)]
        for windows in [] if whole else coarse:
            reduction = windows.unit // quarter.unit
            found += [_region(grey, box, kind, tilted, reduction) for box in _merged(_painted(grey, kind, [windows]))]
    return found


def _region(grey: U8, box: Box, kind: Kind, slanting: Mask, reduction: int) -> Region:
    height, width = grey.shape
    x, y, right, bottom = box
    ends = (min(width, right * _GRID), min(height, bottom * _GRID))
    return Region(x * _GRID, y * _GRID, *ends, kind, bool(slanting[y:bottom, x:right].any()), reduction)


def _grid(grey: U8) -> tuple[int, int]:
    """Rows and columns that hold the picture and what `_reduced` adds to it."""
    step = _LEVELS[-1] * _CELL
    height, width = (-(-side // step) * step for side in grey.shape)
    return -(-height // _GRID), -(-width // _GRID)


def _reduced(grey: U8) -> Iterator[tuple[int, U8]]:
    """The picture, continued to whole cells of the last level, at every level's size."""
    step = _LEVELS[-1] * _CELL
    height, width = grey.shape
    small = cv2.copyMakeBorder(grey, 0, -height % step, 0, -width % step, cv2.BORDER_REPLICATE)
    for level in _LEVELS:
        small = halved(np.asarray(small, np.uint8))
        yield level, small


def _windows(small: U8, unit: int) -> _Windows:
    window = (4 * _CELL, 4 * _CELL)
    low, high = _reached(small, cv2.min, cv2.erode), _reached(small, cv2.max, cv2.dilate)
    span, middle = high - low + 4, (high + low) / 2
    away = np.asarray(cv2.absdiff(small, cv2.blur(small, window)), np.uint8)
    mean, deviation = _averaged(small), 2 * _averaged(away)
    centred = (span > _SPAN + 4) & (np.abs(mean - middle) < _CENTRED * span)
    if not (centred & (deviation > min(_TWO_TONE.values()) * span)).any():
        nowhere = np.zeros_like(centred)
        return _Windows(unit, nowhere, nowhere, nowhere)
    steps = right, down, falling, rising = list(_steps(small))
    patterned = centred & (right + down - _slope(mean) > _BUSY * span)
    least, most = np.minimum.reduce(steps), np.maximum.reduce(steps)
    bars = patterned & (deviation > _TWO_TONE["bars"] * span) & (least < _ALONG * most)
    squares = patterned & (deviation > _TWO_TONE["squares"] * span) & (least > _ACROSS * most)
    slanting = (bars & (np.abs(falling - rising) > _SLANT * most)).astype(np.float32)
    return _Windows(unit, bars, squares, cv2.blur(slanting, (3, 3)) > _SIDE_BY_SIDE)


def _reached(small: U8, pick: Callable[..., Any], spread: Callable[..., Any]) -> F32:
    """The darkest or the brightest pixel of windows, at every cell: rows of cells first, a quarter as many."""
    rows = pick(pick(small[0::_CELL], small[1::_CELL]), pick(small[2::_CELL], small[3::_CELL]))
    return np.asarray(spread(rows, np.ones((4, 4 * _CELL), np.uint8))[:, ::_CELL], np.float32)


def _averaged(small: U8) -> F32:
    """Over windows, which are four by four cells, at every cell."""
    return np.asarray(cv2.blur(halved(halved(small)).astype(np.float32), (4, 4)), np.float32)


def _steps(small: U8) -> Iterator[F32]:
    """Average change of tone from a pixel to the next: to the right, downwards, and along the two diagonals."""
    here, right, below, beyond = small[:-1, :-1], small[:-1, 1:], small[1:, :-1], small[1:, 1:]
    change = np.zeros_like(small)
    for one, other, length in ((here, right, 1), (here, below, 1), (here, beyond, 2), (right, below, 2)):
        cv2.absdiff(one, other, dst=change[:-1, :-1])
        yield _averaged(change) / np.float32(np.sqrt(length))


def _slope(mean: F32) -> F32:
    """Change from a pixel to the next that leads somewhere: an edge, a gradient. What is left goes to and fro."""
    across, down = cv2.Sobel(mean, -1, 1, 0, ksize=1), cv2.Sobel(mean, -1, 0, 1, ksize=1)
    return np.asarray((np.abs(across) + np.abs(down)) / (2 * _CELL), np.float32)


def _painted(grey: U8, kind: Kind, levels: Iterable[_Windows]) -> U8:
    """Grid cells in which a code of this kind may be: boxes around clusters of windows, with a margin."""
    painted = np.zeros(_grid(grey), np.uint8)
    for windows in levels:
        for box in _clusters(windows.bars if kind == "bars" else windows.squares):
            left, top = (max(0, edge) * windows.unit // _GRID for edge in box[:2])
            right, bottom = (-(-edge * windows.unit // _GRID) for edge in box[2:])
            painted[top:bottom, left:right] = 1
    return painted


def _clusters(seeds: Mask) -> list[Box]:
    if not seeds.any():
        return []
    joined = cv2.dilate(seeds.astype(np.uint8), np.ones((2 * _JOIN + 1, 2 * _JOIN + 1), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    enough = np.bincount(labels[seeds], minlength=count) >= _FEW
    more = _MARGIN - _JOIN
    return [[x - more, y - more, x + w + more, y + h + more] for x, y, w, h in stats[enough, :4].tolist()]


def _merged(painted: U8) -> list[Box]:
    """What is painted, as boxes that do not overlap: those that touch become one. Fills them in ``painted``."""
    boxes, before = list[Box](), -1
    while painted.any() and len(boxes) != before:
        before = len(boxes)
        boxes = [[x, y, x + w, y + h] for x, y, w, h in cv2.connectedComponentsWithStats(painted)[2][1:, :4].tolist()]
        for x, y, right, bottom in boxes:
            painted[y:bottom, x:right] = 1
    return boxes

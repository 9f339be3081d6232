"""Where the lines of a registered page must lie in a picture, by the homography that geometry found."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fingerprints.projecting import F64, project
from fingerprints.types import Lines, Quad, Shingles

_STEPS = 33
_SCALE = 65535.0


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """One registered line in a picture.

    ``number``: its index among the reference's lines. ``quad``: the visible part, beginning where its text begins. ``visible``:
    the share 0..1 of its length that lies inside the picture. ``height``: in pixels. ``middle``: on the reference, fractions.
    """

    number: int
    quad: Quad
    visible: float
    height: float
    middle: tuple[float, float]


def placed(lines: Lines, homography: F64, size: tuple[int, int], least: float = 0.3) -> list[PlacedLine]:
    """Lines of which at least that share is visible in a picture of ``size`` (width, height in pixels), in their order."""
    there = lines.quads.astype(np.float64) / _SCALE
    steps = np.linspace(0.0, 1.0, _STEPS)[None, :, None]
    top = there[:, None, 0] + (there[:, None, 1] - there[:, None, 0]) * steps
    bottom = there[:, None, 3] + (there[:, None, 2] - there[:, None, 3]) * steps
    edges = np.stack([top, bottom])
    seen = project(homography, edges.reshape(-1, 2)).reshape(edges.shape)
    with np.errstate(invalid="ignore"):
        inside: npt.NDArray[np.bool_] = np.all((seen >= 0) & (seen <= 1), axis=(0, 3))
    heights = np.linalg.norm((seen[0] - seen[1]) * np.array(size), axis=2)
    found = []
    for number in np.flatnonzero(inside.any(axis=1)).tolist():
        start, end = _longest_run(inside[number])
        visible = (end - start) / (_STEPS - 1)
        if visible >= least:
            quad = _quad(seen[:, number], start, end)
            middle = there[number].mean(axis=0)
            height = float(np.median(heights[number, start : end + 1]))
            found.append(PlacedLine(number, quad, visible, height, (float(middle[0]), float(middle[1]))))
    return found


def _longest_run(inside: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """First and last index of the longest run of trues."""
    cuts = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False])).astype(np.int8)))
    begins, ends = cuts[::2], cuts[1::2]
    longest = int(np.argmax(ends - begins))
    return int(begins[longest]), int(ends[longest]) - 1


def _quad(edges: F64, start: int, end: int) -> Quad:
    (ax, ay), (bx, by) = edges[0, start].tolist(), edges[0, end].tolist()
    (cx, cy), (dx, dy) = edges[1, end].tolist(), edges[1, start].tolist()
    return (ax, ay), (bx, by), (cx, cy), (dx, dy)


def rare(frequency: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which shingles of a text no other text holds, by how many others hold each.

    Others that hold all of them are the same text once more, and make nothing common.
    """
    return np.asarray(frequency <= frequency.min(), np.bool_)


def held(lines: Lines, text: Shingles, which: npt.NDArray[np.bool_]) -> list[float | None]:
    """For each line the share 0..1 of its shingles that ``which`` marks, ``None`` if the winnowed text has none of it."""
    begins, ends = np.searchsorted(text.starts, lines.starts), np.searchsorted(text.starts, lines.ends)
    marked = np.concatenate(([0], np.cumsum(which)))
    spans = zip(begins.tolist(), ends.tolist(), strict=True)
    return [float(marked[b] - marked[a]) / (b - a) if b > a else None for a, b in spans]

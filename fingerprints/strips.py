"""Where a line is known to stand, it is cut out of the full-resolution picture and straightened; nothing has to be searched for.

The quad begins where its text begins, so a turned or mirrored picture gives an upright strip all the same.
"""

import cv2
import numpy as np
import numpy.typing as npt

from fingerprints.types import U8, Picture, Quad

MARGIN_ALONG, MARGIN_ACROSS = 0.3, 0.12  # of the line's height
MOST_HEIGHT = 64
MOST_WIDTH = 4096
OTHERWISE = ((-0.08, -0.08, 0.0), (0.2, 0.2, 0.3), (0.15, -0.1, 0.0), (-0.1, 0.15, 0.0), (0.0, 0.0, 0.6))
"""Tighter, looser, higher, lower, longer: how far above, below and to both sides, of the line's height."""


def straightened(picture: Picture, quad: Quad) -> U8:
    """A strip, uint8 RGB, at most MOST_HEIGHT high, with its margins. What lies outside the picture repeats its border."""
    corners = np.array(quad, np.float32) * np.array(picture.pixels.shape[1::-1], np.float32)
    wide, high = _length(corners, 0, 1, 3, 2), _length(corners, 0, 3, 1, 2)
    along, across = MARGIN_ALONG * high, MARGIN_ACROSS * high
    shrink = min(1.0, MOST_HEIGHT / (high + 2 * across), MOST_WIDTH / (wide + 2 * along))
    size = max(1, round((wide + 2 * along) * shrink)), max(1, round((high + 2 * across) * shrink))
    inner = np.array([(along, across), (along + wide, across), (along + wide, across + high), (along, across + high)], np.float32)
    view = cv2.getPerspectiveTransform(corners, np.asarray(inner * shrink, np.float32))
    how = cv2.INTER_AREA if shrink < 1 else cv2.INTER_LINEAR
    strip = cv2.warpPerspective(picture.pixels, view, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(strip, np.uint8)


def otherwise(quad: Quad, size: tuple[int, int]) -> list[Quad]:
    """Other ways to cut the same line out of a picture of ``size`` (pixels): what one of them misreads, another may not."""
    pixels = np.array(size, np.float64)
    a, b, c, d = np.array(quad, np.float64) * pixels
    left, right, along = d - a, c - b, (b - a) + (c - d)
    along = along / max(1e-9, float(np.linalg.norm(along))) * (np.linalg.norm(left) + np.linalg.norm(right)) / 2
    found = []
    for above, below, beside in OTHERWISE:
        ends = along * beside
        corners = (a - left * above - ends, b - right * above + ends, c + right * below + ends, d + left * below - ends)
        first, second, third, fourth = ((float(x), float(y)) for x, y in (corner / pixels for corner in corners))
        found.append((first, second, third, fourth))
    return found


def _length(corners: npt.NDArray[np.float32], a: int, b: int, c: int, d: int) -> float:
    """The longer of two opposite sides, at least a pixel."""
    return max(1.0, float(np.linalg.norm(corners[b] - corners[a])), float(np.linalg.norm(corners[d] - corners[c])))

"""Pictures for people who compare: one laid over another as it was found to lie in it, and one that shows next to nothing.

Both take and give JPEG bytes that we encoded ourselves, and cost some ten milliseconds.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from fingerprints.types import U8

LONGEST = 1000
"""Pixels of the longer side of what is laid over."""
BEYOND = 118
"""The grey where the posted picture ends."""
MOST_STRETCHED = 20.0
"""A reference whose sides are more unequal is shown as if they were so."""
GRAINS, VEIL = 18, 640
"""So many grains a veiled picture's longer side keeps, drawn out to so many pixels."""

Matrix = npt.NDArray[np.float64]


def laid_over(posted: bytes, homography: Sequence[float], aspect: float, longest: int = LONGEST) -> bytes | None:
    """The posted picture as it would lie if it were the reference: straightened, unmirrored, turned, in the reference's frame.

    ``homography``: nine numbers, row by row, reference fractions to fractions of the posted picture. ``aspect``: the
    reference's width by its height. ``None`` where the homography maps onto nothing that could be drawn.
    """
    width, height = _frame(aspect, longest)
    pixels = _decoded(posted)
    across = np.array(homography, np.float64).reshape(3, 3)
    if not np.isfinite(across).all() or abs(np.linalg.det(across)) < 1e-12:
        return None
    pixels = _thinned(pixels, across, width * height)
    rows, columns = pixels.shape[:2]
    into = _scaled(columns, rows) @ across @ np.linalg.inv(_scaled(width, height))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    border = (BEYOND, BEYOND, BEYOND)
    laid = cv2.warpPerspective(pixels, into, (width, height), flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=border)
    return _encoded(_cut_at_horizon(laid.astype(np.uint8), into), 85)


def veiled(shown: bytes) -> bytes:
    """A picture of the same proportions that tells colours and little else: neither letters nor faces are in its bytes."""
    pixels = _decoded(shown)
    grains = _resized(pixels, GRAINS, cv2.INTER_AREA)
    soft = cv2.GaussianBlur(grains, (0, 0), 1.0, borderType=cv2.BORDER_REPLICATE)
    rows, columns = pixels.shape[:2]
    size = _sides(columns, rows, VEIL)
    return _encoded(cv2.resize(soft, size, interpolation=cv2.INTER_CUBIC).astype(np.uint8), 60)


def aspect_of(shown: bytes) -> float:
    """Width by height."""
    rows, columns = _decoded(shown).shape[:2]
    return float(columns / rows)


def _frame(aspect: float, longest: int) -> tuple[int, int]:
    """Raises ValueError for what is no aspect."""
    if not 0 < aspect < float("inf"):
        raise ValueError(f"no aspect: {aspect}")
    bounded = min(max(aspect, 1 / MOST_STRETCHED), MOST_STRETCHED)
    return _sides(bounded, 1.0, longest)


def _sides(width: float, height: float, longest: int) -> tuple[int, int]:
    scale = longest / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _scaled(width: int, height: int) -> Matrix:
    """Fractions to the coordinates of pixels, whose middles are whole numbers."""
    return np.array([[width, 0, -0.5], [0, height, -0.5], [0, 0, 1]], np.float64)


def _thinned(pixels: U8, across: Matrix, wanted: int) -> U8:
    """Not much finer than it will be drawn, so that fine patterns do not shimmer."""
    corners = np.array([(0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)], np.float64) @ across.T
    if (corners[:, 2] <= 0).any():
        return pixels
    rows, columns = pixels.shape[:2]
    outline = (corners[:, :2] / corners[:, 2:] * (columns, rows)).astype(np.float32)
    finer = float(np.sqrt(cv2.contourArea(outline) / wanted))
    return _resized(pixels, max(1, round(max(rows, columns) / finer)), cv2.INTER_AREA) if finer > 1.2 else pixels


def _cut_at_horizon(laid: U8, into: Matrix) -> U8:
    """Beyond the horizon of a steep view there is nothing, though it can be computed."""
    rows, columns = laid.shape[:2]
    depth = into[2, 0] * np.arange(columns) + into[2, 1] * np.arange(rows)[:, None] + into[2, 2]
    laid[depth * np.median(depth) <= 0] = BEYOND
    return laid


def _resized(pixels: U8, longest: int, how: int) -> U8:
    rows, columns = pixels.shape[:2]
    return cv2.resize(pixels, _sides(columns, rows, longest), interpolation=how).astype(np.uint8)


def _decoded(shown: bytes) -> U8:
    """Raises ValueError for what is no picture of ours."""
    pixels = cv2.imdecode(np.frombuffer(shown, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ValueError("no JPEG")
    return pixels.astype(np.uint8)


def _encoded(pixels: U8, quality: int) -> bytes:
    ok, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert ok, "an 8-bit picture can always be encoded"  # noqa: S101
    return data.tobytes()

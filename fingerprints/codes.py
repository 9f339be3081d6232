"""QR codes and barcodes in a picture.

Two-dimensional codes decode at any tilt; linear ones only near the horizontal and the vertical, so a picture without any code
in which bars seem to lie at a slant is looked at once more, turned by 45 degrees, for linear codes alone. Every reported code
passed its own symbology's checks; linear ones, whose checks are weak, must hold ``MIN_LINEAR`` characters.
"""

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from fingerprints.types import U8, Code, Picture, Quad

MIN_LINEAR = 4
MAX_SIDE = 2560
"""Pixels; larger pictures are reduced to this, which bounds the time."""

_BLOCK = 16  # pixels of the half-size picture
# Bars at a slant satisfy these in all nine blocks of a square, one edge or texture in a photograph seldom in more than five.
_PARALLEL, _SLANT, _ALTERNATING, _STRONG = 0.8, 0.3, 0.05, 5000.0
_BLOCKS = 6
_MATRIX = zxingcpp.barcode_formats_from_str("QRCode|MicroQRCode|RMQRCode|Aztec|MaxiCode")
_LINEAR = zxingcpp.barcode_formats_from_str("AllLinear")
_TURNING = zxingcpp.barcode_formats_from_str("AllLinear|PDF417|DataMatrix")  # found only by looking along several directions
_LINEAR_KINDS = frozenset(zxingcpp.barcode_formats_list(_LINEAR))

Affine = npt.NDArray[np.float64]
"""(2, 3): from the picture's fractions to the pixels that were searched."""


def read_codes(picture: Picture) -> tuple[Code, ...]:
    """Every code that decodes, each once, top to bottom, then left to right."""
    upright = _upright(picture)
    grey = _drawn(picture, upright, np.ceil(upright.sum(axis=1)).astype(int))
    found = [*_decoded(grey, upright, _MATRIX, rotate=False), *_decoded(grey, upright, _TURNING)]
    if not found and _slanting_bars(grey):
        tilted, size = _tilted(upright)
        found = _decoded(_drawn(picture, tilted, size), tilted, _LINEAR)
    return tuple(sorted(set(found), key=lambda code: (code.quad[0][1], code.quad[0][0], code.text)))


def _slanting_bars(grey: U8) -> bool:
    """Whether somewhere many strong edges run side by side, far from upright and level: a linear code held at a slant.

    Told by the structure tensor (Bigün and Granlund, ICCV 1987) of blocks.
    """
    small = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) if max(grey.shape) > 2 * _BLOCK else grey
    dx, dy = cv2.spatialGradient(small)
    x, y = dx.astype(np.float32), dy.astype(np.float32)
    size = (max(1, small.shape[1] // _BLOCK), max(1, small.shape[0] // _BLOCK))
    averaged = (cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (x, y, x * x, y * y, x * y))
    mean_x, mean_y, xx, yy, xy = (np.asarray(part, np.float32) for part in averaged)
    level, slant, strength = xx - yy, 2 * xy, xx + yy
    parallel = (np.hypot(level, slant) > _PARALLEL * strength) & (np.abs(slant) > _SLANT * np.abs(level))
    alternating = mean_x * mean_x + mean_y * mean_y < _ALTERNATING * strength
    bars = parallel & alternating & (strength > _STRONG)
    return bool(
        cv2.boxFilter(bars.astype(np.float32), -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT).max() >= _BLOCKS
    )


def _upright(picture: Picture) -> Affine:
    height, width = picture.pixels.shape[:2]
    scale = min(1.0, MAX_SIDE / max(height, width))
    return np.array([[width * scale, 0, 0], [0, height * scale, 0]])


def _tilted(upright: Affine) -> tuple[Affine, npt.NDArray[np.int64]]:
    """The same turned by 45 degrees, moved so that it all fits."""
    turned = np.array([[1, 1], [-1, 1]]) / np.sqrt(2) @ upright
    corners = turned[:, :2] @ np.array([[0, 1, 0, 1], [0, 0, 1, 1]])
    turned[:, 2] = -corners.min(axis=1)
    return turned, np.ceil(np.ptp(corners, axis=1)).astype(np.int64)


def _drawn(picture: Picture, affine: Affine, size: npt.NDArray[np.int64]) -> U8:
    """The picture in grey as ``affine`` lays it out."""
    grey = cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    if np.array_equal(affine, [[width, 0, 0], [0, height, 0]]):
        return np.asarray(grey, np.uint8)
    pixels = affine / np.array([width, height, 1])
    return np.asarray(cv2.warpAffine(grey, pixels, size.tolist(), borderValue=128), np.uint8)


def _decoded(grey: U8, affine: Affine, formats: zxingcpp.BarcodeFormats, rotate: bool = True) -> list[Code]:
    plain = zxingcpp.TextMode.Plain
    codes = zxingcpp.read_barcodes(grey, formats=formats, text_mode=plain, try_rotate=rotate)
    return [
        Code(code.text, code.format.name, _quad(code.position, affine))
        for code in codes
        if len(code.text) >= (MIN_LINEAR if code.format in _LINEAR_KINDS else 1)
    ]


def _quad(at: zxingcpp.Position, affine: Affine) -> Quad:
    corners = np.array([(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)], np.float64)
    fractions = np.clip((corners - affine[:, 2]) @ np.linalg.inv(affine[:, :2]).T, 0, 1)
    a, b, c, d = ((float(x), float(y)) for x, y in fractions)
    return a, b, c, d

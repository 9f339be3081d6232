"""QR codes and barcodes in a picture.

Only the parts of a picture that show two tones as a code does are searched (two_tone.py). Two-dimensional codes decode at any
tilt; linear ones only near the horizontal and the vertical, so where bars lie at a slant and nothing decodes that part is looked
at once more, turned by 45 degrees. Every reported code passed its own symbology's checks; linear ones, whose checks are weak,
must hold ``MIN_LINEAR`` characters.
"""

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from fingerprints.two_tone import Region, regions
from fingerprints.types import U8, Code, Picture, Quad

MIN_LINEAR = 4
MAX_SIDE = 2560
"""Pixels; larger pictures are reduced to this, which bounds the time."""

_MATRIX = zxingcpp.barcode_formats_from_str("QRCode|MicroQRCode|RMQRCode|Aztec|MaxiCode")
_DATAMATRIX = zxingcpp.barcode_formats_from_str("DataMatrix")
_DATAMATRIX_PDF417 = zxingcpp.barcode_formats_from_str("DataMatrix|PDF417")
_BARS = zxingcpp.barcode_formats_from_str("AllLinear|PDF417")
_LINEAR = zxingcpp.barcode_formats_from_str("AllLinear")
_LINEAR_KINDS = frozenset(zxingcpp.barcode_formats_list(_LINEAR))

Affine = npt.NDArray[np.float64]
"""(2, 3): from the picture's fractions to the pixels that were searched."""


def read_codes(picture: Picture) -> tuple[Code, ...]:
    """Every code that decodes, each once, top to bottom, then left to right."""
    upright = _upright(picture)
    grey = _drawn(picture, upright, np.ceil(upright.sum(axis=1)).astype(int))
    places = regions(grey)
    bars = [place for place in places if place.kind == "bars"]
    found: list[Code] = []
    for place in places:
        codes = _among_bars(grey, upright, place) if place in bars else _among_squares(grey, upright, place, bars)
        found += [code for code in codes if not any(_same(code, known) for known in found)]
    return tuple(sorted(found, key=lambda code: (code.quad[0][1], code.quad[0][0], code.text)))


def _among_bars(grey: U8, upright: Affine, place: Region) -> list[Code]:
    part, affine = _cut(grey, upright, place)
    found = _decoded(part, affine, _BARS)
    return found if found or not place.slanting else _decoded(*_tilted(part, affine), _LINEAR)


def _among_squares(grey: U8, upright: Affine, place: Region, bars: list[Region]) -> list[Code]:
    """PDF417, whose rows are so low that it can look like either kind, is sought here too unless it was among ``bars``."""
    part, affine = _cut(grey, upright, place)
    turning = _DATAMATRIX if any(one.holds(place) for one in bars) else _DATAMATRIX_PDF417
    return [*_decoded(part, affine, _MATRIX, rotate=False), *_decoded(part, affine, turning)]


def _same(one: Code, other: Code) -> bool:
    """Whether regions that overlap gave one code twice."""
    (left, top), (right, bottom) = np.min(other.quad, axis=0), np.max(other.quad, axis=0)
    x, y = np.mean(one.quad, axis=0)
    return (one.text, one.symbology) == (other.text, other.symbology) and left <= x <= right and top <= y <= bottom


def _cut(grey: U8, upright: Affine, region: Region) -> tuple[U8, Affine]:
    """The region at the size it is to be read at, and how the picture's fractions lie in it."""
    part = np.ascontiguousarray(grey[region.top : region.bottom, region.left : region.right])
    affine = upright - [[0, 0, region.left], [0, 0, region.top]]
    if region.reduction == 1 or min(part.shape) < region.reduction:
        return part, affine
    size = (part.shape[1] // region.reduction, part.shape[0] // region.reduction)
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8), affine / region.reduction


def _upright(picture: Picture) -> Affine:
    height, width = picture.grey.shape
    scale = min(1.0, MAX_SIDE / max(height, width))
    return np.array([[width * scale, 0, 0], [0, height * scale, 0]])


def _tilted(part: U8, affine: Affine) -> tuple[U8, Affine]:
    """The same turned by 45 degrees, moved so that it all fits."""
    height, width = part.shape
    turn = np.array([[1, 1], [-1, 1]]) / np.sqrt(2)
    corners = turn @ np.array([[0, width, 0, width], [0, 0, height, height]])
    shift = -corners.min(axis=1, keepdims=True)
    size = np.ceil(np.ptp(corners, axis=1)).astype(int).tolist()
    drawn = cv2.warpAffine(part, np.hstack([turn, shift]), size, borderValue=128)
    return np.asarray(drawn, np.uint8), turn @ affine + np.hstack([np.zeros((2, 2)), shift])


def _drawn(picture: Picture, affine: Affine, size: npt.NDArray[np.int64]) -> U8:
    """The picture in grey as ``affine`` lays it out."""
    grey = picture.grey
    height, width = grey.shape
    if np.array_equal(affine, [[width, 0, 0], [0, height, 0]]):
        return grey
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

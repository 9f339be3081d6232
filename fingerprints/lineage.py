"""What is kept of one copy of a picture so that copies can be put in order: a *look*, three kilobytes, in a few milliseconds.

A copy keeps or loses, it never gains. Each compression moves the grey values a little further from where they were, so that grey
values averaged over many pixels, and kept exactly, drift along a chain of copies like a walk of small steps: of all copies a
child lies nearest to its parent. Each reduction takes detail away, the finest first. What a JPEG's quantisation table says of its
quality, and how many pixels there were, bound what may come after. (Image phylogeny: Dias, Rocha and Goldenstein, IEEE TIFS 7(2),
2012, with whole pictures at hand; here with what is left when they are gone.)
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from fingerprints.shrinking import shrunk
from fingerprints.types import F32, U8, Picture

KIND = "look"
GRID = 48
BELL = 0.7
"""Standard deviation, in cells, of what a cell is the mean under: wide enough that what lies between cells follows from them."""
FRACTIONS = 64
"""Of a grey level: what compression moves a cell by is a tenth of one."""
_FINE = 4 * GRID
PARTS, OCTAVES = 4, 4
SIDE = 1024
"""Pixels along the longer side that detail is looked for in: the finest octave is what gets lost between 1024 and 512."""
STEPS = 16
"""Of contrast, an octave."""
_FAINTEST = -4.0  # octaves of a grey level, that the scale of detail begins at
_HEADER = struct.Struct("<4sIIIB")
_MAGIC = b"LOK2"
_OLD_MAGIC, _OLD_GRID = b"LOK1", 20
# JPEG, ISO/IEC 10918-1, table K.1, summed; libjpeg scales it by quality.
_K1 = (
    "16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62 "
    "18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99"
)
_TABLE = np.array([int(word) for word in _K1.split()])


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One copy.

    ``width``/``height``: of the upright original, in pixels. ``size``: bytes of the file. ``quality``: of a JPEG, 1..100, as its
    quantisation table tells; 0 for other formats. ``grid``: uint16, (48, 48), mean grey about each place, in 64ths. ``detail``:
    uint8, (4, 4, 4): octaves, the finest first, of 4 x 4 parts: the octave's contrast, in sixteenths of an octave.
    """

    width: int
    height: int
    size: int
    quality: int
    grid: npt.NDArray[np.uint16]
    detail: U8


def look_of(picture: Picture, data: bytes) -> Look:
    """``data``: the file's bytes. Deterministic."""
    working = shrunk(picture.grey, SIDE).astype(np.float32)
    return Look(picture.width, picture.height, len(data), quality_of(data), _grid(picture.grey), _detail(_enlarged(working)))


def _grid(grey: U8) -> npt.NDArray[np.uint16]:
    """Means under bells, not of boxes: which pixels a box's edge cuts depends on the copy's size, not on its descent."""
    small = cv2.resize(grey.astype(np.float32), (_FINE, _FINE), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), _FINE / GRID * BELL, borderType=cv2.BORDER_REPLICATE)
    at = ((np.arange(GRID) + 0.5) * (_FINE / GRID) - 0.5).astype(np.float32)
    x, y = np.meshgrid(at, at)
    means = cv2.remap(blurred, x, y, cv2.INTER_LINEAR)
    return np.rint(np.asarray(means) * FRACTIONS).clip(0, 65535).astype(np.uint16)


def dump_look(look: Look) -> bytes:
    """Packed by what each cell differs from its neighbours: neighbours are much alike."""
    header = _HEADER.pack(_MAGIC, look.width, look.height, min(look.size, 0xFFFFFFFF), look.quality)
    steps = np.diff(np.diff(look.grid, axis=0, prepend=np.uint16(0)), axis=1, prepend=np.uint16(0)) + np.uint16(1 << 15)
    planes = steps.astype("<u2").view(np.uint8).reshape(-1, 2).T
    return header + look.detail.tobytes() + zlib.compress(planes.tobytes(), 9)


def load_look(data: bytes) -> Look:
    """Inverse of ``dump_look``. Of an earlier version the grid is drawn larger. Raises ValueError for anything else."""
    details, start = OCTAVES * PARTS * PARTS, _HEADER.size
    if len(data) < start + details or data[:4] not in (_MAGIC, _OLD_MAGIC):
        raise ValueError("these bytes are no look of this version")
    _, width, height, size, quality = _HEADER.unpack_from(data)
    if not width or not height or quality > 100:
        raise ValueError("these bytes are no look: a size or a quality is impossible")
    old = data[:4] == _OLD_MAGIC
    grid = _old_grid(data[start:-details]) if old else _unpacked(data[start + details :])
    detail = np.frombuffer(data[-details:] if old else data[start : start + details], np.uint8).reshape(OCTAVES, PARTS, PARTS)
    return Look(width, height, size, quality, grid, detail.copy())


def _unpacked(data: bytes) -> npt.NDArray[np.uint16]:
    packed, length = zlib.decompressobj(), 2 * GRID * GRID
    try:
        planes = packed.decompress(data, length + 1)
    except zlib.error as error:
        raise ValueError("these bytes are no look: its grid is damaged") from error
    if len(planes) != length or not packed.eof or packed.unused_data:
        raise ValueError("these bytes are no look: its grid has another size")
    steps = np.frombuffer(planes, np.uint8).reshape(2, -1).T.copy().view("<u2").reshape(GRID, GRID).astype(np.uint16)
    return np.asarray(np.cumsum(np.cumsum(steps - np.uint16(1 << 15), axis=0, dtype=np.uint16), axis=1, dtype=np.uint16))


def _old_grid(data: bytes) -> npt.NDArray[np.uint16]:
    if len(data) != 2 * _OLD_GRID * _OLD_GRID:
        raise ValueError("these bytes are no look: its grid has another size")
    grid = np.frombuffer(data, "<u2").reshape(_OLD_GRID, _OLD_GRID).astype(np.float32)
    larger = np.asarray(cv2.resize(grid, (GRID, GRID), interpolation=cv2.INTER_CUBIC))
    return np.asarray(np.rint(larger * (FRACTIONS / 256)).clip(0, 65535), np.uint16)


def quality_of(data: bytes) -> int:
    """As libjpeg counts, from the first quantisation table of a JPEG; 0 for what is none, or says nothing of it."""
    table = next(_tables(data), None)
    if table is None:
        return 0
    return int(np.abs(_SUMS - table.sum()).argmin()) + 1


def _scaled(quality: int) -> int:
    """The sum of libjpeg's table at a quality."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return int(((_TABLE * percent + 50) // 100).clip(1, 255).sum())


_SUMS = np.array([_scaled(quality) for quality in range(1, 101)])


def _tables(data: bytes) -> Iterator[npt.NDArray[np.int64]]:
    """Quantisation tables of a JPEG in the order of the file, each (64,). What is broken ends them."""
    at = 2 if data[:3] == b"\xff\xd8\xff" else len(data)
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] == 0xDB:
            yield from _of_segment(data[at + 4 : at + 2 + length])
        at += 2 + max(length, 2)


def _of_segment(segment: bytes) -> Iterator[npt.NDArray[np.int64]]:
    while segment:
        kind = np.dtype(">u2" if segment[0] >> 4 else "u1")
        if len(segment) < 1 + 64 * kind.itemsize:
            return
        yield np.frombuffer(segment, kind, 64, 1).astype(np.int64)
        segment = segment[1 + 64 * kind.itemsize :]


def _enlarged(working: F32) -> F32:
    """To ``SIDE``: the octaves it has not are nearly empty."""
    factor = SIDE / max(working.shape)
    if factor <= 1:
        return working
    size = [max(1 << OCTAVES, round(length * factor)) for length in working.shape[1::-1]]
    return np.asarray(cv2.resize(working, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _detail(working: F32) -> U8:
    """What each halving takes away, root mean square, by parts."""
    octaves = []
    for _ in range(OCTAVES):
        height, width = (max(1, length // 2) for length in working.shape)
        half = np.asarray(cv2.resize(working, (width, height), interpolation=cv2.INTER_AREA), np.float32)
        lost = working - cv2.resize(half, working.shape[::-1], interpolation=cv2.INTER_LINEAR)
        octaves.append(cv2.resize(lost * lost, (PARTS, PARTS), interpolation=cv2.INTER_AREA))
        working = half
    contrast = 0.5 * np.log2(np.maximum(np.array(octaves), 1e-9))
    return np.rint(STEPS * (contrast - _FAINTEST)).clip(0, 255).astype(np.uint8)

"""Which descriptors lie near which, and how to keep them small: fixed tables, the same in every process for ever.

They were learnt once from drawings (learning.py), not from what is registered, and are kept beside this module. So an index never
retrains, never depends on the order of registration, and works with one reference as with a hundred thousand.

Cells: descriptor space is cut twice, by its even and by its odd dimensions, ``HALF`` ways each (the inverted multi-index, Babenko
and Lempitsky, CVPR 2012). Codes: product quantisation (Jégou, Douze and Schmid, TPAMI 2011), one byte for every few dimensions.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from fingerprints.types import F32, U8

Indices = npt.NDArray[np.intp]

HALF = 512
CELLS = HALF * HALF
_NEAREST = 6  # of each half, that cells are made of
SIZES = (16, 32)
TABLES = Path(__file__).with_name("vocabulary.npz")


@cache
def _table(name: str) -> F32:
    with np.load(TABLES, allow_pickle=False) as kept:
        return np.asarray(kept[name], np.float32)


def cells(descriptors: U8, count: int) -> npt.NDArray[np.int64]:
    """int64, (n, count): the cells nearest to each descriptor, nearest first. ``count``: at most ``_NEAREST`` squared."""
    first, second = (
        _nearest(part, means) for part, means in zip(_split(descriptors), (_table("even"), _table("odd")), strict=True)
    )
    sums = (first[0][:, :, None] + second[0][:, None, :]).reshape(len(descriptors), -1)
    numbers = (first[1][:, :, None] * HALF + second[1][:, None, :]).reshape(len(descriptors), -1)
    best = np.argpartition(sums, count - 1, axis=1)[:, :count]
    best = np.take_along_axis(best, np.argsort(np.take_along_axis(sums, best, 1), axis=1, kind="stable"), 1)
    return np.take_along_axis(numbers, best, 1)


def middles() -> tuple[F32, F32]:
    """float32, (HALF, 64) each: of cell ``i`` the even dimensions lie about row ``i // HALF`` of the first, the odd ones about
    row ``i % HALF`` of the second.
    """
    return _table("even"), _table("odd")


def _split(descriptors: U8) -> tuple[F32, F32]:
    return np.ascontiguousarray(descriptors[:, ::2], np.float32), np.ascontiguousarray(descriptors[:, 1::2], np.float32)


def _nearest(part: F32, means: F32) -> tuple[F32, Indices]:
    distances = part @ means.T
    distances *= -2
    distances += (means * means).sum(axis=1)
    rows, found, at = np.arange(len(part)), np.empty((len(part), _NEAREST), np.float32), np.empty((len(part), _NEAREST), np.intp)
    for rank in range(_NEAREST):
        at[:, rank] = distances.argmin(axis=1)
        found[:, rank] = distances[rows, at[:, rank]]
        distances[rows, at[:, rank]] = np.inf
    return found, at


@cache
def quantizer(size: int) -> Any:
    """To ``size`` bytes and back. ``size``: one of ``SIZES``."""
    made: Any = faiss.ProductQuantizer(128, size, 8)
    faiss.copy_array_to_vector(_table(f"codes{size}").ravel(), made.centroids)
    return made


@cache
def tables() -> str:
    """A digest of all of them: what was made with other tables cannot be compared."""
    return hashlib.sha256(TABLES.read_bytes()).hexdigest()


def root_sift(descriptors: F32) -> U8:
    """SIFT rows as uint8 RootSIFT: Euclidean distance between them is Hellinger's (Arandjelović and Zisserman, CVPR 2012)."""
    shares = descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-9)
    return np.asarray(np.minimum(np.rint(np.sqrt(shares) * 512), 255), np.uint8)

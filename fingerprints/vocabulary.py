"""Which descriptors lie near which, and how to keep them small: fixed tables, the same in every process for ever.

They are learnt once from pictures this module draws, not from what is registered. So an index never retrains, never depends on
the order of registration, and works with one reference as with a hundred thousand.

Cells: descriptor space is cut twice, by its even and by its odd dimensions, ``HALF`` ways each (the inverted multi-index, Babenko
and Lempitsky, CVPR 2012). Codes: product quantisation (Jégou, Douze and Schmid, TPAMI 2011), one byte for every few dimensions.
"""

import hashlib
from functools import cache
from typing import Any

import cv2
import faiss
import numpy as np
import numpy.typing as npt

from fingerprints import features
from fingerprints.types import F32, U8

Indices = npt.NDArray[np.intp]

HALF = 512
CELLS = HALF * HALF
_NEAREST = 6  # of each half, that cells are made of
_DRAWINGS = 10
_SIDE = 384
_SEED = 20_26


@cache
def _examples() -> F32:
    """float32, (n, 128): RootSIFT of seeded drawings, even dimensions first."""
    found = []
    for seed in range(_DRAWINGS):
        drawing = np.asarray(cv2.resize(_drawing(seed), (800, 800), interpolation=cv2.INTER_CUBIC), np.uint8)
        space = features.scale_space(drawing)
        extrema = features.extrema(space)
        kept = extrema[features.balanced(extrema, (800, 800), 1500)]
        found.append(root_sift(features.described(space, *features.oriented(space, kept))))
    return np.vstack(found).astype(np.float32)


def _means(examples: F32, count: int) -> F32:
    means = faiss.Kmeans(examples.shape[1], count, niter=6, seed=_SEED, max_points_per_centroid=64, min_points_per_centroid=1)
    means.train(np.ascontiguousarray(examples))
    return np.asarray(means.centroids, np.float32)


@cache
def _halves() -> tuple[F32, F32]:
    """Two of (HALF, 64): the means of the even and of the odd dimensions. Under a second, once in a process."""
    return _means(_examples()[:, ::2], HALF), _means(_examples()[:, 1::2], HALF)


def cells(descriptors: U8, count: int) -> npt.NDArray[np.int64]:
    """int64, (n, count): the cells nearest to each descriptor, nearest first. ``count``: at most ``_NEAREST`` squared."""
    first, second = (_nearest(part, means) for part, means in zip(_split(descriptors), _halves(), strict=True))
    sums = (first[0][:, :, None] + second[0][:, None, :]).reshape(len(descriptors), -1)
    numbers = (first[1][:, :, None] * HALF + second[1][:, None, :]).reshape(len(descriptors), -1)
    best = np.argpartition(sums, count - 1, axis=1)[:, :count]
    best = np.take_along_axis(best, np.argsort(np.take_along_axis(sums, best, 1), axis=1, kind="stable"), 1)
    return np.take_along_axis(numbers, best, 1)


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
    """To ``size`` bytes and back."""
    trained: Any = faiss.ProductQuantizer(128, size, 8)
    trained.cp.niter, trained.cp.seed, trained.cp.max_points_per_centroid = 4, _SEED, 16
    trained.cp.min_points_per_centroid = 1
    trained.train(_examples())
    return trained


@cache
def tables() -> str:
    """A digest of all of them: what was made with other tables cannot be compared."""
    digest = hashlib.sha256()
    for table in (*_halves(), *(faiss.vector_to_array(quantizer(size).centroids) for size in (16, 32))):
        digest.update(table.tobytes())
    return digest.hexdigest()


def root_sift(descriptors: F32) -> U8:
    """SIFT rows as uint8 RootSIFT: Euclidean distance between them is Hellinger's (Arandjelović and Zisserman, CVPR 2012)."""
    shares = descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-9)
    return np.asarray(np.minimum(np.rint(np.sqrt(shares) * 512), 255), np.uint8)


def _drawing(seed: int) -> U8:
    """Clouds, shapes and strokes like writing: corners, edges and blobs of every size and direction."""
    rng = np.random.default_rng(_SEED + seed)
    picture = np.full((_SIDE, _SIDE), 128.0, np.float32)
    for size in (3, 6, 12, 24, 48, 96, 192):
        clouds = rng.normal(0, 90 / np.sqrt(size) if seed % 3 else 12, (size, size)).astype(np.float32)
        picture += cv2.resize(clouds, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
    canvas = np.clip(picture, 0, 255).astype(np.uint8)
    for _ in range(60):
        _shape(canvas, rng)
    for line in range(20, _SIDE, int(rng.integers(14, 30))) if seed % 2 else ():
        _writing(canvas, rng, line)
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), 0.7), np.uint8)


def _shape(canvas: U8, rng: np.random.Generator) -> None:
    x, y, size, angle = (int(v) for v in rng.integers((0, 0, 3, 0), (_SIDE, _SIDE, 50, 180)))
    shade, width = int(rng.integers(256)), int(rng.choice([-1, 1, 2, 3]))
    corners = cv2.boxPoints(((x, y), (size, float(rng.integers(3, 60))), angle)).astype(np.int32)
    if rng.random() < 0.5:
        cv2.ellipse(canvas, (x, y), (size, max(2, size // 2)), angle, 0, int(rng.integers(90, 361)), shade, width)
    elif width < 0:
        cv2.fillPoly(canvas, [corners], shade)
    else:
        cv2.polylines(canvas, [corners], rng.random() < 0.7, shade, width)


def _writing(canvas: U8, rng: np.random.Generator, baseline: int) -> None:
    letters = "".join(chr(c) for c in rng.integers(33, 127, 40))
    face, size = int(rng.integers(0, 8)), float(rng.uniform(0.3, 0.8))
    cv2.putText(canvas, letters, (int(rng.integers(40)), baseline), face, size, int(rng.integers(60)), 1, cv2.LINE_AA)

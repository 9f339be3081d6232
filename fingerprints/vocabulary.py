"""Which descriptors lie near which: fixed cells that divide descriptor space, the same in every process for ever.

They are learnt once from pictures this module draws, not from what is registered. So an index never retrains, never depends on
the order of registration, and works with one reference as with a million.
"""

from functools import cache

import cv2
import faiss
import numpy as np

from fingerprints.types import F32, U8

CELLS = 512
_DRAWINGS = 8
_SIDE = 384
_SEED = 20_26


@cache
def cells() -> F32:
    """float32, (CELLS, 128): centres, by k-means over RootSIFT of seeded drawings. About a second, once in a process."""
    sift = cv2.SIFT.create(contrastThreshold=0.02)
    found = [sift.detectAndCompute(_drawing(seed), None)[1] for seed in range(_DRAWINGS)]
    descriptors = root_sift(np.vstack([d for d in found if d is not None])).astype(np.float32)
    means = faiss.Kmeans(128, CELLS, niter=4, seed=_SEED, max_points_per_centroid=16, min_points_per_centroid=1)
    means.train(descriptors)
    return np.asarray(means.centroids, np.float32)


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

"""How the tables of vocabulary.py were learnt: from seeded drawings of clouds, shapes and strokes like writing.

``python -m fingerprints.learning`` writes them anew into ``vocabulary.npz``. Whatever was saved with other tables is refused
then, and made again from what the database keeps.
"""

from typing import Any

import cv2
import faiss
import numpy as np
import numpy.typing as npt

from fingerprints import features
from fingerprints.types import F32, U8
from fingerprints.vocabulary import HALF, SIZES, TABLES, root_sift

_DRAWINGS = 10
_SIDE = 384
_SEED = 20_26


def learn() -> dict[str, U8]:
    """Tables by name: ``even`` and ``odd``, (HALF, 64), and the codes of each size, (size * 256, 128 / size). Some seconds."""
    examples = _examples()
    learnt = {"even": _means(examples[:, ::2], HALF), "odd": _means(examples[:, 1::2], HALF)}
    learnt |= {f"codes{size}": _codes(examples, size) for size in SIZES}
    return {name: np.rint(table).clip(0, 255).astype(np.uint8) for name, table in learnt.items()}


def _examples() -> F32:
    """float32, (n, 128): RootSIFT of the drawings."""
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


def _codes(examples: F32, size: int) -> F32:
    trained: Any = faiss.ProductQuantizer(128, size, 8)
    trained.cp.niter, trained.cp.seed, trained.cp.max_points_per_centroid = 8, _SEED, 64
    trained.cp.min_points_per_centroid = 1
    trained.train(examples)
    return np.asarray(faiss.vector_to_array(trained.centroids).reshape(size * 256, -1), np.float32)


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


if __name__ == "__main__":
    tables: dict[str, npt.NDArray[Any]] = dict(learn())
    np.savez(TABLES, allow_pickle=False, **tables)

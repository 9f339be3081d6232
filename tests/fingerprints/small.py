"""Small seeded fingerprints of every kind, made of numbers and not of pictures: for tests that need thousands of them."""

from functools import cache

import numpy as np

from fingerprints.lines import laid_out
from fingerprints.text import shingles
from fingerprints.types import Fingerprints, Keypoints, Line, PerceptualHash, Quad, Terms

WORDS = "budget prototype halcyon turbine review archive delivery section annex signal copper harbour lantern meadow".split()
FORM = "This page belongs to the registry and must not be shown to anybody. "
DETAILS = 30


@cache
def small(seed: int) -> Fingerprints:
    """A page: details, a hash, a text of which half is everybody's, and its lines. Of every fifth seed only a text."""
    said = text(seed)
    digest = f"{seed:064x}"
    if seed % 5 == 4:
        return Fingerprints(digest, shingles=shingles(said))
    rng = np.random.default_rng(seed)
    bits = PerceptualHash(rng.integers(0, 256, (8, 8), dtype=np.uint8))
    lines = [Line(said[at : at + 40], 1.0, _row(at / len(said))) for at in range(0, len(said), 40)]
    return Fingerprints(digest, bits, details(seed), shingles(said), laid_out(lines, range(0, len(said), 40)))


def details(seed: int) -> Keypoints:
    """So spread over the picture that geometry can confirm them, each like nothing else."""
    rng = np.random.default_rng(1000 + seed)
    grid = np.stack(np.meshgrid(np.arange(6), np.arange(5)), -1).reshape(-1, 2)
    xy = ((grid + rng.random((DETAILS, 2))) / 6).astype(np.float32)
    raw = rng.exponential(1, (DETAILS, 128)) ** 2
    rows = np.sqrt(raw / raw.sum(axis=1, keepdims=True)) * 512
    scale = rng.uniform(0.01, 0.05, DETAILS).astype(np.float32)
    angle = rng.uniform(0, 6.28, DETAILS).astype(np.float32)
    return Keypoints(xy, scale, angle, rows.clip(0, 255).astype(np.uint8), 4 / 3)


def text(seed: int) -> str:
    return FORM + " ".join(np.random.default_rng(2000 + seed).choice(WORDS, 30))


def terms(seed: int) -> Terms:
    return Terms((f"orchid {WORDS[seed % len(WORDS)]}",), (f"AX-{seed:05}",))


def _row(top: float) -> Quad:
    return ((0.1, top), (0.9, top), (0.9, top + 0.05), (0.1, top + 0.05))

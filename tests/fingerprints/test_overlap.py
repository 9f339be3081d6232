"""Who overlaps best is found without asking everybody for its light, as if everybody were asked."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fingerprints.lineage import FRACTIONS, GRID, OCTAVES, PARTS, Look
from fingerprints.overlap import MOST_AGREEING, MOST_FRAMED, Frames, Pairs
from fingerprints.projecting import F64

OTHERS, PICTURES = 60, 4


def drawn(number: int) -> Look:
    """Few pictures, each many times in other noise: some agree wherever they lie on each other alike."""
    x, y = np.meshgrid(np.linspace(0, 1, GRID), np.linspace(0, 1, GRID))
    noise = np.random.default_rng(number).normal(0, 3, (GRID, GRID))
    grey = 128 + 60 * np.sin((3 + number % PICTURES) * x + number % PICTURES) * np.cos((2 + number % PICTURES) * y) + noise
    detail = np.zeros((OCTAVES, PARTS, PARTS), np.uint8)
    return Look(640, 480, 1000, 70, (grey.clip(0, 255) * FRACTIONS).astype(np.uint16), detail)


FRAMES = Frames.of([drawn(number) for number in range(OTHERS + 1)])


def views(seed: int, spread: float) -> F64:
    """Parts and surroundings, here and there; some beside each other."""
    rng = np.random.default_rng(seed)
    made = np.tile(np.eye(3), (OTHERS, 1, 1))
    made[:, :2, :2] *= np.exp(rng.normal(0, spread, (OTHERS, 1, 1)))
    made[:, :2, 2] = rng.normal(0, spread, (OTHERS, 2))
    return made


def every(child: int, others: np.ndarray, planes: F64) -> list[int]:
    """The specification: all are asked."""
    pairs = Pairs.of(planes)
    fit = pairs.framed
    with_light = -fit * FRAMES.agreeing(child, others, pairs) ** 4
    order = [n for n in np.argsort(with_light, kind="stable").tolist() if fit[n] > 0]
    rest = [n for n in np.argsort(-fit, kind="stable").tolist() if fit[n] > 0 and n not in order[:MOST_AGREEING]]
    return order[:MOST_AGREEING] + rest[:MOST_FRAMED]


@given(st.integers(0, 10**6), st.sampled_from((0.05, 0.3, 1.0)), st.integers(1, OTHERS))
def test_the_best_are_the_best_of_all(seed: int, spread: float, count: int) -> None:
    others, planes = np.arange(1, count + 1), views(seed, spread)[:count]
    assert FRAMES.best(0, others, planes) == every(0, others, planes)


def test_what_lies_beside_it_is_not_among_them() -> None:
    planes = np.tile([[1.0, 0, 3], [0, 1, 3], [0, 0, 1]], (3, 1, 1))
    planes[1] = np.eye(3)
    assert FRAMES.best(0, np.array([1, 2, 3]), planes) == [1]


def test_of_equal_frames_the_same_picture_comes_first() -> None:
    planes = np.tile(np.eye(3), (OTHERS, 1, 1))
    best = FRAMES.best(0, np.arange(1, OTHERS + 1), planes)
    assert [(n + 1) % PICTURES for n in best[:MOST_AGREEING]] == [0] * MOST_AGREEING

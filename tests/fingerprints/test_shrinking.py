"""A smaller copy: its size, its mean, and that every pixel of it is the mean of what it stands for."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fingerprints.shrinking import halved, shrunk
from fingerprints.types import U8
from tests.fingerprints.test_perceptual import scene


def noise(height: int, width: int, channels: int) -> U8:
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


@settings(deadline=None)
@given(st.integers(1, 900), st.integers(1, 900), st.integers(1, 300), st.sampled_from((1, 3)))
def test_has_the_size_asked_for_and_is_never_larger(height: int, width: int, side: int, channels: int) -> None:
    small = shrunk(noise(height, width, channels), side)
    factor = min(1.0, side / max(height, width))
    assert small.shape[:2] == (max(1, round(height * factor)), max(1, round(width * factor)))
    assert small.dtype == np.uint8


@pytest.mark.parametrize("side", [160, 210, 319, 500])
@pytest.mark.parametrize(("width", "height", "most"), [(640, 480, 0.5), (641, 479, 3)], ids=["even", "odd"])
def test_is_nearly_what_one_step_would_give(width: int, height: int, most: float, side: int) -> None:
    large = np.asarray(scene(3, width, height).convert("RGB"))
    small = shrunk(large, side)
    one_step = cv2.resize(large, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - one_step).mean() < most


def test_a_half_is_the_mean_of_four() -> None:
    whole = noise(64, 48, 1)
    four = whole.reshape(32, 2, 24, 2).mean(axis=(1, 3))
    assert np.abs(halved(whole) - four).max() <= 0.5


def test_what_is_small_enough_stays_as_it_is() -> None:
    whole = noise(30, 40, 3)
    assert np.array_equal(shrunk(whole, 40), whole)

"""Details are found where they are, at their size and angle, balanced, and look the same however the picture is turned."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from fingerprints import features
from fingerprints.types import F32, U8
from fingerprints.vocabulary import root_sift

SIDE = 256


def blob(sigma: float, x: float = 120.0, y: float = 130.0) -> U8:
    """A round spot on grey."""
    across, down = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    spot = np.exp(-((across - x) ** 2 + (down - y) ** 2) / (2 * sigma**2))
    return np.asarray(np.rint(100 + 120 * spot), np.uint8)


def textured(seed: int = 1) -> U8:
    rng = np.random.default_rng(seed)
    picture = np.full((SIDE, SIDE), 120, np.uint8)
    for _ in range(90):
        x, y, size = (int(v) for v in rng.integers((0, 0, 3), (SIDE, SIDE, 30)))
        cv2.ellipse(picture, (x, y), (size, max(2, size // 2)), int(rng.integers(180)), 0, 360, int(rng.integers(256)), -1)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0), np.uint8)


def extracted(grey: U8) -> tuple[features.Extrema, F32, U8]:
    space = features.scale_space(grey)
    found, angle = features.oriented(space, features.extrema(space))
    return found, angle, root_sift(features.described(space, found, angle))


@pytest.mark.parametrize("sigma", [2.5, 4.0, 7.0, 12.0])
def test_a_spot_is_found_where_it_is_and_as_large_as_it_is(sigma: float) -> None:
    space = features.scale_space(blob(sigma))
    found = features.extrema(space)
    best = found.strength.argmax()
    assert (found.x[best], found.y[best]) == (pytest.approx(120, abs=0.3), pytest.approx(130, abs=0.3))
    assert found.sigma[best] == pytest.approx(sigma, rel=0.15)


def test_nothing_is_found_in_nothing() -> None:
    space = features.scale_space(np.full((SIDE, SIDE), 77, np.uint8))
    found = features.extrema(space)
    assert len(found) == 0
    assert len(features.oriented(space, found)[0]) == 0


def test_edges_are_no_details() -> None:
    step = np.full((SIDE, SIDE), 50, np.uint8)
    step[:, SIDE // 2 :] = 200
    assert len(features.extrema(features.scale_space(step))) == 0


def test_peaks_are_all_that_are_highest_or_lowest_around() -> None:
    """Also where the bands meet in which they are sought: of this picture two."""
    levels = features.scale_space(np.tile(textured(), 2))[0]
    differences = np.array([b - a for a, b in pairwise(levels)])
    for level, at in enumerate(features._peaks(levels)):
        around = sliding_window_view(differences[level : level + 3], (3, 3, 3))[0]
        middle, faint = around[:, :, 1, 1, 1], features._FAINT.astype(np.float32)
        high = (middle >= around.max(axis=(2, 3, 4))) & (middle >= faint)
        low = (middle <= around.min(axis=(2, 3, 4))) & (middle <= -faint)
        rows, columns = np.nonzero(high | low)
        assert len(at) > 50
        assert at.tolist() == ((rows + 1) * 2 * SIDE + columns + 1).tolist()


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_has_the_same_details(turns: int) -> None:
    """Orientation: a quarter turn is exact on the pixel grid."""
    still, _, here = extracted(textured())
    turned, _, there = extracted(np.ascontiguousarray(np.rot90(textured(), turns)))
    distances = ((here[:, None].astype(np.float32) - there[None].astype(np.float32)) ** 2).sum(axis=2)
    assert len(turned) == pytest.approx(len(still), rel=0.05)
    assert (np.sqrt(distances.min(axis=1)) < 0.2 * 512).mean() > 0.9


def test_half_the_picture_has_the_same_details_half_as_large() -> None:
    large, _, here = extracted(np.asarray(cv2.resize(textured(), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8))
    small, _, there = extracted(textured())
    distances = ((there[:, None].astype(np.float32) - here[None].astype(np.float32)) ** 2).sum(axis=2)
    nearest = distances.argmin(axis=1)
    close = np.sqrt(distances.min(axis=1)) < 0.25 * 512
    assert close.mean() > 0.7
    assert np.median(large.sigma[nearest[close]] / small.sigma[close]) == pytest.approx(2, rel=0.05)


@given(st.integers(0, 1000), st.integers(1, 80))
@settings(max_examples=30, deadline=None)
def test_every_beginning_is_balanced(seed: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    count = 200
    sigma = (features.FINEST * 2 ** rng.integers(0, 4, count)).astype(np.float32)
    xy = rng.uniform(0, SIDE, (count, 2)).astype(np.float32)
    zeros = np.zeros(count, np.intp)
    found = features.Extrema(xy[:, 0], xy[:, 1], sigma, rng.uniform(0, 1, count).astype(np.float32), zeros, zeros)
    chosen = features.balanced(found, (SIDE, SIDE), most)
    assert len(chosen) == len(set(chosen.tolist())) == most
    shares = np.unique(sigma[chosen[: max(1, most // 2)]], return_counts=True)[1]
    assert shares.max() - shares.min() <= max(2, most // 8)

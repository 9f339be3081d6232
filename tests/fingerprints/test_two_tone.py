"""Patterns of two tones are found where they lie, whatever their size, contrast and direction; edges and shades hardly are."""

import cv2
import numpy as np
import pytest

from fingerprints.two_tone import Region, regions
from fingerprints.types import U8

HEIGHT, WIDTH = 640, 900


def scene() -> U8:
    """Smooth shades, two strong edges and a little noise."""
    rng = np.random.default_rng(1)
    shades = cv2.resize(rng.integers(60, 200, (5, 7), np.uint8), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC).astype(
        np.float32
    )
    cv2.rectangle(shades, (500, 80), (820, 600), 20, -1)
    cv2.line(shades, (0, 600), (400, 300), 250, 25)
    return np.asarray(np.clip(shades + rng.normal(0, 3, shades.shape), 0, 255), np.uint8)


def pattern(module: int, bars: bool, low: int = 40, high: int = 200) -> U8:
    """160 pixels of random modules."""
    count = 160 // module
    bits = np.random.default_rng(2).integers(0, 2, (1 if bars else count, count), np.uint8)
    tones = np.where(bits, high, low).astype(np.uint8)
    return np.asarray(cv2.resize(tones, (160, 160), interpolation=cv2.INTER_NEAREST), np.uint8)


def covering(found: list[Region], left: int, top: int, side: int = 160) -> list[Region]:
    return [one for one in found if one.left <= left and one.top <= top and one.right >= left + side and one.bottom >= top + side]


def test_of_edges_shades_and_noise_hardly_anything_is_searched() -> None:
    assert sum((one.right - one.left) * (one.bottom - one.top) for one in regions(scene())) < 0.15 * HEIGHT * WIDTH


@pytest.mark.parametrize("module", [2, 4, 8])
@pytest.mark.parametrize("bars", [True, False])
@pytest.mark.parametrize(("low", "high"), [(40, 200), (120, 170), (30, 70)])
def test_a_pattern_is_found_whole_and_for_what_it_is(module: int, bars: bool, low: int, high: int) -> None:
    grey = scene()
    grey[240:400, 250:410] = pattern(module, bars, low, high)
    assert ("bars" if bars else "squares") in {one.kind for one in covering(regions(grey), 250, 240)}


@pytest.mark.parametrize(("left", "top"), [(0, 0), (WIDTH - 160, 0), (0, HEIGHT - 160), (WIDTH - 160, HEIGHT - 160)])
def test_a_pattern_at_the_border_is_found(left: int, top: int) -> None:
    grey = scene()
    grey[top : top + 160, left : left + 160] = pattern(4, False)
    found = regions(grey)
    assert covering(found, left, top)
    assert all(0 <= one.left < one.right <= WIDTH and 0 <= one.top < one.bottom <= HEIGHT for one in found)


@pytest.mark.parametrize(("tilt", "slanting"), [(0, False), (90, False), (30, True), (45, True), (120, True)])
def test_bars_at_a_slant_are_told_from_upright_and_level_ones(tilt: float, slanting: bool) -> None:
    turn = cv2.getRotationMatrix2D((80, 80), tilt, 1)
    turn[:, 2] += 250
    grey = cv2.warpAffine(pattern(4, True), turn, (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderValue=200)
    assert {one.slanting for one in regions(np.asarray(grey, np.uint8)) if one.kind == "bars"} == {slanting}


def test_a_page_full_of_patterns_is_searched_whole_once() -> None:
    grey = np.tile(pattern(4, False), (4, 6))[:HEIGHT, :WIDTH]
    assert [(one.left, one.top, one.right, one.bottom) for one in regions(grey) if one.kind == "squares"] == [
        (0, 0, WIDTH, HEIGHT)
    ]


@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (31, 33)])
def test_tiny_pictures_have_no_regions_outside(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(3).integers(0, 255, shape, np.uint8)
    assert all(one.right <= shape[1] and one.bottom <= shape[0] and one.left < one.right for one in regions(noise))

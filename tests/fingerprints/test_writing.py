"""Fine print is suspected however the page is turned, and not where a picture is plain, smooth, or merely sharp."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from fingerprints.types import U8
from fingerprints.writing import fine_print
from tests.detectors.scenes import scene


def printed(angle: float = 0, ink: int = 0) -> U8:
    """One line of 22 pixels on a page of 2000 by 2600."""
    page = Image.new("L", (2000, 2600), "white")
    ImageDraw.Draw(page).text((300, 1200), "serial numbers of every turbine delivered to the harbour", fill=ink, font_size=22)
    return np.asarray(page.rotate(angle, fillcolor=255, resample=Image.Resampling.BICUBIC))


@pytest.mark.parametrize("angle", [0, 45, 90, 135, 180])
def test_one_line_on_a_large_page(angle: float) -> None:
    assert fine_print(printed(angle))


def test_what_is_hardly_darker_than_the_paper_is_not_seen() -> None:
    assert not fine_print(printed(ink=232))


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (900, 1200)])
def test_nothing_on_blank_paper(shape: tuple[int, int]) -> None:
    assert not fine_print(np.full(shape, 255, np.uint8))


def test_scenery_is_no_print() -> None:
    assert not any(fine_print(np.asarray(cv2.cvtColor(scene(seed), cv2.COLOR_RGB2GRAY), np.uint8)) for seed in range(6))

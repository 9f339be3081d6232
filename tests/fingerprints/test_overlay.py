"""What is laid over lies where it must, and what is veiled tells nothing."""

import io

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from fingerprints.overlay import BEYOND, LONGEST, VEIL, aspect_of, laid_over, veiled
from tests.app.pictures import encoded, scene

Pixels = npt.NDArray[np.uint8]
IDENTITY = (1.0, 0, 0, 0, 1, 0, 0, 0, 1)


def pixels(data: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def reference() -> Image.Image:
    return scene(5, 700, 500)


def unlike(one: Pixels, other: Pixels) -> float:
    """Mean difference of two pictures of about one size, seen without their finest detail."""
    small = [cv2.resize(cv2.GaussianBlur(p, (0, 0), 2), (200, 140), interpolation=cv2.INTER_AREA) for p in (one, other)]
    return float(np.abs(small[0].astype(int) - small[1].astype(int)).mean())


def through(
    image: Image.Image, corners: list[tuple[float, float]], width: int = 640, height: int = 560
) -> tuple[bytes, list[float]]:
    """The picture with its corners (fractions of a posted picture) there, and the homography that says so."""
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    across = cv2.getPerspectiveTransform(unit, np.array(corners, np.float32))
    into = np.diag([width, height, 1]) @ across @ np.diag([1 / image.width, 1 / image.height, 1])
    posted = cv2.warpPerspective(np.asarray(image), into, (width, height), borderValue=(20, 90, 60))
    return encoded(Image.fromarray(posted), "JPEG", quality=95), [round(float(v), 6) for v in across.ravel()]


@pytest.mark.parametrize(
    "corners",
    [
        [(0, 0), (1, 0), (1, 1), (0, 1)],
        [(1, 0), (0, 0), (0, 1), (1, 1)],
        [(1, 1), (0, 1), (0, 0), (1, 0)],
        [(1, 0), (1, 1), (0, 1), (0, 0)],
        [(0.2, 0.1), (0.9, 0.25), (0.8, 0.9), (0.1, 0.7)],
        [(0.9, 0.25), (0.2, 0.1), (0.1, 0.7), (0.8, 0.9)],
    ],
    ids=["as it is", "mirrored", "upside down", "turned", "askew", "askew and mirrored"],
)
def test_a_posted_picture_lies_over_its_reference(corners: list[tuple[float, float]]) -> None:
    posted, across = through(reference(), corners)
    laid = laid_over(posted, across, 700 / 500)
    assert laid is not None
    assert pixels(laid).shape == (714, LONGEST, 3)
    assert unlike(pixels(laid), np.asarray(reference())) < 6
    assert unlike(pixels(laid), np.asarray(reference().transpose(Image.Transpose.ROTATE_180))) > 25


def test_where_the_posted_picture_ends_there_is_grey() -> None:
    half = encoded(reference().crop((0, 0, 350, 500)), "JPEG", quality=95)
    laid = laid_over(half, (2.0, 0, 0, 0, 1, 0, 0, 0, 1), 1.4)
    assert laid is not None
    assert unlike(pixels(laid)[:, :480], np.asarray(reference())[:, :336]) < 6
    assert np.abs(pixels(laid)[:, 520:].astype(int) - BEYOND).max() < 12


def test_beyond_a_horizon_is_nothing() -> None:
    laid = laid_over(encoded(reference(), "JPEG"), (1.0, 0, 0, 0, 1, 0, -2.0, 0, 1), 1.4)
    assert laid is not None
    assert np.abs(pixels(laid)[:, 520:].astype(int) - BEYOND).max() < 12


@pytest.mark.parametrize("across", [(0.0,) * 9, (1.0, 0, 0, 2, 0, 0, 0, 0, 1), (float("nan"), 0, 0, 0, 1, 0, 0, 0, 1)])
def test_a_homography_that_maps_onto_nothing_draws_nothing(across: tuple[float, ...]) -> None:
    assert laid_over(encoded(reference(), "JPEG"), across, 1.4) is None


@pytest.mark.parametrize(("aspect", "size"), [(1.0, (1000, 1000)), (0.5, (500, 1000)), (900.0, (1000, 50)), (1e-9, (50, 1000))])
def test_what_is_drawn_is_bounded(aspect: float, size: tuple[int, int]) -> None:
    laid = laid_over(encoded(reference(), "JPEG"), IDENTITY, aspect)
    assert laid is not None
    assert Image.open(io.BytesIO(laid)).size == size


@pytest.mark.parametrize("aspect", [0.0, -1.0, float("inf"), float("nan")])
def test_what_is_no_aspect_is_said(aspect: float) -> None:
    with pytest.raises(ValueError, match="aspect"):
        laid_over(encoded(reference(), "JPEG"), IDENTITY, aspect)


def test_a_veiled_picture_keeps_its_proportions_and_none_of_its_detail() -> None:
    page = Image.new("RGB", (900, 1200), "white")
    for row in range(40):
        ImageDraw.Draw(page).text((60, 30 * row), "the quick brown fox jumps over the lazy dog " * 3, fill="black")
    shown = encoded(page, "JPEG")
    veil = veiled(shown)
    assert aspect_of(veil) == pytest.approx(900 / 1200, rel=0.01)
    assert len(veil) < 8_000
    edges = [
        cv2.Laplacian(cv2.resize(cv2.cvtColor(pixels(p), cv2.COLOR_RGB2GRAY), (480, 640)), cv2.CV_64F).var()
        for p in (shown, veil)
    ]
    assert edges[1] < edges[0] / 50
    again = cv2.resize(pixels(veil), (18, 24), interpolation=cv2.INTER_AREA)
    back = cv2.resize(again, (480, 640), interpolation=cv2.INTER_CUBIC)
    assert np.abs(back.astype(int) - pixels(veil).astype(int)).mean() < 3, "so few grains are all there is in it"


@pytest.mark.parametrize("size", [(1, 1), (1600, 1), (3, 700)])
def test_odd_sizes_are_veiled_too(size: tuple[int, int]) -> None:
    assert max(Image.open(io.BytesIO(veiled(encoded(Image.new("RGB", size, "red"), "JPEG")))).size) == VEIL

"""Cameras and chats: shapes, seeds, and the optics they claim."""

import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from app.demo import ordinary, pages
from app.demo.camera import developed, jpeg, linear, noisy, png, print_photo, screen_photo
from app.demo.screens import HEIGHT, WIDTH, Bubble, caption, chat_screenshot, crop, forward, sticker
from fingerprints.types import U8


@pytest.fixture(scope="module")
def page() -> U8:
    return pages.memo(3).pixels


def test_light_and_pixels_are_inverse() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    assert np.abs(developed(linear(ramp)).astype(int) - ramp)[:, 8:].max() <= 1


def test_shot_noise_grows_with_the_square_root_of_light() -> None:
    rng = np.random.default_rng(0)
    dim, bright = (noisy(np.full((300, 300, 3), level, np.float32), rng).std() for level in (0.09, 0.81))
    assert bright / dim == pytest.approx(3.0, rel=0.03)


@pytest.mark.parametrize("attack", [print_photo, screen_photo])
def test_a_photo_is_seeded_and_keeps_upright(attack: Callable[[U8, int], U8], page: U8) -> None:
    photo = attack(page, 5)
    assert photo.shape == (1600, 1200, 3)
    assert photo.dtype == np.uint8
    assert np.array_equal(photo, attack(page, 5))
    assert not np.array_equal(photo, attack(page, 6))
    assert attack(np.ascontiguousarray(np.rot90(page)), 5).shape == (1200, 1600, 3)


def test_moire_comes_from_the_grid_and_a_print_has_none() -> None:
    """A white page: the monitor's stripes leave colour that alternates within a few pixels, paper does not."""
    white = np.full((1754, 1240, 3), 255, np.uint8)
    colour = []
    for photo in (print_photo(white, 3), screen_photo(white, 3, glare=0)):
        middle = photo[600:1000, 400:800].astype(np.float32)
        difference = middle[:, :, 0] - middle[:, :, 2]
        colour.append(float((cv2.GaussianBlur(difference, (0, 0), 1.5) - cv2.GaussianBlur(difference, (0, 0), 12)).std()))
    assert colour[1] > 3 * colour[0]


def test_files_open_again(page: U8) -> None:
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png(page)))), page)
    again = np.asarray(Image.open(io.BytesIO(jpeg(page, 90))))
    assert np.abs(again.astype(int) - page).mean() < 4


def test_forwarding_shrinks_and_never_enlarges(page: U8) -> None:
    assert max(Image.open(io.BytesIO(forward(page, 800))).size) == 800
    assert Image.open(io.BytesIO(forward(page[:100, :90], 800))).size == (90, 100)


def test_cropping_takes_fractions(page: U8) -> None:
    assert np.array_equal(crop(page, 0.25, 0.5, 0.75, 1.0), page[877:, 310:930])


def test_stickers_and_captions_leave_most_of_the_picture(page: U8) -> None:
    changed = (sticker(page, 1) != page).any(axis=2).mean()
    assert 0 < changed < 0.15
    assert np.array_equal(caption(page, "look")[: page.shape[0]], page)


def test_a_screenshot_shows_the_picture_and_the_words_asked_for(page: U8) -> None:
    photo = ordinary.lunch(1)
    plain, shot = (chat_screenshot(photo, 4, [Bubble("Ann", "one"), *shown]) for shown in ([], [Bubble("Bo", picture=photo)]))
    assert shot.shape == (HEIGHT, WIDTH, 3)
    small = cv2.resize(photo, (690, round(690 * 900 / 1200)), interpolation=cv2.INTER_AREA)
    found = [cv2.matchTemplate(picture, small[60:-60, 60:-60], cv2.TM_CCOEFF_NORMED).max() for picture in (plain, shot)]
    assert found[1] > 0.97 > found[0]


@pytest.mark.parametrize("draw", [ordinary.lunch, ordinary.landscape, ordinary.cat, ordinary.meme, ordinary.notice])
def test_ordinary_pictures_differ_by_seed(draw: Callable[[int], U8]) -> None:
    assert np.array_equal(draw(2), draw(2))
    assert not np.array_equal(draw(2), draw(3))

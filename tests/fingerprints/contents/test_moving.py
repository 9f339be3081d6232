"""Animations, films and the phone's own picture format."""

import numpy as np
import pytest
from PIL import Image

from fingerprints.contents.opening import open_file
from fingerprints.contents.parts import Opened
from fingerprints.contents.scenes import Scenes
from fingerprints.types import U8, Limits
from tests.detectors.scenes import page, sentences
from tests.fingerprints.contents.made import PICTURE, animated, film, heic
from tests.fingerprints.test_images import drawing, looks_like_the_drawing, noise

LIMITS = Limits()
PAGES = [Image.fromarray(page(sentences(seed))).resize((480, 640)) for seed in (1, 2)]


def picture(opened: Opened, index: int) -> U8:
    load = opened.parts[index].load
    assert load is not None
    return load().pixels


def near(one: U8, other: Image.Image) -> bool:
    return float(np.abs(one.astype(float) - np.asarray(other.convert("RGB"), float)).mean()) < 8


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_of_an_animation_the_frames_that_differ(form: str) -> None:
    almost = PAGES[0].copy()
    almost.putpixel((5, 5), (0, 0, 0))
    opened = open_file(animated([PAGES[0], almost, PAGES[0], PAGES[1], PAGES[0]], form), "x", LIMITS)
    assert [part.label for part in opened.parts] == ["", "frame 4"]
    assert opened.unread == ()
    assert near(picture(opened, 0), PAGES[0])
    assert near(picture(opened, 1), PAGES[1])


def test_frames_beyond_the_limit_are_reported() -> None:
    frames = [noise(64, 48, seed) for seed in range(9)]
    for limits in (Limits(max_frames=4), Limits(max_pages=4)):
        opened = open_file(animated(frames, "GIF"), "x.gif", limits)
        assert len(opened.parts) == 4
        assert [(one.reason, one.part) for one in opened.unread] == [("too_many_frames", "frames after 4")]


def test_of_large_frames_fewer_are_looked_at() -> None:
    """A few bytes a frame, a hundred megapixels each."""
    opened = open_file(animated([noise(64, 48, seed) for seed in range(30)], "GIF"), "x.gif", Limits(max_pixels=64 * 48))
    assert len(opened.parts) == 10
    assert [(one.reason, one.part) for one in opened.unread] == [("too_many_frames", "frames after 10")]
    shown = film([noise(64, 48, seed) for seed in range(30)], seconds=1, rate=1)
    assert len(open_file(shown, "x.mp4", Limits(max_pixels=64 * 48)).parts) <= 10


def test_an_animation_cut_short() -> None:
    data = animated([drawing(), noise(320, 200), noise(320, 200, 2)], "GIF")
    opened = open_file(data[: len(data) // 2], "x.gif", LIMITS)
    assert looks_like_the_drawing(picture(opened, 0))
    assert [one.reason for one in opened.unread] == ["truncated"]


@pytest.mark.parametrize("form", ["mp4", "mov", "matroska"])
def test_of_a_film_the_key_frames_of_each_scene(form: str) -> None:
    opened = open_file(film([PAGES[0], PAGES[1], PAGES[0]], seconds=3, form=form), "x", LIMITS)
    assert opened.unread == ()
    assert [part.label for part in opened.parts] == ["at 0:00:00.0", "at 0:00:03.0"]
    assert near(picture(opened, 0), PAGES[0])
    assert near(picture(opened, 1), PAGES[1])


def test_a_film_of_hours_is_looked_at_over_its_whole_length() -> None:
    """Eleven minutes of one page, one of another; no more than 40 frames are looked at, so it goes from place to place."""
    scenes = [PAGES[0].resize((96, 128))] * 11 + [PAGES[1].resize((96, 128))]
    opened = open_file(film(scenes, seconds=60, rate=1, noise=0), "x.mp4", Limits(max_frames=40))
    assert len(opened.parts) == 2
    assert opened.parts[1].label.startswith("at 0:11:")
    assert [one.reason for one in opened.unread] == ["too_many_frames"]


def test_scenes_beyond_the_limit_are_reported() -> None:
    opened = open_file(film([noise(64, 48, seed) for seed in range(6)], seconds=1), "x.mp4", Limits(max_pages=3))
    assert len(opened.parts) == 3
    assert [one.reason for one in opened.unread] == ["too_many_frames"]


@pytest.mark.parametrize("kept", [0.4, 0.02])
def test_a_film_cut_short_is_reported(kept: float) -> None:
    data = film([PAGES[0]], form="mp4")
    assert [one.reason for one in open_file(data[: int(len(data) * kept)], "x.mp4", LIMITS).unread] == ["corrupt"]


def test_a_film_with_too_many_pixels() -> None:
    assert [one.reason for one in open_file(film([PAGES[0]]), "x.mp4", Limits(max_pixels=1000)).unread] == ["too_many_pixels"]


def test_a_line_that_comes_into_a_still_scene_makes_it_another() -> None:
    scenes = Scenes(5)
    lines = sentences(1)
    assert scenes.new(page(lines[:6])[..., 0])
    rng = np.random.default_rng(1)
    again = np.clip(page(lines[:6])[..., 0] + rng.normal(0, 4, page(lines[:6]).shape[:2]), 0, 255).astype(np.uint8)
    assert not scenes.new(again)
    assert scenes.new(page(lines[:8])[..., 0])


def test_the_phones_own_format() -> None:
    opened = open_file(heic(drawing()), "IMG_1.HEIC", LIMITS)
    assert [part.label for part in opened.parts] == [""]
    assert looks_like_the_drawing(picture(opened, 0))
    assert [one.reason for one in open_file(heic(drawing()), "x", Limits(max_pixels=1000)).unread] == ["too_many_pixels"]
    assert picture(open_file(PICTURE, "x", LIMITS), 0).shape == (200, 320, 3)

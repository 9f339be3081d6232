"""Attacks are seeded, make files that open, and do to the picture what their names say."""

import io

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from app.demo import ordinary
from fingerprints.types import U8
from tests.benchmarks.attacks import ATTACKS, FAMILIES, FEW, Attack, chosen, seed_of


@pytest.fixture(scope="module")
def photo() -> U8:
    return ordinary.lunch(3)


def size(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


def opened(data: bytes) -> npt.NDArray[np.int64]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(np.int64)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_same_seed_same_bytes(attack: Attack, photo: U8) -> None:
    assert attack(photo, 1) == attack(photo, 1)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_tiny_and_slim_pictures_survive(attack: Attack) -> None:
    for shape in ((9, 200, 3), (200, 9, 3)):
        slim = np.full(shape, 128, np.uint8)
        assert min(size(attack(slim, 2))) >= 1


def test_sizes(photo: U8) -> None:
    assert size(ATTACKS["recompress"](photo, 1)) == (600, 450)
    assert size(ATTACKS["rotate90"](photo, 1)) == (900, 1200)
    assert size(ATTACKS["chat_screenshot"](photo, 1)) == (1080, 1920)
    assert size(ATTACKS["print_photo"](photo, 1)) == (1600, 1200)


def test_crop_keeps_two_fifths_somewhere_else_each_time(photo: U8) -> None:
    cuts = [ATTACKS["crop40"](photo, seed) for seed in range(12)]
    areas = [width * height / (1200 * 900) for width, height in map(size, cuts)]
    assert areas == pytest.approx([0.4] * 12, abs=0.005)
    assert len(set(cuts)) == 12


@pytest.mark.parametrize(("name", "share"), [("crop70", 0.7), ("crop20", 0.2)])
def test_other_crops_keep_their_share(photo: U8, name: str, share: float) -> None:
    for seed in range(6):
        across, height = size(ATTACKS[name](photo, seed))
        assert across * height / (1200 * 900) == pytest.approx(share, abs=0.005)


def test_a_mirrored_picture_is_mirrored(photo: U8) -> None:
    assert np.abs(opened(ATTACKS["mirror"](photo, 1)) - photo[:, ::-1]).mean() < 6


def test_an_overlay_leaves_most_of_the_picture(photo: U8) -> None:
    for name in ("stickers", "watermark", "scribble"):
        untouched = (np.abs(opened(ATTACKS[name](photo, 3)) - photo).max(axis=2) < 40).mean()
        assert 0.6 < untouched < 0.999, name


def test_an_inset_is_two_fifths_as_long_as_what_it_lies_in(photo: U8) -> None:
    with_it = opened(ATTACKS["inset"](photo, 4))
    changed = np.argwhere(np.abs(with_it - opened(ATTACKS["inset"](255 - photo, 4))).max(axis=2) > 60)
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert (right - left, bottom - top) == (pytest.approx(480, abs=8), pytest.approx(360, abs=8))


def test_a_screen_s_grid_beats_with_the_sensor_s() -> None:
    """Moiré: an even grey on a monitor shows slow waves in its photo, on paper it does not."""
    grey = np.full((900, 1200, 3), 170, np.uint8)

    def waves(name: str) -> float:
        middle = opened(ATTACKS[name](grey, 5))[450:750, 600:1000, :].astype(np.float32)
        slow = cv2.GaussianBlur(middle, (0, 0), 2) - cv2.GaussianBlur(middle, (0, 0), 12)
        return float(np.ptp(slow, axis=2).std())

    assert waves("screen_photo") > 1.5 * waves("print_photo")


def test_families_share_no_attack_and_there_are_twenty_at_least() -> None:
    names = [attack.__name__ for family in FAMILIES.values() for attack in family]
    assert len(names) == len(set(names)) == len(ATTACKS) >= 20
    assert set(FEW) <= set(names)
    assert chosen("few") == FEW
    assert chosen("all") == tuple(names)
    assert chosen("crop") == ("crop70", "crop40", "crop20")


def test_both_turns_happen(photo: U8) -> None:
    left, right = (opened(ATTACKS["rotate90"](photo, seed)) for seed in (1, 2))
    assert np.abs(left - np.rot90(photo)).mean() < 6
    assert np.abs(right - np.rot90(photo, 3)).mean() < 6


def test_seeds_come_from_words_and_stay_the_same_on_every_machine() -> None:
    assert seed_of(0, "crop40", "a.jpg") == 1343227312
    assert seed_of(1, "x") == seed_of(0, "x") + 1

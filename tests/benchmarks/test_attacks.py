"""Attacks are seeded, make files that open, and do to the picture what their names say."""

import io

import numpy as np
import pytest
from PIL import Image

from app.demo import ordinary
from fingerprints.types import U8
from tests.benchmarks.attacks import ATTACKS, Attack, seed_of


@pytest.fixture(scope="module")
def photo() -> U8:
    return ordinary.lunch(3)


def size(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


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


def test_both_turns_happen(photo: U8) -> None:
    left, right = (np.asarray(Image.open(io.BytesIO(ATTACKS["rotate90"](photo, seed)))).astype(int) for seed in (1, 2))
    assert np.abs(left - np.rot90(photo)).mean() < 6
    assert np.abs(right - np.rot90(photo, 3)).mean() < 6


def test_seeds_come_from_words_and_stay_the_same_on_every_machine() -> None:
    assert seed_of(0, "crop40", "a.jpg") == 1343227312
    assert seed_of(1, "x") == seed_of(0, "x") + 1

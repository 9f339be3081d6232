"""Why a picture is hard to recognise: drawn with and without each flaw."""

from typing import get_args

import cv2
import numpy as np
import pytest

from app.assets.schemas import Reason
from detectors.recognisability import Kinship
from fingerprints.distinctiveness import ADVICE, Distinctiveness, Flaw, blocks
from fingerprints.extraction import Extractor
from fingerprints.types import U8, Line
from tests.detectors.scenes import jpeg, png, scene, sentences
from tests.fingerprints.test_extraction import CountingReader


def judged(picture: U8, lines: tuple[Line, ...] = ()) -> Distinctiveness:
    return Extractor(CountingReader(lines)).fingerprint(png(picture), "x.png").parts[0].distinctiveness


def dimmed(gain: float, haze: float = 0.0) -> U8:
    noise = np.random.default_rng(1).normal(0, 1.5, (700, 900, 3))
    return np.asarray(np.clip(scene(3) * gain + haze + noise, 0, 255), np.uint8)


def blurred(radius: float) -> U8:
    return np.asarray(cv2.GaussianBlur(scene(3), (0, 0), radius), np.uint8)


def resized(width: int, height: int) -> U8:
    return np.asarray(cv2.resize(scene(3), (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def cornered(share: float) -> U8:
    sheet, inside = np.full((700, 900, 3), 200, np.uint8), resized(round(900 * share), round(700 * share))
    sheet[-inside.shape[0] :, : inside.shape[1]] = inside
    return sheet


def tiled(times: int) -> U8:
    tile = cv2.resize(scene(3)[200:420, 200:480], (900 // times, 700 // times), interpolation=cv2.INTER_AREA)
    return np.tile(tile, (times, times, 1))


def bars(count: int) -> U8:
    """A blank wall with so many things on it."""
    wall = np.full((700, 900, 3), 180, np.uint8)
    for i in range(count):
        x, y = (i * 331) % 780 + 40, (i * 197) % 560 + 60
        cv2.rectangle(wall, (x, y), (x + 30 + 9 * i % 40, y + 25 + 13 * i % 30), (30 + 31 * i % 120, 60, 40 + 17 * i % 150), -1)
    return wall


@pytest.mark.parametrize(
    ("flaw", "has", "has_not"),
    [
        (Flaw.TOO_SMALL, resized(120, 93), resized(240, 187)),
        (Flaw.TOO_DARK, dimmed(0.12), dimmed(0.5)),
        (Flaw.TOO_BLURRED, blurred(7), blurred(1)),
        (Flaw.TOO_PLAIN, bars(6), scene(3)),
        (Flaw.FEW_PLACES, cornered(0.25), cornered(0.9)),
        (Flaw.REPETITIVE, tiled(8), scene(3)),
    ],
    ids=lambda value: value.value if isinstance(value, Flaw) else "",
)
def test_a_picture_with_the_flaw_and_one_without(flaw: Flaw, has: U8, has_not: U8) -> None:
    flawed, fine = judged(has), judged(has_not)
    assert flaw in flawed.flaws
    assert flawed.verdict != "good"
    assert ADVICE[flaw] in flawed.advice
    assert flaw not in fine.flaws


@pytest.mark.parametrize("seed", range(6))
def test_a_picture_rich_in_detail_has_none(seed: int) -> None:
    found = judged(scene(seed))
    assert (found.flaws, found.verdict, found.score) == ((), "good", 1.0)
    assert "nothing to do" in found.advice


def test_several_flaws_are_all_told() -> None:
    found = judged(np.asarray(resized(120, 93) * 0.2, np.uint8))
    assert {Flaw.TOO_SMALL, Flaw.TOO_DARK} <= set(found.flaws)
    assert all(ADVICE[flaw] in found.advice for flaw in found.flaws)


def test_little_to_see_because_it_is_dark_is_called_dark_alone() -> None:
    assert judged(dimmed(0.06)).flaws == (Flaw.TOO_DARK,)


def test_a_hazy_picture_is_too_plain() -> None:
    assert judged(dimmed(0.08, 140)).flaws == (Flaw.TOO_PLAIN,)


def test_a_blank_sheet_is_nothing_but_plain() -> None:
    found = judged(np.full((400, 300, 3), 255, np.uint8))
    assert (found.flaws, found.verdict, found.score) == ((Flaw.TOO_PLAIN,), "none", 0.0)


def test_a_picture_with_enough_text_needs_no_details() -> None:
    quad = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.2), (0.1, 0.2))
    lines = tuple(Line(text, 1.0, quad) for text in sentences(1))
    assert judged(bars(3)).verdict == "none"
    assert judged(bars(3), lines).flaws == ()
    assert judged(np.asarray(cv2.GaussianBlur(bars(12), (0, 0), 9), np.uint8), lines).flaws == (Flaw.TOO_BLURRED,)


@pytest.mark.parametrize(("words", "verdict"), [(1, "none"), (3, "weak"), (18, "good")])
def test_a_text_is_judged_by_its_length(words: int, verdict: str) -> None:
    text = "\n".join(sentences(1)[:words])
    found = Extractor(CountingReader()).fingerprint(text.encode()[: 30 if words == 1 else None], "x.txt").parts[0].distinctiveness
    assert found.verdict == verdict
    assert found.flaws == (() if verdict == "good" else (Flaw.TOO_SHORT,))


def test_recompression_changes_no_verdict() -> None:
    for seed in range(4):
        part = Extractor(CountingReader()).fingerprint(jpeg(scene(seed), 60), "x.jpg").parts[0]
        assert part.distinctiveness.flaws == ()


def test_blocks_are_counted_once_and_borders_belong_inside() -> None:
    points = np.array([(0, 0), (0.05, 0.1), (1, 1), (0.99, 0.99), (0.13, 0)], np.float32)
    assert blocks(points) == {0, 1, 63}


def test_every_reason_that_is_stored_can_be_shown() -> None:
    assert set(get_args(Reason)) == {*Flaw, *Kinship}
    assert set(ADVICE) == set(Flaw)

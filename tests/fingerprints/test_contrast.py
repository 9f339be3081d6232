"""What only one of two explanations explains."""

from dataclasses import replace

import numpy as np
import pytest

from fingerprints import contrast
from fingerprints.text import shingles
from fingerprints.types import GeometricHit, Keypoints, Shingles
from tests.detectors.scenes import sentences

SQUARE = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))


def hit(*places: tuple[float, float]) -> GeometricHit:
    points = np.hstack([np.array(places, np.float32), np.zeros((len(places), 2), np.float32)])
    return GeometricHit("k", len(places), len(places), np.eye(3), points, 1.0, 1.0, SQUARE)


def made(*texts: str) -> Shingles:
    value = shingles("\n".join(texts))
    assert value is not None
    return value


def test_details_that_both_explain_speak_for_neither() -> None:
    one, other = hit((0.1, 0.1), (0.5, 0.5), (0.9, 0.9)), hit((0.1, 0.105), (0.3, 0.7))
    assert contrast.details(one, other, 1.0) == (2, 1)
    assert contrast.details(other, one, 1.0) == (1, 2)
    assert contrast.details(one, one, 1.0) == (0, 0)
    assert contrast.details(one, None, 1.0) == (3, 0)


@pytest.mark.parametrize(("aspect", "apart"), [(4.0, (0, 0)), (1.0, (1, 1))])
def test_nearness_is_reckoned_on_the_longer_side(aspect: float, apart: tuple[int, int]) -> None:
    assert contrast.details(hit((0.5, 0.5)), hit((0.5, 0.55)), aspect) == apart


def test_words_that_both_hold_speak_for_neither() -> None:
    form, mine, theirs = sentences(1, 4), sentences(2, 3), sentences(3, 3)
    one, other = made(*form, *mine), made(*form, *theirs)
    of_one, of_other = contrast.words(one, one, other)
    assert of_one == pytest.approx(made(*mine).units, rel=0.25)
    assert of_other == 0
    assert contrast.words(made(*theirs), one, other)[0] == 0
    assert contrast.words(made(*form), one, other) == (0, 0)
    assert contrast.words(one, one, None)[0] == pytest.approx(one.units, rel=0.1)


def test_share_is_how_much_of_the_query_a_text_holds() -> None:
    mine, theirs = sentences(2, 5), sentences(3, 5)
    assert contrast.share(made(*mine), made(*theirs, *mine)) > 0.9
    assert contrast.share(made(*mine, *theirs), made(*mine)) == pytest.approx(0.5, abs=0.1)
    assert contrast.share(made(*mine), made(*theirs)) < 0.25


def test_what_lies_beside_an_outline_is_left() -> None:
    xy = np.array([(0.5, 0.5), (0.26, 0.74), (0.76, 0.5), (0.9, 0.5), (0.5, 0.05)], np.float32)
    whole = Keypoints(xy, np.ones(5, np.float32), np.ones(5, np.float32), np.arange(5 * 128, dtype=np.uint8).reshape(5, 128), 1.0)
    left = contrast.beside(whole, SQUARE)
    assert left is not None
    assert left.xy.tolist() == xy[3:].tolist()
    assert (left.descriptors == whole.descriptors[3:]).all()
    inner = replace(whole, xy=xy[:2], scale=whole.scale[:2], angle=whole.angle[:2], descriptors=whole.descriptors[:2])
    assert contrast.beside(inner, SQUARE) is None
    assert contrast.beside(inner, SQUARE[::-1]) is None, "a mirrored outline goes the other way round"


def test_what_a_hit_explains_is_taken_out() -> None:
    xy = np.array([(0.1, 0.1), (0.101, 0.1), (0.5, 0.5)], np.float32)
    whole = Keypoints(xy, np.ones(3, np.float32), np.ones(3, np.float32), np.zeros((3, 128), np.uint8), 1.0)
    left = contrast.unexplained(whole, hit((0.1, 0.1)))
    assert left is not None
    assert left.xy.tolist() == xy[2:].tolist()
    assert contrast.unexplained(whole, hit((0.1, 0.1), (0.5, 0.5))) is None


def test_outlines_overlap_however_they_run() -> None:
    half = ((0.5, 0.25), (0.75, 0.25), (0.75, 0.75), (0.5, 0.75))
    away = ((0.8, 0.8), (0.9, 0.8), (0.9, 0.9), (0.8, 0.9))
    assert contrast.overlap(SQUARE, SQUARE[::-1]) == pytest.approx(1.0)
    assert contrast.overlap(SQUARE, half) == contrast.overlap(half, SQUARE) == pytest.approx(0.5)
    assert contrast.overlap(SQUARE, away) == 0.0
    assert contrast.carried(hit((0.1, 0.1)), half) == half

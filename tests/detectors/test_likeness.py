"""How sure a match is, and which of several speaks for an asset."""

from dataclasses import replace

import pytest

from detectors.likeness import best_per_asset, probability, same_place, sureness
from detectors.thresholds import DEFAULT
from detectors.types import Match
from tests.detectors.drawn import hit


@pytest.mark.parametrize(("value", "expected"), [(12, 0.6), (15, 0.65), (18, 0.7), (24, 0.8), (30, 0.9), (36, 0.99), (500, 0.99)])
def test_sureness_grows_from_the_threshold_to_three_times_it(value: float, expected: float) -> None:
    assert sureness(value, 12) == expected


@pytest.mark.parametrize(("mutual", "expected"), [(0, 0.0), (5, 0.379), (6, 0.631), (8, 0.902), (16, 0.99), (500, 0.99)])
def test_the_chance_that_it_is_the_reference_grows_with_what_is_mutual(mutual: int, expected: float) -> None:
    assert probability(replace(hit("it", 500, 1.0), mutual=mutual), DEFAULT) == expected


def test_the_surest_match_speaks_for_an_asset_and_of_equals_the_first() -> None:
    one = Match("a", "A", "page 1", "page_copy", 0.7, 0, {})
    surer, other = replace(one, reference="page 2", confidence=0.8), replace(one, asset_id="b")
    as_sure = replace(surer, reference="page 3")
    assert best_per_asset([one, surer, other, as_sure]) == [surer, other]


def shown(left: float, right: float, *, mirrored: bool = False) -> Match:
    outline = [[left, 0.1], [right, 0.12], [right, 0.9], [left, 0.8]]
    evidence = {"geometry": {"outline": outline[::-1] if mirrored else outline}}
    return Match("a", "A", "page 1", "page_copy", 0.7, 0, evidence)


@pytest.mark.parametrize("mirrored", [False, True])
def test_matches_are_of_one_place_if_one_stands_in_the_middle_of_the_other(mirrored: bool) -> None:
    page = shown(0.1, 0.6, mirrored=mirrored)
    assert same_place(shown(0.2, 0.8), page)
    assert not same_place(shown(0.5, 0.9), page)
    assert not same_place(replace(page, evidence={}), page)
    assert not same_place(page, replace(page, evidence={}))

"""Points that ask for less show what today's show, and more."""

from dataclasses import asdict
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.demo.camera import jpeg
from app.demo.equipment import photograph
from detectors.hindsight import Hindsight, recognised
from detectors.leniency import COUNTS, SHARES, TEXTS, lenient, moved
from detectors.registry import Registry
from detectors.thresholds import DEFAULT, Thresholds
from detectors.types import AssetKind
from fingerprints.extraction import Extractor
from fingerprints.types import U8
from tests.detectors.scenes import asset, register, sentences
from tests.detectors.test_hindsight import remembered

TAKEN = 3
"""A machine."""
less = st.floats(0, 0.99)


@cache
def near_miss() -> U8:
    """It from so far aside that today's points miss it: 19 details agree, on few blocks, and 24 are asked for."""
    return photograph(TAKEN, 68)


def test_nothing_less_is_today() -> None:
    assert lenient(DEFAULT, 0) == DEFAULT
    assert moved(DEFAULT, lenient(DEFAULT, 0)) == {}
    told = moved(DEFAULT, lenient(DEFAULT, 0.25))
    assert (told["inliers"], told["text_units"], told["perceptual_same"]) == ((12, 9), (40.0, 30.0), (4, 5))


@given(less, less)
def test_who_asks_for_less_asks_for_no_more_of_anything(one: float, other: float) -> None:
    more, fewer = (asdict(lenient(DEFAULT, share)) for share in sorted((one, other)))
    assert all(fewer[name] <= more[name] for name in (*COUNTS, *SHARES, *TEXTS, "inliers_lead"))
    assert DEFAULT.perceptual_same <= more["perceptual_same"] <= fewer["perceptual_same"] <= DEFAULT.perceptual_near
    assert fewer["inliers_lead"] >= 1, "a page that another asset's matches better is not shown"


@given(less)
def test_what_reading_decides_by_stays(share: float) -> None:
    changed = moved(DEFAULT, lenient(DEFAULT, share)).keys()
    assert changed <= {*COUNTS, *SHARES, *TEXTS, "inliers_lead", "perceptual_same"}


@pytest.mark.parametrize("share", [-0.1, 1, 2])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        lenient(DEFAULT, share)


def shown(registry: Registry, extractor: Extractor, data: bytes, points: Thresholds, name: str = "a.jpg") -> list[str | None]:
    subject = Hindsight(remembered(extractor, data, name), extractor, registry, points, ())
    return [one.asset_id for one in recognised(subject)]


def test_a_short_quotation_is_a_near_miss(extractor: Extractor) -> None:
    registry = Registry()
    register(registry, extractor, asset("minutes", AssetKind.TEXT), " ".join(sentences(7)).encode())
    quoted = " ".join(sentences(7))[40:72].encode()
    assert shown(registry, extractor, quoted, DEFAULT, "a.txt") == []
    assert shown(registry, extractor, quoted, lenient(DEFAULT, 0.6), "a.txt") == ["minutes"]


def test_a_machine_from_far_aside_is_a_near_miss(extractor: Extractor) -> None:
    registry = Registry()
    register(registry, extractor, asset("press"), jpeg(photograph(TAKEN), 92))
    register(registry, extractor, asset("other"), jpeg(photograph(TAKEN + 1), 92))
    near = jpeg(near_miss(), 60)
    assert shown(registry, extractor, near, DEFAULT) == []
    assert shown(registry, extractor, near, lenient(DEFAULT, 0.4)) == ["press"]

"""Another photo of registered equipment is told by geometry alone."""

import pytest

from detectors.equipment_photo import EquipmentPhoto
from detectors.registry import Registry
from detectors.subject import Subject
from detectors.thresholds import DEFAULT
from detectors.types import AssetKind, Match
from fingerprints.extraction import Extractor
from tests.detectors.drawn import Nominated, hit, like, read, registered
from tests.detectors.scenes import asset, jpeg, png, register, scene
from tests.fingerprints.test_extraction import CountingReader


def found(inliers: int, coverage: float, kind: AssetKind = AssetKind.EQUIPMENT) -> list[Match]:
    registry = Registry()
    registered(registry, "it", "", kind)
    return EquipmentPhoto().detect(Nominated(read(()), registry, [like(registry, "it", hit("it", inliers, coverage))]))


def test_enough_details_well_spread_are_enough() -> None:
    [match] = found(DEFAULT.inliers, DEFAULT.coverage)
    assert (match.asset_id, match.detector, match.confidence) == ("it", "equipment_photo", 0.6)


@pytest.mark.parametrize(
    ("inliers", "coverage"), [(DEFAULT.inliers - 1, 1.0), (400, DEFAULT.coverage - 0.01)], ids=["few", "huddled"]
)
def test_fewer_or_huddled_details_are_chance(inliers: int, coverage: float) -> None:
    assert found(inliers, coverage) == []


@pytest.mark.parametrize("kind", [AssetKind.DOCUMENT, AssetKind.TEXT])
def test_a_page_is_no_equipment(kind: AssetKind) -> None:
    assert found(400, 1.0, kind) == []


def test_the_nearest_other_asset_is_told_with_the_match() -> None:
    registry = Registry()
    for ident in ("it", "other"):
        registered(registry, ident, "", AssetKind.EQUIPMENT)
    resembled = [like(registry, "it", hit("it", 40, 1.0)), like(registry, "other", hit("other", 7, 0.1))]
    [match] = EquipmentPhoto().detect(Nominated(read(()), registry, resembled))
    assert match.asset_id == "it"
    assert (match.evidence["nearest_other"]["asset_id"], match.evidence["nearest_other"]["inliers"]) == ("other", 7)


def test_what_a_picture_resembles_most_comes_first() -> None:
    registry, extractor = Registry(), Extractor(CountingReader())
    register(registry, extractor, asset("a part"), png(scene(1)[:350]))
    register(registry, extractor, asset("the whole"), png(scene(1)))
    posted = extractor.open(jpeg(scene(1)), "x.jpg").parts[0]
    resembled = Subject(0, posted, registry, DEFAULT).likenesses
    assert [one.asset.id for one in resembled] == ["the whole", "a part"]
    assert resembled[0].inliers > resembled[1].inliers

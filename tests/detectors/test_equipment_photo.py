"""Another photo of registered equipment is told by geometry alone."""

from dataclasses import replace

import numpy as np
import pytest

from detectors.equipment_photo import EquipmentPhoto
from detectors.likeness import probability
from detectors.registry import AssetChange, Registry
from detectors.subject import Subject
from detectors.thresholds import DEFAULT
from detectors.types import AssetKind, Match, Reference
from fingerprints.extraction import Extractor
from fingerprints.types import Fingerprints, GeometricHit
from tests.detectors.drawn import Nominated, hit, like, read, registered
from tests.detectors.scenes import asset, jpeg, png, register, scene
from tests.fingerprints.test_extraction import CountingReader


def found(inliers: int, coverage: float, kind: AssetKind = AssetKind.EQUIPMENT) -> list[Match]:
    registry = Registry()
    registered(registry, "it", "", kind)
    return EquipmentPhoto().detect(Nominated(read(()), registry, [like(registry, "it", hit("it", inliers, coverage))]))


def test_enough_details_well_spread_are_enough() -> None:
    [match] = found(DEFAULT.inliers, DEFAULT.coverage)
    assert (match.asset_id, match.detector, match.confidence) == (
        "it",
        "equipment_photo",
        probability(hit("it", DEFAULT.inliers, 1.0), DEFAULT),
    )


@pytest.mark.parametrize(
    ("inliers", "coverage"),
    [
        (DEFAULT.inliers - 1, 1.0),
        (DEFAULT.inliers_solid - 1, DEFAULT.coverage - 0.01),
        (400, DEFAULT.coverage_solid - 0.01),
    ],
    ids=["few", "few for so few blocks", "huddled"],
)
def test_fewer_or_huddled_details_are_chance(inliers: int, coverage: float) -> None:
    assert found(inliers, coverage) == []


def test_a_solid_thing_from_another_side_shows_few_blocks_and_more_details() -> None:
    [match] = found(DEFAULT.inliers_solid, DEFAULT.coverage_solid)
    told = match.evidence["geometry"]
    assert (told["threshold"], told["coverage_threshold"]) == (DEFAULT.inliers_solid, DEFAULT.coverage_solid)
    assert f"at least {DEFAULT.inliers_solid} are required" in match.evidence["summary"]


def test_what_merely_repeats_is_not_told_by_any_number_of_details() -> None:
    registry = Registry()
    registered(registry, "it", "", AssetKind.EQUIPMENT)
    windows = replace(hit("it", 400, 1.0), mutual=DEFAULT.mutual_closer - 1)
    assert EquipmentPhoto().detect(Nominated(read(()), registry, [like(registry, "it", windows)])) == []


@pytest.mark.parametrize(("shown", "found"), [(1, ["it"]), (2, [])], ids=["it", "something else"])
def test_where_a_few_details_agree_the_picture_is_looked_at_more_closely_and_a_person_decides(
    shown: int, found: list[str]
) -> None:
    registry, extractor = Registry(), Extractor(CountingReader())
    register(registry, extractor, asset("it", AssetKind.EQUIPMENT), png(scene(1)))
    [key] = registry.keys_of("it")
    posted = extractor.open(jpeg(scene(shown)), "x.jpg").parts[0]

    def matches(inliers: int) -> list[Match]:
        return EquipmentPhoto().detect(Nominated(posted, registry, [like(registry, key, hit(key, inliers, 0.05))]))

    assert [one.asset_id for one in matches(DEFAULT.inliers_view)] == found
    assert all(one.confidence < DEFAULT.leak_confidence for one in matches(DEFAULT.inliers_view))
    assert matches(DEFAULT.inliers_view - 1) == []


def seen_from(key: str, places: range) -> GeometricHit:
    """Details in a column of the picture, each in a place of its own."""
    points = np.array([(0.5, place / 40, 0.5, 0.5) for place in places], np.float32)
    return replace(hit(key, len(places), 0.0), points=points)


def test_views_of_one_thing_support_each_other_and_a_person_decides() -> None:
    registry = Registry()
    prints = Fingerprints("digest")
    for ident in ("it", "other"):
        keys = tuple((Reference(f"{ident}/{view}", ident, f"view {view}"), prints) for view in range(2))
        registry.apply(AssetChange(registry.checkpoint + 1, ident, asset(ident, AssetKind.EQUIPMENT), keys))
    few = DEFAULT.inliers_together // 2

    def matches(*hits: GeometricHit) -> list[Match]:
        return EquipmentPhoto().detect(Nominated(read(()), registry, [like(registry, one.key, one) for one in hits]))

    [match] = matches(seen_from("it/0", range(few)), seen_from("it/1", range(few, 2 * few)))
    assert match.confidence < DEFAULT.leak_confidence
    assert "2 registered views" in match.evidence["summary"]
    assert matches(seen_from("it/0", range(few)), seen_from("it/1", range(few))) == [], "the same places count once"
    assert matches(seen_from("it/0", range(few)), seen_from("other/1", range(few, 2 * few))) == [], "of one asset"


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

"""Another photo of registered equipment is told by geometry alone."""

import pytest

from detectors.equipment_photo import EquipmentPhoto
from detectors.registry import Registry
from detectors.thresholds import DEFAULT
from detectors.types import AssetKind, Match
from tests.detectors.drawn import Nominated, hit, like, read, registered


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

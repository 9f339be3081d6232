"""Level x channel x sureness decide how urgently a person must look."""

import pytest

from detectors.policy import conclude
from detectors.thresholds import DEFAULT
from detectors.types import Asset, AssetKind, Conclusion, Level, Match, Severity


def match(confidence: float, asset_id: str | None = "a", rank: str = "secret") -> Match:
    evidence = {"summary": "", "marking": {"rank": rank}}
    return Match(asset_id, "A", "", "page_copy" if asset_id else "marking", confidence, 0, evidence)


def assets(level: Level) -> dict[str, Asset]:
    return {"a": Asset("a", "A", AssetKind.DOCUMENT, level)}


def test_nothing_found_is_clear() -> None:
    assert conclude([], {}, True, DEFAULT) == (Conclusion.CLEAR, Severity.NONE)


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        (Level.INTERNAL, Severity.LOW),
        (Level.CONFIDENTIAL, Severity.MEDIUM),
        (Level.SECRET, Severity.HIGH),
        (Level.TOP_SECRET, Severity.CRITICAL),
    ],
)
def test_severity_follows_the_level(level: Level, severity: Severity) -> None:
    assert conclude([match(0.9)], assets(level), False, DEFAULT) == (Conclusion.LEAK, severity)


def test_an_external_channel_is_graver_and_doubt_is_milder() -> None:
    assert conclude([match(0.9)], assets(Level.SECRET), True, DEFAULT)[1] is Severity.CRITICAL
    assert conclude([match(0.61)], assets(Level.SECRET), False, DEFAULT) == (Conclusion.REVIEW, Severity.MEDIUM)
    assert conclude([match(0.61)], assets(Level.INTERNAL), False, DEFAULT)[1] is Severity.LOW


def test_nothing_is_graver_than_critical() -> None:
    assert conclude([match(0.9)], assets(Level.TOP_SECRET), True, DEFAULT) == (Conclusion.LEAK, Severity.CRITICAL)


def test_a_channel_of_which_nobody_knows_who_reads_it_is_no_graver() -> None:
    assert conclude([match(0.9)], assets(Level.SECRET), None, DEFAULT)[1] is Severity.HIGH


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [(0.7, (Conclusion.LEAK, Severity.HIGH)), (0.699, (Conclusion.REVIEW, Severity.MEDIUM))],
)
def test_at_the_leak_point_it_is_a_leak_and_just_below_a_person_decides(
    confidence: float, expected: tuple[Conclusion, Severity]
) -> None:
    assert conclude([match(confidence)], assets(Level.SECRET), False, DEFAULT) == expected


def test_the_gravest_match_counts() -> None:
    both = [match(0.95, None, "internal"), match(0.61)]
    assert conclude(both, assets(Level.TOP_SECRET), False, DEFAULT) == (Conclusion.LEAK, Severity.HIGH)

"""From matches to a conclusion and how urgently a person must look: asset level x channel x sureness."""

from collections.abc import Iterable, Mapping, Sequence

from detectors.thresholds import Thresholds
from detectors.types import Asset, Conclusion, Level, Match, Severity

_BY_LEVEL = {
    Level.INTERNAL: Severity.LOW,
    Level.CONFIDENTIAL: Severity.MEDIUM,
    Level.SECRET: Severity.HIGH,
    Level.TOP_SECRET: Severity.CRITICAL,
}
_ORDER = list(Severity)


def conclude(
    matches: Sequence[Match], assets: Mapping[str, Asset], external: bool | None, thresholds: Thresholds
) -> tuple[Conclusion, Severity]:
    """``leak`` when any match is sure enough, else ``review``; the gravest match sets the severity."""
    if not matches:
        return Conclusion.CLEAR, Severity.NONE
    sure = any(match.confidence >= thresholds.leak_confidence for match in matches)
    return (Conclusion.LEAK if sure else Conclusion.REVIEW), _worst(
        _severity(match, assets, external, thresholds) for match in matches
    )


def _severity(match: Match, assets: Mapping[str, Asset], external: bool | None, thresholds: Thresholds) -> Severity:
    level = assets[match.asset_id].level if match.asset_id is not None else Level(match.evidence["marking"]["rank"])
    step = _ORDER.index(_BY_LEVEL[level])
    step += 1 if external else 0
    step -= 1 if match.confidence < thresholds.leak_confidence else 0
    return _ORDER[min(max(step, 1), len(_ORDER) - 1)]


def _worst(severities: Iterable[Severity]) -> Severity:
    return max(severities, key=_ORDER.index)

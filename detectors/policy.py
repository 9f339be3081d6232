"""From matches to a conclusion and how urgently a person must look: asset level x channel x sureness."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from detectors.thresholds import Thresholds
from detectors.types import Asset, Conclusion, Level, Match, Raised, Severity, Standing

_BY_LEVEL = {
    Level.INTERNAL: Severity.LOW,
    Level.CONFIDENTIAL: Severity.MEDIUM,
    Level.SECRET: Severity.HIGH,
    Level.TOP_SECRET: Severity.CRITICAL,
}
_ORDER, _LEVELS = list(Severity), list(Level)


def conclude(
    matches: Sequence[Match],
    assets: Mapping[str, Asset],
    external: bool | None,
    thresholds: Thresholds,
    standing: Standing | None = None,
) -> tuple[Conclusion, Severity]:
    """``leak`` when any match is sure enough, else ``review``; the gravest match sets the severity.

    ``standing``: of whoever posted; it changes no conclusion.
    """
    if not matches:
        return Conclusion.CLEAR, Severity.NONE
    sure = any(match.confidence >= thresholds.leak_confidence for match in matches)
    return (Conclusion.LEAK if sure else Conclusion.REVIEW), _worst(
        _severity(match, assets, external, thresholds, standing) for match in matches
    )


def raised(
    matches: Sequence[Match],
    assets: Mapping[str, Asset],
    external: bool | None,
    thresholds: Thresholds,
    standing: Standing | None,
) -> Raised | None:
    """Why the sender's standing made the severity another; ``None``: it did not."""
    if standing is None or not matches:
        return None
    before = _worst(_severity(match, assets, external, thresholds) for match in matches)
    gravest = max(matches, key=lambda match: _ORDER.index(_severity(match, assets, external, thresholds, standing)))
    after = _severity(gravest, assets, external, thresholds, standing)
    return concern(standing, _level(gravest, assets)) if after is not before else None


def concern(standing: Standing, level: Level) -> Raised | None:
    """What about somebody makes a leak of this level more urgent: there may be nobody left whom they would answer to.

    Their access had ended; they were cleared for less; or they are no staff and have not committed themselves to confidentiality,
    which for what is merely internal nobody asks of them. What is not known of somebody never counts against them.
    """
    if standing.ended is not None:
        return Raised("access_ended", level, ended=standing.ended)
    if standing.clearance is not None and _LEVELS.index(standing.clearance) < _LEVELS.index(level):
        return Raised("clearance", level, clearance=standing.clearance)
    return Raised("unsigned", level) if standing.unsigned and level is not Level.INTERNAL else None


def unseen(external: bool | None) -> tuple[Conclusion, Severity]:
    """Nothing was found, but something could not be looked at that a person wants to know of."""
    return Conclusion.REVIEW, Severity.MEDIUM if external else Severity.LOW


def without_others(matches: Iterable[Match], own: Container[str]) -> list[Match]:
    """What somebody may be told who may know only the assets in ``own``: neither matches on others nor others as evidence."""
    mine = (match for match in matches if match.asset_id is None or match.asset_id in own)
    return [replace(match, evidence=_told(match.evidence, own)) for match in mine]


def _told(evidence: Mapping[str, Any], own: Container[str]) -> dict[str, Any]:
    told = {name: _told(value, own) if isinstance(value, Mapping) else value for name, value in evidence.items()}
    other = told.get("nearest_other")
    return {**told, "nearest_other": None} if other and other["asset_id"] not in own else told


def _severity(
    match: Match,
    assets: Mapping[str, Asset],
    external: bool | None,
    thresholds: Thresholds,
    standing: Standing | None = None,
) -> Severity:
    level = _level(match, assets)
    step = _ORDER.index(_BY_LEVEL[level])
    step += 1 if external else 0
    step += 1 if standing is not None and concern(standing, level) else 0
    step -= 1 if match.confidence < thresholds.leak_confidence else 0
    return _ORDER[min(max(step, 1), len(_ORDER) - 1)]


def _level(match: Match, assets: Mapping[str, Asset]) -> Level:
    return assets[match.asset_id].level if match.asset_id is not None else Level(match.evidence["marking"]["rank"])


def _worst(severities: Iterable[Severity]) -> Severity:
    return max(severities, key=_ORDER.index)

"""Why the nearest other page is not found, where as many of its details lie in the picture as it takes."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from detectors.likeness import confirmed, overlapping, required
from detectors.subject import Likeness, Subject
from detectors.types import Match

Apart = Literal["found", "spread", "read", "proved"]
"""``found``: it is found as well. ``spread``: its details lie in too small a part of it. ``read``: what was read where it would
lie is not its own. ``proved``: what was read there is the match's, and it says something else.
"""


def told_apart(subject: Subject, matches: Iterable[Match]) -> list[Match]:
    """The same matches; ``nearest_other`` has ``told_apart``, where that is known, and its ``threshold``."""
    found = list(matches)
    assets = {match.asset_id for match in found}
    return [_told(subject, match, assets) if match.evidence.get("nearest_other") else match for match in found]


def _told(subject: Subject, match: Match, found: set[str | None]) -> Match:
    own = next((one for one in subject.likenesses if one.reference.key == match.reference_key), None)
    other = own and subject.nearest_other(own.asset)
    if own is None or other is None or other.geometry is None:
        return match
    needed, _ = required(other.geometry, subject.thresholds)
    more = {"threshold": needed}
    apart = _apart(subject, match, own, other, found) if other.geometry.inliers >= needed else None
    nearest = {**match.evidence["nearest_other"], **more, **({"told_apart": apart} if apart else {})}
    return replace(match, evidence={**match.evidence, "nearest_other": nearest})


def _apart(subject: Subject, match: Match, own: Likeness, other: Likeness, found: set[str | None]) -> Apart | None:
    points, texts = subject.thresholds, subject.registry.snapshot.text
    if other.asset.id in found:
        return "found"
    if other.geometry is None or own.geometry is None:
        return None
    if not confirmed(other.geometry, points):
        return "spread"
    if other.reference.key in subject.ruled_out:
        return "read"
    mine, theirs = texts.get(own.reference.key), texts.get(other.reference.key)
    proved = match.confidence >= points.leak_confidence and "text" in match.evidence
    if proved and mine is not None and theirs is not None and overlapping(own.geometry, other.geometry):
        return None if subject.twins(mine, theirs) else "proved"
    return None

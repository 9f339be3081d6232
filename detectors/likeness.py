"""From likeness to match: what page_copy and equipment_photo have in common, and how it is put into words."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np

from detectors.subject import Likeness, Subject
from detectors.thresholds import Thresholds
from detectors.types import Match
from fingerprints.types import GeometricHit, Quad

SHOWN_POINTS = 80
Outline: TypeAlias = Sequence[Sequence[float]]
REVIEW = 0.65  # no probability: below the leak point (thresholds.py), because a person decides


def sureness(value: float, threshold: float) -> float:
    """Of text: 0.6 at the threshold, towards 0.99 at three times it. None was ever wrong: not to be calibrated."""
    return round(min(0.99, 0.6 + 0.2 * max(0.0, value / threshold - 1)), 3)


def probability(hit: GeometricHit, points: Thresholds) -> float:
    """That what is shown is the reference: logistic in the logarithm of the mutual inliers, fitted to the benchmark."""
    against = float((points.even_mutual / (1 + hit.mutual)) ** points.mutual_slope)
    return round(min(0.99, 1 / (1 + against)), 3)


def required(hit: GeometricHit, points: Thresholds) -> tuple[int, float]:
    """Inliers and coverage it takes: those of something flat, or more details where fewer of its blocks are confirmed."""
    flat = hit.coverage >= points.coverage
    return (points.inliers, points.coverage) if flat else (points.inliers_solid, points.coverage_solid)


def confirmed(hit: GeometricHit, points: Thresholds) -> bool:
    """Whether as many details agree, over as much of the reference, as it takes."""
    inliers, coverage = required(hit, points)
    return hit.inliers >= inliers and hit.coverage >= coverage


def distinct(hit: GeometricHit, points: Thresholds) -> bool:
    """Whether they are more than what repeats, like letters or windows, shows by chance: where geometry alone decides."""
    return hit.mutual >= points.mutual


def exact_match(subject: Subject, likeness: Likeness, detector: str) -> Match:
    """The registered file itself, or its whole text sent as a message."""
    what = "text" if subject.attachment is None else "file"
    evidence = {
        "summary": f"The {what} is byte for byte the registered one, {_name(likeness)}.",
        "sha256": subject.seen.digest.partition("/")[0],
    }
    return match(subject, likeness, detector, 1.0, evidence)


def geometry_match(
    subject: Subject, likeness: Likeness, detector: str, confidence: float, more: dict[str, Any], because: str = ""
) -> Match:
    """Details of the reference that lie in the picture as they lie in the reference."""
    evidence = picture_evidence(subject, likeness)
    assert likeness.geometry is not None  # noqa: S101 - callers decide on it
    needed, _ = required(likeness.geometry, subject.thresholds)
    summary = (
        f"{likeness.geometry.inliers} of the picture's details lie exactly where they lie in {_name(likeness)}"
        f"{_mirrored(likeness.geometry)}; at least {needed} are required.{because}"
    )
    return match(subject, likeness, detector, confidence, {"summary": summary, **evidence, **more})


def perceptual_match(subject: Subject, likeness: Likeness, detector: str) -> Match:
    """The same picture as a whole, where there are too few details to compare one by one."""
    assert likeness.perceptual is not None  # noqa: S101 - callers decide on it
    summary = (
        f"As a whole the picture differs from {_name(likeness)} in {likeness.perceptual.distance} of 64 bits; "
        f"up to {subject.thresholds.perceptual_same} count as the same picture. It has too few details to compare one by one."
    )
    return match(subject, likeness, detector, 0.6, {"summary": summary, **picture_evidence(subject, likeness)})


def picture_evidence(subject: Subject, likeness: Likeness) -> dict[str, Any]:
    """What every picture match shows: distances, geometry for drawing, and the nearest other asset."""
    evidence: dict[str, Any] = {}
    if likeness.perceptual is not None:
        evidence["perceptual"] = {
            "distance": likeness.perceptual.distance,
            "threshold": subject.thresholds.perceptual_near,
            "orientation": likeness.perceptual.orientation,
        }
    if likeness.geometry is not None:
        evidence["geometry"] = _geometry(likeness.geometry, *required(likeness.geometry, subject.thresholds))
        reference = subject.registry.snapshot.keypoints.get(likeness.reference.key)
        if reference is not None:
            evidence["geometry"]["reference_aspect"] = round(reference.aspect, 4)
    other = subject.nearest_other(likeness.asset)
    if other is not None and other.geometry is not None:
        evidence["nearest_other"] = {
            "asset_id": other.asset.id,
            "asset_title": other.asset.title,
            "reference": other.reference.label,
            "inliers": other.inliers,
        }
    return evidence


def match(subject: Subject, likeness: Likeness, detector: str, confidence: float, evidence: dict[str, Any]) -> Match:
    """A match on one reference of one asset."""
    return Match(
        asset_id=likeness.asset.id,
        asset_title=likeness.asset.title,
        reference=likeness.reference.label,
        detector=detector,
        confidence=confidence,
        attachment=subject.attachment,
        evidence=evidence,
        reference_key=likeness.reference.key,
    )


def best_per_asset(matches: Iterable[Match]) -> list[Match]:
    """One match an asset: the surest."""
    best: dict[str | None, Match] = {}
    for one in matches:
        if one.asset_id not in best or one.confidence > best[one.asset_id].confidence:
            best[one.asset_id] = one
    return list(best.values())


def same_place(one: Match, other: Match) -> bool:
    """Whether the middle of what one match shows in the picture lies inside the outline of what another shows."""
    shown, around = ((match.evidence.get("geometry") or {}).get("outline") for match in (one, other))
    return shown is not None and around is not None and _inside(shown, around)


def overlapping(one: GeometricHit, other: GeometricHit) -> bool:
    """Whether the middle of either lies inside the outline of the other."""
    return _inside(one.outline, other.outline) or _inside(other.outline, one.outline)


def _inside(shown: Outline, around: Outline) -> bool:
    """Whether the middle of the one lies in the other."""
    x, y = np.mean(shown, axis=0)
    sides = zip(around, [*around[1:], around[0]], strict=True)
    turns = [(bx - ax) * (y - ay) - (by - ay) * (x - ax) for (ax, ay), (bx, by) in sides]
    return bool(min(turns) >= 0 or max(turns) <= 0)


def corners(quad: Quad) -> list[list[float]]:
    """A quad as JSON, rounded to a ten-thousandth of the picture."""
    return [[round(x, 4), round(y, 4)] for x, y in quad]


def _geometry(hit: GeometricHit, threshold: int, coverage: float) -> dict[str, Any]:
    return {
        "inliers": hit.inliers,
        "threshold": threshold,
        "mutual": hit.mutual,
        "coverage": round(hit.coverage, 3),
        "coverage_threshold": coverage,
        "visible": round(hit.visible, 3),
        "mirrored": hit.mirrored,
        "negative": hit.negative,
        "homography": [round(float(v), 6) for v in hit.homography.ravel()],
        "outline": corners(hit.outline),
        "reference_outline": _seen_part(hit),
        "points": [[round(float(v), 4) for v in row] for row in hit.points[:SHOWN_POINTS]],
    }


def _seen_part(hit: GeometricHit) -> list[list[float]]:
    """The picture's own border on the reference: what of the reference can be seen."""
    frame = np.array([(0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)], np.float64)
    mapped = frame @ np.linalg.inv(hit.homography).T
    return [[round(float(x / w), 4), round(float(y / w), 4)] for x, y, w in mapped]


def _name(likeness: Likeness) -> str:
    label = likeness.reference.label
    return f"“{likeness.asset.title}”" + (f", {label}" if label else "")


def _mirrored(hit: GeometricHit) -> str:
    return " (mirrored)" if hit.mirrored else " (light and dark exchanged)" if hit.negative else ""

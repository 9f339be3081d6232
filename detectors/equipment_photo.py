"""Photos of registered equipment: the very photo however mangled, or another one that shows enough of its parts."""

from collections.abc import Sequence
from dataclasses import replace

from detectors.likeness import (
    REVIEW,
    best_per_asset,
    confirmed,
    distinct,
    exact_match,
    geometry_match,
    perceptual_match,
    probability,
)
from detectors.mistakes import believed
from detectors.subject import Likeness, Subject
from detectors.types import AssetKind, Match

PLACES = 64  # along each side of the picture


class EquipmentPhoto:
    """Geometry decides: enough details that lie as one plane would, spread over what is visible of the reference.

    Of a solid thing seen from another side few blocks of the reference are confirmed: then more details are asked for. Where
    there are some but not enough, the picture is looked at more closely.
    """

    name = "equipment_photo"

    def detect(self, subject: Subject) -> list[Match]:
        exact = [exact_match(subject, one, self.name) for one in subject.exact if _is_equipment(one)]
        if exact:
            return best_per_asset(exact)
        alike = [one for one in subject.likenesses if _is_equipment(one)]
        found = [self._match(subject, one) for one in alike]
        together = [self._together(subject, views) for views in _by_asset(alike).values()]
        return believed(subject, (one for one in [*found, *together] if one is not None))

    def _match(self, subject: Subject, likeness: Likeness) -> Match | None:
        hit, points = likeness.geometry, subject.thresholds
        if hit is None or hit.inliers < points.inliers_view:
            return alike_without_details(subject, likeness, self.name)
        if confirmed(hit, points) and distinct(hit, points):
            return geometry_match(subject, likeness, self.name, probability(hit, points), {})
        return self._closer(subject, likeness) if hit.mutual >= points.mutual_closer else None

    def _closer(self, subject: Subject, likeness: Likeness) -> Match | None:
        """With more of the picture's details than it takes to settle most: the thing from another side, and a person decides."""
        hit = subject.closer(likeness.reference.key)
        if hit is None or not confirmed(hit, subject.thresholds) or not distinct(hit, subject.thresholds):
            return None
        because = " They were found at a second, closer look: please compare the pictures."
        return geometry_match(subject, replace(likeness, geometry=hit), self.name, REVIEW, {}, because)

    def _together(self, subject: Subject, views: Sequence[Likeness]) -> Match | None:
        """Views none of which shows enough alone: what they show of the picture is counted together, once per place."""
        points = subject.thresholds
        found = (one.geometry for one in views if one.geometry is not None)
        hits = [hit for hit in found if hit.inliers >= points.inliers_view and hit.mutual >= points.mutual_closer]
        places = {(round(x * PLACES), round(y * PLACES)) for hit in hits for x, y in hit.points[:, :2].tolist()}
        if len(hits) < 2 or len(places) < points.inliers_together:
            return None
        because = f" {len(hits)} registered views show {len(places)} details of it between them: please compare the pictures."
        return geometry_match(subject, views[0], self.name, REVIEW, {}, because)


def _by_asset(alike: Sequence[Likeness]) -> dict[str, list[Likeness]]:
    views: dict[str, list[Likeness]] = {}
    for one in alike:
        views.setdefault(one.asset.id, []).append(one)
    return views


def alike_without_details(subject: Subject, likeness: Likeness, detector: str) -> Match | None:
    """The perceptual hash alone speaks only where one side has no keypoints to compare."""
    near = likeness.perceptual
    if near is None or near.distance > subject.thresholds.perceptual_same:
        return None
    if subject.seen.keypoints is not None and likeness.reference.key in subject.registry.snapshot.keypoints:
        return None
    return perceptual_match(subject, likeness, detector)


def _is_equipment(likeness: Likeness) -> bool:
    return likeness.asset.kind is AssetKind.EQUIPMENT

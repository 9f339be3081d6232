"""Photos of registered equipment: the very photo however mangled, or another one that shows the same flat parts."""

from detectors.likeness import best_per_asset, exact_match, geometry_match, perceptual_match, sureness
from detectors.mistakes import believed
from detectors.subject import Likeness, Subject
from detectors.types import AssetKind, Match


class EquipmentPhoto:
    """Geometry decides: enough details that lie as one plane would, spread over what is visible of the reference."""

    name = "equipment_photo"

    def detect(self, subject: Subject) -> list[Match]:
        exact = [exact_match(subject, one, self.name) for one in subject.exact if _is_equipment(one)]
        if exact:
            return best_per_asset(exact)
        found = (self._match(subject, one) for one in subject.likenesses if _is_equipment(one))
        return believed(subject, (one for one in found if one is not None))

    def _match(self, subject: Subject, likeness: Likeness) -> Match | None:
        points = subject.thresholds
        hit = likeness.geometry
        if hit is not None and hit.inliers >= points.inliers and hit.coverage >= points.coverage:
            return geometry_match(subject, likeness, self.name, sureness(hit.inliers, points.inliers), {})
        return alike_without_details(subject, likeness, self.name)


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

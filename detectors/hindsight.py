"""What can be told of something seen earlier, of which only fingerprints are left, about what is registered now.

The detectors are the same, and so are their operating points; what they would read there cannot be read any more, as if it were
too small. So a page whose text is registered is left to a person, if it agrees all over, and what only reading could tell is not
found.
"""

from collections.abc import Collection
from dataclasses import replace

from detectors.document_text import DocumentText
from detectors.equipment_photo import EquipmentPhoto
from detectors.page_copy import PageCopy
from detectors.policy import conclude
from detectors.registry import Registry
from detectors.subject import Subject
from detectors.thresholds import Thresholds
from detectors.types import AssetKind, Match, Standing, Verdict
from fingerprints.extraction import Extractor, Remembered
from fingerprints.geometry import agreement
from fingerprints.snapshot import Snapshot
from fingerprints.types import Fingerprints, GeometricHit, Key, Keypoints, PerceptualHit

DETECTORS = (PageCopy(), EquipmentPhoto(), DocumentText())
"""Those for which a picture or text is enough; words, numbers and markings would have to be read."""


class Hindsight(Subject):
    """A part of which only fingerprints are left. ``nominated``: references that it may show, by whatever coarser search."""

    def __init__(
        self, prints: Fingerprints, extractor: Extractor, registry: Registry, points: Thresholds, nominated: Collection[Key]
    ) -> None:
        super().__init__(0, Remembered(prints, "", extractor), registry, points)
        self._nominated = nominated

    def _pictures(self, among: Snapshot) -> tuple[dict[Key, PerceptualHit], dict[Key, GeometricHit]]:
        near, hits = super()._pictures(among)
        details = self.seen.keypoints
        more = {
            key: hit for key in self._nominated if key not in hits and details is not None for hit in _verified(among, self, key)
        }
        found = {**hits, **more}
        if among is not self.registry.snapshot or details is None:
            return near, found
        return near, {key: hit for key, hit in found.items() if is_more_than_a_form(self.registry, self.thresholds, hit, details)}


def is_more_than_a_form(registry: Registry, points: Thresholds, hit: GeometricHit, details: Keypoints) -> bool:
    """Whether a page whose text is registered agrees all over: reading, which tells pages of one form apart, cannot."""
    snapshot = registry.snapshot
    reference = snapshot.keypoints.get(hit.key)
    if reference is None or snapshot.text.get(hit.key) is None or registry.asset_of(hit.key).kind is AssetKind.EQUIPMENT:
        return True
    return agreement(hit, details, reference) >= points.agreement_unread


def recognised(subject: Hindsight) -> list[Match]:
    """What of the registry the part is, the surest first."""
    found = [match for detector in DETECTORS for match in detector.detect(subject)]
    matches = [replace(match, evidence={**match.evidence, "hindsight": True}) for match in found]
    return sorted(matches, key=lambda match: -match.confidence)


def judged(subject: Hindsight, asset_id: str) -> list[Match]:
    """What of the part is that asset, the surest first."""
    return [match for match in recognised(subject) if match.asset_id == asset_id]


def concluded(
    matches: Collection[Match], registry: Registry, external: bool | None, points: Thresholds, standing: Standing | None = None
) -> Verdict:
    """As if it came now, from somebody of that standing."""
    verdict, severity = conclude(list(matches), registry.assets, external, points, standing)
    return Verdict(verdict, severity, tuple(matches))


def _verified(among: Snapshot, subject: Subject, key: Key) -> list[GeometricHit]:
    details = subject.seen.keypoints
    hit = None if details is None else among.keypoints.verify(details, key)
    return [] if hit is None else [hit]

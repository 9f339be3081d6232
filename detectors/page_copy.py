"""Copies of a registered page: photographed, cropped, screenshotted, forwarded.

Pages of one template share letterhead, rules and stamps, so geometry alone says "same form". Where both sides have text, what
is read inside the outline that geometry found decides whether it is the same page; where nothing can be read, geometry must
be much surer, and a person decides.
"""

from typing import Any

import cv2
import numpy as np

from detectors.equipment_photo import alike_without_details
from detectors.likeness import best_per_asset, exact_match, geometry_match, sureness
from detectors.subject import Likeness, Subject
from detectors.types import AssetKind, Match
from fingerprints.extraction import Reading
from fingerprints.text import shingles
from fingerprints.types import GeometricHit, TextHit

UNREAD_CONFIDENCE = 0.65  # below the leak point: a person decides where the text could not be compared
FIRST_HITS = 20


class PageCopy:
    """Geometry nominates, text decides."""

    name = "page_copy"

    def detect(self, subject: Subject) -> list[Match]:
        exact = [exact_match(subject, one, self.name) for one in subject.exact if _is_page(subject, one)]
        if exact:
            return best_per_asset(exact)
        found = (self._match(subject, one) for one in subject.likenesses if _is_page(subject, one))
        return best_per_asset(one for one in found if one is not None)

    def _match(self, subject: Subject, likeness: Likeness) -> Match | None:
        points, hit = subject.thresholds, likeness.geometry
        if hit is None or hit.inliers < points.inliers or hit.coverage < points.coverage:
            return alike_without_details(subject, likeness, self.name)
        if likeness.reference.key not in subject.registry.snapshot.text:
            if hit.coverage < points.coverage_textless:
                return None
            return geometry_match(subject, likeness, self.name, sureness(hit.inliers, points.inliers), {})
        return self._compared(subject, likeness, hit)

    def _compared(self, subject: Subject, likeness: Likeness, hit: GeometricHit) -> Match | None:
        points = subject.thresholds
        inside = shingles(_inside(subject.seen.reading, hit).text)
        if inside is None or inside.units < points.readable_units:
            return self._unread(subject, likeness, hit)
        texts = subject.registry.snapshot.text.search(inside, limit=FIRST_HITS)
        own = next((text for text in texts if text.key == likeness.reference.key), None)
        if own is None or own.share < points.page_text:
            return None
        because = f" Of the text read there, {own.share:.0%} is the registered page's."
        more = {
            "text": {"share": round(own.share, 3), "threshold": points.page_text, "nearest_other": _other(subject, texts, own)}
        }
        return geometry_match(subject, likeness, self.name, sureness(own.share, points.page_text), more, because)

    def _unread(self, subject: Subject, likeness: Likeness, hit: GeometricHit) -> Match | None:
        points = subject.thresholds
        if hit.inliers < points.inliers_unread or hit.coverage < points.coverage_unread:
            return None
        because = " Too little text could be read there to compare it: please compare the pictures."
        return geometry_match(subject, likeness, self.name, UNREAD_CONFIDENCE, {}, because)


def _is_page(subject: Subject, likeness: Likeness) -> bool:
    return likeness.asset.kind is not AssetKind.EQUIPMENT and subject.seen.has_picture


def _inside(reading: Reading, hit: GeometricHit) -> Reading:
    """The lines whose middle the homography puts on the reference."""
    if not reading.lines:
        return reading
    middles = np.array([np.mean(line.quad, axis=0) for line in reading.lines], np.float64)
    back = cv2.perspectiveTransform(middles[None], np.linalg.inv(hit.homography))[0]
    on_page = ((back >= 0) & (back <= 1)).all(axis=1)
    return Reading.of(tuple(line for line, on in zip(reading.lines, on_page, strict=True) if on))


def _other(subject: Subject, texts: list[TextHit], own: TextHit) -> dict[str, Any] | None:
    asset_id = subject.registry.reference(own.key).asset_id
    for text in texts:
        reference = subject.registry.reference(text.key)
        if reference.asset_id != asset_id:
            title = subject.registry.assets[reference.asset_id].title
            return {"asset_id": reference.asset_id, "asset_title": title, "share": round(text.share, 3)}
    return None

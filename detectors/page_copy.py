"""Copies of a registered page: photographed, cropped, screenshotted, forwarded.

Pages of one template share letterhead, rules and stamps, so geometry alone says "same form". Where both sides have text, what
is read inside the outline that geometry found decides whether it is the same page; where nothing can be read, geometry must
be much surer, and a person decides.
"""

from detectors.comparison import compare, lines_on
from detectors.equipment_photo import alike_without_details
from detectors.likeness import best_per_asset, exact_match, geometry_match, sureness
from detectors.mistakes import believed
from detectors.subject import Likeness, Subject
from detectors.types import AssetKind, Match
from fingerprints.types import GeometricHit, Shingles

REVIEW = 0.65  # confidence below the leak point: a person decides where reading could not


class PageCopy:
    """Geometry nominates, text decides."""

    name = "page_copy"

    def detect(self, subject: Subject) -> list[Match]:
        exact = [exact_match(subject, one, self.name) for one in subject.exact if _is_page(subject, one)]
        if exact:
            return best_per_asset(exact)
        found = (self._match(subject, one) for one in subject.likenesses if _is_page(subject, one))
        return believed(subject, (one for one in found if one is not None))

    def _match(self, subject: Subject, likeness: Likeness) -> Match | None:
        points, hit = subject.thresholds, likeness.geometry
        if hit is None or hit.inliers < points.inliers or hit.coverage < points.coverage:
            return alike_without_details(subject, likeness, self.name)
        reference = subject.registry.snapshot.text.get(likeness.reference.key)
        if reference is None:
            if hit.coverage < points.coverage_textless:
                return None
            return geometry_match(subject, likeness, self.name, sureness(hit.inliers, points.inliers), {})
        return self._compared(subject, likeness, hit, reference)

    def _compared(self, subject: Subject, likeness: Likeness, hit: GeometricHit, reference: Shingles) -> Match | None:
        points = subject.thresholds
        found = compare(lines_on(subject.seen.reading, hit), reference, subject.other_texts(likeness.asset, reference))
        if not found.readable(points):
            return self._unread(subject, likeness, hit)
        if not found.same_page(points):
            return self._doubtful(subject, likeness, hit) if found.doubtful(points) else None
        because = f" Of the text read there, {found.agreement:.0%} stands in lines of the registered page."
        more = {
            "text": {
                "agreement": round(found.agreement, 3),
                "agreement_threshold": round(found.needed(points), 3),
                "legibility": round(found.legibility, 3),
            }
        }
        return geometry_match(subject, likeness, self.name, sureness(hit.inliers, points.inliers), more, because)

    def _unread(self, subject: Subject, likeness: Likeness, hit: GeometricHit) -> Match | None:
        points = subject.thresholds
        if hit.inliers < points.inliers_unread or hit.coverage < points.coverage_unread:
            return None
        because = " Too little could be read there to compare the text: please compare the pictures."
        return geometry_match(subject, likeness, self.name, REVIEW, {}, because)

    def _doubtful(self, subject: Subject, likeness: Likeness, hit: GeometricHit) -> Match | None:
        points = subject.thresholds
        if hit.inliers < points.inliers_doubt or hit.coverage < points.coverage_doubt:
            return None
        because = " The text could be read only in part: please compare the pictures."
        return geometry_match(subject, likeness, self.name, REVIEW, {}, because)


def _is_page(subject: Subject, likeness: Likeness) -> bool:
    return likeness.asset.kind is not AssetKind.EQUIPMENT and subject.seen.has_picture

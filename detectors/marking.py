"""A classification marking on something nobody registered."""

from detectors.likeness import corners
from detectors.markings import Marking, find_markings_in_lines, find_markings_in_text
from detectors.subject import Subject
from detectors.types import Match


class MarkingOnPage:
    """What the page says of itself. Only the surest marking of each part is told."""

    name = "marking"

    def detect(self, subject: Subject) -> list[Match]:
        seen = subject.seen
        found = find_markings_in_text(seen.text) if seen.text is not None else []
        if seen.has_picture:
            found += find_markings_in_lines(subject.reading.lines)
        return [_match(subject, marking) for marking in sorted(found, key=lambda one: -one.confidence)[:1]]


def _match(subject: Subject, marking: Marking) -> Match:
    where = "on the picture" if marking.quads else "in the text"
    evidence = {
        "summary": f"“{marking.text.strip()}” stands {where}: a {marking.scheme} marking, level {marking.level}.",
        "marking": {
            "scheme": marking.scheme,
            "level": marking.level,
            "rank": marking.rank.value,
            "text": marking.text.strip(),
            "boxes": [corners(quad) for quad in marking.quads],
        },
    }
    return Match(None, "", "", "marking", round(marking.confidence, 3), subject.attachment, evidence)

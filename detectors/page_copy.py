"""Copies of a registered page: photographed, cropped, screenshotted, forwarded.

Pages of one template share letterhead, rules and stamps, so geometry alone says "same form". Where both sides have text, what
is read inside the outline that geometry found decides whether it is the same page; where nothing can be read, geometry must
be much surer, and a person decides.
"""

from collections.abc import Iterator, Sequence
from math import exp
from typing import Any

from detectors.comparison import Comparison, compare, lines_on
from detectors.equipment_photo import alike_without_details
from detectors.guided_reading import Finding, GuidedReading, LineRead, read_guided
from detectors.likeness import (
    REVIEW,
    best_per_asset,
    confirmed,
    corners,
    distinct,
    exact_match,
    geometry_match,
    overlapping,
    probability,
    same_place,
    sureness,
)
from detectors.mistakes import believed, repeated
from detectors.subject import MOST_TEXTS, Likeness, Subject
from detectors.telling_apart import told_apart
from detectors.thresholds import Thresholds
from detectors.types import AssetKind, Match
from fingerprints.text import shingles
from fingerprints.types import GeometricHit, Key, Shingles


class PageCopy:
    """Geometry nominates, text decides."""

    name = "page_copy"

    def detect(self, subject: Subject) -> list[Match]:
        exact = [exact_match(subject, one, self.name) for one in subject.exact if _is_page(subject, one)]
        if exact:
            return best_per_asset(exact)
        matches = self._believed(subject, subject.likenesses) or self._believed(subject, subject.named_by_text)
        sure = [one for one in matches if one.confidence >= subject.thresholds.leak_confidence]
        found = [one for one in matches if one in sure or not any(same_place(one, other) for other in sure)]
        return told_apart(subject, found)

    def _believed(self, subject: Subject, alike: Sequence[Likeness]) -> list[Match]:
        return believed(subject, self._found(subject, [one for one in alike if _is_page(subject, one)]))

    def _found(self, subject: Subject, pages: Sequence[Likeness]) -> Iterator[Match]:
        """The likest first. Where one is proved no other of its form lies as well, unless it says the same; where one was read
        and ruled out, none that does not hold what was read.
        """
        proved: list[Likeness] = []
        others = [one for one in subject.likenesses if subject.ruled_out.get(one.reference.key)]
        for one in pages:
            if not subject.thorough and any(_ruled_out(subject, one, other) for other in proved):
                continue
            if not subject.thorough and _unheld(subject, one, others):
                subject.ruled_out[one.reference.key] = ""
                continue
            match = self._match(subject, one)
            if match is not None:
                sure = match.confidence >= subject.thresholds.leak_confidence and repeated(subject, match) is None
                proved += [one] if sure else []
                yield match
            elif one.reference.key in subject.ruled_out:
                others.append(one)

    def _match(self, subject: Subject, likeness: Likeness) -> Match | None:
        points, hit = subject.thresholds, likeness.geometry
        if hit is None or not confirmed(hit, points):
            return alike_without_details(subject, likeness, self.name)
        reference = subject.registry.snapshot.text.get(likeness.reference.key)
        if reference is None:
            if hit.coverage < points.coverage_textless or not distinct(hit, points):
                return None
            return geometry_match(subject, likeness, self.name, probability(hit, points), {})
        return self._decided(subject, likeness, hit, reference)

    def _decided(self, subject: Subject, likeness: Likeness, hit: GeometricHit, reference: Shingles) -> Match | None:
        """By a few lines if they tell; else by the whole page."""
        points, guided = subject.thresholds, read_guided(subject, likeness.reference.key, hit)
        if guided is None:
            return self._compared(subject, likeness, hit, reference)
        if guided.finding is Finding.OTHER:
            sure = [line.text for line in guided.lines if line.confidence >= points.line_confidence]
            subject.ruled_out[likeness.reference.key] = "\n".join(sure)
            return None
        if guided.finding is Finding.SAME:
            return self._proved(subject, likeness, hit, reference, guided)
        plain = _overwhelming(hit, points) and _ahead(subject, likeness, hit, reference)
        if guided.finding is Finding.AGREES and plain:
            return self._read(subject, likeness, guided, REVIEW)
        found = self._compared(subject, likeness, hit, reference)
        if found is None and plain and guided.evidence >= points.lines_evidence_whole and not guided.contradicted:
            whole = _full_text(subject, likeness, hit, reference)
            if not whole.readable(points) or whole.nearly(points):
                return self._read(subject, likeness, guided, REVIEW)
        return found

    def _proved(
        self, subject: Subject, likeness: Likeness, hit: GeometricHit, reference: Shingles, guided: GuidedReading
    ) -> Match | None:
        unsure = guided.evidence < subject.thresholds.lines_evidence and not _ahead_in_text(subject, likeness, reference, guided)
        if unsure and _anothers(subject, likeness, hit, reference):
            return None
        confidence = REVIEW if guided.only_words else min(0.99, 1 / (1 + exp(-guided.evidence)))
        return self._read(subject, likeness, guided, confidence)

    def _read(self, subject: Subject, likeness: Likeness, guided: GuidedReading, confidence: float) -> Match:
        agreeing = sum(line.evidence > 0 for line in guided.lines)
        compared = sum(line.evidence != 0 for line in guided.lines)
        because = f" Of {compared} registered lines read where they must lie, {agreeing} say what is registered."
        more = {"text": _lines_evidence(subject, likeness, guided)}
        return geometry_match(subject, likeness, self.name, round(confidence, 3), more, because)

    def _compared(self, subject: Subject, likeness: Likeness, hit: GeometricHit, reference: Shingles) -> Match | None:
        points = subject.thresholds
        found = _full_text(subject, likeness, hit, reference)
        if not found.readable(points):
            return self._unread(subject, likeness, hit) if _ahead(subject, likeness, hit, reference) else None
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
        if not _overwhelming(hit, subject.thresholds):
            return None
        because = " Too little could be read there to compare the text: please compare the pictures."
        return geometry_match(subject, likeness, self.name, REVIEW, {}, because)

    def _doubtful(self, subject: Subject, likeness: Likeness, hit: GeometricHit) -> Match | None:
        points = subject.thresholds
        if hit.inliers < points.inliers_doubt or hit.coverage < points.coverage_doubt:
            return None
        because = " The text could be read only in part: please compare the pictures."
        return geometry_match(subject, likeness, self.name, REVIEW, {}, because)


def _full_text(subject: Subject, likeness: Likeness, hit: GeometricHit, reference: Shingles) -> Comparison:
    """All that is read where the reference lies."""
    return compare(lines_on(subject.seen.reading, hit), reference, subject.other_texts(likeness.asset, reference))


def _ahead_in_text(subject: Subject, likeness: Likeness, reference: Shingles, guided: GuidedReading) -> bool:
    """Whether the reference holds so much more of the lines that were read than any text of another asset does."""
    points, texts = subject.thresholds, subject.registry.snapshot.text
    made = shingles("\n".join(line.text for line in guided.lines))
    units = {hit.key: hit.units for hit in texts.search(made, limit=MOST_TEXTS)} if made is not None else {}
    own = units.pop(likeness.reference.key, 0.0)
    others = [units[key] for key in units if not subject.twins(texts.get(key) or reference, reference)]
    return own >= points.read_units and own >= points.text_lead * max(others, default=0.0)


def _anothers(subject: Subject, likeness: Likeness, hit: GeometricHit, reference: Shingles) -> bool:
    """Whether a text of another asset says what is read there, and the reference does not: few lines were not enough to tell."""
    found = _full_text(subject, likeness, hit, reference)
    return found.readable(subject.thresholds) and found.runner_up - found.agreement >= subject.thresholds.agreement_lead


def _lines_evidence(subject: Subject, likeness: Likeness, guided: GuidedReading) -> dict[str, Any]:
    """As other text evidence, a line a passage; with how like what is registered each is, and what they come to."""
    points = subject.thresholds
    lines = subject.registry.snapshot.lines.get(likeness.reference.key)
    assert lines is not None  # noqa: S101 - they were read
    compared = [line for line in guided.lines if line.evidence]
    kept = likeness.reference.text
    return {
        "agreement": round(sum(line.evidence > 0 for line in compared) / max(1, len(compared)), 3),
        "agreement_threshold": round(points.lines_majority / (1 + points.lines_majority), 3),
        "evidence": round(guided.evidence, 2),
        "evidence_threshold": points.lines_evidence,
        "passages": [_line(line, int(lines.starts[line.number]), int(lines.ends[line.number]), kept) for line in compared],
        "more_passages": 0,
    }


def _line(line: LineRead, start: int, end: int, kept: str | None) -> dict[str, Any]:
    return {
        "text": line.text,
        "start": 0,
        "end": len(line.text),
        "reference_text": None if kept is None else kept[start:end],
        "reference_start": start,
        "reference_end": end,
        "boxes": [corners(line.quad)],
        "confidence": round(line.confidence, 3),
        "likeness": round(line.likeness, 3),
        "likeness_threshold": round(line.needed, 3),
    }


def _overwhelming(hit: GeometricHit, points: Thresholds) -> bool:
    """Sure enough to be put before a person although too little could be read."""
    return hit.inliers >= points.inliers_unread and hit.coverage >= points.coverage_unread


def _ruled_out(subject: Subject, likeness: Likeness, proved: Likeness) -> bool:
    """Whether another asset's page is proved where this one would lie, and the two say different things."""
    texts = subject.registry.snapshot.text
    own, other = texts.get(likeness.reference.key), texts.get(proved.reference.key)
    if (
        likeness.asset.id == proved.asset.id
        or likeness.geometry is None
        or proved.geometry is None
        or own is None
        or other is None
    ):
        return False
    return overlapping(likeness.geometry, proved.geometry) and not subject.twins(own, other)


def _holding(subject: Subject, read: str) -> set[Key] | None:
    """Registered pages that hold a fair part of what was read; ``None`` if that is too little to tell."""
    made, points = shingles(read), subject.thresholds
    if made is None or made.units < points.read_units:
        return None
    hits = subject.registry.snapshot.text.search(made, limit=MOST_TEXTS)
    return {hit.key for hit in hits if hit.units >= points.glimpse_units and hit.share >= points.read_share}


def _unheld(subject: Subject, likeness: Likeness, others: Sequence[Likeness]) -> bool:
    """Whether the page has text, would lie where others were ruled out, and does not hold what was read there: in the place of
    any of them, or of all together.
    """
    hit = likeness.geometry
    if hit is None or likeness.reference.key not in subject.registry.snapshot.text:
        return False
    there = [one for one in others if one.geometry is not None and overlapping(hit, one.geometry)]
    read = [subject.ruled_out[one.reference.key] for one in there]
    together = "\n".join(dict.fromkeys(line for text in read for line in text.splitlines()))
    held = (_holding(subject, text) for text in dict.fromkeys([*read, together]))
    return any(keys is not None and likeness.reference.key not in keys for keys in held)


def _ahead(subject: Subject, likeness: Likeness, hit: GeometricHit, reference: Shingles) -> bool:
    """Whether no other text of another asset lies there nearly as surely: what all pages of a form show tells none of them."""
    texts = subject.registry.snapshot.text
    for other in subject.likenesses:
        text = texts.get(other.reference.key)
        if other.asset.id == likeness.asset.id or other.geometry is None or text is None or not overlapping(hit, other.geometry):
            continue
        if hit.inliers < subject.thresholds.inliers_lead * other.geometry.inliers and not subject.twins(text, reference):
            return False
    return True


def _is_page(subject: Subject, likeness: Likeness) -> bool:
    return likeness.asset.kind is not AssetKind.EQUIPMENT and subject.seen.has_picture

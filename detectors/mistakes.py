"""Matches that repeat a mistake an analyst has found already: they do not count, for that picture and its copies.

The picture was accused because it resembles the reference, so resembling it is no excuse. It must be a copy of the picture that
was looked at, and what the two of them do not share must speak for that picture and not for the reference: lines where lines
can be read, details elsewhere. Nothing beside it may be the reference, and the registered file itself is never excused. Where
any of this is in doubt the match stands.
"""

from collections.abc import Iterable, Sequence

from detectors.comparison import compare, lines_on
from detectors.likeness import best_per_asset
from detectors.subject import Subject
from detectors.types import AssetKind, Excused, Match, Mistake
from fingerprints import contrast
from fingerprints.text import shingles
from fingerprints.types import GeometricHit, Key, Line, Shingles

SAME_PLACE = 0.5  # overlap of two outlines of one reference that lies where it lay


def believed(subject: Subject, matches: Iterable[Match]) -> list[Match]:
    """One match an asset, the surest of those that repeat no mistake; the others are noted in ``subject.excused``."""
    kept = []
    for match in matches:
        mistake = repeated(subject, match)
        if mistake is None or match.asset_id is None:
            kept.append(match)
        else:
            where = subject.attachment, subject.seen.label
            subject.excused.append(Excused(match.asset_id, match.asset_title, match.reference, mistake, *where))
    return best_per_asset(kept)


def repeated(subject: Subject, match: Match) -> Mistake | None:
    """The mistake that a match repeats, if any."""
    if match.asset_id is None or match.reference_key is None:
        return None
    memory = subject.registry.memory
    known = memory.about(match.asset_id, match.reference_key)
    if not known or any(match.reference_key == one.reference.key for one in subject.exact):
        return None
    same = set(memory.snapshot.exact.search(subject.seen.digest, limit=len(memory)))
    return next((one for one in known if one.key in same or _is_copy(subject, match.reference_key, one.key)), None)


def _is_copy(subject: Subject, reference: Key, mistake: Key) -> bool:
    if not subject.seen.has_picture:
        return _same_words(subject, reference, mistake)
    is_page = subject.registry.asset_of(reference).kind is not AssetKind.EQUIPMENT
    hit = subject.remembered.get(mistake)
    if hit is None:
        without_details = mistake not in subject.registry.memory.snapshot.keypoints
        written = is_page and without_details and _read(subject, reference, mistake, None) is True
        return written or _nearer_as_a_whole(subject, reference, mistake)
    points = subject.thresholds
    if hit.inliers < points.inliers or hit.coverage < points.coverage:
        return False
    if _beside(subject, reference, hit) or _elsewhere(subject, reference, hit):
        return False
    read = _read(subject, reference, mistake, hit)
    return read if is_page and read is not None else read is not False and _shows(subject, reference, hit)


def _same_words(subject: Subject, reference: Key, mistake: Key) -> bool:
    """Written text: nearly all of it is the mistake's, and something of it that the reference does not hold."""
    query, known = subject.seen.shingles, subject.registry.memory.snapshot.text.get(mistake)
    if query is None or known is None:
        return False
    if set(query.hashes.tolist()) == set(known.hashes.tolist()):
        return True
    return contrast.share(query, known) >= subject.thresholds.mistake_text and _rather(subject, query, known, reference)


def _read(subject: Subject, reference: Key, mistake: Key, hit: GeometricHit | None) -> bool | None:
    """Whether the lines read there are the mistake's and not the reference's; ``None`` where that cannot be told."""
    known, registered = _texts(subject, reference, mistake)
    lines = subject.seen.reading.lines if hit is None else lines_on(subject.seen.reading, hit)
    query = _shingled(lines)
    if query is None or registered is None:
        return None
    if known is None:
        return False if contrast.words(query, registered, None)[0] >= subject.thresholds.passage_units else None
    found = compare(lines, known)
    if not found.readable(subject.thresholds):
        return None
    return found.agreement >= found.needed(subject.thresholds) and _rather(subject, query, known, reference)


def _rather(subject: Subject, query: Shingles, known: Shingles, reference: Key) -> bool:
    """Of what only one of the two holds, a passage is the mistake's and less than a passage the reference's."""
    points = subject.thresholds
    mine, other = contrast.words(query, known, subject.registry.snapshot.text.get(reference))
    return mine >= points.passage_units and other < min(points.passage_units, mine / points.mistake_ratio)


def _shows(subject: Subject, reference: Key, hit: GeometricHit) -> bool:
    """Of the details that only one of the two explains, many are the mistake's and few the reference's."""
    query, points = subject.seen.keypoints, subject.thresholds
    if query is None:
        return False
    other = subject.registry.snapshot.keypoints.verify(query, reference)
    mine, its = contrast.details(hit, other, query.aspect)
    if other is not None and hit.coverage < other.coverage + points.mistake_lead:
        return False
    return mine >= max(points.inliers, points.mistake_share * hit.inliers, points.mistake_ratio * its)


def _beside(subject: Subject, reference: Key, hit: GeometricHit) -> bool:
    """Whether the reference, or a passage of it, stands somewhere else in the picture than the mistake does."""
    query, points = subject.seen.keypoints, subject.thresholds
    rest = contrast.beside(query, hit.outline) if query is not None else None
    again = subject.registry.snapshot.keypoints.verify(rest, reference) if rest is not None else None
    if again is not None and again.inliers >= points.inliers:
        return True
    registered = subject.registry.snapshot.text.get(reference)
    if registered is None:
        return False
    on = lines_on(subject.seen.reading, hit)
    written = _shingled([line for line in subject.seen.reading.lines if line not in on])
    return written is not None and contrast.words(written, registered, None)[0] >= points.passage_units


def _elsewhere(subject: Subject, reference: Key, hit: GeometricHit) -> bool:
    """Whether what the mistake leaves unexplained is the reference, lying otherwise than it seemed to lie in the mistake."""
    query, known = subject.seen.keypoints, subject.registry.memory.snapshot.keypoints.get(hit.key)
    left = contrast.unexplained(query, hit) if query is not None else None
    if left is None or known is None:
        return False
    again = subject.registry.snapshot.keypoints.verify(left, reference)
    if again is None or again.inliers < subject.thresholds.inliers:
        return False
    seeming = subject.registry.snapshot.keypoints.verify(known, reference)
    return seeming is None or contrast.overlap(contrast.carried(hit, seeming.outline), again.outline) < SAME_PLACE


def _nearer_as_a_whole(subject: Subject, reference: Key, mistake: Key) -> bool:
    """Where there are too few details to compare: by the perceptual hash, clearly nearer to the mistake."""
    query, points = subject.seen.perceptual, subject.thresholds
    if query is None or subject.seen.keypoints is not None:
        return False
    far = next((one.perceptual.distance for one in subject.likenesses if one.perceptual and one.reference.key == reference), 64)
    memory = subject.registry.memory
    hits = memory.snapshot.perceptual.search(query, limit=len(memory), max_distance=points.perceptual_same)
    near = next((one.distance for one in hits if one.key == mistake), None)
    return near is not None and near + points.mistake_bits <= far


def _texts(subject: Subject, reference: Key, mistake: Key) -> tuple[Shingles | None, Shingles | None]:
    return subject.registry.memory.snapshot.text.get(mistake), subject.registry.snapshot.text.get(reference)


def _shingled(lines: Sequence[Line]) -> Shingles | None:
    return shingles("\n".join(line.text for line in lines))

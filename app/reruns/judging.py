"""The detectors run again, on the bench of a detection process."""

from collections.abc import Iterable

from app.ingest.bench import Bench
from app.reruns.errands import Finding, Tried, Try
from detectors.hindsight import Hindsight, recognised
from detectors.leniency import lenient, moved
from detectors.thresholds import Thresholds
from detectors.types import Match
from fingerprints import kept
from fingerprints.types import Fingerprints


def points(bench: Bench, less: float) -> dict[str, tuple[float, float]]:
    today = bench.inspector.thresholds
    return moved(today, lenient(today, less))


def tried(bench: Bench, job: Try) -> tuple[Tried, ...]:
    today, found = bench.inspector.thresholds, []
    other = lenient(today, job.less)
    for part in job.parts:
        bench.alive()
        try:
            prints = kept.load(part.digest, part.kinds)
        except ValueError:  # of another version of this program, or damaged
            continue
        found.append(_tried(bench, part.number, prints, today, other))
    return tuple(found)


def _tried(bench: Bench, number: int, prints: Fingerprints, today: Thresholds, other: Thresholds) -> Tried:
    """What the lower bar does not show, the higher does not either, unless it repeats a mistake: most parts are judged once."""
    subject = _subject(bench, prints, other)
    then = recognised(subject)
    now = recognised(_subject(bench, prints, today)) if then or subject.excused else []
    return Tried(number, _findings(now), _findings(then))


def _subject(bench: Bench, prints: Fingerprints, at: Thresholds) -> Hindsight:
    return Hindsight(prints, bench.extractor, bench.registry, at, ())


def _findings(matches: Iterable[Match]) -> tuple[Finding, ...]:
    return tuple(Finding(one.asset_id, one.detector, one.confidence) for one in matches if one.asset_id is not None)

"""Reading a nominated page where its registered lines must lie, the most telling first, until it is plain whose page it is.

Geometry says that a form matches; a form's lines match on every page of it. So each line counts for what it is worth: figures
and lines that only this reference holds prove much, a heading that others hold as well proves next to nothing, and a line that
is read well and says something else speaks against the page. Evidence, the logarithm of how much likelier what was read is on
the registered page than on another page of its form, adds up until it is enough either way (Wald's sequential test, Annals of
Mathematical Statistics 1945). What cannot be read says nothing, and a line that says what the next registered line should say
tells that the grid is off, not that the page is another: both leave a doubt, and the page is read in full.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import hypot, log, sqrt

from detectors.subject import Subject
from detectors.thresholds import Thresholds
from fingerprints.lines import likeness as alike
from fingerprints.lines import sketch
from fingerprints.placing import PlacedLine, held, placed, rare
from fingerprints.types import GeometricHit, Key, Lines, Quad, Strip

BATCHES = (3, 3, 4, 4, 4)
"""How many lines are read at once, as long as what was read leaves a doubt."""
LAST_READ = 5
FULL_UNITS, FULL_HEIGHT = 20.0, 12.0  # beyond these a line is not more telling
SOME_DIGITS, LONG_NUMBER = 3.0, 6.0
FAR = 3.0  # times
CLEARLY = 2.0  # more against the page than a line that was partly covered or misread
WHOLE = 0.97  # more of a line cannot be seen to be missing
APART = 0.12  # of the page: lines nearer than this tell the same (a sticker covers both, a form holds both)
ROWS_AROUND = 10  # registered lines before and after, among which that of the next row is, in a table too

# How likely a line says the same on another page of its form: long numbers and dates, figures, long lines, others, and what other
# references are known to hold; and how likely a line that was read agrees, or not, on the page itself.
NUMBER, FIGURES, SENTENCE, WORDS, FORM = 0.03, 0.2, 0.4, 0.5, 0.95
ANY_NUMBER = 0.4  # a number that may be the form's own, a telephone's say: no other page of the form is registered to tell
TRUE_AGREES, TRUE_BETWEEN, TRUE_DIFFERS, NUMBER_DIFFERS, OTHER_BETWEEN = 0.93, 0.05, 0.02, 0.008, 0.15
NEXT_TO_NOTHING = 0.01


class Finding(StrEnum):
    """What guided reading came to.

    ``AGREES``: nothing speaks against the page, but too little is visible to prove it. ``ILLEGIBLE``: nothing could be compared.
    """

    SAME = "same"
    AGREES = "agrees"
    OTHER = "other"
    DOUBT = "doubt"
    ILLEGIBLE = "illegible"


@dataclass(frozen=True, slots=True)
class LineRead:
    """One line: what stands where it must lie (``quad``, in the picture), and how like the registered one it is, 0..1.

    ``needed``: how like it must be to agree. ``evidence``: for the page if above 0, against it if below; 0 says nothing.
    ``shifted``: a neighbouring line stands there.
    """

    number: int
    quad: Quad
    text: str
    confidence: float
    likeness: float
    needed: float
    evidence: float
    shifted: bool


@dataclass(frozen=True, slots=True)
class GuidedReading:
    """Lines in the order they were read, and what they come to."""

    finding: Finding
    lines: tuple[LineRead, ...]

    @property
    def evidence(self) -> float:
        return sum(line.evidence for line in self.lines)

    @property
    def only_the_form(self) -> bool:
        """Whether another page of the form was read: what speaks against the page outweighs what it shares by far."""
        shared = sum(max(0.0, line.evidence) for line in self.lines)
        return self.finding is Finding.OTHER and shared - self.evidence > FAR * shared


def read_guided(subject: Subject, key: Key, hit: GeometricHit) -> GuidedReading | None:
    """``None`` where the reference was registered without its lines."""
    lines = subject.registry.snapshot.lines.get(key)
    if lines is None:
        return None
    page = _Page(subject, key, lines, hit)
    read: list[LineRead] = []
    for batch in page.batches():
        strips = subject.seen.read_strips([line.quad for line in batch])
        read += [page.judged(line, strip) for line, strip in zip(batch, strips, strict=True)]
        if concluded(read, subject.thresholds) in (Finding.SAME, Finding.OTHER):
            break
    return GuidedReading(concluded(read, subject.thresholds, whole=len(read) == page.visible), tuple(read))


def concluded(read: Sequence[LineRead], points: Thresholds, *, whole: bool = False) -> Finding:
    """What lines come to. A page is never proven by fewer than ``lines_least`` lines, nor against many that differ.

    ``whole``: these are all there are. Where those, or many, all agree, less evidence will do.
    """
    evidence = sum(line.evidence for line in read)
    agreeing, differing = sum(line.evidence > 0 for line in read), sum(line.evidence < 0 for line in read)
    if evidence >= points.lines_evidence and agreeing >= max(points.lines_least, points.lines_majority * differing):
        return Finding.SAME
    enough = points.lines_least if whole else points.lines_many
    if not differing and agreeing >= enough and evidence >= points.lines_evidence_whole:
        return Finding.SAME
    if evidence <= -points.lines_against:
        return Finding.OTHER
    contradicted = any(line.shifted or line.evidence < -CLEARLY for line in read)
    if not contradicted and evidence >= points.lines_evidence_some:
        return Finding.AGREES
    return Finding.DOUBT if contradicted or agreeing or differing else Finding.ILLEGIBLE


class _Page:
    """A registered page's lines in one picture."""

    def __init__(self, subject: Subject, key: Key, lines: Lines, hit: GeometricHit) -> None:
        self._lines = lines
        self._points = subject.thresholds
        there = placed(lines, hit.homography, subject.seen.size)
        self._there = [line for line in there if line.height >= self._points.line_height]
        self._own = _own_shares(subject, key, lines)
        self._form_known = _another_of_the_form(subject, key)

    @property
    def visible(self) -> int:
        """How many lines can be read."""
        return len(self._there)

    def batches(self) -> Iterator[list[PlacedLine]]:
        """Lines to read, the most telling first; those near the last few are put off."""
        left, chosen = list(self._there), list[PlacedLine]()
        for size in BATCHES:
            batch = []
            for _ in range(min(size, len(left))):
                best = max(left, key=lambda line: self._worth(line) * _apart(line, chosen))
                left.remove(best)
                batch.append(best)
                chosen = [*chosen, best][-LAST_READ:]
            if batch:
                yield batch

    def judged(self, line: PlacedLine, strip: Strip) -> LineRead:
        """What a strip says about the page."""
        shown = sketch(strip.text)
        likeness = float(alike(shown, self._lines.sketches[line.number])) if shown.any() else 0.0
        value = min(1.0, max(0.0, likeness / sqrt(line.visible)))
        needed = self._needed(line, strip)
        evidence = self._evidence(line, strip, value, needed)
        around = self._lines.sketches[max(0, line.number - ROWS_AROUND) : line.number + ROWS_AROUND + 1]
        shifted = evidence < 0 and bool((alike(shown, around) >= self._points.line_is).any())
        return LineRead(
            line.number, line.quad, strip.text, strip.confidence, value, needed, 0.0 if shifted else evidence, shifted
        )

    def _evidence(self, line: PlacedLine, strip: Strip, value: float, needed: float) -> float:
        """A line that agrees is believed however badly it was read; one that does not, only if it was read well.

        A number must be that very number, and differs sooner: two dates are alike but for a digit.
        """
        points, chance, number = self._points, self._by_chance(line), self._size(line)[1] >= LONG_NUMBER
        if value >= needed:
            exact = not number or value >= (points.line_exact if line.visible >= WHOLE else needed + points.line_exact_cut)
            return max(NEXT_TO_NOTHING, log(TRUE_AGREES / chance)) if exact else 0.0
        if strip.confidence < points.line_confidence:
            return 0.0
        if value < needed - (points.line_gap_number if number else points.line_gap):
            return min(0.0, log((NUMBER_DIFFERS if number else TRUE_DIFFERS) / (1 - chance)))
        return min(0.0, log(TRUE_BETWEEN / (OTHER_BETWEEN * (1 - chance))))

    def _needed(self, line: PlacedLine, strip: Strip) -> float:
        """How like the registered line its copy must be, seen as it is."""
        points = self._points
        cut = points.line_cut + points.line_missing * (1 - line.visible) if line.visible < WHOLE else 0.0
        return max(points.line_agrees_least, points.line_agrees - cut - points.line_loss * (1 - strip.confidence))

    def _by_chance(self, line: PlacedLine) -> float:
        """How likely the line would agree on another page of the form."""
        units, digits = self._size(line)
        own = self._own[line.number]
        if digits >= LONG_NUMBER:
            return FORM if own == 0 else NUMBER if self._form_known else ANY_NUMBER
        chance = FIGURES if digits >= SOME_DIGITS else SENTENCE if units >= FULL_UNITS else WORDS
        return chance if own is None else own * chance + (1 - own) * FORM

    def _worth(self, line: PlacedLine) -> float:
        units, digits = self._size(line)
        own = self._own[line.number]
        size = min(1.0, units / FULL_UNITS) * (1 + min(2.0, digits / SOME_DIGITS))
        return size * min(1.0, line.height / FULL_HEIGHT) * (0.5 + 0.5 * line.visible) * (0.25 + (0.5 if own is None else own))

    def _size(self, line: PlacedLine) -> tuple[float, float]:
        """Units and digits of what is visible."""
        return float(self._lines.units[line.number]) * line.visible, float(self._lines.digits[line.number]) * line.visible


def _own_shares(subject: Subject, key: Key, lines: Lines) -> list[float | None]:
    """For each line the share of its shingles that no other asset's text holds, ``None`` where it is too short to have any."""
    text, registry = subject.registry.snapshot.text, subject.registry
    shingles = text.get(key)
    if shingles is None:
        return [None] * len(lines)
    return held(lines, shingles, rare(text.frequency(shingles.hashes, registry.keys_of(registry.asset_of(key).id))))


def _another_of_the_form(subject: Subject, key: Key) -> bool:
    """Whether another asset's page is nominated as well: then the registry tells what is the form's."""
    own, points = subject.registry.asset_of(key).id, subject.thresholds
    hits = (one.geometry for one in subject.likenesses if one.asset.id != own)
    return any(hit is not None and hit.inliers >= points.inliers and hit.coverage >= points.coverage for hit in hits)


def _apart(line: PlacedLine, chosen: Sequence[PlacedLine]) -> float:
    """How far from the nearest of those: 1 far enough, less the nearer."""
    nearest = min((hypot(line.middle[0] - o.middle[0], line.middle[1] - o.middle[1]) for o in chosen), default=1.0)
    return max(0.3, min(1.0, nearest / APART))

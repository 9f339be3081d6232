"""Reading a nominated page where its registered lines must lie, the most telling first, until it is plain whose page it is.

Geometry says that a form matches; a form's lines match on every page of it. So each line counts for what it is worth: figures
and lines that only this reference holds prove much, a heading that others hold as well proves next to nothing, and a line that
is read well and says something else speaks against the page. Evidence, the logarithm of how much likelier what was read is on
the registered page than on another page of its form, adds up until it is enough either way (Wald's sequential test, Annals of
Mathematical Statistics 1945). What cannot be read says nothing, and a line that says what the next registered line should say
tells that the grid is off, not that the page is another: both leave a doubt, and the page is read in full.

But lines are not independent: on another page of the form all that is the form's agrees at once. So no page is called the same
before some of its figures were read, and one long number that is another, or two short ones, make it another page, whatever
agrees. A number read once may be misread: it is cut out in several ways and must be the same other number in all but one, and
not shorter than the registered one, of which a part may be covered.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import hypot, log, sqrt

from detectors.comparison import held_outside
from detectors.forms import FULL_UNITS, LONG_NUMBER, SOME_DIGITS, Form
from detectors.subject import Subject
from detectors.thresholds import Thresholds
from fingerprints.lines import likeness as alike
from fingerprints.lines import measured, sketch
from fingerprints.placing import PlacedLine, placed
from fingerprints.strips import OTHERWISE, otherwise
from fingerprints.text import shingles
from fingerprints.types import U8, GeometricHit, Key, Lines, Quad, Strip

BATCHES = (3, 3, 4, 4, 4)
"""How many lines are read at once, as long as what was read leaves a doubt."""
LAST_READ = 5
FULL_HEIGHT = 12.0  # beyond it a line is not more telling
FAR = 3.0  # times
CLEARLY = 2.0  # more against the page than a line that was partly covered or misread
PART = 0.75  # of a registered line: less that is read of it says nothing against the page
WHOLE = 0.97  # more of a line cannot be seen to be missing
APART = 0.12  # of the page: lines nearer than this tell the same (a sticker covers both, a form holds both)
ROWS_AROUND = 10  # registered lines before and after, among which that of the next row is, in a table too

# How likely a line that was read agrees, or not, on the page itself.
TRUE_AGREES, TRUE_BETWEEN, TRUE_DIFFERS, NUMBER_DIFFERS, OTHER_BETWEEN = 0.93, 0.05, 0.02, 0.008, 0.15
NEXT_TO_NOTHING = 0.01
LOOKS = 1 + len(OTHERWISE)
NUMBERS = 6  # lines with figures that are read before a page is called the same


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
    ``shifted``: another line of the page, or parts of some, stand there. ``denied``: digits of another number that stands
    there however it is cut out.
    """

    number: int
    quad: Quad
    text: str
    confidence: float
    likeness: float
    needed: float
    evidence: float
    shifted: bool
    denied: int = 0


@dataclass(frozen=True, slots=True)
class GuidedReading:
    """Lines in the order they were read, and what they come to.

    ``only_words``: the page has figures and they were looked at, but none could be told to be those registered: labels agree.
    """

    finding: Finding
    lines: tuple[LineRead, ...]
    only_words: bool

    @property
    def evidence(self) -> float:
        return sum(line.evidence for line in self.lines)

    @property
    def contradicted(self) -> bool:
        """Whether a line says something else, or a neighbour's text stands where it must lie."""
        return _contradicted(self.lines)

    @property
    def only_the_form(self) -> bool:
        """Whether another page of the form was read.

        A number is another, or what speaks against the page outweighs what it shares by far.
        """
        shared = sum(max(0.0, line.evidence) for line in self.lines)
        denied = any(line.denied for line in self.lines)
        return self.finding is Finding.OTHER and (denied or shared - self.evidence > FAR * shared)


def read_guided(subject: Subject, key: Key, hit: GeometricHit) -> GuidedReading | None:
    """``None`` where the reference was registered without its lines."""
    lines = subject.registry.snapshot.lines.get(key)
    if lines is None:
        return None
    page = _Page(subject, key, lines, hit)
    read: list[LineRead] = []
    for batch in page.batches():
        read += page.read(batch)
        if concluded(read, subject.thresholds) is Finding.OTHER and _some_agree(read):
            read = page.doubled(read)
        if _settled(read, subject.thresholds):
            break
    if concluded(read, subject.thresholds) is not Finding.OTHER and _some_agree(read):
        read = page.doubled(read)
        read += [] if _denied(read, subject.thresholds) else page.doubled(page.read(page.figures()))
    finding = concluded(read, subject.thresholds, whole=len(read) == page.visible)
    return GuidedReading(finding, tuple(read), page.only_words(read))


def concluded(read: Sequence[LineRead], points: Thresholds, *, whole: bool = False) -> Finding:
    """What lines come to. A page is never proven by fewer than ``lines_least`` lines, nor against many that differ.

    ``whole``: these are all there are. Where those, or many, all agree, less evidence will do.
    """
    evidence = sum(line.evidence for line in read)
    agreeing, differing = sum(line.evidence > 0 for line in read), sum(line.evidence < 0 for line in read)
    if _denied(read, points):
        return Finding.OTHER
    if evidence >= points.lines_evidence and agreeing >= max(points.lines_least, points.lines_majority * differing):
        return Finding.SAME
    enough = points.lines_least if whole else points.lines_many
    if not differing and agreeing >= enough and evidence >= points.lines_evidence_whole:
        return Finding.SAME
    if evidence <= -points.lines_against and differing >= points.lines_differing:
        return Finding.OTHER
    contradicted = _contradicted(read)
    if not contradicted and evidence >= points.lines_evidence_some and agreeing >= _strange(read, points):
        return Finding.AGREES
    return Finding.DOUBT if contradicted or agreeing or differing else Finding.ILLEGIBLE


def _settled(read: Sequence[LineRead], points: Thresholds) -> bool:
    """Whether more lines are not worth their reading: if little evidence has to do, all text is read, which costs far more."""
    finding = concluded(read, points)
    return finding is Finding.OTHER or (finding is Finding.SAME and sum(line.evidence for line in read) >= points.lines_evidence)


def _contradicted(read: Sequence[LineRead]) -> bool:
    return any(line.shifted or line.evidence < -CLEARLY for line in read)


def _strange(read: Sequence[LineRead], points: Thresholds) -> int:
    """How many lines were read for certain and as something else altogether, whatever excuses each of them.

    A few may lie under strokes. Where they are more than agree, what agrees is a letterhead and they are another page.
    """
    return sum(
        line.confidence >= points.line_confidence
        and line.likeness < line.needed - points.line_gap
        and sum(measured(line.text)) > 0
        for line in read
    )


def _some_agree(read: Sequence[LineRead]) -> bool:
    return any(line.evidence > 0 for line in read)


def _denied(read: Sequence[LineRead], points: Thresholds) -> bool:
    """Whether numbers rule the page out."""
    return sum(line.denied for line in read) >= points.digits_denied


class _Page:
    """A registered page's lines in one picture."""

    def __init__(self, subject: Subject, key: Key, lines: Lines, hit: GeometricHit) -> None:
        self._lines = lines
        self._points = subject.thresholds
        there = placed(lines, hit.homography, subject.seen.size)
        self._there = [line for line in there if line.height >= self._points.line_height]
        self._subject = subject
        self._text = subject.registry.snapshot.text.get(key)
        self._form = Form(subject, key, lines)
        self._left = list(self._there)
        self._looked_at: set[int] = set()
        self._by_number = {line.number: line for line in self._there}

    @property
    def visible(self) -> int:
        """How many lines can be read."""
        return len(self._there)

    def batches(self) -> Iterator[list[PlacedLine]]:
        """Lines to read, the most telling first; those near the last few are put off."""
        chosen = list[PlacedLine]()
        for size in BATCHES:
            batch = []
            for _ in range(min(size, len(self._left))):
                best = max(self._left, key=lambda line: self._worth(line) * _apart(line, chosen))
                self._left.remove(best)
                batch.append(best)
                chosen = [*chosen, best][-LAST_READ:]
            if batch:
                yield batch

    def figures(self) -> list[PlacedLine]:
        """The most telling lines with figures that were not read yet: on a form the content."""
        there = [line for line in self._left if line.visible >= WHOLE and self._size(line)[1] >= SOME_DIGITS]
        return sorted(there, key=lambda line: -self._worth(line))[:NUMBERS]

    def only_words(self, read: Sequence[LineRead]) -> bool:
        """Whether figures were looked at and none of them agrees."""
        agree = [line.evidence > 0 for line in read if self._size(self._by_number[line.number])[1] >= SOME_DIGITS]
        return len(agree) >= self._points.figures_looked_at and not any(agree)

    def read(self, batch: Sequence[PlacedLine]) -> list[LineRead]:
        """What stands there."""
        strips = self._subject.seen.read_lines([line.quad for line in batch])
        return [self.judged(line, strip) for line, strip in zip(batch, strips, strict=True)]

    def doubled(self, read: Sequence[LineRead]) -> list[LineRead]:
        """The lines, numbers that differ read again, until enough is denied."""
        found: list[LineRead] = []
        for line in read:
            found.append(line if _denied(found, self._points) else self.again(line))
        return found

    def again(self, one: LineRead) -> LineRead:
        """A number that differs, read once more in other cuts: what is most like the registered one counts.

        It is denied if all that was read is one and the same other number. A shorter one may be the same, partly covered; so may
        one whose letters are gone, and what is left of a letter be taken for a figure.
        """
        line = self._by_number[one.number]
        if one.number in self._looked_at or not self._doubted(line, one):
            return one
        self._looked_at.add(one.number)
        looks = self._looks(line, one)
        best = max(looks, key=lambda look: look.likeness)
        if best.evidence >= 0 or best.likeness >= self._points.line_other:
            return best
        digits, times = self._said(looks)
        if times < LOOKS - self._points.looks_apart:
            return replace(best, evidence=0.0)
        if len(digits) < self._lines.digits[one.number]:
            return best
        if _letters(best.text) < PART * (self._lines.units[one.number] - self._lines.digits[one.number]):
            return replace(best, evidence=0.0)
        return replace(best, evidence=log(NUMBER_DIFFERS / (1 - self._chance(line))), denied=len(digits))

    def _looks(self, line: PlacedLine, one: LineRead) -> list[LineRead]:
        """The first reading and others of it, until one is the registered number or enough say the same other one."""
        looks = [one]
        for quad in otherwise(line.quad, self._subject.seen.size):
            [strip] = self._subject.seen.read_strips([quad])
            looks.append(self.judged(line, strip))
            if looks[-1].likeness >= self._points.line_exact or self._said(looks)[1] >= LOOKS - self._points.looks_apart:
                break
        return looks

    def _said(self, looks: Sequence[LineRead]) -> tuple[str, int]:
        """The digits that most of the sure ones say, and how many do."""
        sure = [look for look in looks if look.confidence >= self._points.line_confidence]
        [found] = Counter(_digits(look.text) for look in sure).most_common(1)
        return found

    def _doubted(self, line: PlacedLine, one: LineRead) -> bool:
        if line.visible < WHOLE or self._size(line)[1] < SOME_DIGITS or one.shifted:
            return False
        return one.confidence >= self._points.line_confidence and one.likeness < self._points.line_exact

    def _chance(self, line: PlacedLine) -> float:
        return self._form.chance(line.number, *self._size(line))

    def judged(self, line: PlacedLine, strip: Strip) -> LineRead:
        """What a strip says about the page."""
        shown = sketch(strip.text)
        likeness = float(alike(shown, self._lines.sketches[line.number])) if shown.any() else 0.0
        value = min(1.0, max(0.0, likeness / sqrt(line.visible)))
        needed = self._needed(line, strip)
        evidence = self._evidence(line, strip, value, needed)
        shifted = evidence < 0 and (self._a_neighbour(line, shown) or self._elsewhere(line, strip.text))
        return LineRead(
            line.number, line.quad, strip.text, strip.confidence, value, needed, 0.0 if shifted else evidence, shifted
        )

    def _a_neighbour(self, line: PlacedLine, shown: U8) -> bool:
        """Whether what was read is one of the lines around."""
        around = self._lines.sketches[max(0, line.number - ROWS_AROUND) : line.number + ROWS_AROUND + 1]
        return bool((alike(shown, around) >= self._points.line_is).any())

    def _elsewhere(self, line: PlacedLine, read: str) -> bool:
        """Whether what was read stands in other lines of the page: of a bent one, parts of several."""
        made = shingles(read)
        if made is None or made.units < FULL_UNITS or self._text is None:
            return False
        own = int(self._lines.starts[line.number]), int(self._lines.ends[line.number])
        return held_outside(made, self._text, *own) >= self._points.line_elsewhere

    def _evidence(self, line: PlacedLine, strip: Strip, value: float, needed: float) -> float:
        """A line that agrees is believed however badly it was read; one that does not, only if it was read well.

        A number must be that very number, and differs sooner: two dates are alike but for a digit.
        """
        points, chance, digits = self._points, self._chance(line), self._size(line)[1]
        number = digits >= LONG_NUMBER
        if value >= needed:
            exact = digits < SOME_DIGITS or value >= (
                points.line_exact if line.visible >= WHOLE else needed + points.line_exact_cut
            )
            return max(NEXT_TO_NOTHING, log(TRUE_AGREES / chance)) if exact else 0.0
        if strip.confidence < points.line_confidence or self._covered(line, strip, value, needed):
            return 0.0
        if value < needed - (points.line_gap_number if number else points.line_gap):
            return min(0.0, log((NUMBER_DIFFERS if number else TRUE_DIFFERS) / (1 - chance)))
        return min(0.0, log(TRUE_BETWEEN / (OTHER_BETWEEN * (1 - chance))))

    def _covered(self, line: PlacedLine, strip: Strip, value: float, needed: float) -> bool:
        """Whether so little was read of what is registered, or what was read is so like a part of it, that the rest may hide.

        Stickers and strokes hide it, and so does the edge of a picture that was photographed in its turn.
        """
        read, registered = sum(measured(strip.text)), sum(self._size(line))
        return read < PART * registered or value / sqrt(min(1.0, read / registered)) >= needed

    def _needed(self, line: PlacedLine, strip: Strip) -> float:
        """How like the registered line its copy must be, seen as it is."""
        points = self._points
        cut = points.line_cut + points.line_missing * (1 - line.visible) if line.visible < WHOLE else 0.0
        return max(points.line_agrees_least, points.line_agrees - cut - points.line_loss * (1 - strip.confidence))

    def _worth(self, line: PlacedLine) -> float:
        units, digits = self._size(line)
        own = self._form.own[line.number]
        size = min(1.0, units / FULL_UNITS) * (1 + min(2.0, digits / SOME_DIGITS))
        return size * min(1.0, line.height / FULL_HEIGHT) * (0.5 + 0.5 * line.visible) * (0.25 + (0.5 if own is None else own))

    def _size(self, line: PlacedLine) -> tuple[float, float]:
        """Units and digits of what is visible."""
        return float(self._lines.units[line.number]) * line.visible, float(self._lines.digits[line.number]) * line.visible


def _apart(line: PlacedLine, chosen: Sequence[PlacedLine]) -> float:
    """How far from the nearest of those: 1 far enough, less the nearer."""
    nearest = min((hypot(line.middle[0] - o.middle[0], line.middle[1] - o.middle[1]) for o in chosen), default=1.0)
    return max(0.3, min(1.0, nearest / APART))


def _letters(text: str) -> int:
    """Units that are no figures."""
    units, digits = measured(text)
    return units - digits


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())

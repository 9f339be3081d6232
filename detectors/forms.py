"""What the registry tells of a page's form: which of its lines stand on other registered pages too, hence prove little.

Only pages of the same form tell that. Another shop's receipt resembles this one, and holds none of this shop's numbers; where
no other page of the form is registered, a number may be the form's own, its telephone say.
"""

from detectors.comparison import jaccard
from detectors.subject import Subject
from fingerprints.lines import likeness, shared
from fingerprints.placing import held, rare
from fingerprints.types import Key, Lines

FULL_UNITS = 20.0  # beyond these a line is not more telling
SOME_DIGITS, LONG_NUMBER = 3.0, 6.0

# How likely a line says the same on another page of its form: long numbers and dates, figures, long lines, others, and what other
# references are known to hold
NUMBER, FIGURES, SENTENCE, WORDS, FORM = 0.03, 0.2, 0.4, 0.5, 0.95
ANY_NUMBER = 0.4  # a number that may be the form's own: no other page of the form is registered to tell


class Form:
    """The form of one registered page."""

    def __init__(self, subject: Subject, key: Key, lines: Lines) -> None:
        self.own = _own_shares(subject, key, lines)
        others = _of_the_form(subject, key, lines)
        least = subject.thresholds.line_exact
        self._known = bool(others)
        self._theirs = [any((likeness(one, other.sketches) >= least).any() for other in others) for one in lines.sketches]

    def chance(self, number: int, units: float, digits: float) -> float:
        """How likely that line, of which so much is visible, would agree on another page of the form."""
        own = self.own[number]
        if self._theirs[number]:
            return FORM
        if digits >= LONG_NUMBER:
            return FORM if own == 0 else NUMBER if self._known else ANY_NUMBER
        chance = FIGURES if digits >= SOME_DIGITS else SENTENCE if units >= FULL_UNITS else WORDS
        return chance if own is None else own * chance + (1 - own) * FORM


def _own_shares(subject: Subject, key: Key, lines: Lines) -> list[float | None]:
    """For each line the share of its shingles that no other asset's text holds, ``None`` where it is too short to have any."""
    text, registry = subject.registry.snapshot.text, subject.registry
    shingles = text.get(key)
    if shingles is None:
        return [None] * len(lines)
    return held(lines, shingles, rare(text.frequency(shingles.hashes, registry.keys_of(registry.asset_of(key).id))))


def _of_the_form(subject: Subject, key: Key, lines: Lines) -> list[Lines]:
    """Pages of the same form that are nominated as well, other assets', without those that say all the same.

    What merely resembles the page tells nothing: pages of one form share lines.
    """
    snapshot, points = subject.registry.snapshot, subject.thresholds
    own, text = subject.registry.asset_of(key).id, snapshot.text.get(key)
    found = []
    for one in subject.likenesses:
        hit, other, theirs = one.geometry, snapshot.lines.get(one.reference.key), snapshot.text.get(one.reference.key)
        if one.asset.id == own or other is None or hit is None or hit.inliers < points.inliers or hit.coverage < points.coverage:
            continue
        twin = text is not None and theirs is not None and jaccard(text, theirs) >= points.text_twin
        if not twin and shared(lines, other, points.form_units, points.line_is) >= points.form_lines:
            found.append(other)
    return found

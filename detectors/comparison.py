"""The same page, or only the same form? What was read, line by line, against the registered text.

Siblings of one template share letterhead, labels and boilerplate, often most of their text; the page itself shares every line
that was read well. How well lines were read the agreeing ones tell: OCR noise thins out the shingles of all lines alike,
another page's lines lose all of theirs while the form's keep them. So the better the reading, the more lines must agree.
Winnowing promises a shared shingle only from a certain length on; what is shorter (the cells of a table) is compared together
with the short ones that follow.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from detectors.thresholds import Thresholds
from fingerprints.extraction import Reading
from fingerprints.text import shingles
from fingerprints.types import GeometricHit, Line, Shingles

F64 = npt.NDArray[np.float64]
COMPARABLE = 14  # units in which a winnowed text surely shares a shingle with its copy: 7 Chinese characters
HELD = 0.15  # of a line's shingles: 20 % wrong characters leave 0.17 of them whole ((1 - 0.2) ** 8)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``units``: how much was read and could be compared. ``confidence``: the OCR engine's own, 0..1.

    ``legibility``: the share 0..1 of shingles that agreeing lines kept. ``agreement``: the share 0..1 of units in lines that
    the reference holds, given that legibility. ``runner_up``: the same for the nearest text of another asset.
    """

    units: int
    confidence: float
    legibility: float
    agreement: float
    runner_up: float

    def readable(self, points: Thresholds) -> bool:
        """Whether enough was read, and well enough, to say anything."""
        return self.units >= points.readable_units and self.confidence >= points.readable_confidence

    def needed(self, points: Thresholds) -> float:
        """The agreement that the same page would have at this legibility."""
        return points.agreement_least + points.agreement_gain * self.legibility

    def doubtful(self, points: Thresholds) -> bool:
        """Too little agrees to prove the page, too much, and too little with any other text, to rule it out."""
        return self.nearly(points) and self.agreement - self.runner_up >= points.doubt_lead

    def nearly(self, points: Thresholds) -> bool:
        """Too much agrees to rule the page out."""
        return self.agreement >= self.needed(points) - points.doubt

    def same_page(self, points: Thresholds) -> bool:
        expected = points.legibility_best - points.legibility_loss * (1 - self.confidence)
        alone = self.agreement >= min(self.runner_up + points.agreement_lead, points.agreement_twin)
        return alone and self.legibility >= expected and self.agreement >= self.needed(points)


def compare(lines: Iterable[Line], reference: Shingles, others: Sequence[Shingles] = ()) -> Comparison:
    """Lines read from a picture against a registered text.

    ``others``: registered texts of other assets, to be told apart from.
    """
    read = _stretches(lines)
    if not read:
        return Comparison(0, 0.0, 0.0, 0.0, 0.0)
    units = np.array([made.units for _, made in read], np.float64)
    confidence = float(np.average([confidence for confidence, _ in read], weights=units))
    legibility, agreement = _agreement(read, units, reference)
    runner_up = max((_agreement(read, units, other)[1] for other in others), default=0.0)
    return Comparison(int(units.sum()), confidence, legibility, agreement, runner_up)


def _stretches(lines: Iterable[Line]) -> list[tuple[float, Shingles]]:
    """Confidence and shingles of each line; short ones are joined to the short ones that follow, until there is enough.

    Not to a long one: it would agree, and hide that the label's value does not.
    """
    found: list[tuple[float, Shingles]] = []
    short: list[Line] = []
    for line in lines:
        alone = _shingled([line])
        if alone is not None and alone[1].units >= COMPARABLE:
            found += [one for one in (_shingled(short), alone) if one is not None]
            short = []
            continue
        short.append(line)
        together = _shingled(short)
        if together is not None and together[1].units >= COMPARABLE:
            found.append(together)
            short = []
    left = _shingled(short)
    return found if left is None else [*found, left]


def _shingled(lines: Sequence[Line]) -> tuple[float, Shingles] | None:
    """Lines as one text, as sure as its least sure line."""
    made = shingles("\n".join(line.text for line in lines))
    return None if made is None else (min(line.confidence for line in lines), made)


def _agreement(read: Sequence[tuple[float, Shingles]], units: F64, reference: Shingles) -> tuple[float, float]:
    """Legibility and agreement with one text."""
    held = np.array([np.isin(made.hashes, reference.hashes).mean() for _, made in read], np.float64)
    agreeing = held >= HELD
    legibility = float(np.average(held[agreeing], weights=units[agreeing])) if agreeing.any() else 0.0
    return legibility, float(units[agreeing & (held >= legibility / 2)].sum() / units.sum())


def held_outside(one: Shingles, text: Shingles, start: int, end: int) -> float:
    """The share 0..1 of shingles that the text holds elsewhere than at ``text[start:end]``."""
    return float(np.isin(one.hashes, text.hashes[(text.ends <= start) | (text.starts >= end)]).mean())


def jaccard(one: Shingles, other: Shingles) -> float:
    """How much of all that two texts say both say: shared shingles by all shingles, 0..1."""
    return len(np.intersect1d(one.hashes, other.hashes)) / len(np.union1d(one.hashes, other.hashes))


def lines_on(reading: Reading, hit: GeometricHit) -> list[Line]:
    """The lines whose middle the homography puts on the reference."""
    if not reading.lines:
        return []
    middles = np.array([np.mean(line.quad, axis=0) for line in reading.lines], np.float64)
    back = cv2.perspectiveTransform(middles[None], np.linalg.inv(hit.homography))[0]
    on_page = ((back >= 0) & (back <= 1)).all(axis=1)
    return [line for line, on in zip(reading.lines, on_page, strict=True) if on]

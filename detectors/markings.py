"""Classification markings: what a page says of itself, whether or not anybody registered it.

Three rungs. Forms nobody writes by chance (机密★10年, SECRET//NOFORN, (S//NF)) are proof wherever they stand. A level alone
in its line is evidence only where markings stand: Chinese at the top left, others centred at the top, stronger if repeated
at the foot. A level inside a sentence is nothing. In text bodies there is no place, so only the first rung counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

import detectors.marking_schemes as schemes
from detectors.marking_schemes import Form
from detectors.types import Level
from fingerprints.types import Line, Quad

HEAD, FOOT = 0.25, 0.75
LEFT_THIRD = 1 / 3
OFF_CENTRE = 0.15
MIN_LINES = 5
"""Fewer lines are no page, and have no top."""
REPEATED = 0.75
AUTHORITY_LINES = 2
MOST_PLACES = 20
"""Of one marking: each paragraph of a page may begin with it."""


@dataclass(frozen=True, slots=True)
class Marking:
    """A marking found. ``level``: spelled out in its scheme's language; ``rank``: what it means to us; ``text``: as read.

    ``quads``: on a picture, wherever it stands, the surest place first.
    """

    scheme: str
    level: str
    rank: Level
    confidence: float
    text: str
    quads: tuple[Quad, ...] = ()


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line and where its centre stands in the block of all text: 0..1 from left and from top, as one reads it."""

    line: Line
    text: str
    x: float
    y: float

    def marking(self, form: Form) -> Marking:
        return Marking(form.scheme, form.level, form.rank, form.confidence, self.line.text, (self.line.quad,))


def find_markings_in_text(text: str) -> list[Marking]:
    """Markings in a text body, the surest first, each (scheme, level) once. Only forms that are proof in themselves."""
    found = []
    lines = text.splitlines()
    for line in lines:
        plain = schemes.written(line)
        found += [_unplaced(form, line) for form in (*schemes.anywhere(plain), *schemes.own_line(plain))]
    authority = [line for line in lines if schemes.US_AUTHORITY.match(schemes.written(line))]
    if len(authority) >= AUTHORITY_LINES:
        found.append(_unplaced(schemes.US_CLASSIFIED, authority[0]))
    return _surest(found)


def find_markings_in_lines(lines: Sequence[Line]) -> list[Marking]:
    """Markings in the lines read from one picture, the surest first, each (scheme, level) once."""
    placed = _place(lines)
    found = [one.marking(form) for one in placed for form in _proof(one.text)]
    authority = [one for one in placed if schemes.US_AUTHORITY.match(one.text)]
    if len(authority) >= AUTHORITY_LINES:
        found.append(authority[0].marking(schemes.US_CLASSIFIED))
    if len(placed) >= MIN_LINES:
        found += [*_chinese_heads(placed), *_banners(placed)]
    return _surest(found)


def _unplaced(form: Form, line: str) -> Marking:
    return Marking(form.scheme, form.level, form.rank, form.confidence, line.strip())


def _proof(text: str) -> Iterator[Form]:
    yield from schemes.anywhere(text)
    yield from schemes.own_line(text)
    yield from schemes.misread(text)


def _chinese_heads(placed: list[_Placed]) -> Iterator[Marking]:
    head = [one for one in placed if one.y <= HEAD and one.x <= LEFT_THIRD]
    for one in head:
        yield from (one.marking(form) for form in schemes.chinese_head(one.text))
    numbered = [one for one in head if schemes.CN_COPY_NUMBER.fullmatch(one.text)]
    if numbered and any(schemes.CN_DOCUMENT_NUMBER.fullmatch(one.text) for one in placed):
        yield numbered[0].marking(schemes.CN_OFFICIAL)


def _banners(placed: list[_Placed]) -> Iterator[Marking]:
    """Those at the top, then the same at the foot."""
    found = [(one, form) for one in placed if abs(one.x - 0.5) <= OFF_CENTRE for form in schemes.banner(one.text)]
    head, foot = [pair for pair in found if pair[0].y <= HEAD], [pair for pair in found if pair[0].y >= FOOT]
    repeated = {form.level for _, form in head} & {form.level for _, form in foot}
    for one, form in head:
        yield one.marking(replace(form, confidence=REPEATED) if form.level in repeated else form)
    for one, form in foot:
        if form.level in repeated:
            yield one.marking(replace(form, confidence=REPEATED))


def _surest(found: Sequence[Marking]) -> list[Marking]:
    """Of each (scheme, level) one, with all places where it stands."""
    best: dict[tuple[str, str], list[Marking]] = {}
    for marking in sorted(found, key=lambda one: -one.confidence):
        best.setdefault((marking.scheme, marking.level), []).append(marking)
    return [replace(first, quads=_places([first, *more])) for first, *more in best.values()]


def _places(markings: Sequence[Marking]) -> tuple[Quad, ...]:
    return tuple(dict.fromkeys(quad for one in markings for quad in one.quads))[:MOST_PLACES]


def _place(lines: Sequence[Line]) -> list[_Placed]:
    """Where lines stand in their block, turned so that text runs to the right: a page photographed askew has a top too."""
    if not lines:
        return []
    quads = np.array([line.quad for line in lines], np.float64)
    along = (quads[:, 1] - quads[:, 0] + quads[:, 2] - quads[:, 3]).sum(axis=0)
    along /= max(float(np.linalg.norm(along)), 1e-9)
    turned = quads @ np.array([[along[0], -along[1]], [along[1], along[0]]])
    low, high = turned.min(axis=(0, 1)), turned.max(axis=(0, 1))
    centres: npt.NDArray[np.float64] = (turned.mean(axis=1) - low) / np.maximum(high - low, 1e-9)
    return [_Placed(line, schemes.written(line.text), float(x), float(y)) for line, (x, y) in zip(lines, centres, strict=True)]

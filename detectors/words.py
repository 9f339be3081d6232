"""Where watched words stand: in text, in what is read from a picture, in its QR codes and barcodes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from detectors.likeness import best_per_asset, corners
from detectors.subject import Subject
from detectors.types import Match
from fingerprints.types import Quad, TermHit

CONFIDENCE = {"text": 0.95, "code": 0.95, "ocr": 0.85}
CONTEXT, REACH = 30, 10
"""Characters told before and after a word, and how many more if nothing is left out by that."""
WIDE = "\u2e80"
"""From here on characters are words of their own: Chinese, Japanese, Korean."""


@dataclass(frozen=True, slots=True)
class Found:
    """One occurrence of a registered word. ``text`` is all that was searched."""

    hit: TermHit
    source: Literal["text", "ocr", "code"]
    text: str
    boxes: tuple[Quad, ...] = ()
    symbology: str = ""

    @property
    def as_written(self) -> str:
        return self.text[self.hit.start : self.hit.end]


def find(subject: Subject, kind: str) -> Iterator[Found]:
    """Every occurrence of words of one kind (``term`` or ``tag``), codes first."""
    yield from (found for found in _everywhere(subject) if found.hit.kind == kind)


def matches(subject: Subject, kind: str, detector: str, noun: str) -> list[Match]:
    """One match an asset, on its surest occurrence."""
    return best_per_asset(_match(subject, found, detector, noun) for found in find(subject, kind))


def _everywhere(subject: Subject) -> Iterator[Found]:
    seen, terms = subject.seen, subject.registry.snapshot.terms
    if not len(terms):
        return
    if seen.text is not None:
        yield from (Found(hit, "text", seen.text) for hit in terms.search(seen.text, noisy=False))
    if not seen.has_picture:
        return
    for code in seen.codes:
        hits = terms.search(code.text, noisy=False)
        yield from (Found(hit, "code", code.text, (code.quad,), code.symbology) for hit in hits)
    reading = subject.reading
    for hit in terms.search(reading.text, noisy=True):
        yield Found(hit, "ocr", reading.text, tuple(reading.boxes(hit.start, hit.end)))


def _match(subject: Subject, found: Found, detector: str, noun: str) -> Match:
    asset = subject.registry.assets[found.hit.key]
    where = {"text": "in the text", "ocr": "in the picture", "code": f"in a {_spoken(found.symbology)} in the picture"}[
        found.source
    ]
    token: dict[str, Any] = {
        "word": found.hit.word,
        "found": found.as_written,
        "source": found.source,
        "context": around(found.text, found.hit.start, found.hit.end),
        "boxes": [corners(box) for box in found.boxes],
    }
    return Match(
        asset_id=asset.id,
        asset_title=asset.title,
        reference="",
        detector=detector,
        confidence=CONFIDENCE[found.source],
        attachment=subject.attachment,
        evidence={"summary": f"The {noun} {found.hit.word} of “{asset.title}” stands {where}.", "token": token},
    )


def around(text: str, start: int, end: int) -> str:
    """What stands there and beside it. What is left out is marked “…”, and no word is cut if the space between two is near."""
    before, after = text[max(0, start - CONTEXT - REACH - 1) : start], text[end : end + CONTEXT + REACH + 1]
    return _last(before) + text[start:end] + _last(after[::-1])[::-1]


def _last(text: str) -> str:
    """What comes last in it, from a gap between two words on if one is near."""
    if len(text) <= CONTEXT + REACH:
        return text
    starts = range(len(text) - CONTEXT, len(text) - CONTEXT // 2)
    start = next((at for at in starts if _gap(text[at - 1]) or _gap(text[at])), starts[0])
    return f"…{text[start:].lstrip()}"


def _gap(character: str) -> bool:
    return character.isspace() or character >= WIDE


def _spoken(symbology: str) -> str:
    """A symbology's name in people's words."""
    return symbology.replace("QRCode", "QR code") if "QRCode" in symbology else f"{symbology} barcode"

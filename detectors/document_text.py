"""Registered text, quoted: in the message itself, in a file's text, or read from a picture."""

from dataclasses import replace
from typing import Any

from detectors.comparison import compare
from detectors.guided_reading import read_guided
from detectors.likeness import best_per_asset, corners, exact_match, sureness
from detectors.mistakes import believed
from detectors.subject import Subject
from detectors.thresholds import Thresholds
from detectors.types import Match, Reference
from fingerprints.types import Passage, TextHit

SHOWN_PASSAGES = 8
SHOWN_CHARACTERS = 600


class DocumentText:
    """Enough shared text, in the same order, weighted by how rare it is in the registry."""

    name = "document_text"

    def detect(self, subject: Subject) -> list[Match]:
        exact = [] if subject.seen.has_picture else [exact_match(subject, one, self.name) for one in subject.exact]
        if subject.attachment is not None and exact:
            return best_per_asset(exact)
        hits = [_long(hit, subject.thresholds) for hit in subject.text_hits]
        hits.sort(key=lambda hit: -hit.units)
        enough = (hit for hit in hits if _enough(subject, hit) and _whole(subject, hit) and not _only_the_form(subject, hit))
        quoted = believed(subject, (self._match(subject, hit, hits) for hit in enough))
        known = {match.asset_id for match in quoted}  # passages say more than that all of it is there, if they are long enough
        return quoted + best_per_asset(match for match in exact if match.asset_id not in known)

    def _match(self, subject: Subject, hit: TextHit, hits: list[TextHit]) -> Match:
        reference = subject.registry.reference(hit.key)
        asset = subject.registry.asset_of(hit.key)
        passages = [_passage(subject, reference, passage) for passage in hit.passages[:SHOWN_PASSAGES]]
        characters = sum(p.query_end - p.query_start for p in hit.passages)
        where = f", {reference.label}" if reference.label else ""
        return Match(
            asset_id=asset.id,
            asset_title=asset.title,
            reference=reference.label,
            detector=self.name,
            confidence=sureness(hit.units, _needed(subject)),
            attachment=subject.attachment,
            evidence={
                "summary": f"About {characters} characters are also in “{asset.title}”{where}, in the same order.",
                "text": {
                    "units": round(hit.units, 1),
                    "threshold": _needed(subject),
                    "share": round(hit.share, 3),
                    "passages": passages,
                    "more_passages": len(hit.passages) - len(passages),
                    "nearest_other": _nearest_other(subject, asset.id, hits),
                },
            },
            reference_key=reference.key,
        )


def _long(hit: TextHit, points: Thresholds) -> TextHit:
    """The hit by its longer passages alone."""
    passages = tuple(passage for passage in hit.passages if passage.units >= points.passage_units)
    units = sum(passage.units for passage in passages)
    return replace(hit, units=units, share=hit.share * units / max(hit.units, 1e-9), passages=passages)


def _enough(subject: Subject, hit: TextHit) -> bool:
    points = subject.thresholds
    if hit.share < points.text_share:
        return hit.units >= points.text_units_alone
    return hit.units >= _needed(subject)


def _needed(subject: Subject) -> float:
    return subject.thresholds.text_units if subject.seen.text is not None else subject.thresholds.text_units_read


def _whole(subject: Subject, hit: TextHit) -> bool:
    """Between its first and its last passage a quotation read from a picture is the registered text, a sibling only its form."""
    reference = subject.registry.snapshot.text.get(hit.key)
    if subject.seen.text is not None or reference is None:
        return True
    start = min(passage.query_start for passage in hit.passages)
    end = max(passage.query_end for passage in hit.passages)
    others = subject.other_texts(subject.registry.asset_of(hit.key), reference)
    found = compare(subject.reading.between(start, end), reference, others)
    return found.same_page(subject.thresholds)


def _only_the_form(subject: Subject, hit: TextHit) -> bool:
    """Whether the picture shows another page of the reference's form: what they share is the form, however much that is.

    A quotation stands elsewhere, or takes telling lines along.
    """
    geometry = None if subject.seen.text is not None else subject.geometry_of(hit.key)
    if geometry is None or geometry.inliers < subject.thresholds.inliers or geometry.coverage < subject.thresholds.coverage:
        return False
    guided = read_guided(subject, hit.key, geometry)
    return guided is not None and guided.only_the_form


def _passage(subject: Subject, reference: Reference, passage: Passage) -> dict[str, Any]:
    seen = subject.seen
    text = subject.reading.text if seen.text is None else seen.text
    boxes = subject.reading.boxes(passage.query_start, passage.query_end) if seen.text is None else []
    kept = reference.text
    return {
        "text": text[passage.query_start : passage.query_end][:SHOWN_CHARACTERS],
        "start": passage.query_start,
        "end": passage.query_end,
        "reference_text": None if kept is None else kept[passage.reference_start : passage.reference_end][:SHOWN_CHARACTERS],
        "reference_start": passage.reference_start,
        "reference_end": passage.reference_end,
        "boxes": [corners(box) for box in boxes],
    }


def _nearest_other(subject: Subject, asset_id: str, hits: list[TextHit]) -> dict[str, Any] | None:
    for hit in hits:
        other = subject.registry.asset_of(hit.key)
        if other.id != asset_id:
            return {"asset_id": other.id, "asset_title": other.title, "units": round(hit.units, 1)}
    return None

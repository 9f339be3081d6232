"""How near to being believed came what was not: for somebody who tries a picture and wants to know what is missing."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Literal

from detectors.likeness import distinct, required
from detectors.subject import Likeness, Subject
from fingerprints.types import GeometricHit

Missing = Literal["details", "spread", "own_details", "text", "look", "passages"]
"""What there is too little of: details that agree, blocks of the reference they lie in, details that do not repeat, likeness as a
whole, shared text. ``text``: it lies there, and the text read there is not its own.
"""


@dataclass(frozen=True, slots=True)
class Nearness:
    """A registered reference that was not found in a picture or text: what was there, and what it takes, of what is missing."""

    asset_id: str
    asset_title: str
    reference: str
    missing: Missing
    there: float
    needed: float

    @property
    def share(self) -> float:
        """0..1 of what it takes."""
        return min(1.0, self.there / self.needed) if self.needed else 0.0


def nearest(subject: Subject, among: Container[str] | None = None) -> Nearness | None:
    """The one that came nearest. ``among``: assets that may be named, ``None`` all."""
    found = [one for one in _alike(subject) if among is None or one.asset_id in among]
    return max(found, key=lambda one: (one.missing == "text", one.share), default=None)


def _alike(subject: Subject) -> Iterator[Nearness]:
    for one in subject.likenesses if subject.seen.has_picture else ():
        if one.geometry is not None:
            yield _named(one, *_lacks(subject, one, one.geometry))
        elif one.perceptual is not None:
            points = subject.thresholds
            room = points.perceptual_near - points.perceptual_same
            yield _named(one, "look", points.perceptual_near - one.perceptual.distance, room)
    needed = subject.thresholds.text_units if subject.seen.text is not None else subject.thresholds.text_units_read
    for hit in subject.text_hits:
        asset, reference = subject.registry.asset_of(hit.key), subject.registry.reference(hit.key)
        yield Nearness(asset.id, asset.title, reference.label, "passages", round(hit.units), needed)


def _lacks(subject: Subject, likeness: Likeness, hit: GeometricHit) -> tuple[Missing, float, float]:
    points = subject.thresholds
    inliers, coverage = required(hit, points)
    if hit.inliers < inliers:
        return "details", hit.inliers, inliers
    if hit.coverage < coverage:
        return "spread", round(hit.coverage, 3), coverage
    if likeness.reference.key in subject.registry.snapshot.text:
        return "text", hit.inliers, inliers
    return (
        ("spread", round(hit.coverage, 3), points.coverage_textless)
        if distinct(hit, points)
        else ("own_details", hit.mutual, points.mutual)
    )


def _named(one: Likeness, missing: Missing, there: float, needed: float) -> Nearness:
    return Nearness(one.asset.id, one.asset.title, one.reference.label, missing, there, needed)

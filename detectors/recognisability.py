"""What a reference in the making shares with what is registered already: another asset's very page, or only its form.

Both are told when registering, neither is refused. Near-identical is what would be taken for a copy: the same bytes, a picture
that detectors confirm and that shows the other reference nearly whole, a text that says nearly the same. Boilerplate is what
holds hardly anything of its own: most of its text, or where it has none most of its details, stands in other assets as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from detectors.comparison import jaccard
from detectors.equipment_photo import EquipmentPhoto
from detectors.page_copy import PageCopy
from detectors.registry import Registry
from detectors.subject import Likeness, Subject
from detectors.thresholds import Thresholds
from detectors.types import Match, Reference
from fingerprints.distinctiveness import blocks
from fingerprints.extraction import Observation
from fingerprints.types import GeometricHit, Key, TextHit

MOST_NAMED = 5


class Kinship(StrEnum):
    """How a reference resembles those of other assets; names stored in data."""

    NEAR_IDENTICAL = "near_identical"
    BOILERPLATE = "boilerplate"


@dataclass(frozen=True, slots=True)
class Resemblance:
    """``share``: 0..1, how much of this reference stands in others as well. ``others``: those that hold most of it."""

    kinship: Kinship
    share: float
    others: tuple[Reference, ...]


class _Picture(Subject):
    """As if it were not byte for byte registered: what else looks the same is told as well. ``own``: an asset that counts not."""

    own = ""

    @cached_property
    def exact(self) -> list[Likeness]:
        return []

    @cached_property
    def likenesses(self) -> list[Likeness]:
        return [one for one in super().likenesses if one.asset.id != self.own]

    @property
    def text_hits(self) -> list[TextHit]:
        return [one for one in super().text_hits if self.registry.asset_of(one.key).id != self.own]


def resemblance(seen: Observation, registry: Registry, thresholds: Thresholds, own: str = "") -> Resemblance | None:
    """Of a part that is about to be registered. ``own``: its asset, of which other parts may be there. Raises Unreadable."""
    subject = _Picture(0, seen, registry, thresholds)
    subject.own = own
    twins = list(dict.fromkeys(_twins(subject)))
    if twins:
        return Resemblance(Kinship.NEAR_IDENTICAL, 1.0, _named(subject, twins))
    text = subject.seen.shingles
    written = text is not None and text.units >= thresholds.readable_units
    share, keys = _held_text(subject) if written else _held_details(subject)
    if share < (thresholds.boilerplate_text if written else thresholds.boilerplate_details):
        return None
    return Resemblance(Kinship.BOILERPLATE, round(share, 2), _named(subject, keys))


def _twins(subject: _Picture) -> Iterator[Key]:
    same = subject.registry.snapshot.exact.search(subject.seen.digest)
    yield from (key for key in same if subject.registry.asset_of(key).id != subject.own)
    yield from (match.reference_key for match in _copies(subject) if match.reference_key is not None)
    text = subject.seen.shingles
    for hit in subject.text_hits if text is not None else ():
        other = subject.registry.snapshot.text.get(hit.key)
        if other is not None and text is not None and jaccard(text, other) >= subject.thresholds.text_twin:
            yield hit.key


def _copies(subject: Subject) -> Iterator[Match]:
    """Of which posting this picture would be taken for a copy, if each shows most of the other."""
    whole = {one.reference.key for one in subject.likenesses if _whole(subject, one)}
    for detector in (EquipmentPhoto(), PageCopy()):
        yield from (match for match in detector.detect(subject) if match.reference_key in whole)


def _whole(subject: Subject, likeness: Likeness) -> bool:
    hit, points = likeness.geometry, subject.thresholds
    if hit is None:
        return likeness.perceptual is not None
    return hit.visible * hit.coverage >= points.alike_shown and _extent(hit) >= points.alike_extent


def _extent(hit: GeometricHit) -> float:
    """Share 0..1 of the picture that the reference fills."""
    corners = zip(hit.outline, (*hit.outline[1:], hit.outline[0]), strict=True)
    return hit.visible * abs(sum(x * v - u * y for (x, y), (u, v) in corners)) / 2


def _held_text(subject: _Picture) -> tuple[float, list[Key]]:
    """How much of its text others hold as well, 0..1, and who holds most of it."""
    text = subject.seen.shingles
    apart = subject.registry.keys_of(subject.own)
    return (0.0, []) if text is None else subject.registry.snapshot.text.held(text, MOST_NAMED, apart)


def _held_details(subject: Subject) -> tuple[float, list[Key]]:
    """The same of the blocks of a picture that have details."""
    seen = subject.seen.keypoints if subject.seen.has_picture else None
    hits = [one.geometry for one in subject.likenesses if one.geometry and one.inliers >= subject.thresholds.inliers]
    if seen is None or not hits:
        return 0.0, []
    held = frozenset[int]().union(*(blocks(hit.points[:, :2]) for hit in hits))
    return len(held) / len(blocks(seen.xy) | held), [hit.key for hit in hits]


def _named(subject: Subject, keys: Sequence[Key]) -> tuple[Reference, ...]:
    return tuple(subject.registry.reference(key) for key in keys[:MOST_NAMED])

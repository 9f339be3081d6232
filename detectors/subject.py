"""One part of a message under inspection: what it shows, and what it looks like in the registry. Computed once, shared."""

from dataclasses import dataclass
from functools import cached_property

from detectors.comparison import jaccard
from detectors.registry import Registry
from detectors.thresholds import Thresholds
from detectors.types import Asset, Excused, Reference
from fingerprints.extraction import Observation
from fingerprints.types import GeometricHit, Key, PerceptualHit, Shingles, TextHit

MOST_TEXTS = 12
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Likeness:
    """How one registered picture resembles the part, by every visual fingerprint that says so."""

    reference: Reference
    asset: Asset
    exact: bool
    perceptual: PerceptualHit | None
    geometry: GeometricHit | None

    @property
    def inliers(self) -> int:
        return self.geometry.inliers if self.geometry else 0


class Subject:
    """What a detector is shown. ``attachment``: index in the message, ``None`` its own text."""

    def __init__(self, attachment: int | None, seen: Observation, registry: Registry, thresholds: Thresholds) -> None:
        self.attachment = attachment
        self.seen = seen
        self.registry = registry
        self.thresholds = thresholds
        self.excused: list[Excused] = []

    @cached_property
    def exact(self) -> list[Likeness]:
        """Registered files with the very same bytes."""
        return [self._likeness(key, exact=True) for key in self.registry.snapshot.exact.search(self.seen.digest)]

    @cached_property
    def likenesses(self) -> list[Likeness]:
        """Registered pictures this one resembles, best first. Not yet believed."""
        if not self.seen.has_picture:
            return []
        near = self._perceptual()
        hits = self._geometric(near)
        keys = sorted(near.keys() | hits.keys())
        found = [self._likeness(key, perceptual=near.get(key), geometry=hits.get(key)) for key in keys]
        return sorted(found, key=lambda one: -one.inliers)

    @cached_property
    def text_hits(self) -> list[TextHit]:
        """Registered texts that share passages with what is written or read here, most first. Not yet believed."""
        query = self.seen.shingles
        return [] if query is None else self.registry.snapshot.text.search(query, limit=MOST_TEXTS)

    @cached_property
    def remembered(self) -> dict[Key, GeometricHit]:
        """Pictures held against some asset by mistake that lie in this one. Not yet believed."""
        query, memory = self.seen.keypoints, self.registry.memory.snapshot
        if query is None:
            return {}
        whole = self.seen.perceptual
        near = memory.perceptual.search(whole, max_distance=self.thresholds.perceptual_near) if whole is not None else []
        return {hit.key: hit for hit in memory.keypoints.search(query, candidates=[one.key for one in near])}

    @cached_property
    def named_by_text(self) -> list[Likeness]:
        """Registered pages whose text stands here, as they lie here: among hundreds of one form, geometry names only a few."""
        if not self.seen.has_picture:
            return []
        known = {one.reference.key for one in self.likenesses}
        named = [hit.key for hit in self.text_hits if hit.key not in known][:MOST_NAMED]
        return [self._likeness(key, geometry=hit) for key in named if (hit := self.geometry_of(key)) is not None]

    def other_texts(self, asset: Asset, reference: Shingles) -> list[Shingles]:
        """What other assets' texts among these hold: what they share with the reference is form, not content.

        The same text registered once more is no other text: a copy of it is a copy of both.
        """
        others = (hit.key for hit in self.text_hits if self.registry.asset_of(hit.key).id != asset.id)
        texts = (text for key in others if (text := self.registry.snapshot.text.get(key)) is not None)
        return [text for text in texts if jaccard(text, reference) < self.thresholds.text_twin]

    def geometry_of(self, key: Key) -> GeometricHit | None:
        """How that registered picture lies in this one, whether or not it was nominated."""
        known = next((one.geometry for one in self.likenesses if one.reference.key == key), None)
        query = self.seen.keypoints if self.seen.has_picture else None
        return known if known is not None or query is None else self.registry.snapshot.keypoints.verify(query, key)

    def nearest_other(self, asset: Asset) -> Likeness | None:
        """The most similar picture of any other asset: what the match must be told apart from."""
        return next((one for one in self.likenesses if one.asset.id != asset.id), None)

    def _perceptual(self) -> dict[Key, PerceptualHit]:
        query = self.seen.perceptual
        if query is None:
            return {}
        hits = self.registry.snapshot.perceptual.search(query, max_distance=self.thresholds.perceptual_near)
        return {hit.key: hit for hit in hits}

    def _geometric(self, near: dict[Key, PerceptualHit]) -> dict[Key, GeometricHit]:
        query = self.seen.keypoints
        if query is None:
            return {}
        return {hit.key: hit for hit in self.registry.snapshot.keypoints.search(query, candidates=near)}

    def _likeness(
        self, key: Key, exact: bool = False, perceptual: PerceptualHit | None = None, geometry: GeometricHit | None = None
    ) -> Likeness:
        reference = self.registry.reference(key)
        return Likeness(reference, self.registry.asset_of(key), exact, perceptual, geometry)

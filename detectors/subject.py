"""One part of a message under inspection: what it shows, and what it looks like in the registry. Computed once, shared."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from detectors.comparison import compare, jaccard
from detectors.registry import Registry
from detectors.thresholds import Thresholds
from detectors.types import Asset, Excused, Reference
from fingerprints.extraction import Observation, Reading
from fingerprints.snapshot import Snapshot
from fingerprints.text import shingles
from fingerprints.types import GeometricHit, Key, PerceptualHit, Quad, Shingles, TextHit

MOST_TEXTS = 12
MOST_NAMED = 3

T = TypeVar("T")


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
    """What a detector is shown. ``attachment``: index in the message, ``None`` its own text.

    ``thorough``: read all of a picture, whatever a glimpse of it or a page proved in it says. ``proved``: where registered pages
    were found for certain. ``ruled_out``: pages that would lie here and do not, and what was read in their place.
    """

    def __init__(
        self,
        attachment: int | None,
        seen: Observation,
        registry: Registry,
        thresholds: Thresholds,
        thorough: bool = False,
    ) -> None:
        self.attachment = attachment
        self.seen = seen
        self.registry = registry
        self.thresholds = thresholds
        self.thorough = thorough
        self.proved: tuple[Quad, ...] = ()
        self.ruled_out: dict[Key, str] = {}
        self.excused: list[Excused] = []

    def by_likeness(self) -> "Subject":
        """The same, known by nothing but what it resembles: as if no registered file had these very bytes."""
        other = Subject(self.attachment, self.seen, self.registry, self.thresholds, self.thorough)
        other.exact = []
        other.excused = self.excused
        return other

    @cached_property
    def exact(self) -> list[Likeness]:
        """Registered files with the very same bytes."""
        return [self._likeness(key, exact=True) for key in self.registry.snapshot.exact.search(self.seen.digest)]

    @cached_property
    def likenesses(self) -> list[Likeness]:
        """Registered pictures this one resembles, best first. Not yet believed."""
        if not self.seen.has_picture:
            return []
        snapshot = self.registry.snapshot
        near, hits = self._found("likenesses", snapshot, lambda: self._pictures(snapshot))
        keys = sorted(near.keys() | hits.keys())
        found = [self._likeness(key, perceptual=near.get(key), geometry=hits.get(key)) for key in keys]
        return sorted(found, key=lambda one: -one.inliers)

    @property
    def leaked(self) -> list[Likeness]:
        """Confirmed leaks that were the same picture as a whole."""
        near = ((one, one.perceptual) for one in self.likenesses if one.reference.leaked)
        return [one for one, hit in near if hit is not None and hit.distance <= self.thresholds.perceptual_same]

    @property
    def reading(self) -> Reading:
        """What is read of the picture: nothing of pages that are proved; of all else everything, if words are watched for, or if
        a few lines of it may be of something registered.
        """
        if self.thorough:
            return self.seen.reading
        if self.proved:
            return self.seen.reading_beside(self.proved)
        if self.seen.was_read or len(self.registry.snapshot.terms):
            return self.seen.reading
        return self._found("enough", self.registry.snapshot, self._enough)

    def _enough(self) -> Reading:
        """A glimpse; where that may be of something registered, what stands around it; all, where that goes on there."""
        glimpse, points = self.seen.glimpse, self.thresholds
        likely = self._likely(glimpse, points.glimpse_units)
        spans = [(passage.query_start, passage.query_end) for hit in likely for passage in hit.passages]
        if not spans:
            return glimpse
        closer = self.seen.closer_glimpse([line for span in spans for line in glimpse.between(*span)])
        going_on = any(self._goes_on(closer, hit) for hit in self._likely(closer, points.closer_units))
        return self.seen.reading if going_on else closer

    def _goes_on(self, read: Reading, hit: TextHit) -> bool:
        """Whether most of what was read between the first and the last longer passage that is shared stands in that text."""
        text = self.registry.snapshot.text.get(hit.key)
        shared = [passage for passage in hit.passages if passage.units >= self.thresholds.passage_units]
        if text is None or not shared:
            return False
        between = read.between(min(one.query_start for one in shared), max(one.query_end for one in shared))
        return compare(between, text).nearly(self.thresholds)

    def _likely(self, read: Reading, units: float) -> list[TextHit]:
        """Registered texts that share so much with it, but for pages that are ruled out."""
        made = shingles(read.text)
        hits = [] if made is None else self.registry.snapshot.text.search(made, limit=MOST_TEXTS)
        return [hit for hit in hits if hit.units >= units and hit.key not in self.ruled_out]

    @property
    def text_hits(self) -> list[TextHit]:
        """Registered texts that share passages with what is written or read here, most first. Not yet believed."""
        read = self.reading.text if self.seen.text is None else self.seen.text
        return self._found(f"text {hash(read)}", self.registry.snapshot, lambda: self._quoted(read))

    def _quoted(self, read: str) -> list[TextHit]:
        query = shingles(read) if self.seen.text is None else self.seen.shingles
        return [] if query is None else list(self.registry.snapshot.text.search(query, limit=MOST_TEXTS))

    @cached_property
    def remembered(self) -> dict[Key, GeometricHit]:
        """Pictures held against some asset by mistake that lie in this one. Not yet believed."""
        memory = self.registry.memory.snapshot
        return self._found("remembered", memory, lambda: self._pictures(memory)[1])

    @cached_property
    def named_by_text(self) -> list[Likeness]:
        """Registered pages whose text stands here, as they lie here: among hundreds of one form, geometry names only a few."""
        if not self.seen.has_picture:
            return []
        known = {one.reference.key for one in self.likenesses}
        named = [hit.key for hit in self._hits_at_a_glimpse if hit.key not in known][:MOST_NAMED]
        lie = self._found("named", self.registry.snapshot, lambda: {key: self.geometry_of(key) for key in named})
        return [self._likeness(key, geometry=hit) for key, hit in lie.items() if hit is not None]

    @property
    def _hits_at_a_glimpse(self) -> list[TextHit]:
        """Registered texts by what is read first: a page that lies here holds more of that than any other does."""
        if self.thorough or self.seen.was_read or len(self.registry.snapshot.terms):
            return self.text_hits
        return self._likely(self.seen.glimpse, self.thresholds.glimpse_units)

    def other_texts(self, asset: Asset, reference: Shingles) -> list[Shingles]:
        """What other assets' texts among these hold: what they share with the reference is form, not content.

        The same text registered once more is no other text: a copy of it is a copy of both.
        """
        others = (hit.key for hit in self.text_hits if self.registry.asset_of(hit.key).id != asset.id)
        texts = (text for key in others if (text := self.registry.snapshot.text.get(key)) is not None)
        return [text for text in texts if not self.twins(text, reference)]

    def twins(self, one: Shingles, other: Shingles) -> bool:
        """Whether they are one text registered twice."""
        return jaccard(one, other) >= self.thresholds.text_twin

    def geometry_of(self, key: Key) -> GeometricHit | None:
        """How that registered picture lies in this one, whether or not it was nominated."""
        known = next((one.geometry for one in self.likenesses if one.reference.key == key), None)
        query = self.seen.keypoints if self.seen.has_picture else None
        return known if known is not None or query is None else self.registry.snapshot.keypoints.verify(query, key)

    def closer(self, key: Key) -> GeometricHit | None:
        """How that registered picture lies in this one, by more of its details than were searched for."""
        snapshot = self.registry.snapshot

        def verify() -> GeometricHit | None:
            query = self.seen.closer_keypoints
            return None if query is None else snapshot.keypoints.verify(query, key)

        return self._found(f"closer {key}", snapshot, verify)

    def nearest_other(self, asset: Asset) -> Likeness | None:
        """The most similar picture of any other asset: what the match must be told apart from."""
        return next((one for one in self.likenesses if one.asset.id != asset.id), None)

    def _pictures(self, among: Snapshot) -> tuple[dict[Key, PerceptualHit], dict[Key, GeometricHit]]:
        """Those this one is near as a whole, and those whose details it has; what is near as a whole is asked for its details."""
        whole, details = self.seen.perceptual, self.seen.keypoints
        near = [] if whole is None else among.perceptual.search(whole, max_distance=self.thresholds.perceptual_near)
        keys = [hit.key for hit in near]
        hits = [] if details is None else among.keypoints.search(details, candidates=keys)
        return {hit.key: hit for hit in near}, {hit.key: hit for hit in hits}

    def _found(self, name: str, among: Snapshot, search: Callable[[], T]) -> T:
        return self.seen.found(name, (among.state, self.thresholds), search)

    def _likeness(
        self, key: Key, exact: bool = False, perceptual: PerceptualHit | None = None, geometry: GeometricHit | None = None
    ) -> Likeness:
        reference = self.registry.reference(key)
        return Likeness(reference, self.registry.asset_of(key), exact, perceptual, geometry)

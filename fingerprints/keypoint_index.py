"""The index of local features: every query feature hears of the stored features nearest to it, and geometry judges who agrees.

Two copies of each stored feature, both small: a code of 16 bytes in the inverted lists, by which neighbours are heard of, and a
row of 39 bytes kept with its reference (compact.py), by which geometry.py decides. A picture that shares nothing with any
reference is settled by the first alone: hardly ever do three chance neighbours in one reference agree how it would lie.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fingerprints import geometry, views
from fingerprints.compact import MOST, ROW, Stored, packed, unpacked
from fingerprints.inverted import PROBES, InvertedLists
from fingerprints.saved import Loader, Saver
from fingerprints.types import F32, U8, GeometricHit, Key, Keypoints
from fingerprints.vocabulary import CELLS, cells

I64 = npt.NDArray[np.int64]

INDEXED = 512  # features of a reference that are heard of; all of them take part in geometry
ASKED = 400  # features of a query that hear of neighbours; all of them take part in geometry
ASKED_MIRRORED = 160  # of its mirror image: who mirrors a picture seldom cuts all but a corner away too
ASKED_NEGATIVE = 64  # of its negative: nobody who turns light into dark cuts much away as well
NEIGHBOURS = 6  # stored features a query feature hears of
CROWDED = 1024  # features in a cell, above which it tells nothing: everybody has such a feature
HEARD = 16  # references whose neighbours are asked whether they agree
CANDIDATES = 8  # references whose geometry is tried
AGREEING = 3  # neighbours that say the same, below which geometry is not tried
CONVINCING = 20  # inliers: a reference that has them is not sought in the mirror image as well
_STRANGERS = float((0.6 * 512) ** 2)  # squared distance at which nearest neighbours are mostly strangers
_STANDING = np.empty((0, 3), np.int64)  # of a reference, when saved: number, keypoints, listed features


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """A reference to be tried. ``votes``: of neighbours that agree how it lies; ``view``: the query, or its mirror image."""

    key: Key
    votes: float
    view: Keypoints
    mirrored: bool


class KeypointIndex:
    """Adding and removing cost the reference's own features and what shares cells with them. Nothing is ever rebuilt.

    The lists stay in the order of addition, so that even among equals the answers are those of an index newly made of what is
    left, in that order. About 50 KB a reference of 768 keypoints. The search is approximate: see `neighbours`.
    """

    def __init__(self) -> None:
        self._stored: dict[Key, Stored] = {}
        self._keys: dict[int, Key] = {}
        self._next = 0
        self._lists = InvertedLists()
        self._sizes = np.zeros(CELLS, np.int32)

    def add(self, key: Key, fingerprint: Keypoints) -> None:
        """Keeps the first ``MOST`` keypoints; the fingerprinter makes fewer."""
        self.remove(key)
        number, self._next = self._next, self._next + 1
        listed = fingerprint.descriptors[:INDEXED]
        homes = cells(listed, 1)[:, 0]
        self._stored[key] = Stored(number, fingerprint.aspect, packed(fingerprint), homes.astype(np.int32))
        self._keys[number] = key
        self._lists.add(np.arange(len(listed), dtype=np.int64) + number * MOST, listed, homes)
        np.add.at(self._sizes, homes, 1)

    def remove(self, key: Key) -> None:
        """Removing a key that is not there does nothing."""
        stored = self._stored.pop(key, None)
        if stored is not None:
            del self._keys[stored.number]
            self._lists.remove(np.unique(stored.homes), stored.number * MOST, (stored.number + 1) * MOST)
            np.subtract.at(self._sizes, stored.homes, 1)

    def get(self, key: Key) -> Keypoints | None:
        """What is stored under the key: descriptors come back only nearly as they were."""
        stored = self._stored.get(key)
        return None if stored is None else unpacked(stored)

    def search(self, query: Keypoints, limit: int = 10, candidates: Iterable[Key] = ()) -> list[GeometricHit]:
        """Confirmed by geometry, most inliers first. ``candidates``: keys to try besides those the votes bring up.

        Where neither the query nor its mirror image convinces, its negative is asked as well.
        """
        turned = views.mirrored(query)
        heard = [*self._heard(query, ASKED), *self._heard(turned, ASKED_MIRRORED, mirrored=True)]
        also = [
            _Candidate(key, 0.0, *view) for key in candidates if key in self._stored for view in ((query, False), (turned, True))
        ]
        return self._or_negative([*_likely(heard), *also], query, candidates, ASKED_NEGATIVE)[:limit]

    def verify(self, query: Keypoints, key: Key) -> GeometricHit | None:
        """The geometry of one reference, either way round, whatever the votes say. ``None`` if there is none, or no such key."""
        ways = ((query, False), (views.mirrored(query), True))
        tried = [_Candidate(key, 0.0, *way) for way in ways if key in self._stored]
        return next(iter(self._or_negative(tried, query, [key], 0)), None)

    def _or_negative(
        self, tried: Iterable[_Candidate], query: Keypoints, candidates: Iterable[Key], asked: int
    ) -> list[GeometricHit]:
        """What is confirmed of those tried, and, where none of them convinces, of the negative too.

        Lines and letters look much like their negatives, so of those only what is unmistakable counts: of 799 benign pictures
        none had more than 7 mutual ones with any of 280 references; of 237 negatives that were found, halved, cut to 40 % or
        tilted, all had 71 and more.
        """
        hits = list(self._confirmed(tried))
        if not any(hit.inliers >= CONVINCING for hit in hits):
            view = views.negative(query)
            also = (_Candidate(key, 0.0, view, mirrored=False) for key in candidates if key in self._stored)
            heard = self._heard(view, asked) if asked else ()
            seen = self._confirmed([*_likely(heard), *also])
            hits += (replace(hit, negative=True) for hit in seen if hit.mutual >= CONVINCING)
        return _best_of_each(hits)

    def neighbours(self, descriptors: U8) -> tuple[F32, I64]:
        """Squared distances and ids, both (n, NEIGHBOURS), nearest first; id -1 where fewer were found.

        The ids are ``MOST`` times the number of a reference plus that of its feature. Crowded cells are passed over, so
        that no query ever looks at more than ``ENOUGH + CROWDED`` features for one of its own.
        """
        near = cells(descriptors, PROBES)
        near[self._sizes[near] > CROWDED] = -1
        return self._lists.search(descriptors, NEIGHBOURS, near)

    def votes(self, query: Keypoints) -> dict[Key, float]:
        """References by how much nearer they hold neighbours of the query's features than the next best would be."""
        return {self._keys[number]: float(weight.sum()) for number, weight, _, _ in self._heard_of(query, ASKED)}

    def _heard_of(self, query: Keypoints, asked: int) -> Iterator[tuple[int, F32, I64, I64]]:
        """Number of a reference, and the pairs (of query, of reference) that voted, with their votes; most votes first.

        Local naive Bayes nearest neighbour (McCann and Lowe, CVPR 2012): a feature counts for a reference by how far it
        undercuts the last neighbour heard of, so what everybody has weighs nothing.
        """
        if not self._stored or not len(query):
            return
        distances, ids = self.neighbours(query.descriptors[:asked])
        last = np.where(ids >= 0, distances, _STRANGERS).max(axis=1, keepdims=True)
        copies = last == distances[:, :1]  # of one another; they must not silence each other
        weight = (1.0 - distances / np.maximum(np.where(copies, _STRANGERS, last), 1.0)).clip(0)
        of_query, place = np.nonzero((ids >= 0) & (weight > 0))
        voted, weight = ids[of_query, place], weight[of_query, place]
        present, which = np.unique(voted // MOST, return_inverse=True)
        totals = np.bincount(which, weight, len(present))
        for best in np.argsort(-totals, kind="stable").tolist():
            mine = np.flatnonzero(which == best)
            yield int(present[best]), weight[mine], of_query[mine], voted[mine] % MOST

    def _heard(self, view: Keypoints, asked: int, mirrored: bool = False) -> Iterator[_Candidate]:
        """The references most voted for whose voters agree on how the reference lies in the view."""
        for _, (number, votes, q, r) in zip(range(HEARD), self._heard_of(view, asked), strict=False):
            if len(q) < AGREEING:
                continue
            key = self._keys[number]
            pairs = geometry.Pairs.of(view, unpacked(self._stored[key], coded=False), q, r)
            agreeing = geometry.agreeing(pairs)
            if min(len(set(q[agreeing].tolist())), len(set(r[agreeing].tolist()))) >= AGREEING:
                yield _Candidate(key, float(votes[agreeing].sum()), view, mirrored)

    def _confirmed(self, tried: Iterable[_Candidate]) -> Iterator[GeometricHit]:
        convinced: set[Key] = set()
        for one in tried:
            if one.key in convinced:
                continue
            hit = geometry.verify(one.key, one.view, unpacked(self._stored[one.key]))
            if hit is not None:
                convinced |= {one.key} if hit.inliers >= CONVINCING else set()
                yield geometry.unmirrored(hit) if one.mirrored else hit

    def write(self, to: Saver) -> None:
        kept = list(self._stored.values())
        to.words("keys", list(self._stored))
        to.words("layout", [MOST, self._next])
        to.array("standing", np.array([(one.number, len(one.rows), len(one.homes)) for one in kept], np.int64).reshape(-1, 3))
        to.array("aspects", np.array([one.aspect for one in kept], np.float64))
        to.joined("rows", (one.rows for one in kept), np.empty(0, ROW))
        to.joined("homes", (one.homes for one in kept), np.empty(0, np.int32))
        if kept:
            self._lists.write(to.path("lists.faiss"))

    @classmethod
    def read(cls, source: Loader) -> "KeypointIndex":
        """References are views of what was read: no copy is made."""
        index, standing = cls(), source.array("standing", _STANDING)
        numbers, aspects = standing[:, 0].tolist(), source.array("aspects", np.empty(0, np.float64)).tolist()
        rows = source.split("rows", standing[:, 1], np.empty(0, ROW))
        homes = source.split("homes", standing[:, 2], np.empty(0, np.int32))
        keys = source.keys(len(standing))
        index._stored = dict(zip(keys, map(Stored, numbers, aspects, rows, homes), strict=True))
        index._keys = dict(zip(numbers, keys, strict=True))
        most, index._next = source.words("layout")
        index._sizes = np.bincount(source.array("homes", np.empty(0, np.int32)), minlength=CELLS).astype(np.int32)
        if keys:
            index._lists = InvertedLists.read(source.path("lists.faiss"), index._sizes, source.mapped)
        if most != MOST or (numbers and max(numbers) >= index._next):
            raise ValueError("keypoints numbered otherwise")
        return index

    def __contains__(self, key: object) -> bool:
        return key in self._stored

    def __len__(self) -> int:
        return len(self._stored)


def _likely(heard: Iterable[_Candidate]) -> list[_Candidate]:
    """Those to be tried, the most voted for first."""
    return sorted(heard, key=lambda one: (-one.votes, one.key, one.mirrored))[:CANDIDATES]


def _best_of_each(hits: Iterable[GeometricHit]) -> list[GeometricHit]:
    """The most inliers first, equals by key; each key once."""
    best: dict[Key, GeometricHit] = {}
    for hit in sorted(hits, key=lambda hit: (-hit.inliers, hit.key)):
        best.setdefault(hit.key, hit)
    return list(best.values())

"""The index of local features: every query feature hears of the stored features nearest to it, and geometry judges who agrees.

Two copies of each stored feature, both small: a code of 16 bytes in the inverted lists, by which neighbours are heard of, and a
row of 39 bytes kept with its reference, by which geometry.py decides. A picture that shares nothing with any reference is
settled by the first alone: hardly ever do three chance neighbours in one reference agree how it would lie.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from fingerprints import geometry
from fingerprints.types import F32, U8, GeometricHit, Key, Keypoints
from fingerprints.vocabulary import CELLS, cells, quantizer

I64 = npt.NDArray[np.int64]

INDEXED = 512  # features of a reference that are heard of; all of them take part in geometry
ASKED = 400  # features of a query that hear of neighbours; all of them take part in geometry
NEIGHBOURS = 6  # stored features a query feature hears of
PROBES = 8  # cells it looks into
CROWDED = 1024  # features in a cell, above which it tells nothing: everybody has such a feature
HEARD = 16  # references whose neighbours are asked whether they agree
CANDIDATES = 8  # references whose geometry is tried
AGREEING = 3  # neighbours that say the same, below which geometry is not tried
CONVINCING = 20  # inliers: a reference that has them is not sought in the mirror image as well
_STRANGERS = float((0.6 * 512) ** 2)  # squared distance at which nearest neighbours are mostly strangers
_PER_KEY = 1 << 12  # feature ids set aside for one reference
_LISTED, _KEPT = 16, 32  # bytes of a descriptor in the lists, and with its reference
_ROW = np.dtype([("xy", "<u2", 2), ("scale", "<f2"), ("angle", "u1"), ("code", "u1", _KEPT)])


@dataclass(frozen=True, slots=True, eq=False)
class _Stored:
    """A reference's keypoints, compact. ``rows``: (n,) of ``_ROW``. ``homes``: int32, the cells its listed features lie in."""

    number: int
    aspect: float
    rows: npt.NDArray[np.void]
    homes: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """A reference to be tried. ``votes``: of neighbours that agree how it lies; ``view``: the query, or its mirror image."""

    key: Key
    votes: float
    view: Keypoints
    mirrored: bool


class KeypointIndex:
    """Adding costs the reference's own features; removing, a pass over the ids of all. Nothing is ever rebuilt.

    About 50 KB a reference of 768 keypoints. The search is approximate: see `neighbours`.
    """

    def __init__(self) -> None:
        self._stored: dict[Key, _Stored] = {}
        self._keys: dict[int, Key] = {}
        self._next = 0
        self._sizes = np.zeros(CELLS, np.int32)

    def add(self, key: Key, fingerprint: Keypoints) -> None:
        """Keeps the first ``_PER_KEY`` keypoints; the fingerprinter makes fewer."""
        self.remove(key)
        number, self._next = self._next, self._next + 1
        listed = fingerprint.descriptors[:INDEXED]
        homes = cells(listed, 1)[:, 0]
        self._stored[key] = _Stored(number, fingerprint.aspect, _packed(fingerprint), homes.astype(np.int32))
        self._keys[number] = key
        ids = np.arange(len(listed), dtype=np.int64) + number * _PER_KEY
        pointers = (faiss.swig_ptr(array) for array in (listed.astype(np.float32), ids, homes))
        self._lists.add_core(len(listed), *pointers)
        np.add.at(self._sizes, homes, 1)

    def remove(self, key: Key) -> None:
        """Removing a key that is not there does nothing."""
        stored = self._stored.pop(key, None)
        if stored is not None:
            del self._keys[stored.number]
            self._lists.remove_ids(faiss.IDSelectorRange(stored.number * _PER_KEY, (stored.number + 1) * _PER_KEY))
            np.subtract.at(self._sizes, stored.homes, 1)

    def get(self, key: Key) -> Keypoints | None:
        """What is stored under the key: descriptors come back only nearly as they were."""
        stored = self._stored.get(key)
        return None if stored is None else _unpacked(stored)

    def search(self, query: Keypoints, limit: int = 10, candidates: Iterable[Key] = ()) -> list[GeometricHit]:
        """Confirmed by geometry, most inliers first. ``candidates``: keys to try besides those the votes bring up."""
        turned = geometry.mirrored(query)
        heard = [*self._heard(query, query, False), *self._heard(turned, turned, True)]
        likely = sorted(heard, key=lambda one: (-one.votes, one.key, one.mirrored))[:CANDIDATES]
        also = [
            _Candidate(key, 0.0, *view) for key in candidates if key in self._stored for view in ((query, False), (turned, True))
        ]
        return _best_of_each(self._confirmed([*likely, *also]))[:limit]

    def verify(self, query: Keypoints, key: Key) -> GeometricHit | None:
        """The geometry of one reference, either way round, whatever the votes say. ``None`` if there is none, or no such key."""
        views = ((query, False), (geometry.mirrored(query), True))
        tried = [_Candidate(key, 0.0, *view) for view in views if key in self._stored]
        return next(iter(_best_of_each(self._confirmed(tried))), None)

    def neighbours(self, descriptors: U8) -> tuple[F32, I64]:
        """Squared distances and ids, both (n, NEIGHBOURS), nearest first; id -1 where fewer were found.

        The ids are ``_PER_KEY`` times the number of a reference plus that of its feature. Crowded cells are passed over, so
        that no query ever looks at more than ``PROBES * CROWDED`` features for one of its own.
        """
        near = cells(descriptors, PROBES)
        near[self._sizes[near] > CROWDED] = -1
        distances, ids = self._lists.search_preassigned(
            descriptors.astype(np.float32), NEIGHBOURS, near, np.zeros(near.shape, np.float32)
        )
        return distances, ids

    def votes(self, query: Keypoints) -> dict[Key, float]:
        """References by how much nearer they hold neighbours of the query's features than the next best would be."""
        return {self._keys[number]: float(weight.sum()) for number, weight, _, _ in self._heard_of(query)}

    def _heard_of(self, query: Keypoints) -> Iterator[tuple[int, F32, I64, I64]]:
        """Number of a reference, and the pairs (of query, of reference) that voted, with their votes; most votes first.

        Local naive Bayes nearest neighbour (McCann and Lowe, CVPR 2012): a feature counts for a reference by how far it
        undercuts the last neighbour heard of, so what everybody has weighs nothing.
        """
        if not self._stored or not len(query):
            return
        distances, ids = self.neighbours(query.descriptors[:ASKED])
        last = np.where(ids >= 0, distances, _STRANGERS).max(axis=1, keepdims=True)
        copies = last == distances[:, :1]  # of one another; they must not silence each other
        weight = (1.0 - distances / np.maximum(np.where(copies, _STRANGERS, last), 1.0)).clip(0)
        of_query, place = np.nonzero((ids >= 0) & (weight > 0))
        voted, weight = ids[of_query, place], weight[of_query, place]
        present, which = np.unique(voted // _PER_KEY, return_inverse=True)
        totals = np.bincount(which, weight, len(present))
        for best in np.argsort(-totals, kind="stable").tolist():
            mine = np.flatnonzero(which == best)
            yield int(present[best]), weight[mine], of_query[mine], voted[mine] % _PER_KEY

    def _heard(self, query: Keypoints, view: Keypoints, mirrored: bool) -> Iterator[_Candidate]:
        """The references most voted for whose voters agree on how the reference lies in the query."""
        for _, (number, votes, q, r) in zip(range(HEARD), self._heard_of(query), strict=False):
            if len(q) < AGREEING:
                continue
            key = self._keys[number]
            pairs = geometry.Pairs.of(query, _unpacked(self._stored[key], coded=False), q, r)
            agreeing = geometry.agreeing(pairs)
            if min(len(set(q[agreeing].tolist())), len(set(r[agreeing].tolist()))) >= AGREEING:
                yield _Candidate(key, float(votes[agreeing].sum()), view, mirrored)

    def _confirmed(self, tried: Iterable[_Candidate]) -> Iterator[GeometricHit]:
        convinced: set[Key] = set()
        for one in tried:
            if one.key in convinced:
                continue
            hit = geometry.verify(one.key, one.view, _unpacked(self._stored[one.key]))
            if hit is not None:
                convinced |= {one.key} if hit.inliers >= CONVINCING else set()
                yield geometry.unmirrored(hit) if one.mirrored else hit

    @cached_property
    def _lists(self) -> Any:
        """Made at first use: the tables cost a moment."""
        nowhere = faiss.IndexFlatL2(128)  # features are assigned to cells here, never by faiss
        lists: Any = faiss.IndexIVFPQ(nowhere, 128, CELLS, _LISTED, 8)
        lists.by_residual = False
        lists.pq = quantizer(_LISTED)
        lists.is_trained = True
        lists.nprobe = PROBES
        return lists

    def __contains__(self, key: object) -> bool:
        return key in self._stored

    def __len__(self) -> int:
        return len(self._stored)


def _packed(keypoints: Keypoints) -> npt.NDArray[np.void]:
    rows = np.zeros(min(len(keypoints), _PER_KEY), _ROW)
    rows["xy"] = np.rint(keypoints.xy[: len(rows)] * 65535)
    rows["scale"] = keypoints.scale[: len(rows)]
    rows["angle"] = np.rint(keypoints.angle[: len(rows)] * (128 / np.pi)) % 256
    rows["code"] = quantizer(_KEPT).compute_codes(keypoints.descriptors[: len(rows)].astype(np.float32))
    return rows


def _unpacked(stored: _Stored, coded: bool = True) -> Keypoints:
    """``coded``: with descriptors."""
    rows = stored.rows
    xy, scale = rows["xy"].astype(np.float32) / np.float32(65535), rows["scale"].astype(np.float32)
    angle = rows["angle"].astype(np.float32) * np.float32(np.pi / 128)
    if not coded:
        return Keypoints(xy, scale, angle, np.zeros((0, 128), np.uint8), stored.aspect)
    exact: F32 = quantizer(_KEPT).decode(np.ascontiguousarray(rows["code"]))
    return Keypoints(xy, scale, angle, np.rint(exact).clip(0, 255).astype(np.uint8), stored.aspect)


def _best_of_each(hits: Iterable[GeometricHit]) -> list[GeometricHit]:
    """The most inliers first, equals by key; each key once."""
    best: dict[Key, GeometricHit] = {}
    for hit in sorted(hits, key=lambda hit: (-hit.inliers, hit.key)):
        best.setdefault(hit.key, hit)
    return list(best.values())

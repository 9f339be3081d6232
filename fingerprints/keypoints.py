"""Local features of a picture, and the index of them: what is still there when half of the picture is not.

`KeypointIndex` lets every query feature vote for the references that hold its nearest neighbours, then believes only those
references whose geometry agrees (geometry.py). Its cells never change (vocabulary.py): adding and removing never retrain.
"""

import struct
from collections.abc import Iterable, Sequence
from functools import cached_property

import cv2
import faiss
import numpy as np
import numpy.typing as npt

from fingerprints import geometry
from fingerprints.types import F32, U8, GeometricHit, Key, Keypoints, Picture
from fingerprints.vocabulary import CELLS, cells, root_sift

MOST_ENLARGED = 2.0
FEWEST = 20
MOST = 750
_GRID = 8  # cells along each side that share the keypoints
_BANDS = (1, 5)  # octaves of keypoint diameter that share the keypoints, from 2 px and from 32 px
_HEADER = struct.Struct("<4sIf")
_MAGIC = b"KPT1"
_ROW = 4 * 2 + 4 + 128

NEIGHBOURS = 4  # stored features a query feature hears of
PROBES = 4  # cells it looks into
CANDIDATES = 5  # references whose geometry is tried
_STRANGERS = float((0.6 * 512) ** 2)  # squared distance at which nearest neighbours are mostly strangers
CONVINCING = 20  # inliers: above, the mirror image is not tried
_PER_KEY = 1 << 12  # feature ids set aside for one reference


class KeypointFingerprinter:
    """SIFT (Lowe, IJCV 2004) with RootSIFT descriptors, a bounded number balanced over scales and over the picture.

    Balanced, because the strongest features of a page are all glyphs, and glyphs are gone in a small or blurred copy.
    """

    kind = "keypoints"

    def __init__(self) -> None:
        self._sift = cv2.SIFT.create(contrastThreshold=0.03)

    def fingerprint(self, picture: Picture) -> Keypoints | None:
        """Deterministic. ``None`` below ``FEWEST`` keypoints."""
        grey = _working_grey(picture.pixels)
        detected = self._sift.detect(grey, None)
        if len(detected) < FEWEST:
            return None
        kept, descriptors = self._sift.compute(grey, [detected[i] for i in _balanced(detected, grey)])
        height, width = grey.shape
        xy = np.array([k.pt for k in kept], np.float32) / np.array([[width, height]], np.float32)
        scale = np.array([k.size / max(width, height) for k in kept], np.float32)
        return Keypoints(
            xy.astype(np.float32), scale, root_sift(np.asarray(descriptors, np.float32)), picture.width / picture.height
        )

    def dump(self, fingerprint: Keypoints) -> bytes:
        """A header, then positions, scales and descriptors as little-endian arrays."""
        header = _HEADER.pack(_MAGIC, len(fingerprint), fingerprint.aspect)
        return header + b"".join(
            np.ascontiguousarray(array, kind).tobytes()
            for array, kind in ((fingerprint.xy, "<f4"), (fingerprint.scale, "<f4"), (fingerprint.descriptors, "u1"))
        )

    def load(self, data: bytes) -> Keypoints:
        if len(data) < _HEADER.size:
            raise ValueError("keypoints begin with a header")
        magic, count, aspect = _HEADER.unpack_from(data)
        if magic != _MAGIC or len(data) != _HEADER.size + count * _ROW or not 0 < aspect < np.inf:
            raise ValueError("these bytes are no keypoints of this version")
        xy = np.frombuffer(data, "<f4", 2 * count, _HEADER.size).reshape(-1, 2)
        scale = np.frombuffer(data, "<f4", count, _HEADER.size + 8 * count)
        descriptors = np.frombuffer(data, np.uint8, 128 * count, _HEADER.size + 12 * count).reshape(-1, 128)
        return Keypoints(xy.astype(np.float32), scale.astype(np.float32), descriptors.copy(), aspect)


def _working_grey(pixels: U8) -> U8:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    factor = min(geometry.WORKING_SIDE / max(grey.shape), MOST_ENLARGED)
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC), np.uint8)


def _balanced(detected: Sequence[cv2.KeyPoint], grey: U8) -> list[int]:
    """Indices of at most ``MOST``: each octave of size gets an equal share and leaves the next what it cannot fill."""
    size = np.array([k.size for k in detected])
    strength = np.array([k.response for k in detected])
    column, row = (np.array([k.pt for k in detected]) / grey.shape[::-1] * _GRID).astype(int).clip(0, _GRID - 1).T
    band = np.floor(np.log2(size)).astype(int).clip(*_BANDS)
    rank = _rank_within(band * _GRID * _GRID + row * _GRID + column, strength)
    chosen: list[int] = []
    bands, counts = np.unique(band, return_counts=True)
    for left, one in zip(range(len(bands), 0, -1), bands[np.argsort(counts, kind="stable")], strict=True):
        members = np.flatnonzero(band == one)
        order = np.lexsort((-strength[members], rank[members]))
        chosen += members[order][: (MOST - len(chosen)) // left].tolist()
    return chosen


def _rank_within(group: npt.NDArray[np.intp], strength: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Each one's rank by strength inside its group, 0 the strongest."""
    order = np.lexsort((-strength, group))
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    lengths = np.diff(starts, append=len(order))
    rank = np.empty(len(order), np.intp)
    rank[order] = np.arange(len(order)) - np.repeat(starts, lengths)
    return rank


class KeypointIndex:
    """Votes of nearest neighbours, then geometry. The search is approximate: it hears of about 8 in 10 nearest neighbours."""

    def __init__(self) -> None:
        self._references: dict[Key, Keypoints] = {}
        self._numbers: dict[Key, int] = {}
        self._keys: dict[int, Key] = {}
        self._next = 0

    def add(self, key: Key, fingerprint: Keypoints) -> None:
        """Keeps the first ``_PER_KEY`` keypoints; the fingerprinter makes fewer."""
        self.remove(key)
        number, self._next = self._next, self._next + 1
        self._references[key], self._numbers[key], self._keys[number] = fingerprint, number, key
        ids = np.arange(min(len(fingerprint), _PER_KEY), dtype=np.int64) + number * _PER_KEY
        self._lists.add_with_ids(fingerprint.descriptors[: len(ids)].astype(np.float32), ids)

    def remove(self, key: Key) -> None:
        """One pass over the ids of all features, nothing rebuilt: 0.4 ms among 200,000 features."""
        number = self._numbers.pop(key, None)
        if number is None:
            return
        del self._references[key], self._keys[number]
        self._lists.remove_ids(faiss.IDSelectorRange(number * _PER_KEY, (number + 1) * _PER_KEY))

    def get(self, key: Key) -> Keypoints | None:
        """What is stored under the key."""
        return self._references.get(key)

    def search(self, query: Keypoints, limit: int = 10, candidates: Iterable[Key] = ()) -> list[GeometricHit]:
        """Confirmed by geometry, most inliers first. ``candidates``: keys to try besides those the votes bring up.

        The mirror image is tried only where the picture as it is convinces nobody.
        """
        also = [key for key in candidates if key in self._references]
        hits = self._confirmed(query, also)
        if not hits or hits[0].inliers < CONVINCING:
            turned = self._confirmed(geometry.mirrored(query), also)
            hits = _best_of_each([*hits, *map(geometry.unmirrored, turned)])
        return hits[:limit]

    def verify(self, query: Keypoints, key: Key) -> GeometricHit | None:
        """The geometry of one reference, either way round, whatever the votes say. ``None`` if there is none, or no such key."""
        reference = self._references.get(key)
        if reference is None:
            return None
        straight = geometry.verify(key, query, reference)
        if straight is not None and straight.inliers >= CONVINCING:
            return straight
        turned = geometry.verify(key, geometry.mirrored(query), reference)
        both = [straight, None if turned is None else geometry.unmirrored(turned)]
        return next(iter(_best_of_each(hit for hit in both if hit is not None)), None)

    def votes(self, query: Keypoints) -> dict[Key, float]:
        """References by how much nearer they hold neighbours of the query's features than the next best would be.

        Local naive Bayes nearest neighbour (McCann and Lowe, CVPR 2012): a feature counts once for a reference, by how far it
        undercuts the last neighbour heard of, so what everybody has weighs nothing.
        """
        if not self._references:
            return {}
        distances, ids = self.neighbours(query.descriptors)
        heard = ids >= 0
        distances = np.where(heard, distances, _STRANGERS)
        numbers = np.where(heard, ids // _PER_KEY, -1)
        repeated = np.array([(numbers[:, :i] == numbers[:, i : i + 1]).any(axis=1) for i in range(NEIGHBOURS)]).T
        last = distances.max(axis=1, keepdims=True)
        copies = last == distances[:, :1]  # of one another; they must not silence each other
        weight = (1.0 - distances / np.where(copies, _STRANGERS, last)).clip(0) * (heard & ~repeated)
        present = np.unique(numbers[heard])
        totals = np.bincount(np.searchsorted(present, numbers[heard]), weights=weight[heard], minlength=len(present))
        return {self._keys[number]: float(total) for number, total in zip(present.tolist(), totals, strict=True)}

    def neighbours(self, descriptors: U8) -> tuple[F32, npt.NDArray[np.int64]]:
        """Squared distances and ids, both (n, NEIGHBOURS), nearest first; id -1 where fewer were found."""
        distances, ids = self._lists.search(descriptors.astype(np.float32), NEIGHBOURS)
        return distances, ids

    def _confirmed(self, query: Keypoints, also: Sequence[Key]) -> list[GeometricHit]:
        votes = self.votes(query)
        likely = sorted(votes, key=lambda key: (-votes[key], key))[:CANDIDATES]
        tried = (geometry.verify(key, query, self._references[key]) for key in dict.fromkeys([*also, *likely]))
        return _best_of_each(hit for hit in tried if hit is not None)

    @cached_property
    def _lists(self) -> faiss.IndexIVFScalarQuantizer:
        """Made at first use: the cells cost a moment. The numbers are stored as they are, so there is nothing to train."""
        coarse = faiss.IndexFlatL2(128)
        coarse.add(cells())
        plain = faiss.ScalarQuantizer.QT_8bit_direct
        lists = faiss.IndexIVFScalarQuantizer(coarse, 128, CELLS, plain, faiss.METRIC_L2, False)
        lists.train(np.zeros((1, 128), np.float32))
        lists.nprobe = PROBES
        return lists

    def __contains__(self, key: object) -> bool:
        return key in self._references

    def __len__(self) -> int:
        return len(self._references)


def _best_of_each(hits: Iterable[GeometricHit]) -> list[GeometricHit]:
    """The most inliers first, equals by key; each key once."""
    best: dict[Key, GeometricHit] = {}
    for hit in sorted(hits, key=lambda hit: (-hit.inliers, hit.key)):
        best.setdefault(hit.key, hit)
    return list(best.values())

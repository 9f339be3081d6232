"""The whole picture as 64 bits that survive recompression, rescaling and recolouring, and, asked eight ways, turns and mirrors.

A reference stores the hash of the picture as it is; a query brings the hashes of its eight orientations and takes the nearest.
"""

from array import array

import faiss
import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image

from fingerprints.saved import Loader, Saver
from fingerprints.slots import Places
from fingerprints.substrings import Found, Substrings
from fingerprints.types import U64, Key, PerceptualHash, PerceptualHit, Picture

BITS = 64
ORIENTATIONS = 8
NEAR = 10
"""Bits of 64 within which of a million strangers hardly one lies, in any orientation: no search looks further unless told to."""
_BYTES = BITS // 8
_FEW = 1 << 13  # so many are scanned sooner than looked up
_UNSORTED = 8  # and beside those laid out one in so many
_SIDE = 32  # what the hash looks at: a cosine transform of 32 x 32 grey values
_WAVES = 2 * np.cos(np.pi * np.outer(np.arange(8), 2 * np.arange(_SIDE) + 1) / (2 * _SIDE))
_SIGNS = np.array([1.0, -1.0] * 4)
# A bit is firm when its coefficient is further than FIRM from the median: recompression to JPEG q30 at half size moves it less.
# Measured: 285 pictures and pages, even one line on a page, have 55 firm bits and more, and their hash moved by 4 bits at most;
# blank, speckled and shaded pages, or one with only a page number, have 32 and fewer, and theirs moved by up to 31.
_FIRM = 40.0
_FIRM_BITS = 45


I64 = npt.NDArray[np.int64]
Coefficients = npt.NDArray[np.float64]
"""(8, 8): the slowest of the cosine transform, down and across."""


class PerceptualFingerprinter:
    """pHash (imagehash): the signs of the 64 slowest cosine coefficients against their median."""

    kind = "perceptual"

    def fingerprint(self, picture: Picture) -> PerceptualHash | None:
        """Rows 0..3: turned left by 0, 90, 180, 270 degrees; rows 4..7: mirrored left to right, then turned likewise."""
        grey = Image.fromarray(picture.grey).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS, reducing_gap=4.0)
        seen = np.asarray(grey)
        slow = _WAVES @ seen @ _WAVES.T
        if _firm_bits(slow) < _FIRM_BITS:
            return None
        bits = [imagehash.phash(Image.fromarray(seen)).hash, *(view > np.median(view) for view in _orientations(slow)[1:])]
        return PerceptualHash(np.packbits(np.array(bits).reshape(ORIENTATIONS, BITS), axis=1))

    def dump(self, fingerprint: PerceptualHash) -> bytes:
        return fingerprint.bits.tobytes()

    def load(self, data: bytes) -> PerceptualHash:
        if len(data) != ORIENTATIONS * _BYTES:
            raise ValueError(f"a perceptual hash has {ORIENTATIONS * _BYTES} bytes, not {len(data)}")
        return PerceptualHash(np.frombuffer(data, np.uint8).reshape(ORIENTATIONS, _BYTES).copy())


def _firm_bits(slow: Coefficients) -> int:
    """How many of the 64 bits would survive a little noise."""
    return int((np.abs(slow - np.median(slow)) > _FIRM).sum())


def _orientations(slow: Coefficients) -> list[Coefficients]:
    """Of the eight orientations: mirroring changes the signs of odd waves; a quarter turn is a transposition, mirrored."""
    views = [slow]
    for _ in range(3):
        views.append(_SIGNS[:, None] * views[-1].T)
    views.append(slow * _SIGNS)
    for _ in range(3):
        views.append(_SIGNS[:, None] * views[-1].T)
    return views


class PerceptualIndex:
    """Hamming distance to every reference that is near: few are scanned, of many some hundredths looked at (substrings.py).

    Adding and removing cost O(1), now and then O(n): a million are laid out in a fifth of a second. A reference takes 46 bytes
    with what finds it by its key, the key apart (a million, measured).
    """

    def __init__(self) -> None:
        self._rows: U64 = np.zeros(16, np.uint64)
        self._places = Places()
        self._sorted: Substrings | None = None
        self._changed = array("i")  # places of rows that are not what they were when they were sorted

    def add(self, key: Key, fingerprint: PerceptualHash) -> None:
        place = self._places.add(key)
        if place == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._put(place, np.ascontiguousarray(fingerprint.bits[0]).view(np.uint64)[0])

    def remove(self, key: Key) -> None:
        place = self._places.remove(key)
        if place is not None:
            self._put(place, self._rows[len(self._places)])

    def search(self, query: PerceptualHash, limit: int = 10, max_distance: int = NEAR) -> list[PerceptualHit]:
        """Nearest first, equals by key; none further than ``max_distance`` bits of 64 in the orientation that suits it best."""
        distances, places, orientations = self._within(query, max_distance)
        enough = ORIENTATIONS * limit  # of the nearest: at least ``limit`` references
        if len(places) > enough > 0:
            once = np.unique(places * ORIENTATIONS + orientations, return_index=True)[1]
            distances, places, orientations = distances[once], places[once], orientations[once]
        if len(places) > enough > 0:
            near = distances <= np.partition(distances, enough - 1)[enough - 1]
            distances, places, orientations = distances[near], places[near], orientations[near]
        best: dict[int, PerceptualHit] = {}
        for i in np.lexsort((orientations, distances)).tolist():
            place = int(places[i])
            best.setdefault(place, PerceptualHit(self._places.keys[place], int(distances[i]), int(orientations[i])))
        return sorted(best.values(), key=lambda hit: (hit.distance, hit.key))[:limit]

    def _put(self, place: int, row: np.uint64) -> None:
        self._rows[place] = row
        count, laid = len(self._places), self._laid()
        if place < min(laid, count):
            self._changed.append(place)
        if laid > 2 * count or len(self._changed) + max(0, count - laid) > max(_FEW, laid // _UNSORTED):
            self._lay_out()

    def _laid(self) -> int:
        return 0 if self._sorted is None else len(self._sorted)

    def _lay_out(self) -> None:
        self._sorted, self._changed = None, array("i")  # what was goes before what comes is made
        if len(self._places) > _FEW:
            self._sorted = Substrings(self._rows[: len(self._places)])

    def _within(self, query: PerceptualHash, most: int) -> Found:
        """Every reference so near in some orientation; one that is near in several, or was changed, more than once."""
        asked, count, laid = np.ascontiguousarray(query.bits).view(np.uint64)[:, 0], len(self._places), self._laid()
        looked_up = None if self._sorted is None else self._sorted.near(asked, self._rows, most)
        if looked_up is None:
            return _scanned(asked, self._rows[:count], most)
        parts = [looked_up]
        if count > laid:
            distances, places, which = _scanned(asked, self._rows[laid:count], most)
            parts.append((distances, places + laid, which))
        if self._changed:
            changed = np.frombuffer(self._changed, np.int32).astype(np.int64)
            distances, places, which = _scanned(asked, self._rows[changed], most)
            parts.append((distances, changed[places], which))
        distances, places, which = (np.concatenate(values) for values in zip(*parts, strict=True))
        there = places < count
        return distances[there], places[there], which[there]

    def write(self, to: Saver) -> None:
        to.words("keys", self._places.keys)
        to.array("rows", self._rows[: len(self._places)])

    @classmethod
    def read(cls, source: Loader) -> "PerceptualIndex":
        index, rows = cls(), source.array("rows", cls()._rows)
        index._places = Places(source.keys(len(rows)))
        index._rows = np.concatenate([rows, index._rows])
        index._lay_out()
        return index

    def __contains__(self, key: object) -> bool:
        return self._places.find(key) is not None

    def __len__(self) -> int:
        return len(self._places)


def _scanned(asked: U64, rows: U64, most: int) -> Found:
    """By faiss: a million in three milliseconds."""
    found = faiss.RangeSearchResult(len(asked))
    queries, stored = (faiss.swig_ptr(some.view(np.uint8)) for some in (asked, rows))
    search = faiss.hamming_range_search  # type: ignore[attr-defined]
    search(queries, stored, len(asked), len(rows), most + 1, _BYTES, found, None)
    ends = faiss.rev_swig_ptr(found.lims, len(asked) + 1).astype(np.int64)
    if not ends[-1]:
        return np.empty(0, np.uint8), np.empty(0, np.int64), np.empty(0, np.int64)
    distances = faiss.rev_swig_ptr(found.distances, int(ends[-1])).astype(np.uint8)
    places = faiss.rev_swig_ptr(found.labels, int(ends[-1])).copy()
    return distances, places, np.repeat(np.arange(len(asked)), np.diff(ends))

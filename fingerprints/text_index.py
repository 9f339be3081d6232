"""Texts under opaque keys, found by the passages they share with a query.

An inverted index from shingle to the places where it stands. What many references hold is the form, not the content, so
each shingle weighs by its rarity (``rarity``). Only passages count, at least two shared shingles in the same order and near
each other in both texts: everyday phrases are shared one at a time, copied text is not (alignment.py).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fingerprints.alignment import passages
from fingerprints.text import SHINGLE_UNITS
from fingerprints.types import U32, U64, Key, Shingles, TextHit

PRIOR_REFERENCES = 10
"""Rarity is reckoned as if the registry held this many more references without the shingle: in a small registry, that two
references hold a passage says little about it."""
MIN_RARITY = 0.1
"""Below this (about half of a large registry holds it) a shingle is taken for form and ignored."""
CANDIDATES = 2
"""How many references are aligned for each one asked for; the others share less even before order is looked at."""

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


def rarity(document_frequency: I64, references: int) -> F64:
    """Weight 0..1 of a shingle that so many of the references hold: 1 for none or one, 0 for half or more of many."""
    total = references + PRIOR_REFERENCES
    weights: F64 = np.log(total / np.maximum(document_frequency, 1)) / np.log(total)
    weights[weights < MIN_RARITY] = 0.0
    return weights


def own_units(query: Shingles) -> F64:
    """Units each shingle adds before the next begins, so that overlapping shingles count every character once."""
    starts = query.starts.astype(np.int64)
    lengths = np.maximum(query.ends.astype(np.int64) - starts, 1)
    fresh = np.append(np.diff(starts), lengths[-1:])
    added: F64 = SHINGLE_UNITS * np.minimum(fresh, lengths) / lengths
    return added


@dataclass(frozen=True, slots=True, eq=False)
class _Postings:
    """Sorted by hash. ``slot``: which reference; ``place``: which of its shingles; ``first``: its first with that hash."""

    hashes: U64
    slots: U32
    places: U32
    first: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.hashes)

    def lookup(self, wanted: U64) -> tuple[I64, I64]:
        """All (index into wanted, index into these postings) with equal hashes."""
        low = np.searchsorted(self.hashes, wanted, "left")
        counts = np.searchsorted(self.hashes, wanted, "right") - low
        which = np.repeat(np.arange(len(wanted)), counts)
        ahead = np.repeat(low - (np.cumsum(counts) - counts), counts)
        return which, ahead + np.arange(len(which))


_NONE = _Postings(np.empty(0, np.uint64), np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0, np.bool_))


def _postings_of(slot: int, value: Shingles) -> _Postings:
    first = np.zeros(len(value), np.bool_)
    first[np.unique(value.hashes, return_index=True)[1]] = True
    places = np.arange(len(value), dtype=np.uint32)
    return _Postings(value.hashes, np.full(len(value), slot, np.uint32), places, first)


def _merged(parts: list[_Postings], alive: npt.NDArray[np.bool_]) -> _Postings:
    hashes, slots, places, first = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("hashes", "slots", "places", "first")
    )
    kept = np.flatnonzero(alive[slots])
    order = kept[np.argsort(hashes[kept], kind="stable")]
    return _Postings(hashes[order], slots[order], places[order], first[order])


class TextIndex:
    """Index[Shingles, TextHit]. Additions gather in a small sorted run that is merged into the large one as it grows."""

    def __init__(self) -> None:
        self._slots: dict[Key, int] = {}
        self._texts: dict[int, tuple[Key, Shingles]] = {}
        self._alive = np.zeros(64, np.bool_)
        self._next = 0
        self._main = _NONE
        self._recent = _NONE
        self._waiting: list[_Postings] = []

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, key: object) -> bool:
        return key in self._slots

    def add(self, key: Key, fingerprint: Shingles) -> None:
        """Adding a key that is there replaces it."""
        self.remove(key)
        slot, self._next = self._next, self._next + 1
        if slot == len(self._alive):
            self._alive = np.concatenate((self._alive, np.zeros_like(self._alive)))
        self._alive[slot] = True
        self._slots[key] = slot
        self._texts[slot] = key, fingerprint
        self._waiting.append(_postings_of(slot, fingerprint))

    def remove(self, key: Key) -> None:
        """Removing a key that is not there does nothing. Its postings go at the next merge."""
        slot = self._slots.pop(key, None)
        if slot is not None:
            self._alive[slot] = False
            del self._texts[slot]

    def search(self, query: Shingles, limit: int = 10) -> list[TextHit]:
        """References sharing passages with the query, most units first, ties by key."""
        if not len(query) or limit < 1:
            return []
        which, slots, places, first = self._lookup(query.hashes)
        weights = own_units(query) * rarity(np.bincount(which[first], minlength=len(query)), len(self))
        telling = weights[which] > 0
        which, slots, places, first = which[telling], slots[telling], places[telling], first[telling]
        shared: F64 = np.bincount(slots[first], weights[which[first]]).astype(np.float64)
        mine = [(slot, np.flatnonzero(slots == slot)) for slot in self._best(shared, CANDIDATES * limit)]
        hits = [self._hit(slot, query, which[at], places[at], weights) for slot, at in mine]
        return sorted((hit for hit in hits if hit), key=lambda hit: (-hit.units, hit.key))[:limit]

    def _best(self, shared: F64, count: int) -> list[int]:
        """Slots sharing most, ties by key."""
        some = np.flatnonzero(shared)
        if len(some) > count:
            some = some[shared[some] >= np.partition(shared[some], -count)[-count]]
        return sorted(some.tolist(), key=lambda slot: (-shared[slot], self._texts[slot][0]))[:count]

    def _hit(self, slot: int, query: Shingles, which: I64, places: U32, weights: F64) -> TextHit | None:
        key, reference = self._texts[slot]
        shared = passages(query, reference, which, places.astype(np.int64), weights)
        units = sum(passage.units for passage in shared)
        return TextHit(key, units, units / float(weights.sum()), shared) if units else None

    def _lookup(self, hashes: U64) -> tuple[I64, U32, U32, npt.NDArray[np.bool_]]:
        """Every living posting of these hashes: index into ``hashes``, slot, place, first."""
        self._settle()
        found = [(part, *part.lookup(hashes)) for part in (self._main, self._recent)]
        which = np.concatenate([w for _, w, _ in found])
        slots, places, first = (
            np.concatenate([getattr(part, name)[at] for part, _, at in found]) for name in ("slots", "places", "first")
        )
        alive = self._alive[slots]
        return which[alive], slots[alive], places[alive], first[alive]

    def _settle(self) -> None:
        """Sort what waits into the recent run; fold that into the main one when it reaches a quarter of it."""
        if self._waiting:
            self._recent = _merged([self._recent, *self._waiting], self._alive)
            self._waiting = []
        if 4 * len(self._recent) > len(self._main):
            self._main, self._recent = _merged([self._main, self._recent], self._alive), _NONE

"""A text's shingles: what it says, regardless of spacing, punctuation, case and line breaks; and their index.

Text is folded (NFKD without marks, casefolded, Simplified Chinese) and everything that is neither letter nor digit is dropped, so
a word hyphenated at a line's end closes up again. At each remaining character starts one shingle, the shortest run that reaches
``SHINGLE_UNITS``; winnowing (Schleimer, Wilkerson, Aiken, SIGMOD 2003) keeps the smallest hash of every ``WINDOW``
consecutive ones, so that every shared run of SHINGLE_UNITS + WINDOW - 1 Latin letters (7 Chinese characters) shares one.

The index weighs each shingle by its rarity, since what many references hold is the form and not the content, and counts only
passages: shared shingles in the same order and near each other in both texts (alignment.py). Everyday phrases are shared one
at a time, copied text is not.
"""

import struct
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from opencc import OpenCC

from fingerprints.alignment import passages
from fingerprints.postings import NONE, Postings, merged, postings_of, read_postings, write_postings
from fingerprints.saved import Loader, Saver
from fingerprints.types import U32, U64, Key, Shingles, TextHit

SHINGLE_UNITS = 8
WINDOW = 4
MAX_REPEATS = 4
"""A shingle is kept this often in one text; the rest is filler, and costs the square of its number to align."""
PRIOR_REFERENCES = 10
"""Rarity is reckoned as if the registry held this many more references without the shingle: in a small registry, that two
references hold a passage says little about it."""
MIN_RARITY = 0.1
"""Below this (about half of a large registry holds it) a shingle is taken for form and ignored."""
CANDIDATES = 2
"""How many references are aligned for each one asked for; the others share less even before order is looked at."""
_SMALLEST = float(np.finfo(np.float64).smallest_subnormal)
_BLOCK = 64

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

_LETTERS = str.maketrans("×✕✖", "xxx")
"""Signs that people, and OCR engines, write for a letter as often as not: three by four."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MAGIC, _LONGER = b"LWS2", b"LWS1"
_HEADER = struct.Struct("<4sIII")
_ROW = np.dtype([("hash", "<u4"), ("start", "<u4"), ("span", "<u2")])  # of a stored text: its shingles
_LONGEST = 0xFFFF  # characters that a shingle's span is stored with
_SIZES = np.empty((0, 3), np.int64)  # of a text: shingles, characters, units


def is_cjk(character: str) -> bool:
    """Whether the character is Chinese, Japanese kana or a CJK radical: scripts whose characters say as much as two letters."""
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or "\U00020000" <= character <= "\U0003ffff"


@lru_cache(maxsize=65536)
def fold(character: str) -> str:
    """One character folded to the letters and digits it stands for; empty for everything else (marks, spaces, punctuation).

    Traditional Chinese characters become the Simplified ones they are written as, one by one (OpenCC, t2s).
    """
    plain = unicodedata.normalize("NFKD", character.translate(_LETTERS).casefold()).casefold()
    simplified = str(_converter().convert(plain)) if is_cjk(character) else plain
    return "".join(c for c in simplified if c.isalnum())


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def folded(text: str) -> tuple[str, U32]:
    """The text folded, and for each character of the result the offset of its origin in ``text``."""
    parts = [fold(character) for character in text]
    counts = np.fromiter(map(len, parts), np.int64, len(parts))
    return "".join(parts), np.repeat(np.arange(len(parts), dtype=np.uint32), counts)


def shingles(text: str) -> Shingles | None:
    """The winnowed shingles of a text; ``None`` if it holds fewer than SHINGLE_UNITS units. Deterministic everywhere."""
    letters, origins = folded(text)
    points = np.frombuffer(letters.encode("utf-32-le"), np.uint32).astype(np.uint64)
    weights = 1 + np.fromiter(map(is_cjk, letters), np.int64, len(letters))
    reach = np.concatenate(([0], np.cumsum(weights)))
    ends = np.searchsorted(reach, reach[:-1] + SHINGLE_UNITS)
    ends = ends[ends <= len(letters)]
    if not len(ends):
        return None
    hashes = _hashes(points, ends)
    kept = _winnow(hashes)
    kept = kept[_occurrence(hashes[kept]) < MAX_REPEATS]
    return Shingles(_short(hashes[kept]), origins[kept], origins[ends[kept] - 1] + np.uint32(1), len(text), int(reach[-1]))


def _hashes(points: U64, ends: I64) -> U64:
    """A 64-bit hash of ``points[i:ends[i]]`` for each i: a polynomial modulo 2**64, finished as splitmix64 does."""
    starts = np.arange(len(ends))
    value = (ends - starts).astype(np.uint64)
    for step in range(SHINGLE_UNITS):
        inside = starts + step < ends
        value[inside] = value[inside] * _MULTIPLIER + points[starts[inside] + step]
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _short(hashes: U64) -> U32:
    """Their upper halves. Of 30 million in an index, one asked for in 140 meets a stranger: never two of them in a row."""
    return (hashes >> np.uint64(32)).astype(np.uint32)


def _winnow(hashes: U64) -> I64:
    """Positions of the smallest hash of every window, the rightmost of equals, each once, in order."""
    width = min(WINDOW, len(hashes))
    windows = np.lib.stride_tricks.sliding_window_view(hashes, width)
    smallest = width - 1 - np.argmin(windows[:, ::-1], axis=1)
    return np.unique(np.arange(len(windows)) + smallest)


def _occurrence(hashes: U64) -> I64:
    """How many times each value stood earlier in the array."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    rank = np.empty(len(hashes), np.int64)
    rank[order] = np.arange(len(hashes)) - np.searchsorted(ordered, ordered)
    return rank


def dump_shingles(value: Shingles) -> bytes:
    """As bytes: a header, then the three arrays, little-endian; 12 bytes a shingle."""
    columns = (value.hashes, value.starts, value.ends)
    return _HEADER.pack(_MAGIC, len(value), value.length, value.units) + b"".join(one.astype("<u4").tobytes() for one in columns)


def load_shingles(data: bytes) -> Shingles:
    """Inverse of ``dump_shingles``; what was stored with hashes of 64 bits as well. Raises ValueError for anything else."""
    if len(data) < _HEADER.size:
        raise ValueError("not shingles: too short")
    magic, count, length, units = _HEADER.unpack_from(data)
    size = {_MAGIC: 4, _LONGER: 8}.get(magic)
    if size is None or len(data) != _HEADER.size + (size + 8) * count:
        raise ValueError("not shingles: wrong header or size")
    stored = np.frombuffer(data, f"<u{size}", count, _HEADER.size)
    hashes = _short(stored.astype(np.uint64)) if size == 8 else stored.astype(np.uint32)
    starts, ends = np.frombuffer(data, "<u4", 2 * count, _HEADER.size + size * count).reshape(2, count).astype(np.uint32)
    if not count or not (starts < ends).all() or (np.diff(starts.astype(np.int64)) < 0).any() or int(ends.max()) > length:
        raise ValueError("not shingles: spans out of order")
    return Shingles(hashes, starts, ends, length, units)


class _Text(NamedTuple):
    """One stored text. ``rows``: (n,) of ``_ROW``."""

    key: Key
    rows: npt.NDArray[np.void]
    length: int
    units: int

    @classmethod
    def of(cls, key: Key, value: Shingles) -> "_Text":
        rows = np.empty(len(value), _ROW)
        rows["hash"], rows["start"] = value.hashes, value.starts
        rows["span"] = np.minimum(value.ends - value.starts, _LONGEST)
        return cls(key, rows, value.length, value.units)

    def shingles(self) -> Shingles:
        hashes, starts = (np.ascontiguousarray(self.rows[name]) for name in ("hash", "start"))
        return Shingles(hashes, starts, starts + self.rows["span"], self.length, self.units)


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


def _among_most(values: F64, count: int) -> float:
    """So many of the values, none negative, are at least as large, if there are as many blocks: the least of the largest blocks'
    greatest. Of 100,000 values it leaves some dozens in a fifth of the time that sorting them apart takes.
    """
    greatest = values[: len(values) // _BLOCK * _BLOCK].reshape(-1, _BLOCK).max(axis=1)
    return float(np.partition(greatest, -count)[-count]) if len(greatest) > count else 0.0


class TextIndex:
    """Index[Shingles, TextHit]. Additions gather in a small sorted run that is merged into the large one as it grows."""

    def __init__(self) -> None:
        self._slots: dict[Key, int] = {}
        self._texts: dict[int, _Text] = {}
        self._alive = np.zeros(64, np.bool_)
        self._next = 0
        self._main = NONE
        self._recent = NONE
        self._waiting: list[Postings] = []

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, key: object) -> bool:
        return key in self._slots

    def get(self, key: Key) -> Shingles | None:
        """What is stored under a key."""
        slot = self._slots.get(key)
        return None if slot is None else self._texts[slot].shingles()

    def add(self, key: Key, fingerprint: Shingles) -> None:
        """Adding a key that is there replaces it."""
        self.remove(key)
        slot, self._next = self._next, self._next + 1
        if slot == len(self._alive):
            self._alive = np.concatenate((self._alive, np.zeros_like(self._alive)))
        self._alive[slot] = True
        self._slots[key] = slot
        self._texts[slot] = _Text.of(key, fingerprint)
        self._waiting.append(postings_of(slot, fingerprint))

    def remove(self, key: Key) -> None:
        """Removing a key that is not there does nothing. Its postings go at the next merge."""
        slot = self._slots.pop(key, None)
        if slot is not None:
            self._alive[slot] = False
            del self._texts[slot]

    def write(self, to: Saver) -> None:
        """Slots are numbered anew, in the same order."""
        self._settle()
        texts = list(self._texts.values())
        to.words("keys", [one.key for one in texts])
        to.array("sizes", np.array([(len(one.rows), one.length, one.units) for one in texts], np.int64).reshape(-1, 3))
        to.joined("rows", (one.rows for one in texts), np.empty(0, _ROW))
        write_postings(to, merged([self._main, self._recent], self._alive), np.fromiter(self._texts, np.int64, len(texts)))

    @classmethod
    def read(cls, source: Loader) -> "TextIndex":
        index, sizes = cls(), source.array("sizes", _SIZES)
        keys, rows = source.keys(len(sizes)), source.split("rows", sizes[:, 0], np.empty(0, _ROW))
        index._slots = {key: slot for slot, key in enumerate(keys)}
        index._texts = dict(enumerate(map(_Text, keys, rows, *sizes[:, 1:].T.tolist())))
        index._next = len(keys)
        index._alive = np.concatenate((np.ones(len(keys), np.bool_), index._alive))
        index._main = read_postings(source, len(keys))
        return index

    def frequency(self, hashes: U32, apart: Iterable[Key] = ()) -> I64:
        """How many of the references hold each of these shingles, those under the keys in ``apart`` not counted."""
        left_out = [slot for key in apart if (slot := self._slots.get(key)) is not None]
        return np.array([len(slots) - int(np.isin(left_out, slots).sum()) for slots in self._holders(hashes)], np.int64)

    def held(self, query: Shingles, limit: int = 10, apart: Iterable[Key] = ()) -> tuple[float, list[Key]]:
        """Share 0..1 of the query that stands in any stored text, however common, and the keys of those that hold most of it.

        The texts under the keys in ``apart`` do not count.
        """
        left_out = [slot for key in apart if (slot := self._slots.get(key)) is not None]
        holders = [slots[~np.isin(slots, left_out)] if left_out else slots for slots in self._holders(query.hashes)]
        weights = own_units(query)
        keys = [self._texts[slot].key for slot in self._best(self._shared(holders, weights), limit)]
        anywhere = np.array([len(slots) > 0 for slots in holders], np.bool_)
        return float(weights[anywhere].sum() / weights.sum()), keys

    def search(self, query: Shingles, limit: int = 10) -> list[TextHit]:
        """References sharing passages with the query, most units first, ties by key."""
        if not len(query) or limit < 1:
            return []
        holders = list(self._holders(query.hashes))
        weights = own_units(query) * rarity(np.array([len(slots) for slots in holders], np.int64), len(self))
        order = np.argsort(query.hashes, kind="stable")
        best = self._best(self._shared(holders, weights), CANDIDATES * limit)
        hits = [self._hit(slot, query, order[weights[order] > 0], weights) for slot in best]
        return sorted((hit for hit in hits if hit), key=lambda hit: (-hit.units, hit.key))[:limit]

    def _holders(self, hashes: U32) -> Iterator[U32]:
        """Of every hash the slots of the living references that hold it, ascending."""
        self._settle()
        for old, new in zip(self._main.lists(hashes), self._recent.lists(hashes), strict=True):
            slots = np.concatenate((old, new)) if len(new) else old
            yield slots if len(self._texts) == self._next else slots[self._alive[slots]]

    def _shared(self, holders: Iterable[U32], weights: F64) -> F64:
        """(slots,): the weight of all that each reference holds."""
        shared = np.zeros(self._next)
        for slots, weight in zip(holders, weights.tolist(), strict=True):
            if weight > 0 and len(slots):
                np.add.at(shared, slots, weight)
        return shared

    def _best(self, shared: F64, count: int) -> list[int]:
        """Slots sharing most, ties by key."""
        some = np.flatnonzero(shared >= max(_among_most(shared, count), _SMALLEST))
        if len(some) > count:
            some = some[shared[some] >= np.partition(shared[some], -count)[-count]]
        return sorted(some.tolist(), key=lambda slot: (-shared[slot], self._texts[slot].key))[:count]

    def _hit(self, slot: int, query: Shingles, order: I64, weights: F64) -> TextHit | None:
        """``order``: the query's telling shingles, by their hashes."""
        key, reference = self._texts[slot].key, self._texts[slot].shingles()
        asked = query.hashes[order]
        low = np.searchsorted(asked, reference.hashes, "left")
        counts = np.searchsorted(asked, reference.hashes, "right") - low
        places = np.repeat(np.arange(len(reference)), counts)
        within = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
        shared = passages(query, reference, order[low[places] + within], places, weights)
        units = sum(passage.units for passage in shared)
        return TextHit(key, units, units / float(weights.sum()), shared) if units else None

    def _settle(self) -> None:
        """Sort what waits into the recent run; fold that into the main one when it reaches a quarter of it."""
        if self._waiting:
            self._recent = merged([self._recent, *self._waiting], self._alive)
            self._waiting = []
        if 4 * len(self._recent) > len(self._main):
            self._main, self._recent = merged([self._main, self._recent], self._alive), NONE

"""A text's shingles: what it says, regardless of spacing, punctuation, case and line breaks, in a form that tells little.

Text is folded (NFKD without marks, casefolded) and everything that is neither letter nor digit is dropped, so a word
hyphenated at a line's end closes up again. At each remaining character starts one shingle, the shortest run that reaches
``SHINGLE_UNITS``; winnowing (Schleimer, Wilkerson, Aiken, SIGMOD 2003) keeps the smallest hash of every ``WINDOW``
consecutive ones, so that every shared run of SHINGLE_UNITS + WINDOW - 1 Latin letters (7 Chinese characters) shares one.
"""

import struct
import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from fingerprints.types import U32, U64, Shingles

SHINGLE_UNITS = 8
WINDOW = 4
MAX_REPEATS = 4
"""A shingle is kept this often in one text; the rest is filler, and costs the square of its number to align."""

I64 = npt.NDArray[np.int64]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MAGIC = b"LWS1"
_HEADER = struct.Struct("<4sIII")


def is_cjk(character: str) -> bool:
    """Whether the character is Chinese, Japanese kana or a CJK radical: scripts whose characters say as much as two letters."""
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or "\U00020000" <= character <= "\U0003ffff"


@lru_cache(maxsize=65536)
def fold(character: str) -> str:
    """One character folded to the letters and digits it stands for; empty for everything else (marks, spaces, punctuation)."""
    return "".join(c for c in unicodedata.normalize("NFKD", character.casefold()).casefold() if c.isalnum())


def folded(text: str) -> tuple[str, U32]:
    """The text folded, and for each character of the result the offset of its origin in ``text``."""
    parts = [fold(character) for character in text]
    counts = np.fromiter(map(len, parts), np.int64, len(parts))
    return "".join(parts), np.repeat(np.arange(len(parts), dtype=np.uint32), counts)


def units_of(folded_text: str) -> int:
    """Weight-bearing size of folded text: 2 a CJK character, 1 any other."""
    return len(folded_text) + sum(map(is_cjk, folded_text))


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
    return Shingles(hashes[kept], origins[kept], origins[ends[kept] - 1] + np.uint32(1), len(text), int(reach[-1]))


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


def containment(query: Shingles, reference: Shingles) -> float:
    """Share 0..1 of the query's shingles that the reference holds, wherever they stand. 0 for an empty query."""
    return float(np.isin(query.hashes, reference.hashes).mean()) if len(query) else 0.0


def dump_shingles(value: Shingles) -> bytes:
    """As bytes: a header, then the three arrays, little-endian; 16 bytes a shingle."""
    header = _HEADER.pack(_MAGIC, len(value), value.length, value.units)
    return (
        header + value.hashes.astype("<u8").tobytes() + value.starts.astype("<u4").tobytes() + value.ends.astype("<u4").tobytes()
    )


def load_shingles(data: bytes) -> Shingles:
    """Inverse of ``dump_shingles``. Raises ValueError for anything else."""
    if len(data) < _HEADER.size:
        raise ValueError("not shingles: too short")
    magic, count, length, units = _HEADER.unpack_from(data)
    if magic != _MAGIC or len(data) != _HEADER.size + 16 * count:
        raise ValueError("not shingles: wrong header or size")
    hashes = np.frombuffer(data, "<u8", count, _HEADER.size).astype(np.uint64)
    starts, ends = np.frombuffer(data, "<u4", 2 * count, _HEADER.size + 8 * count).reshape(2, count).astype(np.uint32)
    if not count or not (starts < ends).all() or (np.diff(starts.astype(np.int64)) < 0).any() or int(ends.max()) > length:
        raise ValueError("not shingles: spans out of order")
    return Shingles(hashes, starts, ends, length, units)

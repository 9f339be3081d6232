"""Where each shingle stands: the inverted index's lists as flat sorted arrays, 17 bytes a shingle."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from fingerprints.saved import Loader, Saver
from fingerprints.types import U32, U64, Shingles

I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """Sorted by hash. ``slot``: which reference; ``place``: which of its shingles; ``first``: its first with that hash."""

    hashes: U64
    slots: U32
    places: U32
    first: Flags

    def __len__(self) -> int:
        return len(self.hashes)

    def lookup(self, wanted: U64) -> tuple[I64, I64]:
        """All (index into wanted, index into these postings) with equal hashes."""
        low = np.searchsorted(self.hashes, wanted, "left")
        counts = np.searchsorted(self.hashes, wanted, "right") - low
        which = np.repeat(np.arange(len(wanted)), counts)
        ahead = np.repeat(low - (np.cumsum(counts) - counts), counts)
        return which, ahead + np.arange(len(which))


NONE = Postings(np.empty(0, np.uint64), np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0, np.bool_))


def postings_of(slot: int, value: Shingles) -> Postings:
    first = np.zeros(len(value), np.bool_)
    first[np.unique(value.hashes, return_index=True)[1]] = True
    places = np.arange(len(value), dtype=np.uint32)
    return Postings(value.hashes, np.full(len(value), slot, np.uint32), places, first)


def merged(parts: list[Postings], alive: Flags) -> Postings:
    hashes, slots, places, first = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("hashes", "slots", "places", "first")
    )
    kept = np.flatnonzero(alive[slots])
    order = kept[np.argsort(hashes[kept], kind="stable")]
    return Postings(hashes[order], slots[order], places[order], first[order])


def write_postings(to: Saver, postings: Postings, slots: I64) -> None:
    """``slots``: all that stand in them, ascending; each is written as its place among them."""
    for field in fields(postings):
        values = getattr(postings, field.name)
        values = np.searchsorted(slots, values).astype(np.uint32) if field.name == "slots" else values
        to.array(f"posted {field.name}", values)


def read_postings(source: Loader, slots: int) -> Postings:
    """Raises ValueError for those that are not in order, or name a slot beyond ``slots``."""
    columns = [source.array(f"posted {field.name}", getattr(NONE, field.name)) for field in fields(NONE)]
    found = Postings(*columns)
    if {len(column) for column in columns} != {len(found)} or (len(found) and found.slots.max() >= slots):
        raise ValueError("postings of other texts")
    return found

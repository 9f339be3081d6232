"""Which texts hold each shingle: the inverted index's lists as flat sorted arrays, 8 bytes for each shingle of each text."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from fingerprints.saved import Loader, Saver
from fingerprints.types import U32, Shingles

I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """Sorted by hash, then by ``slots``: which reference. However often a text holds a shingle, it stands here once."""

    hashes: U32
    slots: U32

    def __len__(self) -> int:
        return len(self.hashes)

    def lists(self, wanted: U32) -> Iterator[U32]:
        """Of every hash the slots that hold it, ascending."""
        order = np.argsort(wanted, kind="stable")  # one search goes on where the last ended: among millions in half the time
        ends = np.empty((2, len(wanted)), np.int64)
        ends[:, order] = [np.searchsorted(self.hashes, wanted[order], side) for side in ("left", "right")]
        return (self.slots[a:b] for a, b in ends.T.tolist())


NONE = Postings(np.empty(0, np.uint32), np.empty(0, np.uint32))


def postings_of(slot: int, value: Shingles) -> Postings:
    hashes = np.unique(value.hashes)
    return Postings(hashes, np.full(len(hashes), slot, np.uint32))


def merged(parts: list[Postings], alive: Flags) -> Postings:
    """``parts``: of ever higher slots."""
    hashes, slots = (np.concatenate([getattr(part, name) for part in parts]) for name in ("hashes", "slots"))
    kept = np.flatnonzero(alive[slots])
    order = kept[np.argsort(hashes[kept], kind="stable")]
    return Postings(hashes[order], slots[order])


def write_postings(to: Saver, postings: Postings, slots: I64) -> None:
    """``slots``: all that stand in them, ascending; each is written as its place among them."""
    to.array("posted hashes", postings.hashes)
    to.array("posted slots", np.searchsorted(slots, postings.slots).astype(np.uint32))


def read_postings(source: Loader, slots: int) -> Postings:
    """Raises ValueError for those that are not in order, or name a slot beyond ``slots``."""
    columns = [source.array(f"posted {field.name}", getattr(NONE, field.name)) for field in fields(NONE)]
    found = Postings(*columns)
    if {len(column) for column in columns} != {len(found)} or (len(found) and found.slots.max() >= slots):
        raise ValueError("postings of other texts")
    return found

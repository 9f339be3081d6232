"""The inverted lists of the keypoint index: cell by cell the codes of the features that lie in it, and whose they are.

What was saved is searched where it lies, in its file, so that the processes of a machine hold it once. What comes later continues
it in lists of the process's own; a cell that loses something saved is from then on kept there whole.
"""

from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from fingerprints.types import F32, U8
from fingerprints.vocabulary import CELLS, quantizer

I64 = npt.NDArray[np.int64]
Entries = tuple[I64, U8]
"""Of one cell: numbers, and codes (n, ``_BYTES``)."""

_BYTES = 16  # of a descriptor
PROBES = 8  # cells a query looks into
ENOUGH = 1024  # features looked at, nearest cells first, after which no further cell is: among 10,000 references as much is found
_NONE: Entries = (np.empty(0, np.int64), np.empty((0, _BYTES), np.uint8))


class InvertedLists:
    """Within a cell features stay in the order of addition. Lists of its own take 40 MB, and are made for the first feature."""

    def __init__(self) -> None:
        self._saved: Any = None
        self._sizes = np.zeros(CELLS, np.int64)  # faiss's own, of the saved lists: one set to 0 is forgotten
        self._own: Any = None
        self._asked: Any = None
        self._joint: tuple[Any, ...] = ()

    def add(self, numbers: I64, descriptors: U8, cells: I64) -> None:
        """One feature a row, each into its cell."""
        rows = descriptors.astype(np.float32)  # kept until they are read: a pointer holds nothing
        self._writable().add_core(len(numbers), faiss.swig_ptr(rows), faiss.swig_ptr(numbers), faiss.swig_ptr(cells))

    def remove(self, cells: I64, first: int, end: int) -> None:
        """What is numbered ``first`` or more and below ``end`` out of these cells, the others closing up."""
        own = self._writable().invlists
        for cell in cells.tolist():
            self._strike(own, cell, first, end)

    def _strike(self, own: Any, cell: int, first: int, end: int) -> None:
        saved, added = _entries(self._saved, cell) if self._sizes[cell] else _NONE, _entries(own, cell)
        if not ((saved[0] >= first) & (saved[0] < end)).any():
            saved = _NONE
        else:
            self._sizes[cell] = 0
        numbers, codes = np.concatenate([saved[0], added[0]]), np.concatenate([saved[1], added[1]])
        left = (numbers < first) | (numbers >= end)
        numbers, codes = numbers[left], codes[left]
        own.resize(cell, len(numbers))
        own.update_entries(cell, 0, len(numbers), faiss.swig_ptr(numbers), faiss.swig_ptr(codes))

    def search(self, descriptors: U8, count: int, cells: I64) -> tuple[F32, I64]:
        """Squared distances and numbers, (n, count), nearest first; number -1 where fewer were found.

        ``cells``: (n, PROBES) to look into, -1 for none. Codes are compared, so distances are only nearly right.
        """
        asked = self._writable() if self._asked is None else self._asked
        rows = descriptors.astype(np.float32)
        found: tuple[F32, I64] = asked.search_preassigned(rows, count, cells, np.zeros(cells.shape, np.float32))
        return found

    def write(self, path: Path) -> None:
        """What was saved before is copied once for it."""
        whole = self._writable()
        if self._saved is not None:
            whole = _index()
            self._asked.invlists.copy_subset_to(whole.invlists, self._saved.SUBSET_TYPE_INVLIST, 0, CELLS)
        whole.ntotal = whole.invlists.compute_ntotal()
        faiss.write_index(whole, str(path))

    @classmethod
    def read(cls, path: Path, sizes: npt.NDArray[np.integer[Any]], mapped: bool = True) -> "InvertedLists":
        """``sizes``: (CELLS,), how many features lie in each. ``mapped``: see Loader."""
        lists = cls()
        index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP if mapped else 0)
        expected = CELLS, _BYTES, int(sizes.sum())
        if not isinstance(index, faiss.IndexIVFPQ) or (index.nlist, index.code_size, index.ntotal) != expected:
            raise ValueError("lists of another index")
        lists._asked = _prepared(index)
        if mapped:
            lists._saved = faiss.downcast_InvertedLists(lists._asked.invlists)
            lists._sizes = _sizes(lists._saved)
        else:
            lists._own = lists._asked
        if mapped and not np.array_equal(lists._sizes, sizes):
            raise ValueError("lists of other features")
        return lists

    def _writable(self) -> Any:
        """The index of the process's own lists."""
        if self._own is None:
            self._own = _index()
            self._asked = self._own if self._saved is None else self._joined()
        return self._own

    def _joined(self) -> Any:
        """An index over both, in every cell one the continuation of the other."""
        index, lists = _index(listed=False), faiss.InvertedListsPtrVector()  # type: ignore[attr-defined]
        lists.push_back(self._saved)
        lists.push_back(self._own.invlists)
        both = faiss.HStackInvertedLists(2, lists.data())
        index.replace_invlists(both, False)
        self._joint = self._asked, both  # a pointer holds nothing
        return index


def _index(listed: bool = True) -> Any:
    """Features are assigned to cells elsewhere, never by faiss. ``listed``: with lists of its own."""
    made: Any = faiss.IndexIVFPQ
    return _prepared(made(faiss.IndexFlatL2(128), 128, CELLS, _BYTES, 8, faiss.METRIC_L2, listed))


def _prepared(index: Any) -> Any:
    index.by_residual, index.is_trained, index.pq = False, True, quantizer(_BYTES)
    index.nprobe, index.max_codes = PROBES, ENOUGH
    return index


def _sizes(lists: Any) -> I64:
    """Those of lists in a file, where faiss keeps them: each beside what the list has room for and where it begins."""
    begin = faiss.cast_integer_to_idx_t_ptr(int(lists.lists.data().this))
    sizes: I64 = faiss.rev_swig_ptr(begin, CELLS * 3).reshape(CELLS, 3)[:, 0]
    return sizes


def _entries(lists: Any, cell: int) -> Entries:
    """As they lie there."""
    size = lists.list_size(cell)
    if not size:
        return _NONE
    numbers, codes = (faiss.rev_swig_ptr(*part) for part in ((lists.get_ids(cell), size), (lists.get_codes(cell), size * _BYTES)))
    return numbers, codes.reshape(size, _BYTES)

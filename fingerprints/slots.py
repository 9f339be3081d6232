"""Rows of arrays by hash and by key, in some thirty bytes each: Python's own dictionaries and numbers take a hundred."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from fingerprints.types import Key

Hashes = npt.NDArray[np.int64]

_FREE, _GONE = -1, -2
_FEWEST = 16  # a power of two, as every size is
_FULL = 0.6  # of the slots, rows that went included; then they are laid out anew
_ROOM = 1.25  # times as many rows as there are then, before they are again


class Slots:
    """Row numbers by hash, by linear probing (Knuth, The Art of Computer Programming, volume 3, 6.4). Hashes may be equal.

    ``hashes``: those of all rows there are, in order; asked for when the slots are laid out anew.
    """

    def __init__(self, hashes: Callable[[], Hashes]) -> None:
        self._hashes = hashes
        self._slots = np.full(_FEWEST, _FREE, np.int32)
        self._taken = 0

    def rows(self, hashed: int) -> Iterator[int]:
        """Every row put under this hash, and some others: the caller compares."""
        return (row for _, row in self._probed(hashed) if row >= 0)

    def put(self, hashed: int, row: int) -> None:
        """``row``: the next, whose hash is not among ``hashes`` yet."""
        if self._taken >= _FULL * len(self._slots):
            self.lay_out()
        at = next(at for at, there in self._probed(hashed) if there < 0)
        self._taken += self._slots[at] == _FREE
        self._slots[at] = row

    def take(self, hashed: int, row: int) -> None:
        """Takes out a row that is there."""
        self.move(hashed, row, _GONE)

    def move(self, hashed: int, row: int, to: int) -> None:
        """Another number for a row that is there."""
        self._slots[next(at for at, there in self._probed(hashed) if there == row)] = to

    def lay_out(self) -> None:
        """All rows anew, with room for more."""
        hashes = self._hashes()
        size = _FEWEST
        while size * _FULL < _ROOM * len(hashes):
            size *= 2
        self._slots, self._taken = np.full(size, _FREE, np.int32), len(hashes)
        rows, at = np.arange(len(hashes), dtype=np.int32), hashes & (size - 1)
        while len(rows):
            free = self._slots[at] == _FREE
            self._slots[at[free]] = rows[free]
            left = self._slots[at] != rows
            rows, at = rows[left], (at[left] + 1) & (size - 1)

    def _probed(self, hashed: int) -> Iterator[tuple[int, int]]:
        """Slots and what they hold, up to and with the first free one."""
        last = len(self._slots) - 1
        at = hashed & last
        while True:
            row = int(self._slots[at])
            yield at, row
            if row == _FREE:
                return
            at = (at + 1) & last


class Places:
    """Keys in rows without gaps: where one is removed the last moves in. ``keys``: by row; changed here only."""

    def __init__(self, keys: list[Key] | None = None) -> None:
        self.keys = keys or []
        self._slots = Slots(lambda: np.fromiter(map(hash, self.keys), np.int64, len(self.keys)))
        self._slots.lay_out()

    def find(self, key: object) -> int | None:
        """The row of a key that is there."""
        return next((row for row in self._slots.rows(hash(key)) if self.keys[row] == key), None)

    def add(self, key: Key) -> int:
        """The row of the key, the next one if it is new."""
        row = self.find(key)
        if row is None:
            row = len(self.keys)
            self._slots.put(hash(key), row)
            self.keys.append(key)
        return row

    def remove(self, key: Key) -> int | None:
        """The row that was the key's: what was in the last row, ``len`` now, belongs there. ``None`` if it was not there."""
        row = self.find(key)
        if row is None:
            return None
        self._slots.take(hash(key), row)
        moved = self.keys.pop()
        if row < len(self.keys):
            self._slots.move(hash(moved), len(self.keys), row)
            self.keys[row] = moved
        return row

    def __len__(self) -> int:
        return len(self.keys)

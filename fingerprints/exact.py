"""The very same file again."""

import hashlib

import numpy as np
import numpy.typing as npt

from fingerprints.saved import Loader, Saver
from fingerprints.slots import Hashes, Places, Slots
from fingerprints.types import Key

Digests = npt.NDArray[np.int64]
"""(n, 2): 128 bits each."""


class ExactIndex:
    """Files by the SHA-256 of their bytes. One digest may stand for several references (the pages of one file).

    Of a digest 128 bits are kept: 60 bytes a reference with what finds it (a million, measured).
    """

    def __init__(self) -> None:
        self._hold(Places(), np.zeros((16, 2), np.int64))

    def _hold(self, places: Places, digests: Digests) -> None:
        self._places, self._digests = places, digests
        self._slots = Slots(self._first)
        self._slots.lay_out()

    def _first(self) -> Hashes:
        return self._digests[: len(self._places), 0]

    def add(self, key: Key, digest: str) -> None:
        self.remove(key)
        short = _short(digest)
        place = len(self._places)
        self._slots.put(int(short[0]), place)
        self._places.add(key)
        if place == len(self._digests):
            self._digests = np.concatenate([self._digests, np.zeros_like(self._digests)])
        self._digests[place] = short

    def remove(self, key: Key) -> None:
        place = self._places.remove(key)
        if place is None:
            return
        last = len(self._places)
        self._slots.take(int(self._digests[place, 0]), place)
        if place != last:
            self._slots.move(int(self._digests[last, 0]), last, place)
            self._digests[place] = self._digests[last]

    def search(self, query: str, limit: int = 10) -> list[Key]:
        short = _short(query)
        rows = self._slots.rows(int(short[0]))
        return sorted(self._places.keys[row] for row in rows if (self._digests[row] == short).all())[:limit]

    def write(self, to: Saver) -> None:
        to.words("keys", self._places.keys)
        to.array("digests", self._digests[: len(self._places)])

    @classmethod
    def read(cls, source: Loader) -> "ExactIndex":
        index, digests = cls(), source.array("digests", np.empty((0, 2), np.int64))
        index._hold(Places(source.keys(len(digests))), np.concatenate([digests, np.zeros((16, 2), np.int64)]))
        return index

    def __contains__(self, key: object) -> bool:
        return self._places.find(key) is not None

    def __len__(self) -> int:
        return len(self._places)


def _short(digest: str) -> Digests:
    """Of a SHA-256 in hexadecimal, or of one followed by the label of a page."""
    return np.frombuffer(hashlib.blake2b(digest.encode(), digest_size=16).digest(), np.int64)

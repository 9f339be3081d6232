"""What was reckoned of pictures once, for when it is asked again: a cascade that grows by a copy is mostly the same pairs.

Answers are small and kept under a hash of all they follow from, so that what is remembered is what would be reckoned.
"""

import hashlib
import struct
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")
MOST = 1 << 15
"""Answers: of some ten incidents of 500 copies, less than 30 MB."""


class Memory:
    """Of the newest ``most`` answers. May be shared by threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._answers: OrderedDict[bytes, Any] = OrderedDict()
        self._lock = Lock()

    def one(self, key: bytes, make: Callable[[], T]) -> T:
        """The answer, made if it is not known."""
        return self.each([key], lambda _: [make()])[0]

    def each(self, keys: Sequence[bytes], make: Callable[[list[int]], Iterable[T]]) -> list[T]:
        """The answers, in order. ``make`` is given the places of those that are not known, if there are any."""
        with self._lock:
            known = {key: self._answers[key] for key in keys if key in self._answers}
        missing = [place for place, key in enumerate(keys) if key not in known]
        if missing:
            known |= zip((keys[place] for place in missing), make(missing), strict=True)
        self._keep({key: known[key] for key in keys})
        return [known[key] for key in keys]

    def _keep(self, answers: dict[bytes, Any]) -> None:
        with self._lock:
            for key, answer in answers.items():
                self._answers[key] = answer
                self._answers.move_to_end(key)
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)


def key(*parts: bytes) -> bytes:
    """Of everything an answer follows from."""
    lengths = struct.pack(f">{len(parts)}Q", *map(len, parts))
    return hashlib.blake2b(b"".join((lengths, *parts)), digest_size=16).digest()

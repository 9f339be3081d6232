"""Many copies laid on each other: each on the first of its kind, so that any two of them lie on each other as well."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fingerprints.descent import laid
from fingerprints.projecting import F64
from fingerprints.remembering import Memory, key
from fingerprints.types import Keypoints

MOST_FIRSTS = 4
"""First copies of other kinds that a copy is laid on before others are tried."""
MOST_OTHERS = 4
"""Later copies, the newest first, that one is laid on where it lies on no first."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """``first``: index of the copy all of a kind lie on. ``view``: from fractions of it to fractions of this one."""

    first: int
    view: F64


def lay(copies: Sequence[Keypoints | None], marks: Sequence[bytes], memory: Memory) -> list[Place]:
    """Places in the order of the copies. One that shows the same as none before it is the first of its kind. ``marks``: of each
    copy a hash, by which what was laid before is remembered.
    """

    def on(number: int, other: int) -> F64 | None:
        one, known = copies[number], copies[other]
        if one is None or known is None:
            return None
        return memory.one(key(b"laid", marks[number], marks[other]), lambda: laid(one, known))

    places: list[Place] = []
    firsts: list[int] = []
    later: list[int] = []
    for number, copy in enumerate(copies):
        tried = () if copy is None else (*firsts[:MOST_FIRSTS], *later[: -MOST_OTHERS - 1 : -1])
        found = ((other, view) for other in tried if (view := on(number, other)) is not None)
        other, view = next(found, (None, np.eye(3)))
        places.append(Place(number, view) if other is None else Place(places[other].first, view @ places[other].view))
        if copy is not None:
            (firsts if other is None else later).append(number)
    return places

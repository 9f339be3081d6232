"""Many copies laid on each other: each on the first of its kind, so that any two of them lie on each other as well."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fingerprints.descent import laid
from fingerprints.projecting import F64
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


def lay(copies: Sequence[Keypoints | None]) -> list[Place]:
    """Places in the order of the copies. One that shows the same as none before it is the first of its kind."""
    places: list[Place] = []
    firsts: list[int] = []
    for number, copy in enumerate(copies):
        place = None if copy is None else _place(copy, number, copies, places, firsts)
        if place is None:
            place = Place(number, np.eye(3))
            if copy is not None:
                firsts.append(number)
        places.append(place)
    return places


def _place(
    copy: Keypoints, number: int, copies: Sequence[Keypoints | None], places: Sequence[Place], firsts: Sequence[int]
) -> Place | None:
    others = [n for n in range(number - 1, -1, -1) if copies[n] is not None and n not in firsts][:MOST_OTHERS]
    for other in (*firsts[:MOST_FIRSTS], *others):
        known = copies[other]
        view = None if known is None else laid(copy, known)
        if view is not None:
            return Place(places[other].first, view @ places[other].view)
    return None


def between(child: Place, parent: Place) -> F64 | None:
    """From fractions of the parent to fractions of the child; ``None`` for different kinds."""
    return child.view @ np.linalg.inv(parent.view) if child.first == parent.first else None

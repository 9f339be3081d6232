"""Where writing is suspected: boxes with their surroundings, those that touch as one."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

AROUND = 0.02  # of the picture, at least, on each side of suspected writing


class Place(NamedTuple):
    """Part of a picture, in fractions of it."""

    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: "Place") -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def with_all(self, others: Sequence["Place"]) -> "Place":
        """The least that holds them all."""
        lefts, tops, rights, bottoms = zip(self, *others, strict=True)
        return Place(min(lefts), min(tops), max(rights), max(bottoms))


def places_around(boxes: npt.NDArray[np.float32]) -> list[Place]:
    """Where the boxes lie with some surroundings, those that touch as one."""
    low, high = boxes.min(axis=1), boxes.max(axis=1)
    around = np.maximum((high - low).min(axis=1, keepdims=True), AROUND)
    places = [Place(*a, *b) for a, b in zip((low - around).clip(0, 1).tolist(), (high + around).clip(0, 1).tolist(), strict=True)]
    apart: list[Place] = []
    while places:
        one = places.pop()
        touching = [other for other in apart if one.touches(other)]
        if touching:
            places.append(one.with_all(touching))
            apart = [other for other in apart if other not in touching]
        else:
            apart.append(one)
    return apart


def area_of(places: list[Place]) -> float:
    """Their share 0..1 of the picture, if none overlap."""
    return sum((place.right - place.left) * (place.bottom - place.top) for place in places)

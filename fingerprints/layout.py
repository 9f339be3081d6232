"""Where the lines of a picture stand before they are read, and which of them to read first: reading them is what costs.

A text that is registered is told by a passage of so much that one line in a few is enough to suspect it, wherever it stands;
what a page says of itself stands at its head or foot, in lines of their own. If those say nothing, the others need not be read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from fingerprints.types import Line, Quad

GAP = 72.0
"""Units passed over between two lines that are read. The least that is told of what is read from a picture is 120."""
HEAD, FOOT = 3, 2
SHORT_HEAD, SHORT_FOOT = 8, 4
"""Lines from the top and the bottom: so many are read whatever they are, so many if they are short, as markings are."""
SHORT = 24.0  # units

LinesRead = Mapping[int, Line]
"""By index; those in which nothing legible stands are missing."""


class Layout:
    """Lines in reading order. ``units``: about how much each says, by its shape (as text.py counts: a Chinese character 2).

    ``known``: of those that were read to tell which way is up, or all. ``read``: of others, when they are asked for. ``rough``:
    some may be missing; whoever wants all has the picture read anew.
    """

    def __init__(
        self,
        quads: Sequence[Quad],
        units: Sequence[float],
        known: LinesRead,
        read: Callable[[Sequence[int]], LinesRead] | None = None,
        looked_at: Sequence[int] = (),
        rough: bool = False,
    ) -> None:
        self.quads = tuple(quads)
        self.units = tuple(units)
        self._known = dict(known)
        self._read = read
        self.rough = rough
        self._looked_at = {*known, *looked_at} if read is not None else set(range(len(quads)))

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "Layout":
        """Of lines that were all read at once, as some engines do."""
        return cls([line.quad for line in lines], [float(len(line.text)) for line in lines], dict(enumerate(lines)))

    def __len__(self) -> int:
        return len(self.quads)

    def read(self, which: Sequence[int]) -> tuple[Line, ...]:
        """Those lines, in reading order. Each is read once."""
        fresh = [index for index in which if index not in self._looked_at]
        if fresh and self._read is not None:
            self._known.update(self._read(fresh))
            self._looked_at.update(fresh)
        return tuple(self._known[index] for index in sorted({*which} & self._known.keys()))

    def telling(self) -> list[int]:
        """The lines to read first: head and foot, those already read, and of the others as few as leave no gap above ``GAP``."""
        count, passed, chosen = len(self), 0.0, []
        for index, units in enumerate(self.units):
            passed += units
            if passed > GAP or index in self._looked_at or self._at_an_end(index, count, units):
                chosen.append(index)
                passed = 0.0
        return chosen

    def around(self, lines: Iterable[Line]) -> list[int]:
        """The lines not read yet that stand between each of these and the next one that was, before it and after."""
        place = {quad: index for index, quad in enumerate(self.quads)}
        found: set[int] = set()
        for line in lines:
            for step in (-1, 1):
                index = place[line.quad] + step
                while 0 <= index < len(self) and index not in self._looked_at:
                    found.add(index)
                    index += step
        return sorted(found)

    def _at_an_end(self, index: int, count: int, units: float) -> bool:
        left = count - 1 - index
        short = units <= SHORT
        return index < (SHORT_HEAD if short else HEAD) or left < (SHORT_FOOT if short else FOOT)


def grown(quad: Quad, by: float) -> Quad:
    """The place and a rim around it, of so much of its width and height on each side."""
    corners = np.array(quad, np.float64)
    a, b, c, d = ((float(x), float(y)) for x, y in corners + 2 * by * (corners - corners.mean(axis=0)))
    return a, b, c, d


def inside(points: npt.NDArray[np.float32], places: Sequence[Quad]) -> npt.NDArray[np.bool_]:
    """Which of the points (n, 2) lie in any of the places."""
    quads = [np.array(quad, np.float32) for quad in places]
    within = [any(cv2.pointPolygonTest(quad, point, False) >= 0 for quad in quads) for point in points.tolist()]
    return np.array(within, np.bool_).reshape(len(points))


def outside(lines: Sequence[Line], places: Sequence[Quad]) -> tuple[Line, ...]:
    """The lines whose middle lies in none of the places."""
    middles = np.array([np.mean(line.quad, axis=0) for line in lines], np.float32).reshape(-1, 2)
    return tuple(line for line, within in zip(lines, inside(middles, places), strict=True) if not within)

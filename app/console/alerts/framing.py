"""Outlines as far as they lie in the picture they are drawn on."""

from collections.abc import Iterator, Sequence

Corner = Sequence[float]
EDGE = 0.004
"""Of the picture's width or height left beside what lies on its edge or beyond: half a line's width."""


def framed(corners: Sequence[Corner]) -> list[tuple[float, float]]:
    """A polygon (x and y from 0 to 1) cut at the picture's edges: what surrounds the picture becomes its frame.

    Cut at one edge after the other (Sutherland and Hodgman, "Reentrant polygon clipping", CACM 1974). Empty: it lies outside.
    """
    kept = [(float(x), float(y)) for x, y in corners]
    for axis in (0, 1):
        for sign, edge in ((1, EDGE), (-1, EDGE - 1)):
            kept = list(_cut(kept, axis, sign, edge))
    return kept


def _cut(corners: list[tuple[float, float]], axis: int, sign: int, edge: float) -> Iterator[tuple[float, float]]:
    """What has ``sign * coordinate >= edge``."""
    for one, other in zip(corners, [*corners[1:], *corners[:1]], strict=True):
        here, there = sign * one[axis] - edge, sign * other[axis] - edge
        if here >= 0:
            yield one
        if (here >= 0) != (there >= 0):
            part = here / (here - there)
            yield round(one[0] + part * (other[0] - one[0]), 4), round(one[1] + part * (other[1] - one[1]), 4)

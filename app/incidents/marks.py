"""What stands in a drawing's lanes: marks of sightings, and threads between them.

In a channel's own lane what would stand on top of each other is one mark with a count. In a lane that channels share each
sighting is a mark of its own, in columns that grow downwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

from app.incidents.lanes import Lane
from app.incidents.timeline import Timeline
from detectors.spread.cascade import Cascade, Edge, Seen, Unseen

CELL = 8.0
"""Of a place in a shared lane."""
ROWS = 8
"""Places in one column; those for which there is no room stand beside it."""
_TOUCH = 13.0
_WIDE = 31.0


@dataclass(slots=True, eq=False)
class Mark:
    """Sightings that are drawn as one. ``unseen``: origins that are not among them and stand here instead. ``row``: its place in
    a shared lane, from above.
    """

    lane: Lane
    x: float
    seen: list[Seen] = field(default_factory=list)
    unseen: list[Unseen] = field(default_factory=list)
    row: int = 0

    @property
    def count(self) -> int:
        return len(self.seen) or len(self.unseen)

    @property
    def middle(self) -> float:
        """Several take more room to the right."""
        return self.x + (_TOUCH - 3 if self.count > 1 else 0)


@dataclass(frozen=True, slots=True, eq=False)
class Thread:
    """Edges from one mark to another. ``arrives``: by one of them a channel had it for the first time."""

    begin: Mark
    end: Mark
    edges: tuple[Edge, ...]
    arrives: bool = True

    @property
    def form(self) -> str:
        """That of the least sure of them, so that no doubt is hidden: ``unconfirmed`` if one is, ``stated`` if all are."""
        if not all(edge.confirmed for edge in self.edges):
            return "unconfirmed"
        return "stated" if all(edge.how == "stated" for edge in self.edges) else "inferred"

    @property
    def confidence(self) -> float:
        """Of the least sure of them."""
        return min(edge.confidence for edge in self.edges)


def marks(cascade: Cascade, places: Sequence[Lane], line: Timeline) -> dict[str, Mark]:
    """By id of what is seen or unseen, in order of time. An unseen origin stands a little before its first child."""
    lane_of = {channel: lane for lane in places for channel in lane.channels}
    swarms = {lane.number: _Swarm(lane, line) for lane in places if lane.shared}
    last: dict[int, Mark] = {}
    found: dict[str, Mark] = {}
    for one in cascade.seen:
        lane, x = lane_of[one.channel], line.x(one.at)
        if lane.number in swarms:
            found[one.id] = swarms[lane.number].put(one, x)
            continue
        mark = _joined(last.get(lane.number), x) or Mark(lane, x)
        mark.seen.append(one)
        last[lane.number] = found[one.id] = mark
    lost = next((lane for lane in places if lane.unseen), None)
    return found if lost is None else {**found, **_unseen(cascade, lost, found)}


class _Swarm:
    """A shared lane being filled, in order of time."""

    def __init__(self, lane: Lane, line: Timeline) -> None:
        self._lane, self._left = lane, line.left
        self._heights = [0] * max(1, int(line.width // CELL) + 1)
        self._most = max(ROWS, ceil(1.5 * lane.sightings / len(self._heights)))

    def put(self, one: Seen, x: float) -> Mark:
        """Its mark, as near to its time as there is room."""
        column = self._free(min(len(self._heights) - 1, int((x - self._left) // CELL)))
        self._heights[column] += 1
        return Mark(self._lane, self._left + (column + 0.5) * CELL, [one], row=self._heights[column] - 1)

    def _free(self, column: int) -> int:
        """The nearest column with room; of two the later."""
        return min(
            (other for other, height in enumerate(self._heights) if height < self._most),
            key=lambda other: (abs(other - column), -other),
        )


def _joined(mark: Mark | None, x: float) -> Mark | None:
    """The mark it would touch."""
    return mark if mark is not None and x - mark.x < (_WIDE if mark.count > 1 else _TOUCH) else None


def _unseen(cascade: Cascade, lane: Lane, found: dict[str, Mark]) -> dict[str, Mark]:
    origins = {one.id: one for one in cascade.unseen}
    begins: dict[str, float] = {}
    for edge in cascade.edges:
        if edge.parent in origins:
            begins[edge.parent] = min(begins.get(edge.parent, float("inf")), found[edge.child].x - 24)
    last: Mark | None = None
    told: dict[str, Mark] = {}
    for id, x in sorted(begins.items(), key=lambda pair: (pair[1], pair[0])):
        last = _joined(last, x) or Mark(lane, x)
        last.unseen.append(origins[id])
        told[id] = last
    return told


def threads(cascade: Cascade, places: dict[str, Mark]) -> list[Thread]:
    """Between different marks. Those by which a channel first had it lie on top of others, and of these the surest."""
    first = {one.channel: one.id for one in reversed(cascade.seen)}
    arrivals = set(first.values())
    between: dict[tuple[int, int], list[Edge]] = {}
    ends: dict[tuple[int, int], tuple[Mark, Mark]] = {}
    for edge in cascade.edges:
        begin, end = places[edge.parent], places[edge.child]
        if begin is not end:
            key = id(begin), id(end)
            ends[key] = begin, end
            between.setdefault(key, []).append(edge)
    found = [Thread(*ends[key], tuple(some), any(edge.child in arrivals for edge in some)) for key, some in between.items()]
    return sorted(found, key=lambda one: (one.arrives, ("unconfirmed", "inferred", "stated").index(one.form), one.confidence))

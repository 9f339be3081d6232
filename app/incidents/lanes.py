"""Who stands where in a drawn cascade: a lane for each channel, marks in it, and threads between them.

What would stand on top of each other is one mark with a count. Beyond a number of channels the later and less telling ones share
two lanes.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.incidents.timeline import Timeline
from detectors.spread.cascade import Cascade, Edge, Seen

MOST_LANES = 30
FIRST = 12
"""Of too many channels so many, the first that had it, keep a lane of their own in any case: an analyst asks for them first."""
_TOUCH = 13.0
_WIDE = 31.0
Channel = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Lane:
    """``channels``: one, or several that share it. ``outside``: external. ``unseen``: of origins nobody saw."""

    number: int
    name: str
    channels: tuple[Channel, ...]
    outside: bool
    members: int | None
    sightings: int
    unseen: bool = False


@dataclass(slots=True, eq=False)
class Mark:
    """Sightings that are drawn as one. ``unseen``: how many origins that were not seen stand here instead."""

    lane: Lane
    x: float
    seen: list[Seen] = field(default_factory=list)
    unseen: int = 0

    @property
    def count(self) -> int:
        return len(self.seen) or self.unseen

    @property
    def middle(self) -> float:
        """Several take more room to the right."""
        return self.x + (_TOUCH - 3 if self.count > 1 else 0)


@dataclass(frozen=True, slots=True, eq=False)
class Thread:
    """Edges from one mark to another."""

    begin: Mark
    end: Mark
    edges: tuple[Edge, ...]

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


def lanes(cascade: Cascade) -> list[Lane]:
    """By first sight; channels that share a lane, and origins that were not seen, come last."""
    sizes = Counter(one.channel for one in cascade.seen)
    shown = _telling(cascade, sizes)
    newest = {one.channel: one for one in cascade.seen}
    found: list[Lane] = []
    for channel in sizes:
        if channel in shown:
            one = newest[channel]
            name = one.channel_name or one.channel_id
            found.append(Lane(len(found), name, (channel,), bool(one.external), one.members, sizes[channel]))
    for outside in (True, False):
        rest = tuple(c for c in sizes if c not in shown and bool(newest[c].external) == outside)
        if rest:
            known = [one.members for c in rest if (one := newest[c]).members is not None]
            found.append(Lane(len(found), "", rest, outside, sum(known) if known else None, sum(sizes[c] for c in rest)))
    if cascade.unseen:
        found.append(Lane(len(found), "", (), False, None, len(cascade.unseen), unseen=True))
    return found


def _telling(cascade: Cascade, sizes: Counter[Channel]) -> set[Channel]:
    """All channels, or of too many the first that had it, then those where it began, from which most others had it, and that saw
    it most.
    """
    if len(sizes) <= MOST_LANES:
        return set(sizes)
    channels = {one.id: one.channel for one in cascade.seen}
    onward = Counter(channels[edge.parent] for edge in cascade.edges if edge.parent in channels)
    begins = {channels[id] for id in cascade.roots}
    early = {channel: -number for number, channel in enumerate(sizes)}
    ranked = sorted(sizes, key=lambda c: (early[c] > -FIRST, c in begins, onward[c], sizes[c], early[c]), reverse=True)
    return set(ranked[: MOST_LANES - 2])


def marks(cascade: Cascade, places: Sequence[Lane], line: Timeline) -> dict[str, Mark]:
    """By id of what is seen or unseen, in order of time. An unseen origin stands a little before its first child."""
    lane_of = {channel: lane for lane in places for channel in lane.channels}
    last: dict[int, Mark] = {}
    found: dict[str, Mark] = {}
    for one in cascade.seen:
        lane = lane_of[one.channel]
        mark = _joined(last.get(lane.number), line.x(one.at)) or Mark(lane, line.x(one.at))
        mark.seen.append(one)
        last[lane.number] = found[one.id] = mark
    lost = next((lane for lane in places if lane.unseen), None)
    return found if lost is None else {**found, **_unseen(cascade, lost, found)}


def _joined(mark: Mark | None, x: float) -> Mark | None:
    """The mark it would touch."""
    return mark if mark is not None and x - mark.x < (_WIDE if mark.count > 1 else _TOUCH) else None


def _unseen(cascade: Cascade, lane: Lane, found: dict[str, Mark]) -> dict[str, Mark]:
    ids = {one.id for one in cascade.unseen}
    begins: dict[str, float] = {}
    for edge in cascade.edges:
        if edge.parent in ids:
            begins[edge.parent] = min(begins.get(edge.parent, float("inf")), found[edge.child].x - 24)
    last: Mark | None = None
    told: dict[str, Mark] = {}
    for id, x in sorted(begins.items(), key=lambda pair: (pair[1], pair[0])):
        last = _joined(last, x) or Mark(lane, x)
        last.unseen += 1
        told[id] = last
    return told


def threads(edges: Iterable[Edge], places: dict[str, Mark]) -> list[Thread]:
    """Between different marks; the least sure first, so that the surest lie on top."""
    between: dict[tuple[int, int], list[Edge]] = {}
    ends: dict[tuple[int, int], tuple[Mark, Mark]] = {}
    for edge in edges:
        begin, end = places[edge.parent], places[edge.child]
        if begin is not end:
            key = id(begin), id(end)
            ends[key] = begin, end
            between.setdefault(key, []).append(edge)
    found = [Thread(*ends[key], tuple(some)) for key, some in between.items()]
    return sorted(found, key=lambda one: (("unconfirmed", "inferred", "stated").index(one.form), one.confidence))

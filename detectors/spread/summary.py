"""What a cascade comes to: who seems to have been first, how many it reached, how fast."""

from collections.abc import Iterable, Mapping, Sequence

from detectors.spread.cascade import OUTSIDE, Edge, First, Reach, Seen, Speed
from detectors.spread.copies import Copies, order
from detectors.spread.likely import shares


def firsts(seen: Sequence[Seen], parents: Mapping[str, Edge], copies: Copies) -> tuple[First, ...]:
    """Of every beginning the first sighting, in order of time. Of what is said to come from a message that is not among them
    nobody was seen to be first: its confidence is 0. What is no picture cannot be traced to anything but the same bytes: of
    several beginnings it is any.
    """
    unseen = {id for id, edge in parents.items() if not OUTSIDE.isdisjoint(edge.reasons)}
    there = {one.id for one in seen}
    begins = [one for one in seen if one.id in unseen or one.id not in parents or parents[one.id].parent not in there]
    tied = _tied(seen, parents)
    return tuple(_first(one, 0.0 if one.id in unseen else _share(one, copies, tied, len(begins))) for one in begins)


def _share(one: Seen, copies: Copies, tied: Mapping[str, float], beginnings: int) -> float:
    sure = _sure(one, copies) * (1 - tied.get(one.id, 0))
    return round(sure / beginnings if one.look is None else sure, 3)


def _tied(seen: Iterable[Seen], parents: Mapping[str, Edge]) -> dict[str, float]:
    """Of those that another may have come from in the same moment, or it from them, how likely it is."""
    at = {one.id: one.at for one in seen}
    found: dict[str, float] = {}
    for edge in parents.values():
        if edge.how == "inferred" and edge.child in at and at.get(edge.parent) == at[edge.child]:
            found[edge.parent] = max(edge.confidence, found.get(edge.parent, 0.0))
    return found


def _first(one: Seen, confidence: float) -> First:
    return First(one.id, one.gateway, one.sender_id, one.sender_name, confidence)


def _sure(one: Seen, copies: Copies) -> float:
    return max(0.0, 1 - sum(shares(copies.possible(one))))


def reach(seen: Iterable[Seen]) -> Reach:
    """Over all that was seen, deleted or not."""
    seen = list(seen)
    channels: dict[tuple[str, str], Seen] = {}
    for one in sorted(seen, key=order):
        channels[one.channel] = one  # the newest tells how many members it has
    known = {channel: one.members for channel, one in channels.items() if one.members is not None}
    outside = {channel for channel, one in channels.items() if one.external}
    return Reach(
        messages=len({(one.gateway, one.message_id) for one in seen}),
        channels=len(channels),
        external=len(outside),
        people=len({one.sender for one in seen}),
        members=sum(known.values()),
        external_members=sum(count for channel, count in known.items() if channel in outside),
        unknown=len(channels) - len(known),
    )


def speed(seen: Iterable[Seen]) -> Speed:
    """By the gateways' clocks."""
    ordered = sorted(seen, key=order)
    if not ordered:
        return Speed(0.0, None, None)
    begin = ordered[0].at
    reached: dict[tuple[str, str], float] = {}
    for one in ordered:
        reached.setdefault(one.channel, (one.at - begin).total_seconds())
    outside = [(one.at - begin).total_seconds() for one in ordered if one.external]
    last = max(reached.values())
    rate = (len(reached) - 1) / (last / 3600) if last > 0 else None
    return Speed((ordered[-1].at - begin).total_seconds(), rate, min(outside, default=None))

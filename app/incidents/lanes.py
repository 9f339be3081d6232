"""Who stands where in a drawn cascade: a lane for each channel.

Beyond a number of channels the later and less telling ones share two lanes, unless every channel is asked for.
"""

from collections import Counter
from dataclasses import dataclass

from app.incidents.branches import Channel, twigs
from detectors.spread.cascade import Cascade, Seen

MOST_LANES = 30
FIRST = 12
"""Of too many channels so many, the first that had it, keep a lane of their own in any case: an analyst asks for them first."""


@dataclass(frozen=True, slots=True)
class Lane:
    """``channels``: one, or several that share it. ``outside``: external. ``unseen``: of origins that are not among what
    was seen. ``depth``: in the tree of channels, where every one is drawn.
    """

    number: int
    name: str
    channels: tuple[Channel, ...]
    outside: bool
    members: int | None
    sightings: int
    unseen: bool = False
    depth: int = 0

    @property
    def shared(self) -> bool:
        return len(self.channels) > 1


def lanes(cascade: Cascade, every: bool = False) -> list[Lane]:
    """By first sight; channels that share a lane, and origins that are not among these, come last. ``every``: each channel has
    its own, those that had it from another below that.
    """
    sizes = Counter(one.channel for one in cascade.seen)
    newest = {one.channel: one for one in cascade.seen}
    if every:
        found = [_own(number, newest[t.channel], sizes[t.channel], t.depth) for number, t in enumerate(twigs(cascade))]
    else:
        shown = _telling(cascade, sizes)
        found = [_own(number, newest[c], sizes[c]) for number, c in enumerate(c for c in sizes if c in shown)]
        found += _shared([newest[c] for c in sizes if c not in shown], sizes, len(found))
    if cascade.unseen:
        found.append(Lane(len(found), "", (), False, None, len(cascade.unseen), unseen=True))
    return found


def _own(number: int, one: Seen, count: int, depth: int = 0) -> Lane:
    return Lane(number, one.channel_name or one.channel_id, (one.channel,), bool(one.external), one.members, count, depth=depth)


def _shared(rest: list[Seen], sizes: Counter[Channel], number: int) -> list[Lane]:
    """``rest``: one sighting of each channel. One of them keeps its name."""
    found: list[Lane] = []
    for outside in (True, False):
        some = [one for one in rest if bool(one.external) == outside]
        known = [one.members for one in some if one.members is not None]
        if len(some) == 1:
            found.append(_own(number + len(found), some[0], sizes[some[0].channel]))
        elif some:
            channels, members = tuple(one.channel for one in some), sum(known) if known else None
            count = sum(sizes[channel] for channel in channels)
            found.append(Lane(number + len(found), "", channels, outside, members, count))
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

"""How likely a copy came from another one: what pixels, people and time say of the two, weighed as simulated cascades taught.

A conditional logit (McFadden, 1974): of all earlier copies, and of none of them, each is the parent with a probability in
proportion to exp(sum of what speaks for it, each times its weight). It looks at two copies alone: adding a third takes away from
the probability of others but never changes their order.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import mul

from detectors.spread.cascade import Seen
from fingerprints.descent import Descent, Relation

Known = Mapping[tuple[str, str], Mapping[tuple[str, str], datetime]]
"""Of channels (gateway, channel id), the people (gateway, sender id) known to be in them, and since when."""

FEATURES = (
    "same",  # the same bytes
    "framed",  # the same border, other bytes
    "near",  # of these: how close the grids lie, octaves
    "grown",  # of these: more pixels than the parent
    "changed",  # of these: share of the grid that changed
    "unexplained",  # of others: share of the child that the parent does not show
    "unkept",  # of the parent's that the child should show and does not
    "outside",  # of the child's area that lies beyond the parent's
    "cut",  # octaves of the parent's area that are not shown
    "enlarged",  # octaves
    "reduced",  # octaves
    "same_pixels",
    "gained",  # octaves of contrast
    "lost",
    "photo",
    "astray",  # area that both have beyond the other: neither was made within the other
    "drift",  # of others: how much less what compression left in it fits than it fits the nearest copy of the parent's view
    "same_sender",
    "was_there",
    "same_channel",
    "same_gateway",
    "long",  # logarithm of the time between
    "long_squared",
    "same_outside",  # the same bytes, from another gateway: what crosses is compressed again, mostly
    "back",  # the parent is later, by another gateway's clock
    "deleted",  # the parent was deleted before
    "none",  # no parent among the copies
)
LEAST = 2.5
"""By how much none may be likelier than the best parent, and the best be drawn: several copies share what speaks for them."""
WEIGHTS: Mapping[str, float] = {
    "same": 7.853,
    "framed": -0.455,
    "near": 0.654,
    "grown": -4.883,
    "changed": -21.367,
    "unexplained": -0.829,
    "unkept": -5.108,
    "outside": -2.582,
    "cut": -0.989,
    "enlarged": -2.883,
    "reduced": -0.173,
    "same_pixels": 1.315,
    "gained": -2.388,
    "lost": -0.693,
    "photo": 0.325,
    "astray": -14.959,
    "drift": 0.238,
    "same_sender": 0.764,
    "was_there": 3.341,
    "same_channel": -7.016,
    "same_gateway": -1.009,
    "long": -0.049,
    "long_squared": -0.172,
    "same_outside": -5.484,
    "back": -2.542,
    "deleted": -0.863,
    "none": -1.688,
}
_CLOSEST = 0.003  # grey levels
_PIXEL = 0.015  # octaves


@dataclass(frozen=True, slots=True)
class Possible:
    """One possible parent of a copy. ``seconds``: later. ``people``: what people and time say. ``score``: all of it, weighed."""

    parent: Seen
    descent: Descent
    seconds: float
    people: tuple[float, ...]
    score: float

    @property
    def values(self) -> tuple[float, ...]:
        """In the order of ``FEATURES``."""
        return (*_of_pixels(self.descent), *self.people, 0.0)


NONE = tuple(float(name == "none") for name in FEATURES)
_BY = tuple(WEIGHTS[name] for name in FEATURES)
_OF_PEOPLE = _BY[FEATURES.index("same_sender") :]  # what comes before is told by pixels


def possible(child: Seen, parents: Iterable[Seen], descent: Descent, pixels: float, known: Known) -> Iterator[Possible]:
    """What speaks for each of these parents, which are the same file, and against it. ``pixels``: as ``weighed``."""
    same = descent.relation is Relation.SAME
    for parent in parents:
        seconds = max(0.0, (child.at - parent.at).total_seconds())
        people = _of_people(child, parent, known, seconds, same)
        yield Possible(parent, descent, seconds, people, pixels + math.fsum(map(mul, people, _OF_PEOPLE)))


def weighed(descent: Descent) -> float:
    """What pixels say."""
    return math.fsum(map(mul, _of_pixels(descent), _BY))


def _of_pixels(one: Descent) -> tuple[float, ...]:
    same, border = one.relation is Relation.SAME, one.apart is not None
    other = not same and not border
    return (
        float(same),
        float(border),
        -math.log2((one.apart or 0) + _CLOSEST) if border else 0.0,
        float(border and one.scale > _PIXEL),
        one.changed,
        (1 - one.explained) * other,
        (1 - one.kept) * other,
        (1 - one.inside) * other,
        -math.log2(max(one.visible, 1 / 256)) * other,
        max(0.0, one.scale - _PIXEL) * (not border),
        max(0.0, -one.scale - _PIXEL),
        float(abs(one.scale) <= _PIXEL and not same),
        max(0.0, -one.lost),
        max(0.0, one.lost),
        float(one.relation is Relation.PHOTO),
        min(1 - one.inside, 1 - one.visible) * other,
        -math.sqrt(-one.drift),
    )


def _of_people(child: Seen, parent: Seen, known: Known, seconds: float, same: bool) -> tuple[float, ...]:
    long = math.log((seconds + 20) / 600)
    own = child.sender == parent.sender
    return (
        float(own),
        float(not own and known.get(parent.channel, {}).get(child.sender, child.at) < child.at),
        float(child.channel == parent.channel),
        float(child.gateway == parent.gateway),
        long,
        long * long,
        float(same and child.gateway != parent.gateway),
        float(parent.at > child.at),
        float(parent.deleted_at is not None and parent.deleted_at < child.at),
    )


def convincing(one: Possible) -> bool:
    """Whether it is drawn: whether that there is no parent is not much likelier."""
    return one.score >= WEIGHTS["none"] - LEAST


def shares(candidates: Sequence[Possible]) -> list[float]:
    """How likely each of them is the parent; what is missing to 1 is none of them."""
    none = WEIGHTS["none"]
    most = max([none, *(one.score for one in candidates)])
    parts = [math.exp(one.score - most) for one in candidates]
    whole = sum(parts) + math.exp(none - most)
    return [part / whole for part in parts]

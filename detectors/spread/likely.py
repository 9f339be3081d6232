"""How likely a copy came from another one: what pixels, people and time say of the two, weighed as simulated cascades taught.

A conditional logit (McFadden, 1974): of all earlier copies, and of none of them, each is the parent with a probability in
proportion to exp(sum of what speaks for it, each times its weight). It looks at two copies alone: adding a third takes away from
the probability of others but never changes their order.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import mul
from typing import NamedTuple

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
_EPOCH, _MICRO = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_NOBODY: Mapping[tuple[str, str], datetime] = {}
_CLOSEST = 0.003  # grey levels
_PIXEL = 0.015  # octaves


class Post:
    """A sighting with what every question about it and another one asks."""

    __slots__ = ("channel", "deleted", "gateway", "message", "micros", "rank", "seen", "sender")

    def __init__(self, seen: Seen, rank: int) -> None:
        self.seen, self.rank, self.gateway = seen, rank, seen.gateway
        self.channel, self.sender, self.message = seen.channel, seen.sender, (seen.gateway, seen.message_id)
        self.micros = micros(seen.at)
        self.deleted = None if seen.deleted_at is None else micros(seen.deleted_at)


class Possible(NamedTuple):
    """One possible parent of a copy. ``seconds``: later. ``score``: what pixels, people and time say, weighed."""

    parent: Seen
    descent: Descent
    seconds: float
    score: float
    said: int

    @property
    def values(self) -> tuple[float, ...]:
        """In the order of ``FEATURES``."""
        flags = (float(self.said >> bit & 1) for bit in range(len(_FLAGS)))
        long = _long(self.seconds)
        told = dict(zip(_FLAGS, flags, strict=True)) | {"long": long, "long_squared": long * long}
        return (*_of_pixels(self.descent), *(told[name] for name in FEATURES[_SOCIAL:-1]), 0.0)


NONE = tuple(float(name == "none") for name in FEATURES)
_BY = tuple(WEIGHTS[name] for name in FEATURES)
_SOCIAL = FEATURES.index("same_sender")  # what comes before is told by pixels
_FLAGS = "same_sender", "was_there", "same_channel", "same_gateway", "same_outside", "back", "deleted"
_SENDER, _THERE, _CHANNEL, _GATEWAY, _OUTSIDE, _BACK, _DELETED = (1 << bit for bit in range(len(_FLAGS)))
_SAID = [[WEIGHTS[name] for bit, name in enumerate(_FLAGS) if said >> bit & 1] for said in range(1 << len(_FLAGS))]
_LONG, _LONG_SQUARED = WEIGHTS["long"], WEIGHTS["long_squared"]


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - _EPOCH) // _MICRO


def possible(child: Post, parents: Iterable[Post], descent: Descent, pixels: float, known: Known) -> Iterator[Possible]:
    """What speaks for each of these parents, which are the same file, and against it. ``pixels``: as ``weighed``."""
    same = descent.relation is Relation.SAME
    for parent in parents:
        seconds = max(0, child.micros - parent.micros) / 1_000_000
        long, said = _long(seconds), _of_people(child, parent, known, same)
        people = math.fsum((*_SAID[said], long * _LONG, long * long * _LONG_SQUARED))
        yield Possible(parent.seen, descent, seconds, pixels + people, said)


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


def _long(seconds: float) -> float:
    return math.log((seconds + 20) / 600)


def _of_people(child: Post, parent: Post, known: Known, same: bool) -> int:
    """Which of ``_FLAGS`` hold."""
    said = _CHANNEL if child.channel == parent.channel else 0
    if child.sender == parent.sender:
        said |= _SENDER
    elif known.get(parent.channel, _NOBODY).get(child.sender, child.seen.at) < child.seen.at:
        said |= _THERE
    if child.gateway == parent.gateway:
        said |= _GATEWAY
    elif same:
        said |= _OUTSIDE
    if parent.micros > child.micros:
        said |= _BACK
    if parent.deleted is not None and parent.deleted < child.micros:
        said |= _DELETED
    return said


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

"""How likely a copy came from another one: what pixels, people and time say of the two, weighed as simulated cascades taught.

A conditional logit (McFadden, 1974): of all earlier copies, and of none of them, each is the parent with a probability in
proportion to exp(sum of what speaks for it, each times its weight). It looks at two copies alone: adding a third takes away from
the probability of others but never changes their order.
"""

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from detectors.spread.cascade import Seen
from fingerprints.descent import Descent, Relation

Known = Mapping[tuple[str, str], Set[tuple[str, str]]]
"""Of channels (gateway, channel id), the people (gateway, sender id) known to be in them."""

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
    "same_sender",
    "was_there",
    "same_channel",
    "same_gateway",
    "long",  # logarithm of the time between
    "long_squared",
    "back",  # the parent is later, by another gateway's clock
    "deleted",  # the parent was deleted before
    "none",  # no parent among the copies
)
LEAST = 2.5
"""By how much none may be likelier than the best parent, and the best be drawn: several copies share what speaks for them."""
WEIGHTS: Mapping[str, float] = {
    "same": 4.0,
    "framed": 1.5,
    "near": 0.8,
    "grown": -4.0,
    "changed": -8.0,
    "unexplained": -3.0,
    "unkept": -3.0,
    "outside": -1.0,
    "cut": -0.5,
    "enlarged": -3.0,
    "reduced": -0.3,
    "same_pixels": 1.5,
    "gained": -2.0,
    "lost": -0.2,
    "photo": -0.5,
    "same_sender": 0.5,
    "was_there": 2.0,
    "same_channel": -1.0,
    "same_gateway": 0.5,
    "long": -0.5,
    "long_squared": -0.15,
    "back": -2.0,
    "deleted": -2.0,
    "none": -4.5,
}
_CLOSEST = 0.003  # grey levels
_PIXEL = 0.015  # octaves


@dataclass(frozen=True, slots=True)
class Possible:
    """One possible parent of a copy. ``seconds``: later. ``values``: in the order of ``FEATURES``."""

    parent: Seen
    descent: Descent
    seconds: float
    values: tuple[float, ...]


NONE = tuple(float(name == "none") for name in FEATURES)


def possible(child: Seen, parent: Seen, descent: Descent, known: Known) -> Possible:
    """What speaks for a parent and against it."""
    seconds = max(0.0, (child.at - parent.at).total_seconds())
    values = (*_of_pixels(descent), *_of_people(child, parent, known, seconds), 0.0)
    return Possible(parent, descent, seconds, values)


@lru_cache(maxsize=4096)
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
    )


def _of_people(child: Seen, parent: Seen, known: Known, seconds: float) -> tuple[float, ...]:
    long = math.log((seconds + 20) / 600)
    own = child.sender == parent.sender
    return (
        float(own),
        float(not own and child.sender in known.get(parent.channel, ())),
        float(child.channel == parent.channel),
        float(child.gateway == parent.gateway),
        long,
        long * long,
        float(parent.at > child.at),
        float(parent.deleted_at is not None and parent.deleted_at < child.at),
    )


def weighed(values: Sequence[float], weights: Mapping[str, float] | None = None) -> float:
    """The sum."""
    by = weights or WEIGHTS
    return sum(value * by[name] for name, value in zip(FEATURES, values, strict=True) if value)


def shares(candidates: Sequence[Possible], weights: Mapping[str, float] | None = None) -> list[float]:
    """How likely each of them is the parent; what is missing to 1 is none of them."""
    sums = [weighed(one.values, weights) for one in candidates]
    none = weighed(NONE, weights)
    most = max([none, *sums])
    parts = [math.exp(value - most) for value in sums]
    whole = sum(parts) + math.exp(none - most)
    return [part / whole for part in parts]

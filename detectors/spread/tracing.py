"""From copies that were seen to the cascade: each one's parent, stated by its gateway or sought among earlier copies."""

from collections.abc import Iterable, Mapping, Set
from datetime import timedelta

from detectors.spread.cascade import Cascade, Seen

SKEW = timedelta(minutes=2)
"""How far the clocks of two gateways may be apart."""

Channel = tuple[str, str]
Sender = tuple[str, str]


def trace(seen: Iterable[Seen], known: Mapping[Channel, Set[Sender]] | None = None) -> Cascade:
    """The cascade of these sightings, in whatever order and however often they are given.

    ``known``: of channels (gateway, channel id), people (gateway, sender id) who are in it, as far as known from elsewhere, as from
    other messages; that whoever posts in a channel is in it goes without saying.
    """
    raise NotImplementedError

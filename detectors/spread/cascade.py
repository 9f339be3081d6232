"""What is known of a picture's way through the chats: copies that were seen, and which came from which.

Plain values. A copy is a *sighting*: one inspected part of a message. Nothing here says who did wrong: the first copy seen is the
first that a watched channel held, and its sender the first who was seen to post it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args
from urllib.parse import quote

from fingerprints.descent import Relation
from fingerprints.lineage import Look
from fingerprints.types import Fingerprints

CONFIRMED = 0.6
"""Confidence below which an edge is *unconfirmed*: of those at it, three in five are right."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One sighting. Two with the same ``id`` are the same one, told twice.

    ``at``: when the message was sent, by its gateway's clock; aware. ``stated_at``: what the gateway states where that cannot
    be; then ``at`` is when we had it. ``dismissed``: found to be something else; it stays, and counts for nothing.
    ``external``, ``members``: of the channel, ``None`` unknown.
    ``forwarded_from``: channel and message id, in the same gateway, as the gateway stated it. ``digest``: SHA-256, as
    ``Observation.digest``. ``look``: ``None`` for what is no picture. ``deleted_at``: deleted or recalled in the chat; it stays.
    ``place``: which part of the message it is. ``id`` is ours: it may tell in which order messages came, and orders nothing.
    """

    id: str
    at: datetime
    gateway: str
    channel_id: str
    sender_id: str
    message_id: str
    digest: str
    prints: Fingerprints = field(repr=False)
    look: Look | None = field(default=None, repr=False)
    channel_name: str = ""
    external: bool | None = None
    members: int | None = None
    sender_name: str = ""
    forwarded_from: tuple[str, str] | None = None
    deleted_at: datetime | None = None
    place: tuple[int, str] = (0, "")
    stated_at: datetime | None = None
    dismissed: bool = False

    @property
    def channel(self) -> tuple[str, str]:
        """Gateway and channel: the same id elsewhere is another channel."""
        return self.gateway, self.channel_id

    @property
    def sender(self) -> tuple[str, str]:
        """Gateway and sender: likewise."""
        return self.gateway, self.sender_id


def spelt(id: str) -> str:
    """As a part of a longer name: gateways' ids may hold anything, so that each says where it ends."""
    return quote(id, safe="", errors="surrogatepass")


Standing = Literal["unseen", "clear", "unread", "elsewhere", "left_out"]
"""Of an origin that is not among the sightings: it was not seen; it was inspected and nothing was found; it was not inspected;
it belongs to another incident; or it is one of too many.
"""
Origins = Mapping[tuple[str, str, str], tuple[Standing, str]]
"""What is known of messages (gateway, channel id, message id) that are not among the sightings, and the other incident's id."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A message that a gateway named as an origin and that is not among the sightings. ``id`` serves as a parent's in edges.

    ``incident``: which it belongs to; ``""``, to none.
    """

    id: str
    gateway: str
    channel_id: str
    message_id: str
    standing: Standing = "unseen"
    incident: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """``child`` came from ``parent`` (ids of ``Seen``, or of an ``Unseen`` parent).

    ``how``: ``stated`` by the gateway, or ``inferred``. ``confidence``: 0..1, of all edges with 0.8 about 80 % are right; 1 for
    stated ones; less than ``CONFIRMED`` between two of the same moment, of which either may be the earlier. ``reasons``: keys
    out of ``REASONS``, the strongest first. ``others``: other possible parents and how likely each is, the likeliest first, at
    most three.
    """

    parent: str
    child: str
    how: Literal["stated", "inferred"]
    relation: Relation
    confidence: float
    reasons: tuple[str, ...] = ()
    others: tuple[tuple[str, float], ...] = ()

    @property
    def confirmed(self) -> bool:
        """Whether it is stated, or inferred with as much confidence as it takes."""
        return self.how == "stated" or self.confidence >= CONFIRMED


REASONS = (
    "stated",  # the gateway says so
    "stated_unseen",  # the gateway says so, of a message that was not seen
    "stated_clear",  # … that was inspected and in which nothing was found
    "stated_unread",  # … that was not inspected
    "stated_elsewhere",  # … that belongs to another incident
    "stated_left_out",  # … that is one of too many
    "stated_later",  # the gateway names a message that is later than this one: not followed, another was sought
    "same_moment",  # both were sent in the same moment: which of them came first is not told
    "same_bytes",
    "same_frame",  # the whole picture, compressed again
    "nearest_copy",  # of all compressed copies its grey values are nearest, be it a part of them
    "lies_within",  # all it shows is in the parent
    "shown_whole",  # it shows all of the parent, with something around
    "marks_inherited",  # what was added to the parent, or surrounds it, is there too
    "less_detail",  # the parent has more detail, or more pixels
    "same_pixels",  # at the parent's own pixel size: cut out of it
    "same_sender",  # the same person posted both
    "sender_was_there",  # the sender is known to be in the parent's channel
    "same_channel",
    "soon_after",
    "only_one",  # no other copy could be the parent
)


OUTSIDE = frozenset(f"stated_{standing}" for standing in get_args(Standing))
"""Reasons of edges that lead out of what was seen."""


@dataclass(frozen=True, slots=True)
class First:
    """Who may have been the first to post it: ``seen`` is their sighting. ``confidence``: 0..1; 0, it is stated to come from a
    message that is not among the sightings, so that they were not.
    """

    seen: str
    gateway: str
    sender_id: str
    sender_name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Reach:
    """``members``: summed over channels where they are known, each channel once; people in two channels count twice.

    ``unknown``: channels whose members are not known.
    """

    messages: int
    channels: int
    external: int
    people: int
    members: int
    external_members: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Speed:
    """``seconds``: from the first sight to the last. ``channels_per_hour``: channels after the first, over the time until the
    last of them was reached; ``None`` for one channel. ``seconds_to_external``: until an external channel had it, ``None``
    none has.
    """

    seconds: float
    channels_per_hour: float | None
    seconds_to_external: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Cascade:
    """All that was seen, in order of time (of one moment, parents first), and how it hangs together. Every sighting is the child
    of one edge at most.

    ``firsts``: the likeliest first. Deleted messages are among ``seen`` like all others. ``left_out``: later messages that are
    not, because there are too many.
    """

    seen: tuple[Seen, ...]
    unseen: tuple[Unseen, ...]
    edges: tuple[Edge, ...]
    firsts: tuple[First, ...]
    reach: Reach
    speed: Speed
    _parents: Mapping[str, Edge] = field(default_factory=dict, repr=False)
    left_out: int = 0

    @property
    def first(self) -> First | None:
        """Whoever posted what was seen first, unless it came from a message that is not among them: then nobody was."""
        return self.firsts[0] if self.firsts and not self.origin_of(self.firsts[0].seen) else None

    @property
    def counted(self) -> tuple[Seen, ...]:
        """What was seen, without what was found to be something else."""
        return tuple(one for one in self.seen if not one.dismissed)

    @property
    def beginnings(self) -> int:
        """How many there are that nothing links; what is stated to come from one unseen message begins there, once."""
        return len({origin.id if (origin := self.origin_of(one.seen)) else one.seen for one in self.firsts})

    @property
    def tied(self) -> bool:
        """Whether somebody else may have been the first in the same moment."""
        first = self.first
        return first is not None and any(e.parent == first.seen and "same_moment" in e.reasons for e in self.edges)

    def origin_of(self, id: str) -> Unseen | None:
        """The message, not among these, that a sighting is stated to come from, if it is."""
        edge = self._parents.get(id)
        if edge is None or OUTSIDE.isdisjoint(edge.reasons):
            return None
        return next(one for one in self.unseen if one.id == edge.parent)

    @property
    def roots(self) -> tuple[str, ...]:
        """Ids of sightings that came from nothing that is known."""
        return tuple(one.id for one in self.seen if one.id not in self._parents)

    @property
    def unconfirmed(self) -> tuple[Edge, ...]:
        """Edges that are less sure than ``CONFIRMED``."""
        return tuple(edge for edge in self.edges if not edge.confirmed)

    @property
    def deleted(self) -> tuple[Seen, ...]:
        """What was deleted or recalled in the chats."""
        return tuple(one for one in self.seen if one.deleted_at is not None)

    def parent_of(self, id: str) -> Edge | None:
        """The edge whose child it is."""
        return self._parents.get(id)

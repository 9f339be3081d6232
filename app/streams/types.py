"""What every stream is: records in topics, taken one by one, and done only when their effects are stored."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

MESSAGES, DEAD_LETTERS, ALERTS, REGISTRY = "messages", "dead-letters", "alerts", "registry"
TOPICS = (MESSAGES, DEAD_LETTERS, ALERTS, REGISTRY)
REPLAY = "replay"
"""The group in which dead letters are put back."""


class StreamDown(Exception):
    """The stream cannot be reached, or does not answer; trying again later may help."""


def key_of(gateway: str, channel: str) -> str:
    """The key of a channel's records."""
    return f"{gateway}/{channel}"


def split_key(key: str) -> tuple[str, str]:
    """Gateway and channel of a key. A key of somebody else's making is a gateway without channels."""
    gateway, _, channel = key.partition("/")
    return gateway, channel


@dataclass(frozen=True, slots=True)
class Record:
    """``key``: see ``key_of``. ``headers``: short words beside the value."""

    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """A record taken. ``place``: where it lies, for people.

    ``attempts``: how often it was taken, this time included, by consumers that ended without a word; ``failures``: how often it
    was given back as failed. ``fresh``: this consumer has not had it before. ``handle``: the stream's own.
    """

    record: Record
    topic: str
    place: str
    attempts: int
    failures: int = 0
    fresh: bool = True
    handle: Any = None

    def back(self, *, failed: bool) -> "Delivery":
        """The same, to be taken once more."""
        return replace(self, failures=self.failures + failed, fresh=False)


class Consumption(Protocol):
    """One consumer of one topic, in a group that shares its records.

    ``remembers``: its counts outlive a consumer that is killed.
    """

    remembers: bool

    async def take(self, seconds: float) -> Delivery | None:
        """The next record: gateways take turns, and so do the channels of each; within a channel the order is kept.

        ``None`` when none came within ``seconds``. What is taken and not done is delivered again when this consumer ends, or is
        killed. Raises StreamDown.
        """

    async def done(self, delivery: Delivery) -> None:
        """Its effects are stored: do not deliver it again. Doing it twice is harmless; a crash just after may undo it."""

    async def again(self, delivery: Delivery, *, failed: bool) -> None:
        """Deliver it again, now. ``failed``: it is to be counted as a failure; this attempt is not."""

    async def lag(self) -> int:
        """How many records are not done, about. Raises StreamDown."""


class Stream(Protocol):
    """Where topics lie."""

    async def publish(self, topic: str, record: Record) -> None:
        """Durable when it returns. Raises StreamDown."""

    async def provide(self) -> None:
        """See to it that all topics are there. Raises StreamDown."""

    async def lying(self, topic: str, group: str, since: datetime, most: int) -> list[Mapping[str, str]]:
        """Headers of records that came since then and that the group has not done, the last ones, about so many at most; none of
        them is taken. Raises StreamDown.
        """

    def consume(self, topic: str, group: str = "leakwatch") -> AbstractAsyncContextManager[Consumption]:
        """A consumer, as a context; leaving it stores what is done and gives back what is not. Raises StreamDown."""

"""Whether there is room for one more message. It is refused in time, with a moment to come back, before memory or disk give out;
who floods, a gateway or one channel in it, fills a share of the queue and leaves room to others.
"""

import asyncio
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.db import Database
from app.errors import TooMany
from app.observability import Metrics
from app.streams import repository as streams
from app.streams.fairness import fits
from app.streams.types import MESSAGES

LASTS = 1.0
"""Seconds that what was counted is believed."""
CROWDED = 1 / 3
"""So little of the queue is nobody's share too much (see ``fits``): who waits there need not be asked."""
UNTOLD = 1_000_000
"""Bytes a body is taken for that does not say how long it is, until it is read."""
QUEUE_AGAIN, DISK_AGAIN, BODIES_AGAIN = 5, 60, 1


@dataclass(frozen=True, slots=True)
class Room:
    """``queued``: most messages that wait. ``bodies``: most bytes of requests being read. ``disk``: least bytes free in any of
    ``folders``.
    """

    queued: int
    bodies: int
    disk: int
    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """How many messages waited at a moment, of whom if that matters, and the bytes that were free."""

    at: float = -LASTS
    free: float = 0
    total: int = 0
    channels: Mapping[tuple[str, str], int] = field(default_factory=dict)
    gateways: Counter[str] = field(default_factory=Counter)


class Admission:
    """One server's door."""

    def __init__(self, database: Database, metrics: Metrics, room: Room) -> None:
        self._database, self._metrics, self._room = database, metrics, room
        self._seen = Seen()
        self._looking = asyncio.Lock()
        self._reading = 0

    async def check(self, gateway: str, channel: str | None = None) -> None:
        """Raises TooMany, for a message that would wait; its channel is asked about once it is known."""
        seen = await self._look()
        if seen.free < self._room.disk:
            raise self._refused("disk", "The disk is nearly full", DISK_AGAIN)
        if seen.total >= self._room.queued:
            raise self._refused("queue", f"{self._room.queued:,} messages are waiting", QUEUE_AGAIN)
        of_gateway, of_channel = seen.gateways[gateway], seen.channels.get((gateway, channel or ""), 0)
        free = self._room.queued - seen.total
        if not fits(free, [of_gateway]):
            raise self._refused("share", f"{of_gateway:,} messages of this gateway are waiting", QUEUE_AGAIN)
        if not fits(free, [of_gateway, of_channel]):
            raise self._refused("share", f"{of_channel:,} messages of this channel are waiting", QUEUE_AGAIN)

    @asynccontextmanager
    async def body(self, length: int | None) -> AsyncIterator[None]:
        """While a body of so many bytes is read. Raises TooMany."""
        size = UNTOLD if length is None else length
        if self._reading and self._reading + size > self._room.bodies:
            raise self._refused("bodies", "Too many bodies are being read", BODIES_AGAIN)
        self._reading += size
        try:
            yield
        finally:
            self._reading -= size

    async def _look(self) -> Seen:
        async with self._looking:
            if time.monotonic() - self._seen.at >= LASTS:
                free = await asyncio.to_thread(lambda: min(map(_free, self._room.folders)))
                async with self._database.reading() as session:
                    total = await streams.waiting(session, MESSAGES, self._room.queued)
                    crowded = total >= self._room.queued * CROWDED
                    channels = await streams.waiting_by_channel(session, MESSAGES) if crowded else {}
                self._seen = Seen(time.monotonic(), free, total, channels, _by_gateway(channels))
            return self._seen

    def _refused(self, reason: str, says: str, again: int) -> TooMany:
        self._metrics.refused.labels(reason).inc()
        return TooMany(f"{says}: send this message again in {again} seconds.", reason, again)


def _free(folder: Path) -> float:
    """Bytes; of a folder that is away nobody can say: whoever writes there is told."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return float("inf")


def _by_gateway(channels: Mapping[tuple[str, str], int]) -> Counter[str]:
    found = Counter[str]()
    for (gateway, _), count in channels.items():
        found[gateway] += count
    return found

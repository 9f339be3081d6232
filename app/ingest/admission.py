"""Whether there is room for one more message. It is refused in time, with a moment to come back, before memory or disk give out;
a gateway that floods fills its own share of the queue, not that of others.
"""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.db import Database
from app.errors import TooMany
from app.observability import Metrics
from app.streams import repository as streams
from app.streams.types import MESSAGES

LASTS = 1.0
"""Seconds that what was counted is believed."""
SHARE = 0.5
"""Of the queue that one gateway may fill."""
UNTOLD = 1_000_000
"""Bytes a body is taken for that does not say how long it is, until it is read."""
QUEUE_AGAIN, DISK_AGAIN, BODIES_AGAIN = 5, 60, 1


@dataclass(frozen=True, slots=True)
class Room:
    """``queued``: most messages that wait. ``bodies``: most bytes of requests being read. ``disk``: least bytes free there."""

    queued: int
    bodies: int
    disk: int
    folder: Path


class Admission:
    """One server's door."""

    def __init__(self, database: Database, metrics: Metrics, room: Room) -> None:
        self._database, self._metrics, self._room = database, metrics, room
        self._counted: dict[str | None, tuple[float, int]] = {}
        self._counting = asyncio.Lock()
        self._reading = 0

    async def check(self, gateway: str) -> None:
        """Raises TooMany, for a message that would wait."""
        if shutil.disk_usage(self._room.folder).free < self._room.disk:
            raise self._refused("disk", "The disk is nearly full", DISK_AGAIN)
        if await self._waiting(None) >= self._room.queued:
            raise self._refused("queue", f"{self._room.queued:,} messages are waiting", QUEUE_AGAIN)
        share = int(self._room.queued * SHARE)
        if await self._waiting(gateway) >= share:
            raise self._refused("share", f"{share:,} messages of this gateway are waiting", QUEUE_AGAIN)

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

    async def _waiting(self, gateway: str | None) -> int:
        async with self._counting:
            at, count = self._counted.get(gateway, (-LASTS, 0))
            if time.monotonic() - at >= LASTS:
                async with self._database.reading() as session:
                    count = await streams.waiting(session, MESSAGES, self._room.queued, gateway)
                self._counted[gateway] = time.monotonic(), count
        return count

    def _refused(self, reason: str, says: str, again: int) -> TooMany:
        self._metrics.refused.labels(reason).inc()
        return TooMany(f"{says}: send this message again in {again} seconds.", reason, again)

"""Saves the registry when enough of it has changed, in a process of its own, so that no message waits for it.

That process starts from the last saved snapshot like any lane, applies the rest, writes, and ends; it runs when nothing else
wants the processor. What was deleted leaves the disk with the next snapshot, which is therefore made soon after a deletion,
however little else has changed; and with the lanes that lie in the files of the one before, so others take their place.
"""

import asyncio
import logging
import time
from dataclasses import replace

from app.assets.shelf import Shelf
from app.background import Working
from app.ingest.jobs import Equipment, Save
from app.ingest.lanes import Changes, Lane, Lanes

CHANGED = 500
"""So many references must have come since the last snapshot, and a ``SHARE`` of all: applying them takes seconds."""
SHARE = 0.02
REMOVED = 600.0
"""Seconds between two snapshots that are made only because something was deleted."""
APART = 0.25
"""When a lane has such a part of all in memory of its own, and it is saved, one takes its place that shares it with others."""
LOOK = 2.0
AGAIN = 300.0
"""Seconds until the next attempt after one that failed."""
IDLEST = 19
SECONDS = 1800.0
log = logging.getLogger(__name__)


class Keeper(Working):
    """Use as an async context, inside that of ``lanes``. ``enough``, ``spacing``: what ``CHANGED`` and ``REMOVED`` say."""

    def __init__(
        self,
        lanes: Lanes,
        shelf: Shelf,
        equipment: Equipment,
        changes: Changes,
        enough: int = CHANGED,
        spacing: float = REMOVED,
    ) -> None:
        self._enough, self._spacing = enough, spacing
        self._lanes, self._shelf, self._changes = lanes, shelf, changes
        self._equipment = replace(equipment, niceness=IDLEST, reads=False)
        self._not_before, self._saved = 0.0, -spacing

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                if await self._due():
                    await self.save()
            except Exception as error:
                log.exception("the registry cannot be saved", extra={"reason": str(error)})
                self._not_before = time.monotonic() + AGAIN

    async def _due(self) -> bool:
        lane = self._lanes.lanes[0]
        if not self._lanes.ready or time.monotonic() < self._not_before:
            return False
        if lane.changed >= max(self._enough, SHARE * lane.references):
            return True
        waited = time.monotonic() - self._saved >= self._spacing
        return lane.removed and waited and await self._shelf.newest() is not None

    async def save(self) -> None:
        """One snapshot at the present checkpoint in place of those before. Raises LaneError, JobError."""
        lane = Lane(-1, self._equipment)
        try:
            await lane.open()
            await lane.restore(self._shelf)
            await lane.follow(self._changes, SECONDS)
            place = await self._shelf.place(lane.checkpoint)
            if place is not None:
                await asyncio.to_thread(self._shelf.take_away, place)
                await lane.ask(Save(str(place)), SECONDS)
            await asyncio.to_thread(self._shelf.clear, place)
        finally:
            lane.close()
            await lane.gone()
        for served in self._lanes.lanes:
            served.outdated |= served.removed or self._apart(served)
            served.changed, served.removed = 0, False
        self._saved = time.monotonic()

    def _apart(self, lane: Lane) -> bool:
        return len(self._lanes.lanes) > 1 and lane.apart >= max(self._enough, APART * lane.references)

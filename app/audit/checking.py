"""Walking along the whole record, once at a time in a server: whoever asks while it is being walked is told what comes of it.

It is long, and grows: an auditor who reloads a page must not have it walked twice at once. What was found last is remembered
with its time, so that a page can tell it without walking.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from app.audit import repository
from app.audit.chain import Broken, Place
from app.audit.service import Check, verify
from app.db import Database
from app.db.models import now


@dataclass(frozen=True, slots=True)
class Checked:
    """What a walk found, and when it ended."""

    check: Check
    at: datetime


class Checking:
    """One server's. ``last``: what was found without regard to an end that was written down; ``None``: nobody asked yet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._walking: asyncio.Task[Checked] | None = None
        self.last: Checked | None = None

    async def check(self, expected: Place | None = None) -> Checked:
        """``expected``: an end that was written down earlier; it must still be there."""
        found = await self._walked()
        if expected is not None and found.check.ok and found.check.head.seq < expected.seq:
            found = await self._walked()  # it may have been written after the end that another one's walk came to
        return found if expected is None else Checked(await self._held_against(found.check, expected), found.at)

    async def _walked(self) -> Checked:
        if self._walking is None or self._walking.done():
            self._walking = asyncio.create_task(self._walk(), name="Checking")
        return await asyncio.shield(self._walking)

    async def _walk(self) -> Checked:
        check = await verify(self._database)
        self.last = Checked(check, now())
        return self.last

    async def _held_against(self, check: Check, expected: Place) -> Check:
        """As ``verify`` with an ``expected`` end finds it."""
        if check.head.seq < expected.seq:
            told = Broken(check.head.seq + 1, f"it is missing, with all up to {expected.seq}")
            return check if check.broken is not None else Check(check.head, told)
        async with self._database.reading() as session:
            entries = await repository.following(session, expected.seq - 1, 1)
        if not entries or entries[0].hash == expected.hash:
            return check
        return Check(
            Place(expected.seq - 1, entries[0].previous), Broken(expected.seq, "it is not the entry that was written down")
        )

"""Removes what was kept long enough, a little at a time, so that nobody waits for it longer than for one small transaction.

What was removed stays removed whenever this ends, and the next walk begins at the oldest again. Bytes of files follow when
blobs are swept.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from app.alerts.repository import alone
from app.audit import service as audit
from app.background import Working
from app.db import Database, Session, turn
from app.db.ids import earliest
from app.db.models import now
from app.notify import repository as outbox
from app.retention import repository
from app.sightings import repository as sightings

BATCH = 200
"""Messages or alerts of one transaction."""
PAUSE = 0.05
"""Seconds between two, at least; others have half of the time, however slow the disk is."""
AGAIN = 3600.0
DELIVERED = timedelta(days=30)
"""For so long it can be told what was delivered."""
MACHINE = audit.Actor("leakwatch", "machine")
log = logging.getLogger(__name__)

Find = Callable[[Session, str], Awaitable[list[str]]]
Forget = Callable[[Session, list[str]], Awaitable[int]]


class Cleaner(Working):
    """Use as an async context. ``clear``, ``alerts``: days that clear messages, and resolved alerts, are kept; 0: for ever.

    ``seen``: days that sightings are kept of which there is no alert; 0: not at all.
    """

    def __init__(self, database: Database, clear: int, alerts: int, seen: int = 0, again: float = AGAIN) -> None:
        self._database, self._again, self._seen = database, again, timedelta(days=seen)
        self._clear, self._alerts = timedelta(days=clear), timedelta(days=alerts)

    async def clean(self) -> tuple[int, int]:
        """Everything whose time is over; says how many clear messages and how many alerts that was. Raises DatabaseFailure."""
        messages = await clean_messages(self._database, now() - self._clear) if self._clear else 0
        alerts = await clean_alerts(self._database, now() - self._alerts) if self._alerts else 0
        await clean_outbox(self._database, now() - DELIVERED)
        await clean_sightings(self._database, now() - self._seen)
        return messages, alerts

    async def _work(self) -> None:
        while True:
            try:
                messages, alerts = await self.clean()
                if messages or alerts:
                    log.info("removed what was kept long enough", extra={"messages": messages, "alerts": alerts})
            except Exception:
                log.exception("cleaning stumbled")
            await asyncio.sleep(self._again)


async def clean_messages(database: Database, until: datetime) -> int:
    """Remove clear messages that came before that moment; says how many."""
    before = earliest("msg", until)

    async def find(session: Session, after: str) -> list[str]:
        return await repository.clear_messages(session, after, before, BATCH)

    async def forget(session: Session, ids: list[str]) -> int:
        await turn(session, "cleaning")  # several servers' cleaners may find the same
        return await repository.forget_messages(session, ids)

    return await _walk(database, find, forget)


async def clean_alerts(database: Database, until: datetime) -> int:
    """Remove alerts that were resolved, and left alone since, before that moment, and their messages; says how many.

    With them goes who decided what: that they are gone, and how many, stays in the record.
    """
    before = earliest("alr", until)

    async def find(session: Session, after: str) -> list[str]:
        return await repository.settled_alerts(session, after, before, until, BATCH)

    async def forget(session: Session, ids: list[str]) -> int:
        await alone(session)
        removed = await repository.forget_alerts(session, ids, until)
        if removed:
            await audit.record(session, MACHINE, "alerts.removed", "alerts", "", count=removed, until=until)
        return removed

    return await _walk(database, find, forget)


async def clean_sightings(database: Database, until: datetime) -> int:
    """Remove what was seen before that moment, but for what alerts are about, and what is told of messages nobody knows any more.

    Says how many sightings.
    """
    before = earliest("sgt", until)

    async def find(session: Session, after: str) -> list[str]:
        return await sightings.old(session, after, before, BATCH)

    removed = await _walk(database, find, sightings.forget)
    while True:
        async with database.writing() as session:
            if await sightings.forget_deletions(session, until, BATCH) < BATCH:
                return removed
        await asyncio.sleep(PAUSE)


async def clean_outbox(database: Database, until: datetime) -> int:
    """Remove notifications that were delivered before that moment; says how many."""
    removed = 0
    while True:
        began = time.monotonic()
        async with database.writing() as session:
            some = await outbox.forget_delivered(session, until, BATCH)
        if not some:
            return removed
        removed += some
        await asyncio.sleep(max(PAUSE, time.monotonic() - began))


async def _walk(database: Database, find: Find, forget: Forget) -> int:
    removed, after = 0, ""
    while True:
        async with database.reading() as session:
            ids = await find(session, after)
        if not ids:
            return removed
        began = time.monotonic()
        async with database.writing() as session:
            removed += await forget(session, ids)
        after = ids[-1]
        await asyncio.sleep(max(PAUSE, time.monotonic() - began))

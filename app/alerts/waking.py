"""Snoozed alerts come back by themselves."""

import asyncio
import logging

from app.alerts import repository, service
from app.background import Working
from app.db import Database
from app.db.models import now
from app.notify.service import Notices

EVERY = 2.0
BATCH = 500
log = logging.getLogger(__name__)


class Waker(Working):
    """Use as an async context. Any number of servers may have one: each alert is woken once."""

    def __init__(self, database: Database, notices: Notices, every: float = EVERY) -> None:
        self._database, self._notices, self._every = database, notices, every

    async def wake(self) -> int:
        """Every alert whose time has come; says how many. Raises DatabaseFailure."""
        woken = 0
        while await self._due():
            async with self._database.writing() as session:
                woken += await service.wake(session, self._notices, now(), BATCH)
        return woken

    async def _due(self) -> bool:
        async with self._database.reading() as session:
            return bool(await repository.due(session, now(), 1))

    async def _work(self) -> None:
        while True:
            try:
                await self.wake()
            except Exception:
                log.exception("waking stumbled")
            await asyncio.sleep(self._every)

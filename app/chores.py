"""What somebody asked for and nobody waits for at the door: done behind the requests, one at a time.

A chore is a row. Any number of servers may do those of a kind. Who is at one keeps saying so; when no sign of life came for
``LEASE`` seconds, its server is gone.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

from app.background import Working, end, signalled
from app.db import Database, DatabaseFailure, Session
from app.ingest.jobs import JobError, LaneError

LEASE = 60.0
LOOK = 2.0
AGAIN = 10.0
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
log = logging.getLogger(__name__)


class Chores(Protocol[R_co]):
    """The rows of one kind. ``seconds``: how long a sign of life is good for."""

    async def waiting(self, session: Session) -> str | None:
        """The one that nobody is at and that waits longest."""

    async def claim(self, session: Session, ident: str, seconds: float) -> R_co | None:
        """Take it up; of two that try one is told ``None``."""

    async def keep(self, session: Session, ident: str, seconds: float) -> None:
        """A sign of life."""

    async def finish(self, session: Session, ident: str, status: str, reason: str | None = None) -> None:
        """``done`` or ``failed``, if it runs."""

    async def drop(self, session: Session, ident: str, *, stumbled: bool) -> None:
        """Its server ends, or ``stumbled`` over it."""


class Doing(Working, Generic[R]):
    """Use as an async context, inside that of the lanes."""

    def __init__(self, database: Database, chores: Chores[R]) -> None:
        self._database, self._chores = database, chores
        self._came = asyncio.Event()

    def wake(self) -> None:
        """That one was asked for."""
        self._came.set()

    async def _do(self, row: R) -> None:
        """To its end. Raises JobError, LaneError: it failed, and nobody need try again; DatabaseFailure."""
        raise NotImplementedError

    async def _work(self) -> None:
        while True:
            try:
                if await self._next():
                    continue
            except Exception:
                log.exception("%s stumbled", type(self).__name__)
                await asyncio.sleep(AGAIN)
            self._came.clear()
            await signalled(self._came, LOOK)

    async def _next(self) -> bool:
        """Do the one that waits longest; whether there was one. Raises DatabaseFailure."""
        async with self._database.reading() as session:
            ident = await self._chores.waiting(session)
        if ident is None:
            return False
        async with self._database.writing() as session:
            row = await self._chores.claim(session, ident, LEASE)
        if row is not None:
            keeping = asyncio.create_task(self._keep(ident))
            try:
                await self._done(ident, row)
            finally:
                await end([keeping])
        return True

    async def _done(self, ident: str, row: R) -> None:
        try:
            await self._do(row)
        except (JobError, LaneError) as error:
            await self._finish(ident, "failed", str(error))
        except BaseException as error:
            with suppress(DatabaseFailure):
                async with self._database.writing() as session:
                    await self._chores.drop(session, ident, stumbled=not isinstance(error, asyncio.CancelledError))
            raise
        else:
            await self._finish(ident, "done")

    async def _finish(self, ident: str, status: str, reason: str | None = None) -> None:
        async with self._database.writing() as session:
            await self._chores.finish(session, ident, status, reason)

    async def _keep(self, ident: str) -> None:
        while True:
            await asyncio.sleep(LEASE / 3)
            try:
                async with self._database.writing() as session:
                    await self._chores.keep(session, ident, LEASE)
            except DatabaseFailure as error:
                log.warning("a chore gives no sign of life: %s", error)

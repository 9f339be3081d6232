"""Stores what gateways post, together: messages that come while others are being stored share the next transaction, so that a
crowd shares the price of a commit and nobody alone waits for company (group commit, DeWitt et al. 1984).
"""

import asyncio
from collections import deque
from types import TracebackType
from typing import Self

from app.db import Database, DatabaseFailure
from app.db.models import MessageRow
from app.ingest import service
from app.ingest.codec import Posted

MOST = 64
"""Messages of one transaction."""
Answer = tuple[MessageRow, bool]
Waiting = tuple[Posted, "asyncio.Future[Answer]"]


class Accepting:
    """Use as an async context; leaving it waits for what is being stored."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[Waiting] = deque()
        self._working: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._working is not None:
            await self._working

    async def accept(self, posted: Posted) -> Answer:
        """See ``service.accept_all``: durable when it returns. What is wrong with one message costs no other."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((posted, answer))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work(), name="accepting")
        return await answer

    async def _work(self) -> None:
        while self._waiting:
            some = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            try:
                await self._store(some)
            except DatabaseFailure as error:
                _fail(some, error)
            except Exception:
                for one in some:
                    await self._store_alone(one)

    async def _store(self, some: list[Waiting]) -> None:
        async with self._database.writing() as session:
            rows = await service.accept_all(session, [posted for posted, _ in some])
        for (_, answer), told in zip(some, rows, strict=True):
            if not answer.done():
                answer.set_result(told)

    async def _store_alone(self, one: Waiting) -> None:
        try:
            await self._store([one])
        except Exception as error:
            _fail([one], error)


def _fail(some: list[Waiting], error: Exception) -> None:
    for _, answer in some:
        if not answer.done():
            answer.set_exception(error)

"""Takes notifications out of the outbox and has them delivered. A claim that nobody ends expires, so each is delivered at least
once; receivers tell a repeated one by its id.
"""

import asyncio
import json
import logging
import random
from collections.abc import Callable, Mapping
from datetime import datetime

from app.background import end
from app.db import Database, Session
from app.db.models import OutboxRow, now
from app.notify import repository
from app.notify.patience import backoff, is_hopeless
from app.notify.senders import Notification, Passing, Permanent, Sender
from app.observability import Metrics

POLL = 1.0
AT_ONCE = 8
"""Deliveries under way at one sender."""
DEADLINE = 20.0
"""Seconds an attempt may take: well within its lease."""
GRACE = 3.0
"""Seconds that attempts under way are given when delivery ends."""
log = logging.getLogger(__name__)


class Delivery:
    """Use as an async context that delivers until it ends, or call ``deliver_due``. ``senders``: by the name that rows have."""

    def __init__(
        self,
        database: Database,
        senders: Mapping[str, Sender],
        metrics: Metrics,
        clock: Callable[[], datetime] = now,
        chance: Callable[[], float] = random.random,
        deadline: float = DEADLINE,
    ) -> None:
        self._database, self._senders, self._metrics = database, senders, metrics
        self._clock, self._chance, self._deadline = clock, chance, deadline
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Delivery":
        self._tasks = {asyncio.create_task(self._keep_on(name)) for name in self._senders}
        return self

    async def __aexit__(self, *_: object) -> None:
        await end(self._tasks)

    async def deliver_due(self) -> int:
        """Until nothing is due any more; says how many failed for good."""
        return sum(await asyncio.gather(*(self._due(name) for name in self._senders)))

    async def _keep_on(self, name: str) -> None:
        while True:
            try:
                await self._due(name)
            except Exception:
                log.exception("delivery stumbled", extra={"sender": name})
            await asyncio.sleep(POLL)

    async def _due(self, name: str) -> int:
        """Each sender by itself: one that hangs delays no other."""
        failed, under_way = 0, set[asyncio.Task[bool]]()
        try:
            while True:
                claimed = await self._claim(name, AT_ONCE - len(under_way))
                under_way |= {asyncio.create_task(self._deliver(row)) for row in claimed}
                if not under_way:
                    return failed
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                failed += sum([task.result() for task in done])
        finally:
            await _finish(under_way)

    async def _claim(self, name: str, most: int) -> list[OutboxRow]:
        async with self._database.reading() as session:
            seqs = await repository.waiting(session, name, self._clock(), most)
        if not seqs:
            return []
        async with self._database.writing() as session:
            return await repository.claim(session, seqs, self._clock())

    async def _deliver(self, row: OutboxRow) -> bool:
        """One attempt, and its outcome recorded; whether it failed for good."""
        try:
            failure = await self._attempt(row)
        except asyncio.CancelledError:
            async with self._database.writing() as session:
                await repository.postpone(session, row, self._clock(), "interrupted")
            raise
        async with self._database.writing() as session:
            outcome = await self._record(session, row, failure)
        self._metrics.notifications.labels(row.sender, outcome).inc()
        told = {"id": row.id, "sender": row.sender, "alert": row.alert_id, "attempt": row.attempts}
        log.log(logging.WARNING if failure else logging.INFO, outcome, extra=told | ({"reason": str(failure)} if failure else {}))
        return outcome == "failed"

    async def _attempt(self, row: OutboxRow) -> Passing | Permanent | None:
        body = json.dumps(row.body, separators=(",", ":")).encode()
        try:
            async with asyncio.timeout(self._deadline):
                await self._senders[row.sender].send(Notification(row.id, row.event, row.alert_id, body))
        except (Passing, Permanent) as failure:
            return failure
        except TimeoutError:
            return Passing(f"no answer within {self._deadline:g} seconds")
        except Exception as error:
            return Passing(f"unforeseen: {type(error).__name__}")
        return None

    async def _record(self, session: Session, row: OutboxRow, failure: Passing | Permanent | None) -> str:
        at = self._clock()
        if failure is None:
            await repository.delivered(session, row, at)
            return "delivered"
        if isinstance(failure, Permanent) or is_hopeless(row.attempts, at - row.created_at):
            await repository.give_up(session, row, str(failure))
            return "failed"
        wait = backoff(row.attempts, self._chance())
        await repository.postpone(session, row, at + max(wait, failure.after or wait), str(failure))
        return "postponed"


async def _finish(under_way: set[asyncio.Task[bool]]) -> None:
    if under_way:
        await asyncio.wait(under_way, timeout=GRACE)
        await end(under_way)

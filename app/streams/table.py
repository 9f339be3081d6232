"""A stream in the database: nothing else to install, and as durable as the rest of the truth.

One group a topic: what one of its consumers has done is deleted. A consumer that is killed gives its records back when their
lease ends; one that knows it is the only one of its name takes them up again at once.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from app.background import end, signalled
from app.db import Database, DatabaseFailure, Session
from app.db.models import StreamRow
from app.streams import repository
from app.streams.types import Delivery, Record, StreamDown

POLL = 0.5
"""Seconds after which records of other processes are noticed; of this one's ``wake`` tells."""
COUNTED = 1_000_000
log = logging.getLogger(__name__)


class TableStream:
    """``claimant``: a name that no other living process has, and this one's successor will."""

    def __init__(self, database: Database, claimant: str | None = None) -> None:
        self._database, self._claimant = database, claimant
        self._consumptions: set[TableConsumption] = set()

    async def publish(self, topic: str, record: Record) -> None:
        """See ``Stream``; what is to be published together with other rows goes through ``repository.publish``."""
        try:
            async with self._database.writing() as session:
                await repository.publish(session, topic, record)
        except DatabaseFailure as error:
            raise StreamDown("the database does not answer") from error
        self.wake()

    def wake(self) -> None:
        """Records were published in a transaction of this process."""
        for consumption in self._consumptions:
            consumption.came.set()

    async def provide(self) -> None:
        """See ``Stream``: they are."""

    async def lying(self, topic: str, group: str, since: datetime, most: int) -> list[Mapping[str, str]]:  # noqa: ARG002
        """See ``Stream``."""
        try:
            async with self._database.reading() as session:
                return list(await repository.lying(session, topic, since, most))
        except DatabaseFailure as error:
            raise StreamDown("the database does not answer") from error

    @asynccontextmanager
    async def consume(self, topic: str, group: str = "leakwatch") -> AsyncIterator["TableConsumption"]:  # noqa: ARG002
        """See ``Stream``."""
        claimant = f"{self._claimant}:{topic}" if self._claimant else secrets.token_hex(8)
        consumption = TableConsumption(self._database, topic, claimant)
        if self._claimant:
            async with self._database.writing() as session:
                await repository.release_all(session, claimant)
        keeping = asyncio.create_task(consumption.keep(), name=f"leases-{topic}")
        self._consumptions.add(consumption)
        try:
            yield consumption
        finally:
            self._consumptions.discard(consumption)
            await end([keeping])
            await consumption.close()


class TableConsumption:
    """See ``Consumption``."""

    remembers = True

    def __init__(self, database: Database, topic: str, claimant: str) -> None:
        self._database, self._topic, self._claimant = database, topic, claimant
        self.came = asyncio.Event()
        self._gateway = ""
        self._held: set[int] = set()
        self._done: set[int] = set()

    async def take(self, seconds: float) -> Delivery | None:
        """See ``Consumption``."""
        return next(iter(await self.take_some(1, seconds)), None)

    async def take_some(self, most: int, seconds: float) -> list[Delivery]:
        """Up to so many of one gateway's records, in their turn; none when none came within ``seconds``. Raises StreamDown."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            self.came.clear()
            taken = await self._claimed(most)
            left = deadline - asyncio.get_running_loop().time()
            if taken or left <= 0:
                return taken
            await signalled(self.came, min(left, POLL))

    async def claim(self, ident: str) -> Delivery | None:
        """One certain record, before its turn. ``None``: it is claimed, or done."""
        async with self._transaction() as session:
            rows = await repository.claim(session, self._topic, ident, self._claimant)
        return next(iter(self._taken(rows)), None)

    async def done(self, delivery: Delivery) -> None:
        """See ``Consumption``: removed with the next claim, or shortly."""
        self._held.discard(delivery.handle)
        self._done.add(delivery.handle)

    async def again(self, delivery: Delivery, *, failed: bool) -> None:
        """See ``Consumption``. When the database does not answer, its lease ends by itself."""
        self._held.discard(delivery.handle)
        try:
            async with self._transaction() as session:
                await repository.release(session, delivery.handle, self._claimant, failed=failed)
        except StreamDown as error:
            log.warning("a record is given back late", extra={"place": delivery.place, "reason": str(error)})
        self.came.set()

    async def lag(self) -> int:
        """See ``Consumption``."""
        async with self._transaction() as session:
            return await repository.waiting(session, self._topic, COUNTED)

    async def keep(self) -> None:
        """Prolong leases, and remove what is done, until cancelled."""
        while True:
            await asyncio.sleep(repository.LEASE / 4)
            try:
                async with self._transaction() as session:
                    await repository.extend(session, self._held, self._claimant)
            except StreamDown as error:
                log.warning("leases are not prolonged", extra={"topic": self._topic, "reason": str(error)})

    async def close(self) -> None:
        """Remove what is done and give back the rest, if the database lets it."""
        held, self._held = self._held, set()
        try:
            async with self._transaction() as session:
                for ident in held:
                    await repository.release(session, ident, self._claimant, failed=False)
        except StreamDown as error:
            log.warning("records are given back late", extra={"topic": self._topic, "reason": str(error)})

    async def _claimed(self, most: int) -> list[Delivery]:
        if not self._done and not await self._somebody_waits():
            return []
        async with self._transaction() as session:
            gateway = await repository.next_gateway(session, self._topic, self._gateway)
            if gateway is None:
                return []
            rows = await repository.claim_next(session, self._topic, gateway, self._claimant, most)
        self._gateway = gateway
        return self._taken(rows)

    async def _somebody_waits(self) -> bool:
        try:
            async with self._database.reading() as session:
                return await repository.next_gateway(session, self._topic, "") is not None
        except DatabaseFailure as error:
            raise StreamDown("the database does not answer") from error

    def _taken(self, rows: list[StreamRow]) -> list[Delivery]:
        self._held.update(row.id for row in rows)
        return [self._delivery(row) for row in rows]

    def _delivery(self, row: StreamRow) -> Delivery:
        place = f"{self._topic}@{row.id}"
        return Delivery(repository.record_of(row), self._topic, place, row.attempts, row.failures, handle=row.id)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Session]:
        """Whatever is done leaves with the next transaction, whichever it is."""
        done = set(self._done)
        try:
            async with self._database.writing() as session:
                if done:
                    await repository.remove(session, done)
                yield session
        except DatabaseFailure as error:
            raise StreamDown("the database does not answer") from error
        self._done -= done

"""Takes messages from a stream, has them inspected, records what was found. Nothing is lost: until the transaction that stores a
verdict (or openly gives up), the stream delivers the message again; a verdict that is there already is never reached twice.
"""

import asyncio
import logging
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.background import end, signalled
from app.blobs.reading import at_hand
from app.blobs.types import Blobs, BlobsDown
from app.blobs.waiting import Waiting
from app.db import Database, DatabaseFailure
from app.db.models import MessageRow
from app.ingest import repository, service
from app.ingest.deaths import Deaths
from app.ingest.envelope import Undecodable, unpack, unseal
from app.ingest.jobs import Inspected, JobError, LaneError, Priority
from app.ingest.lanes import Lanes
from app.ingest.service import Due
from app.notify.service import Notices
from app.observability import Metrics
from app.streams.table import TableConsumption
from app.streams.types import Consumption, Delivery
from app.uploads import Bounds

POLL = 1.0
ATTEMPTS = 2
"""A message whose process died or took too long is tried once more, then given up."""
RESTARTS = 10
"""So many attempts without an outcome mean that the message ends the whole server."""
WAIT = 0.3
"""Seconds after which a verdict that another process records is noticed by whoever waits for it."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """How messages are taken. ``window``: how far back a sender is listened to; ``folder``: for what is being opened;
    ``notices``: who is told.
    """

    window: timedelta
    bounds: Bounds
    folder: Path
    notices: Notices


class Consumer:
    """Use as an async context, inside that of ``lanes``. ``source``: what is consumed; ``None``: only what is hurried.

    ``accepted``: where the API's own messages wait, so that one may be taken before its turn.
    """

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        lanes: Lanes,
        metrics: Metrics,
        terms: Terms,
        deaths: Deaths,
        source: Consumption | None,
        accepted: TableConsumption | None = None,
    ) -> None:
        self._database, self._blobs, self._lanes, self._metrics = database, blobs, lanes, metrics
        self._terms, self._deaths, self._source, self._accepted = terms, deaths, source, accepted
        self._waiters: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = Waiting()

    async def __aenter__(self) -> "Consumer":
        if self._source is not None:
            for _ in range(len(self._lanes.lanes) + 1):
                self._spawn(self._consume(self._source))
        return self

    async def __aexit__(self, *_: object) -> None:
        await end(self._tasks)

    @property
    def trouble(self) -> str | None:
        """Why nothing is taken at present, or something that was taken waits."""
        return self._deaths.trouble or self._waiting.trouble

    async def hurry(self, message_id: str) -> None:
        """Have an accepted message inspected before all others; returns at once."""
        delivery = await self._accepted.claim(message_id) if self._accepted else None
        if delivery is not None and self._accepted is not None:
            self._spawn(self._handle(self._accepted, delivery, Priority.CHECK))
        elif self._source is not self._accepted:
            self._spawn(self._attempt(message_id))

    async def _attempt(self, message_id: str) -> None:
        """Ahead of its turn. If that fails, its turn comes all the same."""
        try:
            await self._inspect(message_id, Priority.CHECK)
        except (JobError, LaneError, BlobsDown) as error:
            log.warning("a message could not be hurried", extra={"id": message_id, "reason": str(error)})

    async def wait(self, message_id: str, seconds: float) -> None:
        """Until the message is done or failed, or ``seconds`` are over. Whether it is, the database says."""
        deadline = asyncio.get_running_loop().time() + seconds
        told = asyncio.Event()
        self._waiters[message_id].add(told)
        try:
            while await self._is_queued(message_id):
                left = deadline - asyncio.get_running_loop().time()
                if left <= 0 or told.is_set():
                    break
                await signalled(told, min(left, WAIT))
        finally:
            self._waiters[message_id].discard(told)
            if not self._waiters[message_id]:
                del self._waiters[message_id]

    async def _is_queued(self, message_id: str) -> bool:
        async with self._database.reading() as session:
            row = await repository.get(session, message_id)
        return row is not None and row.status == "queued"

    def _spawn(self, work: "asyncio._CoroutineLike[None]") -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _consume(self, source: Consumption) -> None:
        while True:
            try:
                async with self._deaths.turn():
                    delivery = await source.take(POLL)
                    if delivery is not None:
                        await self._handle(source, delivery, Priority.BACKLOG)
            except Exception:
                log.exception("consumer stumbled")
                await asyncio.sleep(POLL)

    async def _handle(self, source: Consumption, delivery: Delivery, priority: Priority) -> None:
        """One delivery, to its end or back to where it came from. A fault that is not the message's own costs it no attempt."""
        try:
            with self._waiting.attempt(delivery.place):
                over = await self._over(source, delivery, priority)
            if over:
                await source.done(delivery)
            else:
                await source.again(delivery, failed=True)
        except asyncio.CancelledError:
            await source.again(delivery, failed=False)
            raise
        except BlobsDown as error:
            log.warning("a message waits for the store of files", extra={"place": delivery.place, "reason": str(error)})
            await self._later(source, delivery)
        except Exception:
            log.exception("a message is put back", extra={"place": delivery.place, "attempt": delivery.attempts})
            await self._later(source, delivery)

    async def _later(self, source: Consumption, delivery: Delivery) -> None:
        await asyncio.sleep(POLL)
        await source.again(delivery, failed=False)

    async def _over(self, source: Consumption, delivery: Delivery, priority: Priority) -> bool:
        """Whether the message has come to its end."""
        try:
            row, counted, due = await self._admitted(source, delivery)
        except Undecodable as error:
            await self._deaths.bury(delivery, error.code, error.detail)
            return True
        if row.status != "queued":
            return True
        attempts = max(delivery.attempts, counted)
        if attempts > RESTARTS:
            return await self._give_up(delivery, row.id, f"given up after {attempts - 1} attempts that ended with the server")
        try:
            await self._inspect(row.id, priority, due)
        except (JobError, LaneError) as error:
            log.warning("inspection failed", extra={"id": row.id, "failures": delivery.failures, "reason": str(error)})
            self._metrics.failures.labels(error.code).inc()
            return delivery.failures + 1 >= ATTEMPTS and await self._give_up(delivery, row.id, str(error))
        except asyncio.CancelledError:
            await self._forgive(row.id, counted)
            raise
        self._deaths.survived()
        return True

    async def _forgive(self, message_id: str, counted: int) -> None:
        """That this consumer is told to end is not held against the message."""
        if counted:
            with suppress(DatabaseFailure):
                async with self._database.writing() as session:
                    await repository.count_attempt(session, message_id, -1)

    async def _admitted(self, source: Consumption, delivery: Delivery) -> tuple[MessageRow, int, Due | None]:
        """The message of a delivery, how often it was taken up (0 if its stream counts itself), and what to inspect, if it is
        known by now. Raises Undecodable.
        """
        message = unseal(delivery.record)
        counting = delivery.fresh and not source.remembers
        async with self._database.reading() as session:
            row = await repository.find(session, message.gateway, message.message_id)
            again = "replayed" in delivery.record.headers and row is not None and row.status == "failed"
            if row is not None and not again and (row.status != "queued" or not counting):
                return row, 0, await service.due(session, row.id, self._terms.window)
        files = await unpack(message, self._blobs, self._terms.folder, self._terms.bounds)
        async with self._database.writing() as session:
            row, counted = await service.admit(session, message, files, counting=counting, again=again)
            return row, counted, await service.due(session, row.id, self._terms.window)

    async def _inspect(self, message_id: str, priority: Priority, due: Due | None = None) -> None:
        """``due``: what to inspect, if it was looked up already. Raises JobError, LaneError; BlobsDown."""
        if due is None:
            async with self._database.reading() as session:
                due = await service.due(session, message_id, self._terms.window)
        if due is None:
            return
        try:
            async with at_hand(self._blobs, [file.sha256 for file in due.files]) as paths:
                found = await self._lanes.run(due.job(paths), priority)
        except FileNotFoundError:
            raise JobError("missing_blob", "a file of the message is not among the blobs any more") from None
        await self._record(message_id, found)

    async def _record(self, message_id: str, found: Inspected) -> None:
        pictures = {place: await asyncio.to_thread(self._blobs.put, data) for place, data in found.pictures.items()}
        async with self._database.writing() as session:
            verdict = await service.record(session, message_id, found, pictures, self._terms.notices)
        if verdict is not None:
            self._metrics.verdicts.labels(verdict["verdict"]).inc()
            self._metrics.excused.inc(len(verdict["excused"]))
            self._metrics.inspecting.observe(verdict["elapsed_ms"] / 1000)
            log.info("inspected", extra={"id": message_id, "verdict": verdict["verdict"], "alert": verdict["alert_id"]})
        self._tell(message_id)

    async def _give_up(self, delivery: Delivery, message_id: str, reason: str) -> bool:
        await self._deaths.bury(delivery, "inspection_failed", reason)
        async with self._database.writing() as session:
            await service.fail(session, message_id, reason)
        self._tell(message_id)
        return True

    def _tell(self, message_id: str) -> None:
        for waiter in self._waiters.get(message_id, ()):
            waiter.set()

"""Takes messages out of the queue, has them inspected, records what was found. Nothing is lost: until the transaction that
stores a verdict (or openly gives up), the message stays in the queue.
"""

import asyncio
import logging
from collections import defaultdict
from datetime import timedelta

from app.background import end, signalled
from app.blobs import GRACE, Blobs
from app.db import Database
from app.ingest import repository, service
from app.ingest.jobs import Inspected, JobError, LaneError, Priority
from app.ingest.lanes import Lanes
from app.notify.service import Notices
from app.observability import Metrics

POLL = 1.0
SWEEP = 300.0
ATTEMPTS = 2
"""A message whose process died or took too long is tried once more, then given up."""
RESTARTS = 5
"""So many claims without an outcome mean that the message ends the whole server."""
log = logging.getLogger(__name__)


class Consumer:
    """Use as an async context, inside that of ``lanes``. ``window``: seconds that a sender is listened to before a message."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        lanes: Lanes,
        metrics: Metrics,
        patience: float,
        window: float,
        notices: Notices,
    ) -> None:
        self._notices = notices
        self._database, self._blobs, self._lanes, self._metrics = database, blobs, lanes, metrics
        self._window = timedelta(seconds=window)
        self._visibility = timedelta(seconds=patience * ATTEMPTS)
        self._work = asyncio.Event()
        self._waiters: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Consumer":
        async with self._database.writing() as session:
            await repository.release(session)
        for _ in range(len(self._lanes.lanes) + 1):
            self._spawn(self._consume())
        self._spawn(self._sweep())
        return self

    async def __aexit__(self, *_: object) -> None:
        await end(self._tasks)

    def wake(self) -> None:
        """A message was queued."""
        self._work.set()

    async def hurry(self, message_id: str) -> None:
        """Have a queued message inspected before all others; returns at once."""
        attempts = await self._claim(message_id)
        if attempts is not None:
            self._spawn(self._process(message_id, attempts, Priority.CHECK))

    async def wait(self, message_id: str, seconds: float) -> None:
        """Until the message is done or failed, or ``seconds`` are over. Whether it is, the database says."""
        told = asyncio.Event()
        self._waiters[message_id].add(told)
        try:
            async with self._database.reading() as session:
                row = await repository.get(session, message_id)
            if row is not None and row.status == "queued":
                await signalled(told, seconds)
        finally:
            self._waiters[message_id].discard(told)
            if not self._waiters[message_id]:
                del self._waiters[message_id]

    def _spawn(self, work: "asyncio._CoroutineLike[None]") -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _consume(self) -> None:
        while True:
            try:
                if not await self._one():
                    self._work.clear()
                    await signalled(self._work, POLL)
            except Exception:
                log.exception("consumer stumbled")
                await asyncio.sleep(POLL)

    async def _one(self) -> bool:
        async with self._database.reading() as session:
            message_id = await repository.next_waiting(session)
        if message_id is None:
            return False
        attempts = await self._claim(message_id)
        if attempts is not None:
            await self._process(message_id, attempts, Priority.BACKLOG)
        return True

    async def _claim(self, message_id: str) -> int | None:
        async with self._database.writing() as session:
            return await repository.claim(session, message_id, self._visibility)

    async def _process(self, message_id: str, attempts: int, priority: Priority) -> None:
        try:
            if attempts > RESTARTS:
                await self._give_up(message_id, f"given up after {attempts - 1} attempts that ended with the server")
                return
            async with self._database.reading() as session:
                job = await service.job(session, self._blobs, message_id, self._window)
            if job is not None:
                await self._record(message_id, await self._lanes.run(job, priority))
        except (JobError, LaneError) as error:
            await self._failed(message_id, attempts, error)
        except asyncio.CancelledError:
            await self._put_back(message_id, attempted=False)
            raise
        except Exception:
            log.exception("verdict not recorded", extra={"id": message_id, "attempt": attempts})
            await asyncio.sleep(POLL)
            await self._put_back(message_id, attempted=True)

    async def _record(self, message_id: str, found: Inspected) -> None:
        pictures = {place: await asyncio.to_thread(self._blobs.put, data) for place, data in found.pictures.items()}
        async with self._database.writing() as session:
            verdict = await service.record(session, message_id, found, pictures, self._notices)
        if verdict is not None:
            self._metrics.verdicts.labels(verdict["verdict"]).inc()
            self._metrics.excused.inc(len(verdict["excused"]))
            self._metrics.inspecting.observe(verdict["elapsed_ms"] / 1000)
            log.info("inspected", extra={"id": message_id, "verdict": verdict["verdict"], "alert": verdict["alert_id"]})
        self._tell(message_id)

    async def _failed(self, message_id: str, attempts: int, error: JobError | LaneError) -> None:
        log.warning("inspection failed", extra={"id": message_id, "attempt": attempts, "reason": str(error)})
        self._metrics.failures.labels(error.code).inc()
        if attempts >= ATTEMPTS:
            await self._give_up(message_id, str(error))
            return
        await self._put_back(message_id, attempted=True)
        self.wake()

    async def _give_up(self, message_id: str, reason: str) -> None:
        async with self._database.writing() as session:
            await service.fail(session, message_id, reason)
        self._tell(message_id)

    async def _put_back(self, message_id: str, attempted: bool) -> None:
        async with self._database.writing() as session:
            await repository.release(session, message_id, attempted=attempted)

    def _tell(self, message_id: str) -> None:
        for waiter in self._waiters.get(message_id, ()):
            waiter.set()

    async def _sweep(self) -> None:
        """Remove blobs that no row names."""
        while True:
            try:
                await sweep(self._database, self._blobs)
            except Exception:
                log.exception("sweep stumbled")
            await asyncio.sleep(SWEEP)


async def sweep(database: Database, blobs: Blobs, grace: float = GRACE) -> int:
    """Remove blobs older than ``grace`` seconds that no row names; says how many."""
    removed = 0
    await asyncio.to_thread(blobs.tidy, grace)
    for keys in await asyncio.to_thread(lambda: list(blobs.old(grace))):
        async with database.reading() as session:
            named = await repository.named(session, keys)
        removed += await asyncio.to_thread(blobs.remove, [key for key in keys if key not in named], grace)
    return removed

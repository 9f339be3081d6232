"""Detection processes, as the server sees them. Each *lane* is one process with its own live registry, doing one job at a time.

Before every job a lane is brought to the registry's present checkpoint, so a verdict never misses what was registered
before its message was taken up, whichever process registered it. Idle lanes look every ``IDLE`` seconds.
A lane that dies or takes too long is replaced; the others do not notice.
"""

import asyncio
import itertools
import logging
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from app.assets.shelf import Shelf
from app.background import end
from app.db import DatabaseFailure
from app.ingest.jobs import Apply, Equipment, Job, JobError, LaneError, Load, Priority, StoredAsset
from app.ingest.lane import HEADER
from app.settings import lane_environment

IDLE = 0.5
START_TIMEOUT = 120.0
RETRY_AFTER = 2.0
Changes = Callable[[int], AsyncIterator[StoredAsset]]
"""Registry changes after a checkpoint, in order."""
R = TypeVar("R")
log = logging.getLogger(__name__)


class Lane:
    """One detection process.

    ``references``: how many it knows, about. ``apart``: how many of them came since it began, into memory of its own;
    ``changed``: how many are in no saved snapshot; ``removed``: whether a saved snapshot may hold what is gone. ``outdated``:
    whether another is to take its place that begins with what was saved meanwhile; ``successor``: that one, once it is ready.
    """

    def __init__(self, number: int, equipment: Equipment) -> None:
        self.number = number
        self.checkpoint = self.references = self.changed = self.apart = 0
        self.removed = self.current = self.outdated = False
        self.successor: Lane | None = None
        self._equipment = equipment
        self._process: Process | None = None
        self._closed = True
        self._wary = False

    @property
    def alive(self) -> bool:
        return not self._closed and self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self.alive else None

    async def open(self) -> None:
        """Start the process and wait until it can work. Raises LaneError, JobError."""
        self.close()
        self.checkpoint = self.references = self.changed = self.apart = 0
        self.removed = self.outdated = self._closed = False
        command = (sys.executable, "-m", "app.ingest.lane")
        self._process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, env=lane_environment())
        await self.ask(self._equipment, START_TIMEOUT)

    async def restore(self, shelf: Shelf) -> None:
        """Begin with the newest saved snapshot, or with the one that took its place meanwhile. Raises LaneError, JobError.

        If that ended the process, the next one begins with nothing.
        """
        wary, self._wary = self._wary, True
        for _ in range(0 if wary else 2):
            folder = await shelf.newest()
            if folder is not None and not self.checkpoint:
                self.checkpoint, self.references = await self.ask(Load(str(folder)), START_TIMEOUT)
        self._wary = False

    async def follow(self, changes: "Changes", seconds: float) -> None:
        """Apply what came after its checkpoint. Raises LaneError, JobError."""
        async for change in changes(self.checkpoint):
            await self.ask(Apply(change), seconds)
            self.checkpoint = change.checkpoint
            self.references += len(change.references)
            self.apart += len(change.references)
            self.changed += max(1, len(change.references))
            self.removed |= change.asset is None

    async def ask(self, job: Any, seconds: float) -> Any:
        """The job's answer. Raises JobError (it failed, the lane lives on) or LaneError (the lane is gone).

        ``seconds``: how long the lane may go without a sign of life; it gives one before each part of a file or message.
        """
        try:
            async with asyncio.timeout(seconds) as deadline:
                await self._tell(job)
                while (answer := await self._hear())[0] == "alive":
                    deadline.reschedule(asyncio.get_running_loop().time() + seconds)
                kind, value = answer
        except TimeoutError:
            self.close()
            raise LaneError("timeout", f"one part took longer than {seconds:g} seconds") from None
        except (EOFError, OSError, asyncio.IncompleteReadError):
            self.close()
            raise LaneError("crashed", "the detection process ended unexpectedly") from None
        except asyncio.CancelledError:
            self.close()
            raise
        if kind == "error":
            raise JobError(*value)
        return value

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self.current, self._closed = False, True
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def gone(self) -> None:
        if self._process is not None:
            await self._process.wait()

    async def _tell(self, job: Any) -> None:
        if self._process is None or self._process.stdin is None:
            raise EOFError
        data = pickle.dumps(job, pickle.HIGHEST_PROTOCOL)
        self._process.stdin.write(HEADER.pack(len(data)) + data)
        await self._process.stdin.drain()

    async def _hear(self) -> Any:
        if self._process is None or self._process.stdout is None:
            raise EOFError
        (size,) = HEADER.unpack(await self._process.stdout.readexactly(HEADER.size))
        return pickle.loads(await self._process.stdout.readexactly(size))  # noqa: S301 (our own process wrote it)


@dataclass(order=True, slots=True)
class _Waiting:
    priority: Priority
    number: int
    job: Any = field(compare=False)
    seconds: float = field(compare=False)
    answer: "asyncio.Future[Any]" = field(compare=False)


class Lanes:
    """``count`` lanes behind one queue ordered by priority. Use as an async context."""

    def __init__(self, count: int, equipment: Equipment, changes: Changes, patience: float, shelf: Shelf | None = None) -> None:
        self.lanes = [Lane(number, equipment) for number in range(count)]
        self.trouble: str | None = None
        self._others: set[Lane] = set()  # coming or going
        self._equipment = equipment
        self._changes = changes
        self._patience = patience
        self._shelf = shelf
        self._queue: asyncio.PriorityQueue[_Waiting] = asyncio.PriorityQueue()
        self._numbers = itertools.count()
        self._workers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Lanes":
        self._workers = [asyncio.create_task(self._work(lane), name=f"lane-{lane.number}") for lane in self.lanes]
        self._workers.append(asyncio.create_task(self._renew(), name="lane-renewal"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await end(self._workers)
        for lane in [*self.lanes, *self._others]:
            lane.close()
            await lane.gone()

    @property
    def ready(self) -> bool:
        """Whether every lane runs and has caught up with the registry once."""
        return all(lane.alive and lane.current for lane in self.lanes)

    @property
    def checkpoint(self) -> int:
        """Up to which registry change every lane has come."""
        return min(lane.checkpoint for lane in self.lanes)

    async def run(self, job: Job[R], priority: Priority, seconds: float | None = None) -> R:
        """The job's answer from the first free lane. Raises JobError, LaneError. ``seconds`` count from when it is taken up."""
        answer = asyncio.get_running_loop().create_future()
        await self._queue.put(_Waiting(priority, next(self._numbers), job, seconds or self._patience, answer))
        return cast(R, await answer)

    async def _work(self, lane: Lane) -> None:
        """An idle lane looks after itself; one that has work is seen to before each job."""
        while True:
            lane = await self._succeeded(lane)
            try:
                await self._catch_up(lane)
            except Exception as error:
                await self._recover(lane, error)
                continue
            while lane.alive and (waiting := await self._next()) is not None:
                if not waiting.answer.done():
                    await self._serve(lane, waiting)

    async def _next(self) -> _Waiting | None:
        """``None``: nothing came within ``IDLE`` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE):
                return await self._queue.get()
        return None

    async def _serve(self, lane: Lane, waiting: _Waiting) -> None:
        try:
            await self._catch_up(lane)
        except Exception as error:
            self._queue.put_nowait(waiting)
            await self._recover(lane, error)
            return
        try:
            value = await lane.ask(waiting.job, waiting.seconds)
        except Exception as error:
            _settle(waiting, error)
        except asyncio.CancelledError:
            waiting.answer.cancel()
            raise
        else:
            if not waiting.answer.done():
                waiting.answer.set_result(value)

    async def _catch_up(self, lane: Lane) -> None:
        if not lane.alive:
            await lane.open()
            if self._shelf is not None:
                await lane.restore(self._shelf)
        await lane.follow(self._changes, self._patience)
        lane.current = True
        self.trouble = None

    async def _renew(self) -> None:
        """Prepare successors, one at a time, while the lanes serve on."""
        while True:
            await asyncio.sleep(IDLE)
            for lane in self.lanes:
                if lane.outdated and lane.current:
                    lane.outdated = False
                    await self._prepare(lane, Lane(lane.number, self._equipment))

    async def _prepare(self, lane: Lane, fresh: Lane) -> None:
        self._others.add(fresh)
        try:
            await self._catch_up(fresh)
        except Exception as error:
            log.warning("a detection process is not renewed", extra={"lane": lane.number, "reason": str(error)})
            await self._leave(fresh)
        else:
            lane.successor = fresh

    async def _succeeded(self, lane: Lane) -> Lane:
        """What has taken its place; the lane itself, if nothing has."""
        fresh = lane.successor
        if fresh is None:
            return lane
        self.lanes[lane.number] = fresh
        self._others = self._others - {fresh} | {lane}
        await self._leave(lane)
        return fresh

    async def _leave(self, lane: Lane) -> None:
        lane.close()
        await lane.gone()
        self._others.discard(lane)

    async def _recover(self, lane: Lane, error: Exception) -> None:
        log.error("detection process cannot go on", extra={"lane": lane.number, "reason": str(error)})
        self.trouble, lane.current = str(error), False
        if not isinstance(error, DatabaseFailure):
            lane.close()
        await asyncio.sleep(RETRY_AFTER)


def _settle(waiting: _Waiting, error: Exception) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(error)

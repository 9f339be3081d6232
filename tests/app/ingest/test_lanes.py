"""Detection processes: in order of priority, always at the registry's checkpoint, replaced when they die."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.ingest.jobs import Equipment, JobError, LaneError, Priority, StoredAsset
from app.ingest.lanes import Lanes
from fingerprints.errors import Unreadable
from fingerprints.types import Limits

if TYPE_CHECKING:
    from app.ingest.bench import Bench

EQUIPMENT = Equipment("rapidocr", 1, Limits())
WORDS = {"title": "t", "kind": "text", "level": "secret", "terms": ["orchid"], "tags": []}


@dataclass(frozen=True)
class Sleep:
    seconds: float

    def run(self, bench: "Bench") -> float:
        time.sleep(self.seconds)
        return time.monotonic()


@dataclass(frozen=True)
class Wait:
    """Busy until there is a file of that name; once it is busy, there is one that is called ``.begun`` besides."""

    gate: str

    def run(self, bench: "Bench") -> None:
        Path(f"{self.gate}.begun").touch()
        while not Path(self.gate).exists():
            bench.alive()
            time.sleep(0.02)


@dataclass(frozen=True)
class Plod:
    """Slow, but alive: a sign of life before each part."""

    parts: int
    seconds: float

    def run(self, bench: "Bench") -> int:
        for _ in range(self.parts):
            bench.alive()
            time.sleep(self.seconds)
        return self.parts


@dataclass(frozen=True)
class Die:
    def run(self, bench: "Bench") -> None:
        os._exit(7)


@dataclass(frozen=True)
class Fail:
    unreadable: bool

    def run(self, bench: "Bench") -> None:
        if self.unreadable:
            raise Unreadable("corrupt", "it is broken")
        raise ZeroDivisionError("a secret detail")


@dataclass(frozen=True)
class Known:
    """Which assets the lane knows, at which checkpoint, in which process."""

    def run(self, bench: "Bench") -> tuple[list[str], int, int]:
        return sorted(bench.registry.assets), bench.registry.checkpoint, os.getpid()


class Log:
    """A registry's changes, in memory."""

    def __init__(self) -> None:
        self.entries: list[StoredAsset] = []

    def add(self, asset_id: str, gone: bool = False) -> None:
        self.entries.append(StoredAsset(len(self.entries) + 1, asset_id, None if gone else WORDS))

    async def changes(self, checkpoint: int) -> AsyncIterator[StoredAsset]:
        for entry in self.entries:
            if entry.checkpoint > checkpoint:
                yield entry


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 (what is waited for happens in another process)
            await asyncio.sleep(0.02)


async def test_lanes() -> None:
    """One process for all of it: starting one takes seconds."""
    log = Log()
    log.add("early")
    async with Lanes(1, EQUIPMENT, log.changes, 30) as lanes:
        assert not lanes.ready
        await eventually(lambda: lanes.ready)
        assert lanes.checkpoint == 1
        await follows_in_order(lanes, log)
        await serves_by_priority(lanes)
        await failures_leave_the_lane_alone(lanes)
        await survives_death_and_hanging(lanes)
        pid = lanes.lanes[0].pid
        assert pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def follows_in_order(lanes: Lanes, log: Log) -> None:
    log.add("late")
    log.add("early", gone=True)
    known, checkpoint, _ = await lanes.run(Known(), Priority.BACKLOG)
    assert (known, checkpoint) == (["late"], 3), "a job never sees less than what was registered before it"
    log.add("idle")
    await eventually(lambda: lanes.checkpoint == 4)


async def serves_by_priority(lanes: Lanes) -> None:
    busy = asyncio.create_task(lanes.run(Sleep(2), Priority.BACKLOG))
    await asyncio.sleep(0.1)
    order = (Priority.BACKLOG, Priority.INTERACTIVE, Priority.CHECK)
    waiting = [asyncio.create_task(lanes.run(Sleep(0), priority)) for priority in order]
    await busy
    backlog, interactive, check = await asyncio.gather(*waiting)
    assert check < interactive < backlog


async def failures_leave_the_lane_alone(lanes: Lanes) -> None:
    pid = lanes.lanes[0].pid
    with pytest.raises(JobError, match="corrupt: it is broken"):
        await lanes.run(Fail(unreadable=True), Priority.BACKLOG)
    with pytest.raises(JobError) as caught:
        await lanes.run(Fail(unreadable=False), Priority.BACKLOG)
    assert (caught.value.code, caught.value.detail) == ("internal", "ZeroDivisionError"), "no detail that may carry content"
    assert lanes.lanes[0].pid == pid


async def survives_death_and_hanging(lanes: Lanes) -> None:
    with pytest.raises(LaneError) as caught:
        await lanes.run(Die(), Priority.BACKLOG)
    assert caught.value.code == "crashed"
    with pytest.raises(LaneError) as caught:
        await lanes.run(Sleep(60), Priority.BACKLOG, 0.2)
    assert caught.value.code == "timeout"
    assert await lanes.run(Plod(6, 0.6), Priority.BACKLOG, 3.0) == 6, "what gives signs of life may take longer"
    known, checkpoint, _ = await lanes.run(Known(), Priority.BACKLOG)
    assert (known, checkpoint) == (["idle", "late"], 4), "a new process knows what the old one knew"

"""Runs the detectors again when asked to, behind the requests and between messages, for a limited time.

Nothing of it outlives the server: whoever wants it asks again. Messages come in an order of chance, so that as many as time
allows are a fair sample of all. A file that was forwarded a hundred times is looked at once.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from app.chores import Doing
from app.db import Database
from app.db.models import RerunRow
from app.ingest.jobs import Job, Priority
from app.ingest.lanes import Lanes
from app.reruns import repository, service
from app.reruns.errands import Kept, Points, Tried, Try
from app.reruns.tally import Tally
from app.sightings import repository as sightings

MESSAGES = 2000
SECONDS = 180.0
GROUP = 8
"""Messages after which it is stored how far it is."""
TRIED = 2
"""Parts of one errand, some 0.1 to 0.3 s each: a message waits no longer for a lane."""
R = TypeVar("R")


class Rerunner(Doing[RerunRow]):
    """Use as an async context, inside that of ``lanes``. Any number of servers may have one."""

    def __init__(self, database: Database, lanes: Lanes) -> None:
        super().__init__(database, repository)
        self._lanes = lanes

    async def _do(self, row: RerunRow) -> None:
        """When time is over, what was looked at is all."""
        since, until = service.since(row.days), asyncio.get_running_loop().time() + SECONDS
        async with self._database.reading() as session:
            total = await repository.count_messages(session, since)
            chosen = await repository.some_messages(session, since, MESSAGES)
        with suppress(_Over):
            sample = _Sample(row.less, until, await self._asked(Points(row.less), until))
            going = await self._store(row, sample, total=total, wanted=len(chosen))
            for start in range(0, len(chosen) if going else 0, GROUP):
                await self._look(sample, chosen[start : start + GROUP])
                if not await self._store(row, sample):
                    return

    async def _look(self, sample: "_Sample", messages: Sequence[str]) -> None:
        """At some more messages; those that are forgotten by now are passed over. Raises _Over."""
        async with self._database.reading() as session:
            parts = await repository.parts_of(session, messages)
            alerted = await repository.alerted(session, messages)
        for message in parts:
            await self._try(sample, [number for number in parts[message] if number not in sample.known])
            shown = [sample.known[number] for number in parts[message]]
            sample.tally.add(message, [one for one in shown if one is not None], message in alerted)

    async def _try(self, sample: "_Sample", numbers: Sequence[int]) -> None:
        for start in range(0, len(numbers), TRIED):
            async with self._database.reading() as session:
                found = await sightings.fingerprints(session, numbers[start : start + TRIED])
            parts = tuple(Kept(number, *told) for number, told in found.items())
            answers = {one.number: one for one in await self._asked(Try(sample.less, parts), sample.until)}
            for number in numbers[start : start + TRIED]:
                answer = answers.get(number)
                sample.note(number, answer if answer is not None and (answer.then or found[number][1]) else None)

    async def _asked(self, job: Job[R], until: float) -> R:
        """Once no message waits. Raises _Over, JobError, LaneError."""
        try:
            async with asyncio.timeout_at(until):
                return await self._lanes.run(job, Priority.REHEARSAL)
        except TimeoutError:
            raise _Over from None

    async def _store(self, row: RerunRow, sample: "_Sample", **more: Any) -> bool:
        """How far it is; False if nobody wants it any more."""
        found = {**sample.tally.told(), "points": {name: list(pair) for name, pair in sample.points.items()}}
        async with self._database.writing() as session:
            return await repository.advance(session, row.id, looked=sample.tally.looked, found=found, **more)


class _Over(Exception):
    """Time is."""


@dataclass(slots=True)
class _Sample:
    """What was looked at so far. ``known``: by the number of a part, what it shows; ``None``: nothing is left to look at."""

    less: float
    until: float
    points: Mapping[str, tuple[float, float]]
    tally: Tally = field(default_factory=Tally)
    known: dict[int, Tried | None] = field(default_factory=dict)

    def note(self, number: int, answer: Tried | None) -> None:
        self.known[number] = answer
        self.tally.parts += 1
        self.tally.unknown += answer is None

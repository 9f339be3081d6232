"""Takes up hunts, one at a time, behind the requests. Whatever ends it, the next server goes on where it was.

The sieve runs in a thread, a few thousand parts at a time, while the next ones are read; what it lets through is judged by a
detection process, between messages. What was found and how far it is are stored together.
"""

import asyncio
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from app.background import end
from app.chores import Doing
from app.db import Database
from app.db.models import HuntRow
from app.hunts import repository, service
from app.hunts.errands import Judge, Judged, Seek, Sought, Suspect
from app.ingest.jobs import Priority
from app.ingest.lanes import Lanes
from app.notify.service import Notices
from app.sightings import repository as sightings
from app.sightings.repository import Sketch
from fingerprints.sieve import Sieve

CHUNK = 4000
"""Parts of one reading."""
GROUP = 8
"""Readings after which it is stored how far it is."""
JUDGED = 8
"""Suspects of one errand: a message waits no longer for a lane."""


class Hunter(Doing[HuntRow]):
    """Use as an async context, inside that of ``lanes``. Any number of servers may have one."""

    def __init__(self, database: Database, lanes: Lanes, notices: Notices) -> None:
        super().__init__(database, repository)
        self._lanes, self._notices = lanes, notices

    async def _do(self, row: HuntRow) -> None:
        sought: Sought = await self._lanes.run(Seek(row.asset_id), Priority.BACKLOG)
        async with self._database.reading() as session:
            wholes = await repository.wholes(session, row.asset_id)
            total, same = await sightings.count(session), await sightings.with_reference(session, row.asset_id)
        numbers = [number for one in wholes for number in struct.unpack(f"<{len(one) // 8}q", one)]
        sieve = await asyncio.to_thread(Sieve, [codes for *_, codes in sought.views], numbers, sought.phrases, sought.nearest)
        found = _Group([_Suspected(number, None) for number in same], row.done, row.reached, await self._read(row.reached))
        while True:
            following = asyncio.create_task(self._group(sieve, found))
            try:
                judged = await self._judged(row, found.suspects, sought)
                if not await self._store(row, judged, max(total, found.done), found) or not found.following:
                    return
                found = await following
            finally:
                await end([following])

    async def _store(self, row: HuntRow, judged: Sequence[Judged], total: int, so_far: "_Group") -> bool:
        """What was found, and how far it is; False if nobody wants the hunt any more."""
        async with self._database.writing() as session:
            if not await repository.advance(session, row.id, so_far.reached, total=total, done=so_far.done):
                return False
            row.found += await service.found(session, row.asset_id, judged, row.since, self._notices)
            return await repository.advance(session, row.id, so_far.reached, found=row.found)

    async def _group(self, sieve: Sieve, before: "_Group") -> "_Group":
        """What comes after, in some readings; one is read while the one before is sieved."""
        suspects, parts, done, reached = list[_Suspected](), before.following, before.done, before.reached
        for _ in range(GROUP if parts else 0):
            done, reached = done + len(parts), parts[-1].number
            some, parts = await asyncio.gather(asyncio.to_thread(_sieved, sieve, parts), self._read(reached))
            suspects += some
            if not parts:
                break
        return _Group(suspects, done, reached, parts)

    async def _read(self, after: int) -> list[Sketch]:
        async with self._database.reading() as session:
            return await sightings.sketches(session, after, CHUNK)

    async def _judged(self, row: HuntRow, suspects: Sequence["_Suspected"], sought: Sought) -> list[Judged]:
        found = list[Judged]()
        for start in range(0, len(suspects), JUDGED):
            some = {one.number: one for one in suspects[start : start + JUDGED]}
            async with self._database.reading() as session:
                known = await sightings.fingerprints(session, list(some))
            asked = tuple(
                Suspect(number, digest, kinds, _view(sought, some[number].view)) for number, (digest, kinds) in known.items()
            )
            found += await self._lanes.run(Judge(row.asset_id, asked), Priority.BACKLOG)
        return found


@dataclass(frozen=True, slots=True)
class _Suspected:
    """A part by its number. ``view``: of what is sought the one whose details it has."""

    number: int
    view: int | None


@dataclass(frozen=True, slots=True)
class _Group:
    """What came up in some readings: ``done`` parts with those before, up to ``reached``; ``following``: the next ones."""

    suspects: list[_Suspected]
    done: int
    reached: int
    following: list[Sketch]


def _sieved(sieve: Sieve, parts: Sequence[Sketch]) -> list[_Suspected]:
    _, wholes, details, phrases = zip(*parts, strict=True)
    return [_Suspected(parts[place].number, view) for place, view in sieve.suspects(details, wholes, phrases)]


def _view(sought: Sought, view: int | None) -> tuple[str, bool] | None:
    return None if view is None else sought.views[view][:2]

"""Takes up hunts, one at a time, behind the requests. Whatever ends it, the next server goes on where it was.

The sieve runs in a thread, a few thousand parts at a time, while the next ones are read; what it lets through is judged by a
detection process, between messages. What was found and how far it is are stored together.

How many were left out, because too many share only a form with it (``app.hunts.likeliest``), is told.
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
from app.hunts.likeliest import Room, Suspected
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
EXACT = 4
"""References of an asset, up to which it is sought by their very details: more is found, and half as much again is sieved."""
JUDGED = 8
"""Suspects of one errand: a message waits no longer for a lane."""
MOST = 1000
"""So many suspects of a hunt may be refused, or be left to a person: half a minute of a processor. The rest is left out."""


class Hunter(Doing[HuntRow]):
    """Use as an async context, inside that of ``lanes``. Any number of servers may have one."""

    def __init__(self, database: Database, lanes: Lanes, notices: Notices, most: int = MOST) -> None:
        super().__init__(database, repository)
        self._lanes, self._notices, self._most = lanes, notices, most

    async def _do(self, row: HuntRow) -> None:
        async with self._database.reading() as session:
            details = await repository.details(session, row.asset_id, EXACT)
        sought: Sought = await self._lanes.run(Seek(row.asset_id, details), Priority.BACKLOG)
        async with self._database.reading() as session:
            wholes = await repository.wholes(session, row.asset_id)
            total, same = await sightings.count(session), await sightings.with_reference(session, row.asset_id)
        numbers = [number for one in wholes for number in struct.unpack(f"<{len(one) // 8}q", one)]
        sieve = await asyncio.to_thread(Sieve, [codes for *_, codes in sought.views], numbers, sought.phrases, sought.nearest)
        found = _Group([Suspected(number) for number in same], row.done, row.reached, await self._read(row.reached))
        room = Room(self._most, total, row.done)
        while True:
            following = asyncio.create_task(self._group(sieve, found))
            try:
                judged = await self._judged(row, found, sought, room)
                if not await self._store(row, judged, max(total, found.done), found) or not found.following:
                    return
                found = await following
            finally:
                await end([following])

    async def _store(self, row: HuntRow, judged: Sequence[Judged], total: int, so_far: "_Group") -> bool:
        """What was found, and how far it is; False if nobody wants the hunt any more."""
        async with self._database.writing() as session:
            await service.alone(session, judged, row.since)
            if not await repository.hold(session, row.id):
                return False
            row.found += await service.found(session, row.asset_id, judged, row.since, self._notices)
            row.left_out += len(so_far.suspects)
            far = {"total": total, "done": so_far.done, "found": row.found, "left_out": row.left_out}
            return await repository.advance(session, row.id, so_far.reached, **far)

    async def _group(self, sieve: Sieve, before: "_Group") -> "_Group":
        """What comes after, in some readings; one is read while the one before is sieved."""
        suspects, parts, done, reached = list[Suspected](), before.following, before.done, before.reached
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

    async def _judged(self, row: HuntRow, group: "_Group", sought: Sought, room: "Room") -> list[Judged]:
        """The likeliest first, until too many are refused; who was not judged stays in the group."""
        found, waiting = list[Judged](), group.suspects
        while waiting:
            now, waiting = await asyncio.to_thread(room.next, waiting, group.done)
            if not now:
                break
            judged = await self._judge(row, now, sought)
            room.spend(now, {one.number: one.verdict for one in judged})
            found += judged
        group.suspects[:] = waiting
        return found

    async def _judge(self, row: HuntRow, suspects: Sequence["Suspected"], sought: Sought) -> list[Judged]:
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
class _Group:
    """What came up in some readings: ``done`` parts with those before, up to ``reached``; ``following``: the next ones."""

    suspects: list[Suspected]
    done: int
    reached: int
    following: list[Sketch]


def _sieved(sieve: Sieve, parts: Sequence[Sketch]) -> list[Suspected]:
    _, wholes, details, phrases = zip(*parts, strict=True)
    found = sieve.suspects(details, wholes, phrases)
    views = [view for _, view in found]
    shared = sieve.shared(views, [details[place] for place, _ in found], [phrases[place] for place, _ in found])
    return [Suspected(parts[place].number, view, some) for (place, view), some in zip(found, shared, strict=True)]


def _view(sought: Sought, view: int | None) -> tuple[str, bool] | None:
    return None if view is None else sought.views[view][:2]

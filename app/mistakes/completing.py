"""Reads in full what an analyst found to be a mistake, if inspecting did not: behind the requests, and once no message waits.

A page is accused as soon as it is proved, and read no further. What is written on it is needed only now, to tell its copies from
the page that it was taken for. Until it is read, and for good where its file is gone, only the same file alarms no longer, and
copies of which the details alone decide.

A mistake that waits is one with ``UNREAD`` among its fingerprints; whoever reads it first takes that away. Two servers may do the
same work; nothing of it is done twice. A mistake that is taken back meanwhile stays so.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from app.assets import repository as assets
from app.assets.service import attempted
from app.background import Working
from app.blobs.reading import at_hand
from app.blobs.types import Blobs
from app.db import Database, Session
from app.ingest.jobs import File, JobError, LaneError, Priority, ReadOn
from app.ingest.lanes import Lanes
from app.mistakes import repository
from app.mistakes.repository import UNREADABLE, Due

SOME = 8
"""Mistakes of one transaction: each tells every lane of the whole asset."""
LOOK = 2.0
AGAIN = 10.0
log = logging.getLogger(__name__)


class Completing(Working):
    """Use as an async context, inside that of ``lanes``. Any number of servers may have one."""

    def __init__(self, database: Database, blobs: Blobs, lanes: Lanes) -> None:
        self._database, self._blobs, self._lanes = database, blobs, lanes

    async def _work(self) -> None:
        while True:
            try:
                if await self._some():
                    continue
            except Exception:
                log.exception("mistakes are read later")
                await asyncio.sleep(AGAIN)
            await asyncio.sleep(LOOK)

    async def _some(self) -> bool:
        """Those that wait longest; whether there were any. Raises BlobsDown, DatabaseFailure."""
        async with self._database.reading() as session:
            waiting = await repository.unread(session, SOME)
        made = {due.id: await self._read(due) for due in waiting}
        if made:
            async with self._database.writing() as session:
                await complete(session, made)
        return bool(made)

    async def _read(self, due: Due) -> dict[str, bytes] | None:
        """``None``: it cannot be read any more. Raises BlobsDown."""
        for blob, name, content_type in due.files:
            try:
                async with at_hand(self._blobs, [blob]) as [path]:
                    made: dict[str, bytes] | None = await attempted(
                        ReadOn(File(str(path), name, content_type), due.digest), self._run
                    )
            except FileNotFoundError:
                continue
            except (JobError, LaneError) as error:
                log.warning("a mistake cannot be read", extra={"id": due.id, "reason": str(error)})
                continue
            if made is not None:
                return made
        return None

    async def _run(self, job: Any) -> Any:
        return await self._lanes.run(job, Priority.REHEARSAL)


async def complete(session: Session, made: Mapping[str, Mapping[str, bytes] | None]) -> None:
    """What was read of mistakes, by their ids, is theirs, and the live registries learn of it. ``None``: it is lost."""
    await assets.alone(session)
    touched = set[str]()
    for mistake_id, kinds in made.items():
        asset_id = await repository.complete(session, mistake_id, {UNREADABLE: b""} if kinds is None else kinds)
        if asset_id is not None and kinds:
            touched.add(asset_id)
    for asset_id in sorted(touched):
        await assets.touch(session, asset_id)

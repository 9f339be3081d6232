"""What counts as an attempt at a message, where the database keeps count for a stream that does not."""

import asyncio
import errno
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.blobs.folder import BlobFolder
from app.blobs.types import Blobs
from app.db import Database
from app.db.models import MessageRow
from app.db.upgrading import bring_up_to_date
from app.ingest.consumer import RESTARTS, Consumer, Terms
from app.ingest.deaths import Deaths
from app.ingest.jobs import Inspected, equipment
from app.ingest.lanes import Lanes
from app.notify.service import Notices
from app.observability import Metrics
from app.settings import Settings
from app.streams.memory import MemoryConsumption, MemoryStream
from app.streams.types import MESSAGES, Record
from app.uploads import Bounds
from tests.app.conftest import message

CLEAR = {"verdict": "clear", "severity": "none", "matches": [], "unread": [], "excused": [], "elapsed_ms": 1.0}


class Forgetful(MemoryConsumption):
    """Counts no attempts, as Kafka does not."""

    remembers = False


class Full(BlobFolder):
    """A disk that takes nothing, so many times."""

    times = 0

    def put(self, data: bytes) -> str:
        if self.times:
            self.times -= 1
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().put(data)


class Instant(Lanes):
    """One lane that needs no process: it finds a picture to be shown in whatever it is given."""

    async def run(self, *_: Any) -> Any:
        return Inspected(CLEAR, {(0, ""): b"a picture"}, 0, ())


async def _nothing(_: int) -> AsyncIterator[Any]:
    return
    yield


@asynccontextmanager
async def consuming(folder: Path, blobs: Blobs, record: Record) -> AsyncIterator[Database]:
    settings = Settings(data_dir=folder)
    database, stream, metrics = Database(settings.database), MemoryStream(), Metrics()
    await bring_up_to_date(database)
    await stream.publish(MESSAGES, record)
    async with stream.consume(MESSAGES) as source:
        lanes = Instant(1, equipment(settings), _nothing, 1.0)
        terms = Terms(timedelta(), Bounds(10_000, 10_000, 5), folder / "unpacking", Notices())
        forgetful = Forgetful(source._line)
        async with Consumer(database, blobs, lanes, metrics, terms, Deaths(stream, database, metrics, 20), forgetful):
            yield database
    await database.close()


async def test_a_full_disk_costs_a_message_no_attempt(tmp_path: Path) -> None:
    """However long it is full, nothing is given up for it."""
    blobs = Full(tmp_path / "blobs")
    blobs.times = RESTARTS + 2
    body = message("hello", {"a.png": b""}) | {"attachments": [{"name": "a.png", "data": "aGVsbG8="}]}
    async with consuming(tmp_path, blobs, Record("g1/c1", json.dumps(body).encode())) as database:
        for _ in range(60):
            async with database.reading() as session:
                row = await session.scalar(select(MessageRow))
            if row is not None and row.status != "queued":
                break
            await asyncio.sleep(0.5)
    assert row is not None
    assert (row.status, row.reason, row.attempts) == ("done", None, 1)
    assert not blobs.times

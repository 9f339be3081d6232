"""Messages laid into a queue all at once, and when each came to its end, as the database has it."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app.blobs.folder import BlobFolder
from app.db import Database
from app.db.models import AlertRow, MessageRow
from app.ingest import service
from app.ingest.codec import Posted
from app.ingest.envelope import seal, stored
from app.ingest.schemas import MessageIn
from app.settings import Settings
from app.streams.kafka.stream import KafkaStream
from app.streams.types import MESSAGES
from app.uploads import Upload
from tests.benchmarks.fleet.posts import body

PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Laid:
    """Messages and where their files lie."""

    bodies: tuple[dict[str, Any], ...]
    paths: tuple[tuple[str, ...], ...]

    @property
    def names(self) -> list[str]:
        return [told["message_id"] for told in self.bodies]


def prepared(settings: Settings, texts: Sequence[str], files: Sequence[bytes] = ()) -> Laid:
    """A message for every text, with the file of its place if there are files; kept among the blobs."""
    assert settings.blob_folder is not None
    blobs = BlobFolder(settings.blob_folder)
    paths = tuple((str(blobs.path(blobs.put(data))),) for data in files) or ((),) * len(texts)
    return Laid(tuple(body(text, files[at : at + 1]) for at, text in enumerate(texts)), paths)


async def lay(settings: Settings, laid: Laid) -> None:
    """Into the stream, at once."""
    posted = [_posted(told, paths) for told, paths in zip(laid.bodies, laid.paths, strict=True)]
    async with AsyncExitStack() as stack:
        if settings.is_fleet:
            stream = await stack.enter_async_context(KafkaStream(settings.stream_url))
            records = [seal(one.message, [stored(upload) for upload in one.uploads]) for one in posted]
            await asyncio.gather(*(stream.publish(MESSAGES, record) for record in records))
            return
        database = Database(settings.database)
        stack.push_async_callback(database.close)
        async with database.writing() as session:
            await service.accept_all(session, posted)


def _posted(told: dict[str, Any], paths: Sequence[str]) -> Posted:
    uploads = tuple(_upload(Path(path)) for path in paths)
    return Posted(MessageIn.model_validate(told), uploads)


def _upload(path: Path) -> Upload:
    data = path.read_bytes()
    return Upload("IMG.jpg", "image/jpeg", path, len(data), hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, slots=True)
class Ended:
    """One message. ``alert``: when it was put before people."""

    id: str
    name: str
    received: datetime
    finished: datetime
    verdict: str
    elapsed_ms: float
    alert: datetime | None

    @property
    def seconds(self) -> float:
        """From accepted to recorded."""
        return (self.finished - self.received).total_seconds()


async def ended(database: Database, names: Sequence[str], patience: float = PATIENCE) -> list[Ended]:
    """These messages in the order in which they ended, once all have. Raises TimeoutError, with how many are missing."""
    deadline = time.monotonic() + patience
    while True:
        found = await _ended(database, names)
        if len(found) == len(names):
            return sorted(found, key=lambda one: one.finished)
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(names) - len(found)} of {len(names)} messages have no verdict")
        await asyncio.sleep(0.3)


async def _ended(database: Database, names: Sequence[str]) -> list[Ended]:
    row = MessageRow
    query = select(row.id, row.message_id, row.received_at, row.finished_at, row.verdict, AlertRow.created_at)
    query = query.outerjoin(AlertRow, AlertRow.message_id == MessageRow.id).where(MessageRow.status == "done")
    found: list[Ended] = []
    async with database.reading() as session:
        for start in range(0, len(names), 500):
            rows = await session.execute(query.where(MessageRow.message_id.in_(names[start : start + 500])))
            found += [_row(*one) for one in rows]
    return found


def _row(ident: str, name: str, at: datetime, end: datetime, told: dict[str, Any], alert: datetime | None) -> Ended:
    return Ended(ident, name, at, end, told["verdict"], told["elapsed_ms"], alert)


async def counted(settings: Settings, *states: str) -> int:
    """How many messages there are, of these states if any are named."""
    database = Database(settings.database)
    query = select(func.count()).select_from(MessageRow)
    try:
        async with database.reading() as session:
            return await session.scalar(query.where(MessageRow.status.in_(states)) if states else query) or 0
    finally:
        await database.close()


async def drained(settings: Settings, patience: float = PATIENCE) -> None:
    """Until no message waits. Raises TimeoutError."""
    deadline = time.monotonic() + patience
    while await counted(settings, "queued"):
        if time.monotonic() > deadline:
            raise TimeoutError("messages still wait")
        await asyncio.sleep(0.5)

"""Removes blobs that no row names, and what lay in the inbox for too long."""

import asyncio
import logging

from app.background import end
from app.blobs import GRACE, Blobs
from app.db import Database
from app.ingest import repository

EVERY = 300.0
log = logging.getLogger(__name__)


class Sweeper:
    """Use as an async context."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database, self._blobs = database, blobs
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Sweeper":
        self._task = asyncio.create_task(self._work(), name="sweeper")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            await end([self._task])

    async def _work(self) -> None:
        while True:
            try:
                await sweep(self._database, self._blobs)
            except Exception:
                log.exception("sweep stumbled")
            await asyncio.sleep(EVERY)


async def sweep(database: Database, blobs: Blobs, grace: float = GRACE) -> int:
    """Remove blobs older than ``grace`` seconds that no row names; says how many."""
    removed = 0
    await asyncio.to_thread(blobs.tidy, grace)
    for keys in await asyncio.to_thread(lambda: list(blobs.old(grace))):
        async with database.reading() as session:
            named = await repository.named(session, keys)
        removed += await asyncio.to_thread(blobs.remove, [key for key in keys if key not in named], grace)
    return removed

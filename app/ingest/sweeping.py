"""Removes blobs that no row names, what lay in the inbox for too long, and copies nobody uses."""

import asyncio
import logging

from app.background import Working
from app.blobs.types import Blobs
from app.db import Database
from app.ingest import repository

EVERY = 300.0
log = logging.getLogger(__name__)


class Sweeper(Working):
    """Use as an async context. ``database``: ``None`` where others ask what its rows name, as a worker's servers do."""

    def __init__(self, database: Database | None, blobs: Blobs) -> None:
        self._database, self._blobs = database, blobs

    async def _work(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._blobs.tidy)
                if self._database is not None:
                    await sweep(self._database, self._blobs)
            except Exception:
                log.exception("sweep stumbled")
            await asyncio.sleep(EVERY)


async def sweep(database: Database, blobs: Blobs, grace: float | None = None) -> int:
    """Remove blobs older than ``grace`` seconds (their store's own) that no row names; says how many."""
    removed, grace = 0, blobs.grace if grace is None else grace
    for keys in await asyncio.to_thread(lambda: list(blobs.old(grace))):
        async with database.reading() as session:
            named = await repository.named(session, keys)
        removed += await asyncio.to_thread(blobs.remove, [key for key in keys if key not in named], grace)
    return removed

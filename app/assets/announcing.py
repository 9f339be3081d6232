"""Tells a fleet's stream which assets changed. The rows of the change log are their own outbox: each is told at least once."""

import asyncio
import json
import logging

from app.assets import repository
from app.background import Working
from app.db import Database
from app.streams.types import REGISTRY, Record, Stream

SOME = 200
LOOK = 0.5
AGAIN = 5.0
log = logging.getLogger(__name__)


class Announcer(Working):
    """Use as an async context."""

    def __init__(self, database: Database, stream: Stream) -> None:
        self._database, self._stream = database, stream

    async def _work(self) -> None:
        while True:
            try:
                told = await self.announce()
                await asyncio.sleep(0 if told else LOOK)
            except Exception as error:
                log.warning("changes wait to be announced", extra={"reason": str(error)})
                await asyncio.sleep(AGAIN)

    async def announce(self) -> int:
        """Some changes that nobody was told of yet; says how many. Raises StreamDown."""
        async with self._database.reading() as session:
            changes = await repository.unannounced(session, SOME)
        for seq, asset_id in changes:
            value = json.dumps({"asset_id": asset_id, "checkpoint": seq}).encode()
            await self._stream.publish(REGISTRY, Record(asset_id, value))
        if changes:
            async with self._database.writing() as session:
                await repository.announced(session, [seq for seq, _ in changes])
        return len(changes)

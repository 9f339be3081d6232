"""Messages that cannot be inspected go to the dead letters, whole and with the reason; when too many in a row do, nothing more is
taken: then it is not the messages that are wrong (a bad deploy must not drain the topic). One is tried now and then.

A record that comes again, from wherever a topic is read anew, is known by its key and bytes: it is one dead letter, and one death
in a row. Once that was put back it is another record, which may die for itself.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from app.background import signalled
from app.db import Database
from app.ingest import repository
from app.observability import Metrics
from app.streams.types import DEAD_LETTERS, Delivery, Record, Stream

TRY = 30.0
log = logging.getLogger(__name__)


class Deaths:
    """``most``: so many in a row stop a consumer, which then tries one message every ``again`` seconds until one survives."""

    def __init__(self, stream: Stream, database: Database, metrics: Metrics, most: int, again: float = TRY) -> None:
        self._stream, self._database, self._metrics = stream, database, metrics
        self._most, self._again = most, again
        self._row = 0
        self._reason = ""
        self._survived = asyncio.Event()
        self._trying, self._burying = asyncio.Lock(), asyncio.Lock()

    @property
    def trouble(self) -> str | None:
        """Why nothing is taken at present."""
        if self._row < self._most:
            return None
        return f"{self._row} messages in a row could not be inspected, the last one because: {self._reason}"

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Within it one message may be taken: at once, or when it is time to try one."""
        if self.trouble is None:
            yield
            return
        async with self._trying:
            if self.trouble is not None:
                self._survived.clear()
                await signalled(self._survived, self._again)
            yield

    def survived(self) -> None:
        """A message was inspected."""
        if self.trouble is not None:
            log.info("messages can be inspected again")
        self._row = 0
        self._survived.set()

    async def bury(self, delivery: Delivery, code: str, reason: str) -> None:
        """To the dead letters, with the bytes that came: once, or twice if it crashes here. Raises StreamDown; DatabaseFailure.

        Of one that is there already nothing is counted.
        """
        async with self._burying:
            digest = _digest(delivery.record)
            async with self._database.reading() as session:
                known = await repository.has_died(session, digest)
            if known:
                log.info("a dead message came again", extra={"place": delivery.place})
                return
            about = {"code": code, "reason": reason[:1000], "place": delivery.place, "at": datetime.now(UTC).isoformat()}
            await self._stream.publish(DEAD_LETTERS, Record(delivery.record.key, delivery.record.value, about))
            async with self._database.writing() as session:
                await repository.add_death(session, digest)
        self._count(delivery, code, reason)

    def _count(self, delivery: Delivery, code: str, reason: str) -> None:
        self._metrics.dead.labels(code).inc()
        self._row, self._reason = self._row + 1, f"{code}: {reason}"
        level = logging.ERROR if self._row == self._most else logging.WARNING
        log.log(level, "a message is dead", extra={"place": delivery.place, "reason": self._reason, "in_a_row": self._row})


def _digest(record: Record) -> str:
    """Of what came, and of when its dead letter was put back, if it comes from there."""
    about = json.dumps([record.key, record.headers.get("replayed")]).encode()
    return hashlib.sha256(about + b"\n" + record.value).hexdigest()

"""Who waits behind a flood in the same partition is not kept waiting by it.

A window full of a gateway's, or a channel's, records stops its partition, and with it everybody who comes later. A second reader
then goes on from there, takes what belongs to others, a share each, and leaves the flood where it is durable: in Kafka. The
window comes to that in its own time and passes over what was taken early. Nothing is committed for it: a consumer that is killed
finds it again behind the flood, where it changes nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from app.streams.kafka.windows import Window

LOOK = 0.2
"""Seconds between two looks."""
SOME = 1000
"""Records of one look, at most."""
STOP = 10.0
log = logging.getLogger(__name__)

Windows = Mapping[TopicPartition, Window]


class Scout:
    """``reader``: makes a consumer without a group. ``windows``: those of the moment; ``most``: records of one taken early.

    ``take``: told of each.
    """

    def __init__(
        self,
        reader: Callable[[], AIOKafkaConsumer],
        windows: Callable[[], Windows],
        take: Callable[[TopicPartition, Window, Any], None],
        most: int,
    ) -> None:
        self._reader, self._windows, self._take, self._most = reader, windows, take, most
        self._looking: Windows = {}
        self._consumer: AIOKafkaConsumer | None = None

    async def work(self) -> None:
        """Look beyond whichever windows are full, until cancelled."""
        try:
            while True:
                await asyncio.sleep(LOOK)
                try:
                    await self._look()
                except Exception as error:
                    log.warning("nobody looks beyond a full window", extra={"reason": type(error).__name__})
                    await self._end()
        finally:
            await self._end()

    async def _look(self) -> None:
        full = {part: one for part, one in self._windows().items() if one.paused and one.beyond.has_room(self._most)}
        if not full:
            self._looking = {}
            return
        consumer = await self._started()
        if full != self._looking:
            consumer.assign(list(full))
            for part, window in full.items():
                consumer.seek(part, max(window.ahead, window.beyond.looked))
            self._looking = full
        for part, records in (await consumer.getmany(timeout_ms=200, max_records=SOME)).items():
            self._consider(part, full[part], records)

    async def _started(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            self._consumer = self._reader()
            await self._consumer.start()
        return self._consumer

    async def _end(self) -> None:
        consumer, self._consumer, self._looking = self._consumer, None, {}
        if consumer is not None:
            with suppress(KafkaError, OSError, TimeoutError):
                async with asyncio.timeout(STOP):
                    await consumer.stop()

    def _consider(self, part: TopicPartition, window: Window, records: list[Any]) -> None:
        if self._windows().get(part) is not window:
            return
        for record in records:
            if record.offset < max(window.ahead, window.beyond.looked):
                continue
            if not window.beyond.has_room(self._most):
                self._looking = {}  # what is left of these is read again
                return
            key = (record.key or b"").decode(errors="replace")
            if window.early(record.offset, key, len(record.value or b""), self._most):
                self._take(part, window, record)

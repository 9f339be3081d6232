"""One consumer of a topic in Kafka.

Records are fetched ahead into a window per partition and taken from it fairly, so they may be done out of order; what is
committed is the offset before which everything is done. A full window pauses its partition (but see ``scouting``).

aiokafka 0.14 knows only eager rebalancing (KIP-429 is not in it): a consumer gives up every partition before it hears which it
keeps. The sticky assignor (KIP-54) makes it the rule that they come back, and windows of those that do live through it with all
that is in flight; nothing is fetched meanwhile, and nothing committed. What is in flight of a partition that went elsewhere is
finished: its effects are stored by whoever comes first, its offset is the new owner's alone.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError

from app.background import end, signalled
from app.streams.fairness import Turns
from app.streams.kafka.scouting import Scout
from app.streams.kafka.windows import Window
from app.streams.types import Delivery, Record, StreamDown

WINDOW = 1000
"""Records of a partition that are fetched and not yet committed, at most about."""
BYTES = 256_000_000
"""And so many bytes of all partitions together."""
COMMIT = 0.5
AGAIN = 1.0
LARGEST = 8_000_000
"""Bytes of a record: a message's text may be long; files travel by reference."""
SESSION_MS = 10_000
"""Milliseconds without a heartbeat after which a consumer's partitions go to others."""
PATIENCE = SESSION_MS / 4000
"""Seconds for one question to the group's coordinator: a rebalance waits for its members no longer than a session."""
log = logging.getLogger(__name__)


@asynccontextmanager
async def consuming(words: Mapping[str, Any], name: str, topic: str) -> AsyncIterator["KafkaConsumption"]:
    """See ``Stream.consume``. ``words``: where Kafka is, and the group; ``name``: what Kafka calls the topic."""
    consumer = AIOKafkaConsumer(
        **words,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        partition_assignment_strategy=[type("Sticky", (StickyPartitionAssignor,), {})],  # it remembers in its class
        session_timeout_ms=SESSION_MS,
        heartbeat_interval_ms=SESSION_MS // 4,
        metadata_max_age_ms=10_000,
        max_partition_fetch_bytes=LARGEST,
    )
    consumption = KafkaConsumption(consumer, topic)
    consumer.subscribe([name], listener=consumption)
    try:
        await consumer.start()
    except (KafkaError, OSError) as error:
        await consumer.stop()
        raise StreamDown(f"Kafka cannot be reached: {type(error).__name__}") from error
    reader = partial(AIOKafkaConsumer, **{**words, "group_id": None})
    scout = Scout(reader, consumption.windows, consumption.take_in, WINDOW)
    works = consumption.fetch(), consumption.keep(), scout.work()
    tasks = [asyncio.create_task(work, name=f"kafka-{topic}") for work in works]
    try:
        yield consumption
    finally:
        await end(tasks)
        await consumption.commit()
        with suppress(KafkaError, OSError, TimeoutError):
            async with asyncio.timeout(SESSION_MS / 1000):
                await consumer.stop()


class KafkaConsumption(ConsumerRebalanceListener):  # type: ignore[misc]
    """See ``Consumption``."""

    remembers = False

    def __init__(self, consumer: AIOKafkaConsumer, topic: str) -> None:
        self._consumer, self._topic = consumer, topic
        self._windows: dict[TopicPartition, Window] = {}
        self._turns: Turns[Delivery] = Turns()
        self._came = asyncio.Event()
        self._committing = asyncio.Lock()
        self._moving = False

    async def take(self, seconds: float) -> Delivery | None:
        """See ``Consumption``."""
        if not len(self._turns):
            self._came.clear()
            await signalled(self._came, seconds)
        return self._turns.take() if len(self._turns) else None

    async def done(self, delivery: Delivery) -> None:
        """See ``Consumption``: committed shortly."""
        window, offset = delivery.handle
        window.finish(offset)

    async def again(self, delivery: Delivery, *, failed: bool) -> None:
        """See ``Consumption``: at once, and by this consumer while it has the partition."""
        window, offset = delivery.handle
        if window in self._windows.values() and window.holds(offset):
            self._turns.put_first(delivery.record.key, delivery.back(failed=failed))
            self._came.set()

    async def lag(self) -> int:
        """See ``Consumption``: of the partitions this consumer has."""
        windows = dict(self._windows)
        try:
            async with asyncio.timeout(SESSION_MS / 1000):
                ends = await self._consumer.end_offsets(list(windows))
                at = {part: await self._position(part, window) for part, window in windows.items()}
        except (KafkaError, OSError, TimeoutError) as error:
            raise StreamDown("Kafka does not answer") from error
        return sum(max(0, end - at[part]) for part, end in ends.items())

    async def _position(self, part: TopicPartition, window: Window) -> int:
        return window.position if window.ahead >= 0 else int(await self._consumer.position(part))

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # noqa: ARG002 (aiokafka's)
        """All of them, before it is known which come back. From here on nothing is committed: aiokafka repeats a commit that met
        a broker's end, and would do so in the next generation's name.
        """
        await self.commit()
        self._moving = True

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Windows of those that are back go on; of the others they are forgotten. No record comes before a window is there."""
        parts = set(assigned)
        kept = [part for part in parts if part in self._windows and self._windows[part].ahead >= 0]
        gone = {id(window) for part, window in self._windows.items() if part not in parts}
        self._turns.keep(lambda one: id(one.handle[0]) not in gone)
        self._windows = {part: self._windows.get(part, Window(-1)) for part in parts}
        for part, window in self._windows.items():
            window.paused = False
            if window.ahead >= 0:
                self._consumer.seek(part, window.ahead)
        try:
            await self._pass_over(kept)
        finally:
            self._moving = False

    async def _pass_over(self, kept: list[TopicPartition]) -> None:
        """What somebody else did while this consumer was thought dead and its partitions were theirs."""
        try:
            async with asyncio.timeout(PATIENCE):
                committed = await asyncio.gather(*map(self._consumer.committed, kept))
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("it is not known what others did", extra={"topic": self._topic, "reason": type(error).__name__})
            return
        for part, offset in zip(kept, committed, strict=True):
            if offset is not None:
                self._windows[part].pass_over(offset)
                self._consumer.seek(part, self._windows[part].ahead)
        self._turns.keep(lambda one: one.handle[0].holds(one.handle[1]))

    async def fetch(self) -> None:
        """Fill the windows, until cancelled.

        In the middle of a rebalance aiokafka refuses what it took a moment before; it will not do so for ever.
        """
        while True:
            try:
                for part, records in (await self._consumer.getmany(timeout_ms=200, max_records=WINDOW)).items():
                    self._add(part, records)
                self._press()
            except Exception as error:
                log.warning("records cannot be fetched", extra={"topic": self._topic, "reason": type(error).__name__})
                await asyncio.sleep(AGAIN)

    async def keep(self) -> None:
        """Commit what is done, until cancelled."""
        while True:
            await asyncio.sleep(COMMIT)
            try:
                await self.commit()
            except Exception:
                log.exception("offsets are not committed", extra={"topic": self._topic})

    async def commit(self) -> None:
        """Everything that is done and not yet committed. What cannot be committed is delivered again, to whoever has it then."""
        async with self._committing:
            if not self._moving and self._belongs:
                await self._commit()

    @property
    def _belongs(self) -> bool:
        """Whether the group has this consumer. One that was thrown out and does not know its place yet would commit as nobody's
        member, which a group without members takes from anybody: so would be put back what others had done.
        """
        coordinator = self._consumer._coordinator
        return coordinator.coordinator_id is not None and coordinator.generation >= 0

    async def _commit(self) -> None:
        assigned = self._consumer.assignment()
        due = {
            part: window.position
            for part, window in self._windows.items()
            if part in assigned and window.ahead >= 0 and window.position != window.committed
        }
        if not due:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await self._consumer.commit(due)
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("offsets are not committed", extra={"topic": self._topic, "reason": type(error).__name__})
            return
        for part, position in due.items():
            if part in self._windows:
                self._windows[part].committed = position

    def _add(self, part: TopicPartition, records: list[Any]) -> None:
        window = self._windows.get(part)
        if window is None:
            return
        for record in records:
            if record.offset < window.ahead:
                continue
            if window.ahead < 0:
                window.committed = record.offset
            if window.reach(record.offset, len(record.value or b"")):
                self.take_in(part, window, record)

    def take_in(self, part: TopicPartition, window: Window, record: Any) -> None:
        """A record of aiokafka's, to be taken when its turn comes."""
        told = Record((record.key or b"").decode(errors="replace"), record.value or b"", headers(record))
        place = f"{self._topic}-{part.partition}@{record.offset}"
        self._turns.put(told.key, Delivery(told, self._topic, place, 1, handle=(window, record.offset)))
        self._came.set()

    def windows(self) -> Mapping[TopicPartition, Window]:
        """Of the partitions this consumer has."""
        return self._windows

    def _press(self) -> None:
        """Pause partitions whose window is full, resume those with room again."""
        for part, window in self._windows.items():
            filled = max(len(window.pending) / WINDOW, window.bytes * len(self._windows) / BYTES)
            if not window.paused and filled >= 1:
                self._consumer.pause(part)
                window.paused = True
            elif window.paused and filled <= 1 / 2:
                self._consumer.resume(part)
                window.paused = False


def headers(record: Any) -> dict[str, str]:
    """Of a record of aiokafka's."""
    return {name: value.decode(errors="replace") for name, value in record.headers}

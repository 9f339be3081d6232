"""A stream in this process alone: for tests and trials, under the same contract as the others."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.background import signalled
from app.streams.fairness import Turns
from app.streams.types import Delivery, Record


@dataclass(slots=True)
class _Line:
    """One topic to one group."""

    waiting: Turns[Delivery] = field(default_factory=Turns)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    taken: set[Delivery] = field(default_factory=set)
    done: set[int] = field(default_factory=set)


class MemoryStream:
    """Every group gets every record that was published, also before it came."""

    def __init__(self) -> None:
        self._topics: defaultdict[str, list[Record]] = defaultdict(list)
        self._came: defaultdict[str, list[datetime]] = defaultdict(list)
        self._lines: dict[tuple[str, str], _Line] = {}

    async def publish(self, topic: str, record: Record) -> None:
        """See ``Stream``."""
        self._topics[topic].append(record)
        self._came[topic].append(datetime.now(UTC))
        number = len(self._topics[topic])
        for (name, _), line in self._lines.items():
            if name == topic:
                _add(line, topic, number, record)

    async def provide(self) -> None:
        """See ``Stream``: they are."""

    async def lying(self, topic: str, group: str, since: datetime, most: int) -> list[Mapping[str, str]]:
        """See ``Stream``."""
        done = self._lines[topic, group].done if (topic, group) in self._lines else set()
        came = enumerate(zip(self._topics[topic], self._came[topic], strict=True), 1)
        return [record.headers for number, (record, at) in came if at >= since and number not in done][-most:]

    @asynccontextmanager
    async def consume(self, topic: str, group: str = "leakwatch") -> AsyncIterator["MemoryConsumption"]:
        """See ``Stream``."""
        line = self._lines.get((topic, group))
        if line is None:
            line = self._lines[topic, group] = _Line()
            for number, record in enumerate(self._topics[topic], 1):
                _add(line, topic, number, record)
        consumption = MemoryConsumption(line)
        try:
            yield consumption
        finally:
            for delivery in sorted(consumption.mine, key=lambda one: int(one.handle), reverse=True):
                await consumption.again(delivery, failed=False)


class MemoryConsumption:
    """See ``Consumption``."""

    remembers = True

    def __init__(self, line: _Line) -> None:
        self._line = line
        self.mine: set[Delivery] = set()

    async def take(self, seconds: float) -> Delivery | None:
        """See ``Consumption``."""
        if not len(self._line.waiting):
            self._line.came.clear()
            await signalled(self._line.came, seconds)
        if not len(self._line.waiting):
            return None
        delivery = self._line.waiting.take()
        self.mine.add(delivery)
        self._line.taken.add(delivery)
        return delivery

    async def done(self, delivery: Delivery) -> None:
        """See ``Consumption``."""
        self.mine.discard(delivery)
        self._line.taken.discard(delivery)
        self._line.done.add(delivery.handle)

    async def again(self, delivery: Delivery, *, failed: bool) -> None:
        """See ``Consumption``."""
        await self.done(delivery)
        self._line.done.discard(delivery.handle)
        self._line.waiting.put_first(delivery.record.key, delivery.back(failed=failed))
        self._line.came.set()

    async def lag(self) -> int:
        """See ``Consumption``."""
        return len(self._line.waiting) + len(self._line.taken)


def _add(line: _Line, topic: str, number: int, record: Record) -> None:
    line.waiting.put(record.key, Delivery(record, topic, f"{topic}@{number}", 1, handle=number))
    line.came.set()

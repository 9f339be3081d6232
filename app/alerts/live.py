"""What happens to alerts, told to everybody who listens, whichever process it happened in.

Histories are numbered, so what is new is what has a higher number: one task a process asks for that, and only while somebody
listens. PostgreSQL draws numbers before their rows can be seen: those left out are asked for until it is certain that they
were never used.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from app.alerts import repository
from app.alerts.repository import Happening
from app.background import end, signalled
from app.db import Database, Session

EVERY = 1.0
MOST = 200
"""Listeners of one process."""
MANY = 200
"""So many changed alerts are not named any more: whoever listens looks at everything anew."""
LIMIT = 1000
LATE = 60.0
"""Seconds after which a number that was left out does not come any more: no transaction lasts so long."""
GAPS = 50
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """``at``: all before it is known. ``changed``: alerts, unless there are too ``many``; ``created``: some are new."""

    at: int
    changed: tuple[str, ...] = ()
    created: bool = False
    many: bool = False


class Numbers:
    """Which numbers of happenings were seen, and which were left out and may still come."""

    def __init__(self, last: int) -> None:
        self.last = last
        self._gaps: list[tuple[int, int, float]] = []

    @property
    def at(self) -> int:
        """All numbers up to it were seen."""
        return min((low for low, _, _ in self._gaps), default=self.last + 1) - 1

    def unseen(self) -> list[tuple[int, int | None]]:
        """Ranges to ask for."""
        return [*((low, high) for low, high, _ in self._gaps), (self.last + 1, None)]

    def saw(self, numbers: Iterable[int], at: float) -> None:
        """``numbers``: in their order; ``at``: seconds on any clock."""
        seen = sorted(numbers)
        edges: list[tuple[int, int, float]] = []
        for low, high, until in (*self._gaps, (self.last + 1, max([self.last, *seen]), at + LATE)):
            start = low
            for number in (one for one in seen if low <= one <= high):
                edges.append((start, number - 1, until))
                start = number + 1
            edges.append((start, high, until))
        self._gaps = [gap for gap in edges if gap[0] <= gap[1] and gap[2] > at][-GAPS:]
        self.last = max([self.last, *seen])


@dataclass(slots=True, eq=False)
class Listener:
    """One who listens; what was not taken yet is put together."""

    _told: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: News | None = None

    def tell(self, news: News) -> None:
        """Returns at once."""
        before = self._waiting or News(news.at)
        changed = tuple(dict.fromkeys((*before.changed, *news.changed)))
        many = before.many or news.many or len(changed) > MANY
        self._waiting = News(news.at, () if many else changed, before.created or news.created, many)
        self._told.set()

    async def news(self, seconds: float) -> News | None:
        """What happened since it was asked last; ``None``: nothing for so long."""
        await signalled(self._told, seconds)
        self._told.clear()
        waiting, self._waiting = self._waiting, None
        return waiting


class Histories(Protocol):
    """Where what happened is written down, numbered. ``alert_id``, ``changed``: whatever these histories are about."""

    async def last_happening(self, session: Session, /) -> int: ...
    async def happenings(self, session: Session, ranges: Iterable[tuple[int, int | None]], limit: int, /) -> list[Happening]: ...


class Live:
    """``every``: seconds between two looks. ``histories``: of alerts, unless others are given."""

    def __init__(self, database: Database, every: float = EVERY, histories: Histories = repository) -> None:
        self._database, self._every, self._histories = database, every, histories
        self._listeners: set[Listener] = set()
        self._starting = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.over = False

    @property
    def full(self) -> bool:
        return len(self._listeners) >= MOST

    def end(self) -> None:
        """The server was told to stop: nobody's listening shall hold it up."""
        self.over = True
        for listener in self._listeners:
            listener.tell(News(0))

    @asynccontextmanager
    async def listening(self, after: int | None = None) -> AsyncIterator[Listener]:
        """From here on; ``after``: and what happened after that number."""
        listener = Listener()
        self._listeners.add(listener)
        try:
            async with self._starting:
                if self._task is None or self._task.done() or self._task.cancelling():
                    self._task = asyncio.create_task(self._work(await self._start()), name="Live")
            if after is not None:
                await self._catch_up(listener, after)
            yield listener
        finally:
            self._listeners.discard(listener)
            if not self._listeners and self._task is not None:
                self._task.cancel()

    async def close(self) -> None:
        """Whoever listens still is told nothing more."""
        await end([self._task] if self._task else [])

    async def _start(self) -> Numbers:
        async with self._database.reading() as session:
            numbers = Numbers(max(0, await self._histories.last_happening(session) - LIMIT))
            seen = await self._histories.happenings(session, numbers.unseen(), LIMIT)
        numbers.saw((one.id for one in seen), time.monotonic())
        return numbers

    async def _catch_up(self, listener: Listener, after: int) -> None:
        async with self._database.reading() as session:
            found = await self._histories.happenings(session, [(after + 1, None)], LIMIT)
        if found:
            listener.tell(_news(found, found[-1].id))

    async def _work(self, numbers: Numbers) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                async with self._database.reading() as session:
                    found = await self._histories.happenings(session, numbers.unseen(), LIMIT)
            except Exception:
                log.exception("looking for what is new stumbled")
                continue
            numbers.saw((one.id for one in found), time.monotonic())
            for listener in self._listeners if found else ():
                listener.tell(_news(found, numbers.at))


def _news(found: Sequence[Happening], at: int) -> News:
    changed = tuple(dict.fromkeys(one.alert_id for one in found if one.action != "created"))
    many = len(found) >= LIMIT or len(changed) > MANY
    return News(at, () if many else changed, any(one.action == "created" for one in found), many)

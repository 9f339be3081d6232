"""Dead letters, seen and put back. They stay where they are until they are among the messages again."""

from contextlib import AsyncExitStack
from typing import Any

from app.audit import service as audit
from app.db import Database
from app.db.upgrading import bring_up_to_date
from app.settings import Settings
from app.streams.opening import open_stream
from app.streams.table import TableStream
from app.streams.types import DEAD_LETTERS, MESSAGES, REPLAY, Consumption, Delivery, Record, Stream

WAIT = 5.0
"""Seconds to wait for the first one: a consumer of Kafka's joins its group first."""
NEXT = 0.5
TOLD = ("at", "code", "reason", "place")


async def replay(settings: Settings, most: int, *, only_list: bool) -> list[dict[str, Any]]:
    """What each dead letter says about itself: ``at``, ``code``, ``reason``, ``place``, ``key``. Raises StreamDown."""
    database = Database(settings.database)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        await bring_up_to_date(database)
        stream = await stack.enter_async_context(open_stream(settings, TableStream(database)))
        dead = await stack.enter_async_context(stream.consume(DEAD_LETTERS, REPLAY))
        taken = await _taken(dead, most)
        if taken and not only_list:
            await _put_all_back(database, stream, dead, taken)
        return [_told(one.record) for one in taken]


async def _taken(dead: Consumption, most: int) -> list[Delivery]:
    taken: list[Delivery] = []
    while len(taken) < most and (one := await dead.take(NEXT if taken else WAIT)):
        taken.append(one)
    return taken


async def _put_all_back(database: Database, stream: Stream, dead: Consumption, taken: list[Delivery]) -> None:
    """What was put back is written down, even when the rest cannot be."""
    count = 0
    try:
        for delivery in taken:
            await _put_back(stream, dead, delivery)
            count += 1
    finally:
        async with database.writing() as session:
            await audit.record(session, audit.operator(), "dead_letters.replayed", "stream", DEAD_LETTERS, count=count)


async def _put_back(stream: Stream, dead: Consumption, delivery: Delivery) -> None:
    about = {"replayed": delivery.record.headers.get("at", "")}
    await stream.publish(MESSAGES, Record(delivery.record.key, delivery.record.value, about))
    await dead.done(delivery)


def _told(record: Record) -> dict[str, Any]:
    return {**{name: record.headers.get(name, "") for name in TOLD}, "key": record.key}

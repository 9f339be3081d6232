"""What the database says after all: read with plain SQL, so that no query of the program's own can hide what it did."""

import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import make_url, text

from app.db import Database

MESSAGES = "SELECT id, gateway, message_id, status, reason, attempts, verdict FROM messages"
ALERTS = "SELECT id, message_id FROM alerts"
HISTORY = "SELECT alert_id, action FROM alert_history ORDER BY id"
OUTBOX = "SELECT id, sender, alert_id, event, status, attempts FROM outbox"
WAITING = "SELECT topic FROM stream_records WHERE topic = 'messages'"
BURIED = "SELECT value FROM stream_records WHERE topic = 'dead-letters'"
STORED = "SELECT count(*) FROM messages WHERE gateway = $1 AND message_id = $2"
LEFT = """SELECT (SELECT count(*) FROM messages WHERE status = 'queued')
               + (SELECT count(*) FROM stream_records WHERE topic = 'messages')
               + (SELECT count(*) FROM outbox WHERE status = 'pending')"""

UNANSWERED = (sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Books:
    """Rows of the tables; ``buried``: dead letters kept in the database."""

    messages: Rows
    alerts: Rows
    history: Rows
    outbox: Rows
    waiting: Rows
    buried: Rows


async def read(url: str) -> Books:
    """All of it, at one moment. Raises DatabaseFailure."""
    database = Database(url)
    try:
        async with database.reading() as session:
            asked = (MESSAGES, ALERTS, HISTORY, OUTBOX, WAITING, BURIED)
            found = [[dict(row) for row in (await session.execute(text(query))).mappings()] for query in asked]
    finally:
        await database.close()
    for row in found[0]:
        row["verdict"] = json.loads(row["verdict"]) if isinstance(row["verdict"], str) else row["verdict"]
    return Books(*found)


async def left(url: str) -> int:
    """Messages without a verdict, records not handed on, notifications not delivered. Raises DatabaseFailure."""
    database = Database(url)
    try:
        async with database.reading() as session:
            return int((await session.execute(text(LEFT))).scalar_one())
    finally:
        await database.close()


@asynccontextmanager
async def watching(url: str, gateway: str, message_id: str) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    """Whether a message is stored, to be asked often. Raises one of ``UNANSWERED``.

    Without any of our own machinery, which would take longer than a server takes from storing to answering.
    """
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(f"file:{make_url(url).database}?mode=ro", uri=True, isolation_level=None)) as file:

            async def is_in_file() -> bool:
                return bool(file.execute(STORED, (gateway, message_id)).fetchone()[0])

            yield is_in_file
        return
    connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        asked = await connection.prepare(STORED)

        async def is_stored() -> bool:
            return bool(await asked.fetchval(gateway, message_id))

        yield is_stored
    finally:
        connection.terminate()

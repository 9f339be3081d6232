"""Connections and transactions. One transaction is one request or one record, committed where it was begun.

SQLite's own rules decide the shape: a read transaction that turns into a write can fail at any moment, so a writer
begins with ``BEGIN IMMEDIATE`` and readers never write. WAL lets both run at once; ``synchronous=FULL`` makes a commit
outlive the power (https://www.sqlite.org/wal.html §2, https://www.sqlite.org/pragma.html#pragma_synchronous).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000", "temp_store=MEMORY")


def _connected(connection: Any, _record: Any) -> None:
    """Take transaction control from the driver (SQLAlchemy: "Transactions with SQLite and the sqlite3 driver")."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begun(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"))


class Database:
    """All access to one database. Writers queue here: SQLite has room for one, and its retries are less fair than a lock."""

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = create_async_engine(url, hide_parameters=True, pool_size=8, max_overflow=16)
        event.listen(self.engine.sync_engine, "connect", _connected)
        event.listen(self.engine.sync_engine, "begin", _begun)
        self._reader = self.engine.execution_options(begin="BEGIN")
        self._writer = asyncio.Lock()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A consistent view of one moment; nothing done in it is kept."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A transaction: committed, durably, when the block ends; undone when it raises."""
        async with self._writer, AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    async def revision(self) -> str | None:
        """Which migration the database is at; ``None``: an empty one."""
        async with self.reading() as session:
            if not await session.run_sync(lambda sync: inspect(sync.connection()).has_table("alembic_version")):
                return None
            return (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar()

    async def close(self) -> None:
        await self.engine.dispose()

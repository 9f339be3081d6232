"""Connections and transactions. One transaction is one request or one record, committed where it was begun."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event, inspect, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from app.db.dialect import dialect_of
from app.db.failure import DatabaseFailure


class Database:
    """All access to one database. Everything here raises DatabaseFailure."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._dialect = dialect_of(self._url.get_backend_name())
        self.engine: AsyncEngine = self._engine()
        self._reader = self.engine.execution_options(**self._dialect.reading)
        self._writers = self._dialect.writers()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A consistent view of one moment; nothing done in it is kept."""
        async with self._session(self._reader) as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A transaction: committed, durably, when the block ends; undone when it raises."""
        async with self._writers, self._session(self.engine) as session, session.begin():
            yield session

    @asynccontextmanager
    async def migrating(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that may change the schema, while no other process does."""
        engine = self._engine(migrating=True)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(self._dialect.alone)
                yield connection
                await connection.run_sync(self._dialect.settle)
        finally:
            await engine.dispose()

    async def revision(self) -> str | None:
        """Which migration the database is at; ``None``: an empty one, or none at all."""
        if not self._dialect.there(self._url):
            return None
        async with self.reading() as session:
            if not await session.run_sync(lambda sync: inspect(sync.connection()).has_table("alembic_version")):
                return None
            return (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar()

    async def close(self) -> None:
        await self.engine.dispose()

    def _engine(self, **options: Any) -> AsyncEngine:
        engine = self._dialect.engine(self._url, **options)
        event.listen(engine.sync_engine, "handle_error", self._named)
        return engine

    @asynccontextmanager
    async def _session(self, engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
        try:
            async with AsyncSession(engine, expire_on_commit=False) as session:
                yield session
        except PoolExhausted as error:
            raise DatabaseFailure("all connections are taken") from error

    def _named(self, context: ExceptionContext) -> None:
        error = context.original_exception
        if isinstance(error, Exception) and (context.is_disconnect or self._dialect.is_failure(error)):
            raise DatabaseFailure(_said(error)) from error


async def turn(session: AsyncSession, what: str) -> None:
    """Be the only transaction at ``what`` from here to its end: none that comes later is committed, or has looked, before.

    Ask for it before anything else: a row read earlier may not be as it was read, and a row locked earlier may be what the
    transaction before waits for.
    """
    await dialect_of(session.get_bind().dialect.name).turn(session, what)


def _said(error: BaseException) -> str:
    """In one line, without the driver's class name."""
    said = str(getattr(error, "__cause__", None) or error)
    return said.partition("\n")[0] or type(error).__name__

"""Where SQLite and PostgreSQL differ; nothing else asks which of them it talks to.

SQLite has room for one writer, and a read transaction that turns into a write can fail at any moment: a writer begins with
``BEGIN IMMEDIATE``, and readers never write. WAL lets both run at once; ``synchronous=FULL`` makes a commit outlive the power
(https://www.sqlite.org/wal.html §2, https://www.sqlite.org/pragma.html#pragma_synchronous).

PostgreSQL has room for many writers, so what SQLite gives for free is asked for: whoever must not be overtaken takes turns
(an advisory lock), a reader's moment is a snapshot, and text is compared by its bytes whatever the database's locale is.
"""

import asyncio
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Protocol

import asyncpg
from sqlalchemy import URL, Connection, Double, NullPool, event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.db.failure import DatabaseFailure

POOL: Mapping[str, Any] = {"pool_size": 8, "max_overflow": 16, "pool_timeout": 15, "pool_use_lifo": True}
"""The connection that rested last is used again: it knows its statements, its tables and their pages, and need not be asked
whether it stands. One by one in turn, each of the eight would be slow once for everybody.
"""


class Dialect(Protocol):
    """One kind of database. ``reading``: execution options of a reader's connections."""

    reading: ClassVar[Mapping[str, Any]]

    def engine(self, url: URL, *, migrating: bool = False) -> AsyncEngine:
        """Connections as they should be; for a migration without time limits, and with rows free to point nowhere meanwhile."""

    def writers(self) -> AbstractAsyncContextManager[Any]:
        """What a writer of this process holds during its transaction."""

    def there(self, url: URL) -> bool:
        """Whether asking would find a database, rather than make one."""

    def is_failure(self, error: BaseException) -> bool:
        """Whether the database's error is its own, and not the statement's."""

    async def turn(self, session: AsyncSession, what: str) -> None:
        """Wait until no other transaction has its turn at ``what``, and keep it until this one has ended."""

    def alone(self, connection: Connection) -> None:
        """Wait until no other migration runs."""

    def settle(self, connection: Connection) -> None:
        """After a migration: what it left to us, and whether all is well. Raises DatabaseFailure."""

    def only_added(self, connection: Connection, table: str) -> None:
        """In a migration: rows of ``table`` are from now on neither changed nor removed, whoever asks; the database refuses."""

    def let_change(self, connection: Connection, table: str) -> None:
        """In a migration: take that back."""


class _Connection(sqlite3.Connection):
    """A connection that is cut off in the middle of a statement keeps its transaction, and with it the lock, until the cursor is
    forgotten (https://www.sqlite.org/c3ref/close.html: a "zombie"). This one gives it back when it is closed.
    """

    def close(self) -> None:
        with suppress(sqlite3.ProgrammingError):  # it is closed
            self.rollback()
        super().close()


class SQLite:
    """A file that one machine's processes share."""

    reading: ClassVar[Mapping[str, Any]] = {"begin": "BEGIN"}
    PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000", "temp_store=MEMORY")
    STATEMENTS = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError, sqlite3.NotSupportedError)

    def engine(self, url: URL, *, migrating: bool = False) -> AsyncEngine:
        pool: Mapping[str, Any] = {"poolclass": NullPool} if migrating else POOL
        engine = create_async_engine(url, hide_parameters=True, connect_args={"factory": _Connection}, **pool)
        event.listen(engine.sync_engine, "connect", self._rebuilding if migrating else self._connected)
        event.listen(engine.sync_engine, "begin", self._begun)
        return engine

    def writers(self) -> AbstractAsyncContextManager[Any]:
        """A lock: SQLite's retries are less fair."""
        return asyncio.Lock()

    def there(self, url: URL) -> bool:
        return Path(url.database or "").exists()

    def is_failure(self, error: BaseException) -> bool:
        return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, self.STATEMENTS)

    async def turn(self, session: AsyncSession, what: str) -> None:
        """A writer is alone anyway."""

    def alone(self, connection: Connection) -> None:
        """So is a migration."""

    def settle(self, connection: Connection) -> None:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise DatabaseFailure(f"rows of {', '.join(sorted({row[0] for row in broken}))} would name what is not there")

    def only_added(self, connection: Connection, table: str) -> None:
        """``INSERT OR REPLACE`` removes a row without asking a trigger of removals (https://www.sqlite.org/lang_conflict.html),
        so what has a row's number is not let in.
        """
        for name, when in self._refusals(table):
            says = f"rows of {table} are only ever added"
            connection.exec_driver_sql(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{says}'); END")

    def let_change(self, connection: Connection, table: str) -> None:
        for name, _ in self._refusals(table):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")

    @staticmethod
    def _refusals(table: str) -> Iterator[tuple[str, str]]:
        yield f"{table}_unchanged", f"BEFORE UPDATE ON {table}"
        yield f"{table}_unremoved", f"BEFORE DELETE ON {table}"
        there = f"EXISTS (SELECT 1 FROM {table} WHERE seq = NEW.seq)"  # noqa: S608 (a name of ours)
        yield f"{table}_unreplaced", f"BEFORE INSERT ON {table} WHEN {there}"

    def _connected(self, connection: Any, _record: Any) -> None:
        """Take transaction control from the driver (SQLAlchemy: "Transactions with SQLite and the sqlite3 driver")."""
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in self.PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def _rebuilding(self, connection: Any, record: Any) -> None:
        """A table that is rebuilt must not take along what refers to it (https://www.sqlite.org/lang_altertable.html §7)."""
        self._connected(connection, record)
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.close()

    @staticmethod
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"))


class PostgreSQL:
    """A server that may stop, restart or be far away. Times are in milliseconds where it keeps them, else in seconds."""

    reading: ClassVar[Mapping[str, Any]] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    PATIENCE: ClassVar[Mapping[str, str]] = {
        "statement_timeout": "60000",
        "lock_timeout": "15000",
        "idle_in_transaction_session_timeout": "120000",
    }
    FRESH = 1.0
    """Seconds of rest after which a connection is asked whether it stands; after a restart the busiest users learn of it."""
    UNANSWERED = 90
    """Longer than any statement may take: then nobody is there to say so."""
    SESSION: ClassVar[Mapping[str, str]] = {"application_name": "leakwatch", "jit": "off"}
    FAILURES = ("08", "25P", "40", "53", "55", "57", "58", "XX")
    """Beginnings of SQLSTATEs that are about the server or about other transactions
    (https://www.postgresql.org/docs/current/errcodes-appendix.html).
    """

    def engine(self, url: URL, *, migrating: bool = False) -> AsyncEngine:
        settings = {**self.SESSION, **({} if migrating else self.PATIENCE)}
        arguments = {"timeout": 10, "command_timeout": None if migrating else self.UNANSWERED, "server_settings": settings}
        pool: Mapping[str, Any] = {"poolclass": NullPool} if migrating else POOL
        engine = create_async_engine(url, hide_parameters=True, isolation_level="READ COMMITTED", connect_args=arguments, **pool)
        event.listen(engine.sync_engine, "do_connect", self._connect)
        event.listen(engine.sync_engine, "checkin", self._rested)
        event.listen(engine.sync_engine, "checkout", partial(self._woken, engine.dialect))
        return engine

    def writers(self) -> AbstractAsyncContextManager[Any]:
        return nullcontext()

    def there(self, url: URL) -> bool:  # noqa: ARG002
        return True

    def is_failure(self, error: BaseException) -> bool:
        state = getattr(error, "sqlstate", None) or ""
        return isinstance(error, OSError) or state.startswith(self.FAILURES)

    async def turn(self, session: AsyncSession, what: str) -> None:
        await session.execute(self._lock(what))

    def alone(self, connection: Connection) -> None:
        connection.execute(self._lock("migration"))

    def settle(self, connection: Connection) -> None:
        for table, changes in self._foreign_texts(connection):
            connection.exec_driver_sql(f"ALTER TABLE {table} {changes}")

    def only_added(self, connection: Connection, table: str) -> None:
        """TRUNCATE asks no trigger of rows (https://www.postgresql.org/docs/current/sql-truncate.html), so it has its own."""
        says = f"RAISE EXCEPTION 'rows of {table} are only ever added' USING ERRCODE = 'restrict_violation'"
        made = f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {says}; END $$"
        connection.exec_driver_sql(made)
        for name, when in (("unchanged", "UPDATE OR DELETE"), ("untruncated", "TRUNCATE")):
            made = f"CREATE TRIGGER {table}_{name} BEFORE {when} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
            connection.exec_driver_sql(made)
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}")

    def let_change(self, connection: Connection, table: str) -> None:
        connection.exec_driver_sql(f"DROP FUNCTION {table}_refuse() CASCADE")

    @staticmethod
    def _lock(what: str) -> Any:
        key = int.from_bytes(sha256(f"leakwatch {what}".encode()).digest()[:8], signed=True)
        return text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=key)

    @staticmethod
    def _foreign_texts(connection: Connection) -> Iterator[tuple[str, str]]:
        """Tables with text that would be compared by some locale's rules, and what changes that."""
        rows = connection.exec_driver_sql(
            """SELECT quote_ident(t.relname), string_agg(format('ALTER %I TYPE %s COLLATE "C"', a.attname,
                        format_type(a.atttypid, a.atttypmod)), ', ')
               FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid JOIN pg_collation c ON c.oid = a.attcollation
               WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r' AND a.attnum > 0
                 AND NOT a.attisdropped AND c.collname <> 'C'
               GROUP BY t.relname"""
        )
        yield from ((table, changes) for table, changes in rows.fetchall())

    @staticmethod
    def _rested(_connection: Any, record: Any) -> None:
        record.info["rested"] = time.monotonic()

    @classmethod
    def _woken(cls, dialect: Any, connection: Any, record: Any, _proxy: Any) -> None:
        """Whether a connection that did nothing for a while still stands is asked before it is used, and not each time: that
        was a sixth of all that was said (SQLAlchemy: "Disconnect Handling - Pessimistic").
        """
        if time.monotonic() - record.info.get("rested", time.monotonic()) < cls.FRESH:
            return
        try:
            dialect.do_ping(connection)
        except (OSError, dialect.loaded_dbapi.Error) as error:
            raise DisconnectionError from error

    @staticmethod
    def _connect(dialect: Any, _record: Any, arguments: Any, named: Any) -> Any:
        """The driver's many ways to say that no connection came about, as one."""
        try:
            return dialect.connect(*arguments, **named)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, dialect.loaded_dbapi.Error) as error:
            raise DatabaseFailure(str(error.__cause__ or error) or "it does not answer") from error


class clock(FunctionElement[float]):
    """The database's own clock in seconds since 1970: workers on several machines agree on it, whatever theirs say."""

    type = Double()
    inherit_cache = True


@compiles(clock, "sqlite")
def _sqlite(_element: clock, _compiler: Any, **_: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(clock, "postgresql")
def _postgresql(_element: clock, _compiler: Any, **_: Any) -> str:
    return "CAST(extract(epoch from clock_timestamp()) AS double precision)"


class epoch(FunctionElement[float]):
    """Seconds since 1970 of a moment, be it a column of moments or a text as RFC 3339 has it; to the millisecond at least."""

    type = Double()
    inherit_cache = True


@compiles(epoch, "sqlite")
def _sqlite_epoch(element: epoch, compiler: Any, **more: Any) -> str:
    return f"((julianday({compiler.process(element.clauses, **more)}) - 2440587.5) * 86400.0)"


@compiles(epoch, "postgresql")
def _postgresql_epoch(element: epoch, compiler: Any, **more: Any) -> str:
    moment = f"CAST({compiler.process(element.clauses, **more)} AS timestamptz)"
    return f"CAST(extract(epoch from {moment}) AS double precision)"


DIALECTS: Mapping[str, Dialect] = {"sqlite": SQLite(), "postgresql": PostgreSQL()}


def dialect_of(name: str) -> Dialect:
    """By SQLAlchemy's word for it."""
    return DIALECTS[name]

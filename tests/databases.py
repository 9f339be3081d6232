"""Which database the tests of the program run on, and a fresh one for each of them: ``pytest --database postgresql``."""

import asyncio
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from app.db import Database
from app.db.migrations import migrate
from app.settings import PREFIX
from tests.services.postgres import PostgreSQL

SETTING = f"{PREFIX}DATABASE_URL"


class Databases(Protocol):
    """Databases that nobody has used."""

    def fresh(self) -> str:
        """One at the present schema, or one that becomes so when it is first opened; an empty URL: in the data directory."""

    def empty(self) -> str:
        """One that nobody has migrated."""

    def forget(self, url: str) -> None:
        """Whoever is connected."""


class Files:
    """SQLite: every data directory has its own. Whoever opens it first begins with a copy of one that was migrated once, in the
    folder ``kept``: migrating takes longer than most tests.
    """

    def __init__(self, kept: Path) -> None:
        self._kept = kept / "migrated.db"
        asyncio.run(_made(f"sqlite+aiosqlite:///{self._kept}"))

    async def migrate(self, database: Database) -> None:
        """Stands for `app.db.migrations.migrate`. Of what is there already nothing is touched."""
        url = database.engine.url
        if url.get_backend_name() != "sqlite" or not self._begun(Path(url.database or "")):
            await migrate(database)

    def _begun(self, place: Path) -> bool:
        ours = place.with_name(f"{place.name}.{threading.get_ident()}")
        shutil.copy(self._kept, ours)
        try:
            os.link(ours, place)  # whole, or not at all: others may open it at the same time
        except FileExistsError:
            return False
        finally:
            ours.unlink()
        return True

    def fresh(self) -> str:
        return ""

    def empty(self) -> str:
        return ""

    def forget(self, url: str) -> None:
        """It goes with its folder."""


class Copies:
    """PostgreSQL: copies of one that was migrated once, in some 50 ms each.

    Nobody pulls its plug, so it does not wait for the disk: a copy would take seconds.
    """

    TEMPLATE = "migrated"

    def __init__(self, postgres: PostgreSQL) -> None:
        self._postgres = postgres
        asyncio.run(_migrated(postgres.database(self.TEMPLATE)))

    def fresh(self) -> str:
        return self._postgres.database(template=self.TEMPLATE)

    def empty(self) -> str:
        return self._postgres.database()

    def forget(self, url: str) -> None:
        self._postgres.drop(url.rpartition("/")[2])


async def _made(url: str) -> None:
    database = Database(url)
    await migrate(database)
    await database.close()


async def _migrated(url: str) -> None:
    database = Database(url)
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"):
            await connection.exec_driver_sql(statement)
    await database.close()
    await _made(url)


@contextmanager
def configured(url: str) -> Iterator[None]:
    """What is configured by the environment, commands run by a test too, uses this database."""
    os.environ[SETTING] = url
    try:
        yield
    finally:
        del os.environ[SETTING]

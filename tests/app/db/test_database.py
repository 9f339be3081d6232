"""Transactions as promised, and tables as the migrations make them."""

import asyncio
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError

from app.db import Database, DatabaseFailure
from app.db.ids import born, new_id
from app.db.migrations import config, migrate
from app.db.models import HEAD, FingerprintRow, Table, TokenRow
from app.db.upgrading import bring_up_to_date
from app.people import service
from app.settings import Settings
from tests.databases import Databases


async def opened(folder: Path) -> Database:
    database = Database(Settings(data_dir=folder).database)
    await migrate(database)
    return database


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), Table.metadata))


async def test_migrations_make_the_models(tmp_path: Path, databases: Databases) -> None:
    database = Database(Settings(data_dir=tmp_path, database_url=databases.empty()).database)
    assert await database.revision() is None
    await migrate(database)
    await migrate(database)
    assert await database.revision() == HEAD == ScriptDirectory.from_config(config()).get_current_head()
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await database.close()


async def test_the_connection_that_rested_last_is_used_again(tmp_path: Path, databases: Databases) -> None:
    database = Database(Settings(data_dir=tmp_path, database_url=databases.empty()).database)
    used = list[object]()

    async def use(all_here: asyncio.Barrier | None = None) -> None:
        async with database.reading() as session:
            used.append((await (await session.connection()).get_raw_connection()).driver_connection)
            if all_here:
                await all_here.wait()

    barrier = asyncio.Barrier(3)
    await asyncio.gather(*(use(barrier) for _ in range(3)))
    for _ in range(3):
        await use()
    assert len(set(map(id, used[:3]))) == 3
    assert len(set(map(id, used[3:]))) == 1
    await database.close()


@pytest.mark.only("sqlite")
async def test_sqlite_is_durable_and_strict(tmp_path: Path) -> None:
    database = await opened(tmp_path)
    async with database.reading() as session:
        found = [
            (await session.execute(text(f"PRAGMA {name}"))).scalar() for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            session.add(FingerprintRow(reference_id="nowhere", kind="k", data=b""))
    await database.close()


async def test_readers_see_one_moment_and_block_nobody(tmp_path: Path) -> None:
    database = await opened(tmp_path)
    async with database.reading() as reader:
        assert list(await reader.scalars(select(TokenRow.name))) == []
        async with database.writing() as session:
            await service.create_token(session, "late", service.Role.OWNER)
        assert list(await reader.scalars(select(TokenRow.name))) == []
    async with database.reading() as reader:
        assert list(await reader.scalars(select(TokenRow.name))) == ["late"]
    await database.close()


async def test_a_database_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    database = await opened(tmp_path)
    async with database.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseFailure, match="newer leakwatch"):
        await bring_up_to_date(database)
    assert await database.revision() == "9999"
    await database.close()


async def test_what_fails_is_undone(tmp_path: Path) -> None:
    database = await opened(tmp_path)

    async def fail() -> None:
        async with database.writing() as session:
            await service.create_token(session, "never", service.Role.OWNER)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.reading() as session:
        assert list(await session.scalars(select(TokenRow.name))) == []
    await database.close()


async def test_who_is_cut_off_in_the_middle_of_a_statement_keeps_nobody_waiting(tmp_path: Path) -> None:
    """A cancelled task's traceback holds on to the cursor, and the cursor to what it was reading."""
    database = await opened(tmp_path)
    rows = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT i FROM n ORDER BY -i")

    async def read_and_write() -> None:
        async with database.writing() as session:
            await service.create_token(session, "never", service.Role.OWNER)
            await session.execute(rows)

    for moment in (0.02, 0.1):
        task = asyncio.create_task(read_and_write())
        await asyncio.sleep(moment)
        task.cancel()
        [cut_off] = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(cut_off, asyncio.CancelledError)
        async with database.writing() as session:
            await service.create_token(session, f"{moment}", service.Role.OWNER)
    async with database.reading() as session:
        assert set(await session.scalars(select(TokenRow.name))) == {"0.02", "0.1"}
    await database.close()


async def test_many_writers_of_two_processes_worth_of_connections(tmp_path: Path) -> None:
    """Two ``Database`` objects share no lock, as two processes share none."""
    one, other = await opened(tmp_path), await opened(tmp_path)

    async def write(database: Database, name: str) -> None:
        async with database.writing() as session:
            await session.scalar(select(TokenRow.name).limit(1))
            await service.create_token(session, name, service.Role.OWNER)

    await asyncio.gather(*(write(database, f"{i}") for i in range(10) for database in (one, other)))
    async with one.reading() as session:
        assert len(list(await session.scalars(select(TokenRow.name)))) == 20
    await one.close()
    await other.close()


async def test_moments_come_back_as_they_went(tmp_path: Path) -> None:
    database = await opened(tmp_path)
    moment = datetime(2026, 3, 2, 17, 31, tzinfo=timezone(timedelta(hours=8)))
    async with database.writing() as session:
        session.add(TokenRow(id="t", name="n", role="owner", hash="h", expires_at=moment))
    async with database.reading() as session:
        found = await session.scalar(select(TokenRow.expires_at))
    assert found == moment
    assert found.tzinfo is UTC
    await database.close()


async def test_ids_are_sorted_by_birth() -> None:
    ids = []
    for _ in range(3):
        ids.append(new_id("x"))
        await asyncio.sleep(0.002)
    assert ids == sorted(ids)
    assert [born(one) for one in ids] == sorted(born(one) for one in ids)
    assert abs(born(ids[0]) / 1000 - time.time()) < 60
    assert len(set(ids)) == 3

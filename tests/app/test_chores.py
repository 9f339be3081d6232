"""Chores of a real table: done by one server at a time, kept while it lives, taken over when it is gone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app import chores
from app.chores import Doing
from app.db import Database
from app.db.models import AssetRow, HuntRow
from app.db.upgrading import bring_up_to_date
from app.hunts import repository
from app.ingest.jobs import JobError
from app.settings import Settings
from tests.app.conftest import fresh


class Holding(Doing[HuntRow]):
    """Does nothing until ``free`` is set, and then what it is told to. ``done``: what it began, in order."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, repository)
        self.began: list[str] = []
        self.free = asyncio.Event()
        self.error: Exception | None = None

    async def _do(self, row: HuntRow) -> None:
        self.began.append(row.id)
        await self.free.wait()
        if self.error is not None:
            raise self.error


@pytest.fixture
async def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setattr(chores, "LOOK", 0.05)
    monkeypatch.setattr(chores, "AGAIN", 0.05)
    database = Database(Settings(data_dir=tmp_path).database)
    await bring_up_to_date(database)
    yield database
    await database.close()


async def asked(database: Database) -> str:
    async with database.writing() as session:
        asset = AssetRow(
            id=fresh("ast_"),
            title="Plan",
            kind="document",
            level="",
            owner="o",
            unit="",
            terms=[],
            tags=[],
            keep_originals=True,
            note="",
        )
        session.add(asset)
        await session.flush()
        return (await repository.begin(session, asset.id, "ana")).id


async def told(database: Database, ident: str) -> tuple[str, str | None]:
    async with database.reading() as session:
        row = (await session.scalars(select(HuntRow).where(HuntRow.id == ident))).one()
    return row.status, row.reason


async def claimed_until(database: Database, ident: str) -> float:
    async with database.reading() as session:
        until = await session.scalar(select(HuntRow.claimed_until).where(HuntRow.id == ident))
    assert until is not None
    return until


async def until_told(database: Database, ident: str, status: str) -> str | None:
    async with asyncio.timeout(60):
        while (found := await told(database, ident))[0] != status:  # noqa: ASYNC110 (what the database shows is waited for)
            await asyncio.sleep(0.02)
    return found[1]


async def began(doing: Holding, *idents: str) -> None:
    async with asyncio.timeout(60):
        while doing.began != list(idents):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_one_after_the_other_the_longest_waiting_first(database: Database) -> None:
    first, second = await asked(database), await asked(database)
    async with Holding(database) as doing:
        await began(doing, first)
        assert [await told(database, one) for one in (first, second)] == [("running", None), ("queued", None)]
        doing.free.set()
        await until_told(database, second, "done")
        assert doing.began == [first, second]


async def test_who_is_at_one_keeps_it_for_as_long_as_it_lives(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores, "LEASE", 3.0)
    ident = await asked(database)
    async with Holding(database) as doing:
        await began(doing, ident)
        first = await claimed_until(database, ident)
        async with asyncio.timeout(60):
            while await claimed_until(database, ident) <= first:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        doing.free.set()
        await until_told(database, ident, "done")
    assert doing.began == [ident]


async def test_of_a_server_that_is_gone_another_takes_over(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    ident = await asked(database)
    async with database.writing() as session:
        assert await repository.claim(session, ident, 1.0) is not None, "and then it died"
    async with Holding(database) as doing:
        await began(doing, ident)


async def test_who_ends_lets_another_at_it_at_once(database: Database) -> None:
    ident = await asked(database)
    async with Holding(database) as doing:
        await began(doing, ident)
    async with Holding(database) as other:
        await began(other, ident)


async def test_what_stumbles_is_tried_again_and_what_cannot_be_done_is_not(database: Database) -> None:
    ident = await asked(database)
    async with Holding(database) as doing:
        doing.error = ZeroDivisionError()
        doing.free.set()
        await began(doing, ident, ident)
        doing.error = JobError("unknown_asset", "there is none")
        assert await until_told(database, ident, "failed") == "unknown_asset: there is none"
        tries = len(doing.began)
        await asyncio.sleep(0.3)
        assert len(doing.began) == tries

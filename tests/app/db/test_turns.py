"""Numbers of changes are drawn before they are seen; whoever follows them must miss none."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.assets import repository
from app.db import Database
from app.db.upgrading import bring_up_to_date
from app.settings import Settings


@pytest.fixture
async def processes(tmp_path: Path) -> AsyncIterator[tuple[Database, Database]]:
    """Two processes' worth of connections to one database."""
    settings = Settings(data_dir=tmp_path)
    one, other = Database(settings.database), Database(settings.database)
    await bring_up_to_date(one)
    yield one, other
    await one.close()
    await other.close()


async def change(database: Database, asset: str, seconds: float = 0) -> None:
    async with database.writing() as session:
        await repository.touch(session, asset)
        await asyncio.sleep(seconds)


async def seen(database: Database, checkpoint: int) -> list[tuple[str, int]]:
    async with database.reading() as session:
        return await repository.changed_since(session, checkpoint)


async def test_a_later_change_is_not_seen_before_an_earlier_one(processes: tuple[Database, Database]) -> None:
    one, other = processes
    async with one.writing() as session:
        await repository.touch(session, "first")
        later = asyncio.create_task(change(other, "second"))
        await asyncio.sleep(0.5)
        assert await seen(one, 0) == [], "a follower would never ask for the first change again"
    await later
    assert [asset for asset, _ in await seen(one, 0)] == ["first", "second"]


async def test_a_follower_misses_nothing_of_many_writers(processes: tuple[Database, Database]) -> None:
    chance = random.Random(7)
    writers = [change(processes[n % 2], f"{n}", chance.random() / 50) for n in range(60)]
    checkpoint, found = 0, list[str]()
    writing = asyncio.gather(*writers)
    over = False
    while not over:
        over = writing.done()  # what is seen after that is the last
        news = await seen(processes[0], checkpoint)
        found += [asset for asset, _ in news]
        checkpoint = news[-1][1] if news else checkpoint
    await writing
    assert sorted(found, key=int) == [f"{n}" for n in range(60)]


async def test_turns_at_other_things_are_not_waited_for(processes: tuple[Database, Database]) -> None:
    """What is written meanwhile by whoever changes no asset depends on the database: SQLite has room for one writer."""
    one, other = processes
    async with one.writing() as session:
        await repository.touch(session, "first")
        async with asyncio.timeout(60):
            assert await seen(other, 0) == []

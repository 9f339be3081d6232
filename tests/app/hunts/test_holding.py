"""A hunt that stores what it found, and an owner who retires its asset: neither waits for the other for ever."""

import asyncio
from pathlib import Path

import pytest

from app.assets import repository as assets
from app.db import Database
from app.hunts import repository
from tests.app.assets.test_listing import made
from tests.app.db.test_database import opened

MOMENT = 0.3
"""Seconds until whoever waits for a row waits for it."""


async def retired(database: Database, asset: str) -> None:
    async with database.writing() as session:
        await assets.remove(session, asset)


async def hunted(database: Database, asset: str) -> str:
    """A hunt that somebody is at."""
    async with database.writing() as session:
        hunt = await repository.begin(session, asset, "otto")
        assert await repository.claim(session, hunt.id, 60)
    return hunt.id


@pytest.mark.parametrize("wanted", [True, False], ids=["the hunt came first", "the owner came first"])
async def test_who_came_first_is_not_waited_for_in_turn(tmp_path: Path, wanted: bool) -> None:
    database = await opened(tmp_path)
    try:
        row = made(1, "Pump")
        async with database.writing() as session:
            session.add(row)
        hunt = await hunted(database, row.id)
        if not wanted:
            await retired(database, row.id)
        async with database.writing() as session:
            assert await repository.hold(session, hunt) is wanted
            leaving = asyncio.create_task(retired(database, row.id))
            await asyncio.sleep(MOMENT)
            assert await repository.advance(session, hunt, 1, found=1) is wanted
        await asyncio.wait_for(leaving, 60)
        async with database.reading() as session:
            assert await repository.get(session, hunt) is None
    finally:
        await database.close()

"""The record is walked once at a time, however many ask, and what was found last is remembered with its time."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.audit import service
from app.audit.chain import Broken, Place
from app.audit.checking import Checking
from app.db import Database
from app.db.models import now
from tests.app.audit.test_record import some, tamper
from tests.app.db.test_database import opened


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await opened(tmp_path)
    yield database
    await database.close()


async def test_those_who_ask_at_once_share_a_walk(database: Database) -> None:
    places, began = await some(database), now()
    checking = Checking(database)
    assert checking.last is None
    found = await asyncio.gather(*(checking.check() for _ in range(5)))
    assert len({id(one) for one in found}) == 1
    assert (found[0].check.ok, found[0].check.head) == (True, places[-1])
    assert began <= found[0].at <= now()
    assert checking.last is found[0]
    again = await checking.check()
    assert again is not found[0], "whoever asks later has it walked anew"


async def test_whoever_leaves_ends_nobody_else_s_walk(database: Database) -> None:
    await some(database)
    checking = Checking(database)
    left, stays = asyncio.create_task(checking.check()), asyncio.create_task(checking.check())
    await asyncio.sleep(0)
    left.cancel()
    assert (await stays).check.ok


async def test_an_end_is_held_against_it_as_a_walk_of_its_own_would(database: Database) -> None:
    places = await some(database)
    checking, last = Checking(database), places[-1]
    wrong = Place(3, "0" * 64)
    ahead = Place(last.seq + 2, "0" * 64)
    for expected in (places[0], places[2], last, wrong, ahead, Place(1, "0" * 64)):
        assert (await checking.check(expected)).check == await service.verify(database, expected), expected
    assert checking.last is not None
    assert checking.last.check.ok, "an end that somebody mistyped breaks nothing for others"


async def test_what_was_tampered_with_is_found_with_and_without_an_end(database: Database) -> None:
    places = await some(database)
    await tamper(database, "UPDATE audit_entries SET actor = 'nobody' WHERE seq = 3")
    checking = Checking(database)
    for expected in (None, places[0], places[3], places[-1]):
        told = await checking.check(expected)
        assert told.check == await service.verify(database, expected)
        assert told.check.broken == Broken(3, "it is not as it was written")

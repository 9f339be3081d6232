"""What is accepted together: each message once, in the order of its channel, and none at the cost of another."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from app.db import Database, DatabaseFailure
from app.db.models import MessageRow, StreamRow
from app.db.upgrading import bring_up_to_date
from app.ingest.accepting import MOST, Accepting
from app.ingest.codec import Posted
from app.ingest.schemas import MessageIn
from app.settings import Settings
from tests.app.conftest import message


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(Settings(data_dir=tmp_path).database)
    await bring_up_to_date(database)
    yield database
    await database.close()


def posted(name: str, channel: str = "c") -> Posted:
    return Posted(MessageIn.model_validate(message("hello", message_id=name, channel={"id": channel})), ())


async def test_a_crowd_shares_transactions_and_a_channel_keeps_its_order(database: Database) -> None:
    commits = []
    event.listen(database.engine.sync_engine, "commit", lambda _: commits.append(1))
    async with Accepting(database) as accepting:
        crowd = [posted(f"m{number}", f"c{number % 3}") for number in range(MOST + 20)]
        answers = await asyncio.gather(*(accepting.accept(one) for one in crowd))
    assert all(fresh for _, fresh in answers)
    assert len(commits) == 2
    async with database.reading() as session:
        rows = (await session.execute(select(StreamRow.ident, StreamRow.channel).order_by(StreamRow.turn, StreamRow.id))).all()
    for channel in range(3):
        mine = [ident for ident, name in rows if name == f"c{channel}"]
        assert mine == [row.id for row, _ in answers if row.channel_id == f"c{channel}"]


async def test_the_same_message_twice_at_once_is_one(database: Database) -> None:
    async with Accepting(database) as accepting:
        answers = await asyncio.gather(*(accepting.accept(posted("m", f"c{number}")) for number in range(3)))
        later = await accepting.accept(posted("m"))
    assert [fresh for _, fresh in answers] == [True, False, False]
    assert {row.id for row, _ in (*answers, later)} == {answers[0][0].id}
    async with database.reading() as session:
        assert len((await session.scalars(select(StreamRow))).all()) == 1


async def test_two_servers_at_once(database: Database) -> None:
    async with Accepting(database) as one, Accepting(database) as other:
        mine = [one.accept(posted(f"m{number}")) for number in range(10)]
        theirs = [other.accept(posted(f"m{number}")) for number in range(10)]
        answers = await asyncio.gather(*mine, *theirs)
    assert sum(fresh for _, fresh in answers) == 10
    assert len({row.id for row, _ in answers}) == 10


async def test_what_cannot_be_stored_costs_no_other(database: Database) -> None:
    bad = posted("bad")
    object.__setattr__(bad.message, "gateway", None)
    async with Accepting(database) as accepting:
        answers = await asyncio.gather(
            *(accepting.accept(one) for one in (posted("a"), bad, posted("b"))), return_exceptions=True
        )
    assert isinstance(answers[1], BaseException)
    async with database.reading() as session:
        assert set(await session.scalars(select(MessageRow.message_id))) == {"a", "b"}


@pytest.mark.only("sqlite")  # to PostgreSQL a table that is missing is the statement's fault
async def test_a_database_that_does_not_answer_is_said_to_all_at_once(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(text("DROP TABLE stream_records"))
    async with Accepting(database) as accepting:
        answers = await asyncio.gather(*(accepting.accept(posted(str(number))) for number in range(3)), return_exceptions=True)
    assert len({id(answer) for answer in answers}) == 1
    assert isinstance(answers[0], DatabaseFailure)

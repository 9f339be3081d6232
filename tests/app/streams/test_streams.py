"""Every stream under the one contract, and what is each one's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from app.db import Database
from app.db.models import StreamRow
from app.db.upgrading import bring_up_to_date
from app.settings import Settings
from app.streams import repository
from app.streams.memory import MemoryStream
from app.streams.table import TableStream
from app.streams.types import MESSAGES
from tests.app.streams.contract import StreamContract, record, taken


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(Settings(data_dir=tmp_path).database)
    await bring_up_to_date(database)
    yield database
    await database.close()


class TestMemory(StreamContract):
    @pytest.fixture
    def stream(self) -> MemoryStream:
        return MemoryStream()


class TestTable(StreamContract):
    @pytest.fixture
    def stream(self, database: Database) -> TableStream:
        return TableStream(database)


async def test_a_claim_ends_with_its_lease_and_not_before(database: Database) -> None:
    stream = TableStream(database)
    await stream.publish(MESSAGES, record(1))
    async with stream.consume(MESSAGES) as killed, stream.consume(MESSAGES) as other:
        delivery = await killed.take(1)
        assert delivery is not None
        assert await other.take(0) is None
        async with database.writing() as session:
            await session.execute(update(StreamRow).values(claimed_until=StreamRow.claimed_until - repository.LEASE - 1))
        again = await other.take(1)
        assert again is not None
        assert again.attempts == 2
        await other.done(again)


async def test_a_clock_set_back_hides_nothing(database: Database) -> None:
    """A claim reaches no further than a lease from now; one that does was made by a clock that was ahead."""
    stream = TableStream(database)
    await stream.publish(MESSAGES, record(1))
    async with stream.consume(MESSAGES) as killed, stream.consume(MESSAGES) as other:
        assert await killed.take(1)
        async with database.writing() as session:
            await session.execute(update(StreamRow).values(claimed_until=StreamRow.claimed_until + 3600))
        assert await other.take(1)


async def test_leases_are_prolonged_while_the_consumer_lives(database: Database) -> None:
    stream = TableStream(database)
    await stream.publish(MESSAGES, record(1))
    async with stream.consume(MESSAGES) as slow, stream.consume(MESSAGES) as other:
        delivery = await slow.take(1)
        assert delivery is not None
        async with database.writing() as session:
            await session.execute(update(StreamRow).values(claimed_until=StreamRow.claimed_until - repository.LEASE + 0.1))
            await repository.extend(session, [delivery.handle], await _claimant(database))
        assert await other.take(0.4) is None


async def _claimant(database: Database) -> str:
    async with database.reading() as session:
        return await session.scalar(select(StreamRow.claimant)) or ""


async def test_a_successor_of_the_same_name_takes_up_at_once_what_was_left(database: Database) -> None:
    first, second = TableStream(database, "server"), TableStream(database, "server")
    await first.publish(MESSAGES, record(1))
    async with first.consume(MESSAGES) as killed:
        assert await killed.take(1)
        async with second.consume(MESSAGES) as successor:
            assert await taken(successor, 1, 1)


async def test_one_may_be_taken_before_its_turn(database: Database) -> None:
    stream = TableStream(database)
    async with database.writing() as session:
        for number in range(3):
            await repository.publish(session, MESSAGES, record(number), f"id{number}")
    async with stream.consume(MESSAGES) as consumption:
        delivery = await consumption.claim("id2")
        assert delivery is not None
        assert delivery.record == record(2)
        assert await consumption.claim("id2") is None
        await consumption.done(delivery)
        assert [one.record for one in await taken(consumption, 2)] == [record(0), record(1)]


@pytest.mark.only("postgresql")
async def test_no_more_is_claimed_than_asked_for_however_it_is_planned(database: Database) -> None:
    async with database.writing() as session:
        for number in range(60):
            await repository.publish(session, MESSAGES, record(number, f"c{number % 7}"))
    off = ("hashagg", "sort", "hashjoin", "mergejoin", "material", "indexscan", "bitmapscan", "indexonlyscan")
    for some in range(len(off) + 1):
        async with database.writing() as session:
            for name in off[:some]:
                await session.execute(text(f"SET LOCAL enable_{name} = off"))
            assert len(await repository.claim_next(session, MESSAGES, "g", "me", 1)) == 1, off[:some]

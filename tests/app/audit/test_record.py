"""The record in a real database: it does not fork, is not changed, and tells when it was changed all the same."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from app.audit import repository, service
from app.audit.chain import Broken, Place, sealed
from app.audit.schemas import AuditFilter
from app.audit.service import Actor
from app.db import Database
from app.db.dialect import dialect_of
from app.db.models import AuditRow, MessageRow
from app.db.upgrading import bring_up_to_date
from app.settings import Settings

ANA = Actor("ana", "analyst", "acc_ana", "192.0.2.1")
OTTO = Actor("otto", "owner", "tok_otto", "2001:db8::1")


@pytest.fixture
async def processes(tmp_path: Path) -> AsyncIterator[tuple[Database, Database]]:
    """Two processes' worth of connections to one database."""
    settings = Settings(data_dir=tmp_path)
    one, other = Database(settings.database), Database(settings.database)
    await bring_up_to_date(one)
    yield one, other
    await one.close()
    await other.close()


@pytest.fixture
def database(processes: tuple[Database, Database]) -> Database:
    return processes[0]


async def record(database: Database, *about: Any, seconds: float = 0, **details: Any) -> None:
    async with database.writing() as session:
        await service.record(session, *about, **details)
        await asyncio.sleep(seconds)


async def some(database: Database, number: int = 6) -> list[Place]:
    """So many entries; where the record ended after each."""
    ends = []
    for n in range(1, number + 1):
        await record(database, ANA, "alert.changed", "alert", f"alr_{n}", change={"status": ["open", "resolved"]}, n=n)
        async with database.reading() as session:
            ends.append(await service.head(session))
    return ends


async def tamper(database: Database, *statements: str) -> None:
    """What the database refuses, done by somebody who may do anything."""

    def do(connection: Connection) -> None:
        dialect = dialect_of(connection.dialect.name)
        dialect.let_change(connection, "audit_entries")
        for statement in statements:
            connection.execute(text(statement))
        dialect.only_added(connection, "audit_entries")

    async with database.engine.begin() as connection:
        await connection.run_sync(do)


async def test_an_entry_says_who_did_what(database: Database) -> None:
    await record(database, ANA, "alert.changed", "alert", "alr_1", did=["resolved"], noted=True)
    async with database.reading() as session:
        [entry] = (await service.page(session, AuditFilter(), None, 10)).items
    told = entry.model_dump(exclude={"at", "hash"})
    assert told == {
        **{"seq": 1, "actor": "ana", "role": "analyst", "identity": "acc_ana", "address": "192.0.2.1"},
        **{"action": "alert.changed", "object_kind": "alert", "object_id": "alr_1", "previous": "0" * 64},
        "details": {"did": ["resolved"], "noted": True},
    }


async def test_what_is_undone_was_not_recorded(database: Database) -> None:
    async def fail() -> None:
        async with database.writing() as session:
            await service.record(session, ANA, "alert.changed", "alert", "alr_1")
            raise ZeroDivisionError

    await some(database, 2)
    with pytest.raises(ZeroDivisionError):
        await fail()
    assert (await service.verify(database)).head.seq == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor = 'nobody' WHERE seq = 2",
        "UPDATE audit_entries SET seq = 9 WHERE seq = 2",
        "DELETE FROM audit_entries WHERE seq = 6",
        "DELETE FROM audit_entries",
        pytest.param("TRUNCATE audit_entries", marks=pytest.mark.only("postgresql")),
        pytest.param("INSERT OR REPLACE INTO audit_entries SELECT * FROM audit_entries", marks=pytest.mark.only("sqlite")),
        pytest.param("REPLACE INTO audit_entries SELECT * FROM audit_entries", marks=pytest.mark.only("sqlite")),
        pytest.param("UPDATE OR REPLACE audit_entries SET seq = 3 WHERE seq = 2", marks=pytest.mark.only("sqlite")),
        "INSERT INTO audit_entries SELECT * FROM audit_entries WHERE seq = 2",
        """INSERT INTO audit_entries SELECT * FROM audit_entries WHERE seq = 2
           ON CONFLICT (seq) DO UPDATE SET actor = 'nobody'""",
    ],
)
async def test_the_database_itself_refuses(database: Database, statement: str) -> None:
    ends = await some(database)
    with pytest.raises(DBAPIError):
        async with database.writing() as session:
            await session.execute(text(statement))
    assert await service.verify(database, ends[-1]) == service.Check(ends[-1], None)


@pytest.mark.parametrize(
    ("statements", "first", "why"),
    [
        (["UPDATE audit_entries SET actor = 'nobody' WHERE seq = 3"], 3, "not as it was written"),
        (["UPDATE audit_entries SET details = '{}' WHERE seq = 1"], 1, "not as it was written"),
        (["UPDATE audit_entries SET hash = previous WHERE seq = 4"], 4, "not as it was written"),
        (["UPDATE audit_entries SET previous = hash WHERE seq = 4"], 4, "follows another"),
        (["DELETE FROM audit_entries WHERE seq = 1"], 1, "missing"),
        (["DELETE FROM audit_entries WHERE seq = 4"], 4, "missing"),
        (["DELETE FROM audit_entries WHERE seq = 4", "UPDATE audit_entries SET seq = seq - 1 WHERE seq > 4"], 4, "another"),
        (
            [
                "UPDATE audit_entries SET seq = CASE seq WHEN 2 THEN -5 ELSE -2 END WHERE seq IN (2, 5)",
                "UPDATE audit_entries SET seq = -seq WHERE seq < 0",
            ],
            2,
            "follows another",
        ),
        (["UPDATE audit_entries SET seq = -1 WHERE seq = 5"], -1, "no such place"),
    ],
)
async def test_tampering_is_named(database: Database, statements: list[str], first: int, why: str) -> None:
    await some(database)
    await tamper(database, *statements)
    found = await service.verify(database)
    assert found.broken is not None
    assert found.broken.seq == first
    assert why in found.broken.reason
    assert found.head.seq == max(0, first - 1)


async def test_what_the_record_alone_cannot_tell_an_earlier_end_does(database: Database) -> None:
    ends = await some(database)
    await tamper(database, "DELETE FROM audit_entries WHERE seq > 4")
    assert (await service.verify(database)).ok
    assert (await service.verify(database, ends[3])).ok
    gone = Broken(5, "it is missing, with all up to 6")
    assert (await service.verify(database, ends[5])).broken == gone
    await record(database, OTTO, "asset.retired", "asset", "ast_1")
    await record(database, OTTO, "asset.retired", "asset", "ast_2")
    assert (await service.verify(database)).ok
    assert (await service.verify(database, ends[5])).broken == Broken(6, "it is not the entry that was written down")


async def test_a_record_written_anew_is_told_by_an_earlier_end(database: Database) -> None:
    ends = await some(database)
    async with database.reading() as session:
        entries = await repository.following(session, None, 100)
    last = entries[1]
    anew = {3: replace(entries[2], actor="nobody", previous=last.hash)}
    for n in range(3, 7):
        last = sealed(replace(anew.get(n, entries[n - 1]), previous=last.hash))
        values = f"actor = '{last.actor}', previous = '{last.previous}', hash = '{last.hash}'"
        await tamper(database, f"UPDATE audit_entries SET {values} WHERE seq = {n}")  # noqa: S608
    assert (await service.verify(database)).ok, "every entry vouches for those before it, nobody for the last"
    assert (await service.verify(database, ends[1])).ok
    assert not (await service.verify(database, ends[2])).ok
    assert not (await service.verify(database, ends[5])).ok


async def test_more_than_one_batch_is_walked(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH", 4)
    ends, batches = await some(database, 10), list[int]()
    assert (await service.verify(database, ends[-1], batches.append)).head == ends[-1]
    assert batches == [4, 4, 2, 0]
    await tamper(database, "UPDATE audit_entries SET role = 'admin' WHERE seq = 9")
    assert (await service.verify(database)).broken == Broken(9, "it is not as it was written")


async def test_writers_of_two_processes_make_one_chain(processes: tuple[Database, Database]) -> None:
    chance = random.Random(5)
    writing = [
        record(processes[n % 2], ANA, "alert.changed", "alert", f"alr_{n}", seconds=chance.random() / 100) for n in range(50)
    ]
    await asyncio.gather(*writing)
    found = await service.verify(processes[0])
    assert (found.ok, found.head.seq) == (True, 50)
    async with processes[0].reading() as session:
        assert set(await session.scalars(select(AuditRow.object_id))) == {f"alr_{n}" for n in range(50)}


@pytest.mark.only("postgresql")
async def test_messages_do_not_wait_for_whoever_writes_something_down(processes: tuple[Database, Database]) -> None:
    one, other = processes
    async with one.writing() as session:
        await service.record(session, ANA, "alert.changed", "alert", "alr_1")
        async with asyncio.timeout(60), other.writing() as meanwhile:
            about = {"gateway": "g", "channel_id": "c", "sender_id": "u", "status": "queued"}
            meanwhile.add(MessageRow(id="msg_1", message_id="1", body={}, **about))


async def test_pages_and_filters(database: Database) -> None:
    for n in range(4):
        await record(database, (ANA, OTTO)[n % 2], ("alert.changed", "asset.changed")[n // 2], "alert", f"alr_{n % 3}", n=n)

    async def found(cursor: str | None = None, size: int = 10, **wanted: Any) -> tuple[list[int], str | None]:
        async with database.reading() as session:
            page = await service.page(session, AuditFilter(**wanted), cursor, size)
        return [entry.details["n"] for entry in page.items], page.next_cursor

    assert await found() == ([3, 2, 1, 0], None)
    assert await found(size=3) == ([3, 2, 1], "2")
    assert await found("2", 3) == ([0], None)
    assert await found(actor="ana") == ([2, 0], None)
    assert await found(action="asset.changed") == ([3, 2], None)
    assert await found(actor="otto", action="asset.changed") == ([3], None)
    assert await found(object="alr_0", kind="alert") == ([3, 0], None)
    assert await found(kind="asset") == ([], None)
    async with database.reading() as session:
        entries = (await service.page(session, AuditFilter(), None, 10)).items
    assert await found(since=entries[1].at) == ([3, 2], None)
    assert await found(until=entries[1].at) == ([1, 0], None)
    assert await found(since=entries[0].at + timedelta(seconds=1)) == ([], None)

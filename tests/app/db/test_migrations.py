"""Every migration, there and back, with rows in every table: nothing is lost that both schemas have a place for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.alerts.lines import line
from app.db import Database, DatabaseFailure
from app.db.migrations import config, migrate, take_back
from app.db.models import HEAD, AccountRow, AlertRow, QueueRow
from app.people import service as people
from app.people.service import digest
from app.settings import Settings
from tests.app.test_cli import run
from tests.databases import SETTING, Databases

T = TypeVar("T")
Rows = dict[str, list[dict[str, Any]]]
"""By table."""
REVISIONS = [one.revision for one in ScriptDirectory.from_config(config()).walk_revisions()][::-1]
VALUES: dict[type, Callable[[int], Any]] = {
    sa.String: lambda number: f"word {number}",
    sa.Integer: lambda number: number,
    sa.DateTime: lambda number: datetime(2026, 3, 1 + number, tzinfo=UTC),
    sa.Date: lambda number: date(2026, 3, 1 + number),
    sa.JSON: lambda number: {"number": number},
    sa.Float: float,
    sa.Boolean: lambda number: number % 2 == 1,
    sa.LargeBinary: lambda number: bytes([number]),
}


@pytest.fixture
async def database(tmp_path: Path, databases: Databases) -> AsyncIterator[Database]:
    """An empty one."""
    database = Database(Settings(data_dir=tmp_path, database_url=databases.empty()).database)
    yield database
    await database.close()


async def work(database: Database, do: Callable[[Connection], T]) -> T:
    async with database.engine.begin() as connection:
        return await connection.run_sync(do)


async def up(database: Database, revision: str) -> None:
    async with database.migrating() as connection:
        await connection.run_sync(lambda sync: command.upgrade(config(sync), revision))


def tables(connection: Connection) -> list[sa.Table]:
    """Those that refer to others after them."""
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def fill(connection: Connection) -> None:
    """Two rows in every table, of which the second refers to the others' second."""
    for table in tables(connection):
        for number in (1, 2):
            connection.execute(table.insert().values({column.name: made(column, number) for column in table.columns}))


def made(column: sa.Column[Any], number: int) -> Any:
    return next(make(number) for kind, make in VALUES.items() if isinstance(column.type, kind))


def rows(connection: Connection) -> Rows:
    return {
        table.name: sorted((dict(row) for row in connection.execute(table.select()).mappings()), key=repr)
        for table in tables(connection)
    }


def in_both(before: Rows, after: Rows) -> tuple[Rows, Rows]:
    """What of the one has a place in the other, and what is there."""
    shared = {name: before[name][0].keys() & after[name][0].keys() for name in before.keys() & after.keys() if after[name]}
    shared |= {name: set() for name in before.keys() & after.keys() - shared.keys()}

    def only(some: Rows) -> Rows:
        return {name: sorted(({k: row[k] for k in keys} for row in some[name]), key=repr) for name, keys in shared.items()}

    return only(before), only(after)


async def referred(database: Database) -> None:
    """Nothing may refer to what is not there; PostgreSQL holds that by itself."""

    def broken(connection: Connection) -> list[str]:
        return [
            f"{table.name} → {key.referred_table.name}"
            for table in tables(connection)
            for key in table.foreign_key_constraints
            if connection.execute(_orphans(table, key)).first()
        ]

    assert await work(database, broken) == []


def _orphans(table: sa.Table, key: sa.ForeignKeyConstraint) -> Any:
    there = sa.and_(*(one.parent == one.column for one in key.elements))
    refers = sa.and_(*(one.parent.is_not(None) for one in key.elements))
    return sa.select(sa.literal(1)).select_from(table).where(refers, ~sa.exists().where(there))


@pytest.mark.parametrize("revision", REVISIONS[1:])
async def test_there_and_back_with_rows_in_every_table(database: Database, revision: str) -> None:
    earlier = REVISIONS[REVISIONS.index(revision) - 1]
    await up(database, earlier)
    await work(database, fill)
    first = await work(database, rows)
    await up(database, revision)
    before, after = in_both(first, await work(database, rows))
    assert before == after
    await referred(database)
    await take_back(database, earlier)
    before, after = in_both(first, await work(database, rows))
    assert before.keys() == first.keys()
    assert before == after
    await referred(database)


async def test_all_the_way_back_with_rows_in_every_table(database: Database) -> None:
    await migrate(database)
    await work(database, fill)
    for revision in REVISIONS[-2::-1]:
        last = await work(database, rows)
        await take_back(database, revision)
        before, after = in_both(last, await work(database, rows))
        assert before == after
        assert all(after.values()), "every table that is left has its rows"
        await referred(database)
    await take_back(database, "base")
    assert await work(database, rows) == {}
    await migrate(database)
    assert await database.revision() == HEAD


async def test_whoever_is_signed_in_with_a_token_stays_so_through_accounts_and_back(database: Database) -> None:
    at = datetime.now(UTC)

    def sign_in(connection: Connection) -> None:
        known = {table.name: table for table in tables(connection)}
        token = {"id": "tok_1", "name": "ana", "role": "analyst", "hash": "h", "created_at": at}
        connection.execute(known["tokens"].insert().values(token))
        session = {"hash": digest("cookie"), "token_id": "tok_1", "expires_at": at + timedelta(hours=1)}
        connection.execute(known["sessions"].insert().values(session))

    async def who() -> str | None:
        async with database.reading() as session:
            found = await people.who_signed_in(session, "cookie")
        return found.principal.name if found else None

    await up(database, "0007")
    await work(database, sign_in)
    await migrate(database)
    assert await who() == "ana"
    async with database.writing() as session:
        account = AccountRow(id="acc_1", name="zhang", role="analyst", hash="")
        session.add(account)
        await session.flush()
        await people.open_session(session, account)
    await take_back(database, "0007")
    assert [row["token_id"] for row in (await work(database, rows))["sessions"]] == ["tok_1"]
    await migrate(database)
    assert await who() == "ana"


async def test_of_two_processes_that_migrate_at_once_one_does(database: Database, tmp_path: Path) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    async with database.migrating() as connection:
        await connection.run_sync(lambda sync: command.upgrade(config(sync), HEAD))
        other = asyncio.create_task(asyncio.to_thread(run, "migrate", "--data-dir", str(tmp_path), **{SETTING: url}))
        await asyncio.sleep(3)
        assert not other.done(), "it waits for ours"
    done = await other
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.only("sqlite")
async def test_a_migration_that_would_leave_rows_that_name_nothing_is_undone(database: Database) -> None:
    await migrate(database)
    await work(database, fill)

    async def careless() -> None:
        async with database.migrating() as connection:
            await connection.exec_driver_sql("DELETE FROM assets")

    with pytest.raises(DatabaseFailure, match="asset_references"):
        await careless()
    assert len((await work(database, rows))["assets"]) == 2


MATCH: dict[str, Any] = {"asset_id": "ast_1", "asset_title": "Crane Ä", "reference": "page 1", "detector": "page_copy"}
MATCH |= {"confidence": 0.5, "attachment": 0, "part": "", "evidence": {}}


@pytest.mark.parametrize(
    ("matches", "unread"),
    [
        ([MATCH, {**MATCH, "asset_title": "Mast", "detector": "watch_term"}], []),
        ([{**MATCH, "asset_id": None, "asset_title": "", "attachment": 1, "evidence": {"marking": {"text": "SECRET"}}}], []),
        ([], [{"attachment": 1, "reason": "encrypted: no"}, {"attachment": None, "reason": "truncated: no"}]),
    ],
)
async def test_earlier_alerts_stand_in_the_queue_as_later_ones_do(
    database: Database, matches: list[dict[str, Any]], unread: list[dict[str, Any]]
) -> None:
    await up(database, "0006")
    body: dict[str, Any] = {
        "gateway": "g\0",
        "channel": {"id": "c", "name": "FAMILY", "members": 40, "external": True},
        "sender": {"id": "u\0"},
    }
    message: dict[str, Any] = {
        "id": "msg_1",
        "gateway": "g",
        "message_id": "m",
        "channel_id": "c",
        "sender_id": "u",
        "status": "done",
    }
    message |= {"body": body, "verdict": {"matches": matches, "unread": unread}, "received_at": datetime.now(UTC)}
    alert: dict[str, Any] = {
        "id": "alr_1",
        "message_id": "msg_1",
        "channel_id": "c",
        "status": "open",
        "verdict": "leak",
        "severity": "high",
    }
    alert |= {"matches": matches, "created_at": datetime(2026, 3, 1, tzinfo=UTC), "resolution": None, "assignee": "ana"}
    files = [("a.jpg", "aa"), ("b.7z", "bb")]

    def fill_in(connection: Connection) -> None:
        found = {table.name: table for table in tables(connection)}
        connection.execute(found["messages"].insert().values(message))
        connection.execute(found["alerts"].insert().values(alert))
        for position, (name, sha256) in enumerate(files):
            about = {"message_id": "msg_1", "position": position, "name": name, "sha256": sha256, "content_type": "", "size": 1}
            connection.execute(found["attachments"].insert().values(about))

    await work(database, fill_in)
    await up(database, HEAD)
    async with database.reading() as session:
        [row] = await session.scalars(sa.select(QueueRow))
        [raised] = await session.scalars(sa.select(AlertRow))
        expected = line(raised, body, unread, [] if matches and matches[0]["asset_id"] else files)
    assert (raised.version, raised.snoozed_until) == (1, None)
    columns = [column.key for column in sa.inspect(QueueRow).columns]
    assert {name: getattr(row, name) for name in columns} == {name: getattr(expected, name) for name in columns}


async def test_references_are_counted_that_were_there_before(database: Database) -> None:
    await up(database, REVISIONS[REVISIONS.index("0011") - 1])
    await work(database, fill)
    verdicts = [{"verdict": "good"}, {"verdict": "weak", "resembles": None}, {"verdict": "good", "resembles": {"others": []}}]

    def write(connection: Connection) -> None:
        references = sa.Table("asset_references", sa.MetaData(), autoload_with=connection)
        connection.execute(references.update().values(asset_id="word 1", distinctiveness=verdicts[0]))
        for number, verdict in enumerate(verdicts[1:]):
            row = {column.name: made(column, 1) for column in references.columns}
            connection.execute(references.insert().values(row | {"id": f"more {number}", "distinctiveness": verdict}))

    await work(database, write)
    await up(database, "0011")
    counted = {row["id"]: (row["reference_count"], row["weak_count"]) for row in (await work(database, rows))["assets"]}
    assert counted == {"word 1": (4, 2), "word 2": (0, 0)}


async def test_earlier_alerts_become_incidents(database: Database) -> None:
    await up(database, REVISIONS[REVISIONS.index("0013") - 1])
    day, when = timedelta(days=1), datetime(2026, 3, 1, tzinfo=UTC)
    told: list[tuple[str | None, int, str, str]] = [
        ("ast_1", 0, "open", "high"),
        ("aa", 1, "resolved", "low"),
        ("ast_1", 6, "resolved", "critical"),
        ("ast_1", 14, "open", "low"),
    ]
    told += [(None, 15, "open", "low"), (None, 15, "open", "low")]

    def fill_in(connection: Connection) -> None:
        found = {table.name: table for table in tables(connection)}
        for number, (subject, days, status, severity) in enumerate(told, 1):
            for name in ("messages", "alerts", "queue"):
                row = {column.name: made(column, 1) for column in found[name].columns}
                own: dict[str, Any] = {
                    "id": f"{number}",
                    "message_id": f"{number}",
                    "alert_id": f"{number}",
                    "subject": subject,
                    "status": status,
                }
                own |= {"created_at": when + days * day, "severity": severity, "shown": {"title": "Crane", "unread": []}}
                own |= {"resolution": "false_positive" if status == "resolved" else None, "gateway": f"{number}"}
                connection.execute(found[name].insert().values(row | {key: own[key] for key in own.keys() & row.keys()}))

    await work(database, fill_in)
    await up(database, "0013")
    after = await work(database, rows)
    member = {row["alert_id"]: row["incident_id"] for row in after["incident_alerts"]}
    incidents = {row["id"]: row for row in after["incidents"]}
    assert member["1"] == member["3"] != member["4"]
    assert len(incidents) == len(set(member.values())) == 5
    first, second = incidents[member["1"]], incidents[member["4"]]
    assert (first["alert_count"], first["gravity"], first["status"], first["title"]) == (2, 4, "open", "Crane")
    assert second["earlier"] == first["id"]
    assert (incidents[member["2"]]["status"], incidents[member["2"]]["closing"]) == ("closed", "cleared")
    held = {row["subject"]: row["incident_id"] for row in after["incident_subjects"]}
    assert held == {"asset:ast_1": second["id"], "sha256:aa": member["2"]}
    assert sorted(row["incident_id"] for row in after["incident_history"]) == sorted(incidents)

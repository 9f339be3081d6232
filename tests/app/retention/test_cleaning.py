"""What was kept long enough goes, a little at a time; what is somebody's business stays."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.audit import repository as audit
from app.audit.chain import Entry, sealed
from app.db import Database
from app.db.ids import earliest, new_id
from app.db.models import (
    AccusedFingerprintRow,
    AccusedPartRow,
    AlertAssetRow,
    AlertHistoryRow,
    AlertRow,
    AssetRow,
    AttachmentPictureRow,
    AttachmentRow,
    DerivedAlertRow,
    MessageRow,
    MistakeAlertRow,
    MistakeRow,
    OutboxRow,
    ReferenceRow,
    Table,
    now,
)
from app.db.upgrading import bring_up_to_date
from app.people import service as people
from app.retention.cleaner import BATCH, Cleaner, clean_messages
from app.settings import Settings
from tests.app.conftest import fresh, running, until


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(Settings(data_dir=tmp_path).database)
    await bring_up_to_date(database)
    yield database
    await database.close()


@dataclass(frozen=True, slots=True)
class Case:
    """A message and its alert, by their ids; ``rows`` in an order in which they can be stored."""

    message: str
    alert: str
    rows: list[Table]


def posted(days: float, status: str = "done") -> tuple[MessageRow, AttachmentRow]:
    """A message, so many days old, with a file."""
    ident = new_id("msg", time.time() - days * 86_400)
    message = MessageRow(id=ident, gateway="g", message_id=fresh(), channel_id="c", sender_id="s", body={}, status=status)
    file = AttachmentRow(message_id=ident, position=0, name="a", content_type="", sha256="", size=1, blob=None)
    return message, file


def alerted(days: float, status: str = "resolved", touched: float | None = None) -> Case:
    """An alert, so many days old and last ``touched`` so many days ago, with all that belongs to it."""
    message, file = posted(days)
    ident, at = new_id("alr", time.time() - days * 86_400), now() - timedelta(days=days if touched is None else touched)
    about = {"channel_id": "c", "verdict": "leak", "severity": "high", "matches": []}
    place = {"message_id": message.id, "position": 0, "part": ""}
    alert = AlertRow(id=ident, message_id=message.id, status=status, created_at=now() - timedelta(days=days), **about)
    rest = [
        AttachmentPictureRow(**place, picture="p"),
        AccusedPartRow(**place, digest="d"),
        AccusedFingerprintRow(**place, kind="k", data=b""),
        AlertHistoryRow(alert_id=ident, at=at, actor="a", action=status, change={}),
        AlertAssetRow(alert_id=ident, asset_id="gone"),
    ]
    return Case(message.id, ident, [message, file, rest[0], rest[1], rest[2], alert, *rest[3:]])


def mistaken(case: Case) -> Case:
    """What says that such an alert was a mistake."""
    asset = AssetRow(
        id=fresh(), title="t", kind="", level="", owner="", unit="", terms=[], tags=[], keep_originals=False, note=""
    )
    about = {"label": "", "file": "", "digest": "", "distinctiveness": {}}
    reference = ReferenceRow(id=fresh(), asset_id=asset.id, position=0, **about)
    mistake = MistakeRow(id=new_id("mis"), asset_id=asset.id, reference_id=reference.id, digest="d")
    said = MistakeAlertRow(mistake_id=mistake.id, alert_id=case.alert, position=0, part="", actor="a")
    return Case(case.message, case.alert, [*case.rows, asset, reference, mistake, said])


def taught(case: Case) -> Case:
    """What such an alert made a reference of."""
    asset = AssetRow(
        id=fresh(), title="t", kind="", level="", owner="", unit="", terms=[], tags=[], keep_originals=False, note=""
    )
    about = {"label": "", "file": "", "digest": "", "distinctiveness": {}}
    reference = ReferenceRow(id=fresh(), asset_id=asset.id, position=0, derived=True, **about)
    said = DerivedAlertRow(reference_id=reference.id, alert_id=case.alert, position=0, part="", actor="a")
    return Case(case.message, case.alert, [*case.rows, asset, reference, said])


async def store(database: Database, rows: Iterable[Table]) -> None:
    """In their order: rows name those before them."""
    async with database.writing() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def left(database: Database, model: type[MessageRow] | type[AlertRow]) -> set[str]:
    async with database.reading() as session:
        return set(await session.scalars(select(model.id)))


async def count(database: Database) -> dict[str, int]:
    async with database.reading() as session:
        tables = Table.metadata.sorted_tables
        return {one.name: await session.scalar(select(func.count()).select_from(one)) or 0 for one in tables}


async def test_clear_messages_go_when_their_days_are_over(database: Database) -> None:
    old, young, failed, waiting, accused = posted(31), posted(29), posted(90, "failed"), posted(90, "queued"), alerted(90, "open")
    await store(database, [*old, *young, *failed, *waiting, *accused.rows])
    assert await Cleaner(database, clear=30, alerts=0).clean() == (1, 0)
    assert await left(database, MessageRow) == {young[0].id, failed[0].id, waiting[0].id, accused.message}
    assert (await count(database))["attachments"] == 4
    assert await Cleaner(database, clear=30, alerts=0).clean() == (0, 0)


async def test_settled_alerts_go_with_everything_and_nobody_else_s_business_does(database: Database) -> None:
    old = alerted(100)
    stay = [
        alerted(100, "open"),
        alerted(100, "acknowledged"),
        alerted(100, touched=5),
        alerted(20),
        mistaken(alerted(100)),
        taught(alerted(100)),
    ]
    await store(database, [row for case in stay for row in case.rows])
    before = await count(database)
    await store(database, old.rows)
    assert await Cleaner(database, clear=0, alerts=50).clean() == (0, 1)
    async with database.reading() as session:
        [entry] = await audit.following(session, None, 10)
    assert (entry.actor, entry.role, entry.action, entry.details["count"]) == ("leakwatch", "machine", "alerts.removed", 1)
    assert await count(database) == {**before, "audit_entries": 1}
    assert await left(database, AlertRow) == {case.alert for case in stay}
    assert await left(database, MessageRow) == {case.message for case in stay}


async def test_what_is_kept_for_ever_is(database: Database) -> None:
    await store(database, [*posted(30_000 / 2), *alerted(10_000).rows])
    assert await Cleaner(database, clear=0, alerts=0).clean() == (0, 0)
    assert await Cleaner(database, clear=36_500, alerts=36_500).clean() == (0, 0)


async def test_a_writer_goes_on_while_thousands_are_removed(database: Database) -> None:
    await store_many(database, 3000)
    waits, seen = list[float](), set[int]()
    cleaning = asyncio.create_task(clean_messages(database, now()))
    while not cleaning.done():
        began = time.monotonic()
        async with database.writing() as session:
            await people.create_token(session, fresh(), people.Role.OWNER)
        waits.append(time.monotonic() - began)
        seen.add((await count(database))["messages"])
        await asyncio.sleep(0.01)
    assert await cleaning == 3000
    assert (await count(database))["messages"] == 0
    assert len(seen) > 5, "it went away little by little"
    assert len(waits) > 5, f"only {len(waits)} writers got through"
    assert max(waits) < 15, "somebody was locked out for as long as it took"


async def store_many(database: Database, number: int) -> None:
    async with database.writing() as session:
        rows = [posted(60) for _ in range(number)]
        session.add_all(message for message, _ in rows)
        await session.flush()
        session.add_all(file for _, file in rows)


async def test_what_was_delivered_long_ago_is_forgotten_and_nothing_else(database: Database) -> None:
    def row(number: int, status: str, days: int) -> OutboxRow:
        at = now() - timedelta(days=days)
        more = {"delivered_at": at} if status == "delivered" else {}
        return OutboxRow(id=f"n{number}", sender="webhook", event="alert.created", body={}, created_at=at, status=status, **more)

    kinds = [("delivered", 31), ("delivered", 29), ("pending", 31), ("failed", 31)]
    await store(database, [row(i, *kinds[i % 4]) for i in range(4 * BATCH + 8)])
    await Cleaner(database, clear=0, alerts=0).clean()
    async with database.reading() as session:
        kept = list(await session.execute(select(OutboxRow.status, func.count()).group_by(OutboxRow.status)))
    assert {row[0]: row[1] for row in kept} == dict.fromkeys(("delivered", "pending", "failed"), BATCH + 2)


async def test_two_servers_clean_together(database: Database, tmp_path: Path) -> None:
    await store_many(database, 3 * BATCH)
    await store(database, [row for _ in range(9) for row in alerted(60).rows])
    other = Database(Settings(data_dir=tmp_path).database)
    done = await asyncio.gather(*(Cleaner(one, clear=30, alerts=30).clean() for one in (database, other)))
    assert [sum(numbers) for numbers in zip(*done, strict=True)] == [3 * BATCH, 9]
    assert (await count(database))["messages"] == 0
    await other.close()


async def test_it_goes_on_where_it_was_ended(database: Database) -> None:
    await store_many(database, 3 * BATCH)
    cleaner = Cleaner(database, clear=30, alerts=0, again=0.05)
    async with cleaner:
        while (await count(database))["messages"] == 3 * BATCH:  # noqa: ASYNC110 (what is waited for happens in the database)
            await asyncio.sleep(0.01)
    some = (await count(database))["messages"]
    assert some % BATCH == 0, "a batch is removed whole or not at all"
    async with cleaner, asyncio.timeout(60):
        while (await count(database))["messages"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def test_a_server_cleans(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, workers=1)

    async def prepared() -> None:
        database = Database(settings.database)
        await bring_up_to_date(database)
        await store(database, posted(31))
        await database.close()

    asyncio.run(prepared())
    with running(settings) as server:
        until(lambda: not server.run(left(server.house.database, MessageRow)))


async def test_ids_of_a_moment_lie_between_those_before_and_after() -> None:
    moment = now() - timedelta(days=3)
    ids = [new_id("m", moment.timestamp() + seconds) for seconds in (-0.002, 0.002)]
    assert ids[0] < earliest("m", moment) < ids[1]
    assert earliest("m", now() - timedelta(days=36_500)) < ids[0]


async def test_what_people_did_is_kept_for_ever(database: Database) -> None:
    about: dict[str, Any] = {
        "actor": "ana",
        "role": "analyst",
        "identity": "",
        "address": "",
        "object_kind": "alert",
        "object_id": "alr_1",
    }
    entry = sealed(Entry(1, now() - timedelta(days=4000), action="alert.changed", **about))
    async with database.writing() as session:
        await audit.append(session, lambda _: entry)
    await Cleaner(database, clear=1, alerts=1).clean()
    async with database.reading() as session:
        assert await audit.following(session, None, 10) == [entry]

"""What is told of an alert, to whom, and that it is told if and only if it happened."""

import json
import re

import pytest
from alembic import command
from sqlalchemy import delete, inspect

from app.alerts import bulk
from app.alerts import service as alerts
from app.alerts.schemas import AlertChange, AlertFilter
from app.db.migrations import config
from app.db.models import AlertHistoryRow, AlertRow
from app.db.upgrading import bring_up_to_date
from app.notify.service import MOST_MATCHES, Notices
from app.people.service import Principal, Role
from tests.app.notify.conftest import NOTICES, READ, SAID, Outbox, match


async def test_a_raised_alert_is_told_to_every_sender_alike(outbox: Outbox) -> None:
    alert = await outbox.alert(Notices(("webhook", "stream"), "https://console.example"))
    first, second = await outbox.rows()
    assert [first.sender, second.sender] == ["webhook", "stream"]
    assert (first.id, first.body, first.alert_id) == (second.id, second.body, alert)
    assert (first.event, first.status, first.attempts) == ("alert.created", "pending", 0)


async def test_a_notification_says_what_and_where(outbox: Outbox) -> None:
    alert = await outbox.alert()
    [row] = await outbox.rows()
    assert set(row.body) == {"type", "id", "timestamp", "data"}
    assert (row.body["type"], row.body["id"]) == ("alert.created", row.id)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", row.body["timestamp"])
    data = row.body["data"]
    assert data["url"] == f"https://console.example/alerts/{alert}"
    assert (data["id"], data["status"], data["severity"], data["verdict"]) == (alert, "open", "high", "leak")
    assert (data["message"]["gateway"], data["message"]["channel"]["id"]) == ("g1", "c1")
    assert data["message"]["sender"] == {"id": "u1", "name": "Uncle"}
    about = {"asset_id": "ast_1", "asset_title": "Harbour plan", "reference": "page 1"}
    assert data["matches"] == [{**about, "detector": "page_copy", "confidence": 0.9}]


async def test_what_was_said_read_and_noted_stays(outbox: Outbox) -> None:
    alert = await outbox.alert()
    await outbox.change(alert, status="acknowledged", note="I know the uncle")
    for row in await outbox.rows():
        told = json.dumps(row.body)
        assert not any(secret in told for secret in (SAID, READ, "I know", "evidence", "text"))


async def test_without_a_console_s_address_there_is_no_link(outbox: Outbox) -> None:
    await outbox.alert(Notices(("kept",)))
    assert (await outbox.rows())[0].body["data"]["url"] is None


async def test_a_crowd_of_matches_is_cut_and_counted(outbox: Outbox) -> None:
    await outbox.alert(matches=[match(reference=f"page {n}") for n in range(500)])
    data = (await outbox.rows())[0].body["data"]
    assert (len(data["matches"]), data["match_count"]) == (MOST_MATCHES, 500)


async def test_changes_are_told_and_notes_are_not(outbox: Outbox) -> None:
    alert = await outbox.alert()
    await outbox.change(alert, note="hm")
    await outbox.change(alert, assignee="ana")
    await outbox.change(alert, assignee="ana")
    await outbox.change(alert, status="resolved", resolution="true_positive")
    _, assigned, resolved = await outbox.rows()
    assert assigned.body["data"]["change"] == {"assignee": [None, "ana"]}
    assert (assigned.event, assigned.body["data"]["actor"]) == ("alert.changed", "ana")
    assert resolved.body["data"]["change"] == {"resolution": [None, "true_positive"], "status": ["open", "resolved"]}
    assert (resolved.body["data"]["status"], resolved.body["data"]["resolution"]) == ("resolved", "true_positive")


async def test_bulk_changes_and_their_undoing_are_told(outbox: Outbox) -> None:
    for _ in range(3):
        await outbox.alert(Notices())
    wanted, change, who = AlertFilter(status="open"), AlertChange(status="acknowledged"), Principal("tok_1", "ana", Role.ANALYST)
    told = await bulk.bulk(outbox.database, wanted, change, who, NOTICES)
    await bulk.undo(outbox.database, told.bulk_id, who, NOTICES)
    changes = [row.body["data"]["change"]["status"] for row in await outbox.rows()]
    assert changes == [["open", "acknowledged"]] * 3 + [["acknowledged", "open"]] * 3


async def test_nobody_to_tell_is_no_row(outbox: Outbox) -> None:
    await outbox.change(await outbox.alert(Notices()), Notices(), status="acknowledged")
    assert await outbox.rows() == []


async def test_what_did_not_happen_is_not_told(outbox: Outbox) -> None:
    alert = await outbox.alert(Notices())

    async def fail() -> None:
        async with outbox.database.writing() as session:
            await alerts.change(session, alert, AlertChange(status="acknowledged"), "ana", NOTICES)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await outbox.rows() == []


async def test_the_migration_can_be_taken_back(outbox: Outbox) -> None:
    await outbox.alert()
    engine = outbox.database.engine

    async def there() -> bool:
        async with engine.connect() as connection:
            return await connection.run_sync(lambda sync: inspect(sync).has_table("outbox"))

    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(config(sync), "0006-1"))
    assert not await there()
    await bring_up_to_date(outbox.database)
    assert await there()


async def test_an_alert_s_end_ends_its_notifications(outbox: Outbox) -> None:
    alert, other = await outbox.alert(), await outbox.alert()
    async with outbox.database.writing() as session:
        await session.execute(delete(AlertHistoryRow).where(AlertHistoryRow.alert_id == alert))
        await session.execute(delete(AlertRow).where(AlertRow.id == alert))
    assert [row.alert_id for row in await outbox.rows()] == [other]

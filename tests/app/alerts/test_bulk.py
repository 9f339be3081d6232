"""Thousands of alerts at once: as they were seen, some at a time, one entry in the record, and back again whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from app.alerts import bulk, repository
from app.alerts.bulk import SOME
from app.alerts.schemas import AlertChange, AlertFilter, BulkOut
from app.assets.repository import alone as registry
from app.audit import service as audit
from app.audit.schemas import AuditFilter, EntryOut
from app.db import Database
from app.db.models import now
from app.errors import Conflict, Invalid
from tests.app.alerts.conftest import NOBODY, Desk, analyst

OPEN = AlertFilter(status="open", snoozed=False)
LATER = timedelta(hours=1)


async def entries(desk: Desk) -> list[EntryOut]:
    async with desk.database.reading() as session:
        return (await audit.page(session, AuditFilter(), None, 100)).items[::-1]


async def standing(desk: Desk, status: str) -> int:
    return len(await desk.found(status=status))


async def begun(desk: Desk, change: AlertChange) -> tuple[asyncio.Task[BulkOut], list[str]]:
    """A bulk change of three transactions, of which the first was done; the alerts in the order in which it takes them."""
    await desk.alerts(2 * SOME + 50)
    ids = await desk.found("newest")
    running = asyncio.create_task(bulk.bulk(desk.database, OPEN, change, analyst("ana"), NOBODY))
    while not await standing(desk, "acknowledged"):
        await asyncio.sleep(0)
        assert not running.done()
    return running, ids


async def test_what_came_or_was_changed_after_somebody_looked_is_left_alone(desk: Desk) -> None:
    plain, mine, theirs, back, noted = [await desk.alert() for _ in range(5)]
    await desk.change(back, snoozed_until=now() + LATER)
    seen = await desk.seen("ana")
    new = await desk.alert()
    await desk.change(theirs, "bo", assignee="bo")
    await desk.change(back, "bo", snoozed_until=None)
    await desk.change(noted, "bo", note="mind the crane")
    await desk.change(mine, "ana", assignee="ana")
    told = await desk.bulk(OPEN, seen=seen, status="acknowledged")
    assert (told.changed, set(told.changed_meanwhile)) == (3, {theirs, back})
    assert await desk.found(status="acknowledged") == [noted, mine, plain]
    assert (await desk.state(theirs)).assignee == "bo"
    assert await desk.found(status="open") == [new, back, theirs]


async def test_a_page_of_an_empty_queue_knows_no_alert(desk: Desk) -> None:
    seen = await desk.seen()
    alert = await desk.alert()
    assert (await desk.bulk(OPEN, seen=seen, status="acknowledged")).changed == 0
    assert (await desk.state(alert)).status == "open"


async def test_somebody_decides_while_thousands_are_changed(desk: Desk) -> None:
    running, ids = await begun(desk, AlertChange(status="acknowledged"))
    await desk.change(ids[-1], "bo", status="acknowledged")
    assert not running.done(), "it had its turn in between"
    told = await running
    assert (told.changed, told.changed_meanwhile) == (len(ids) - 1, [ids[-1]])
    assert (await desk.state(ids[-1])).assignee == "bo"
    assert (await desk.undo(told.bulk_id)).changed == len(ids) - 1
    assert await standing(desk, "open") == len(ids) - 1


async def test_what_was_cut_off_is_taken_back_as_far_as_it_went(desk: Desk) -> None:
    running, ids = await begun(desk, AlertChange(status="acknowledged"))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    done = await standing(desk, "acknowledged")
    assert done in (SOME, 2 * SOME)
    [entry] = await entries(desk)
    assert (entry.action, entry.details["changed"]) == ("alerts.changed", len(ids))
    assert (await desk.undo(entry.object_id)).changed == done
    assert await standing(desk, "open") == len(ids)


async def test_taking_back_that_was_cut_off_goes_on_where_it_stopped(desk: Desk) -> None:
    await desk.alerts(2 * SOME + 50)
    told = await desk.bulk(OPEN, status="acknowledged")
    running = asyncio.create_task(desk.undo(told.bulk_id))
    while not await standing(desk, "open"):  # noqa: ASYNC110 (what the database shows is waited for)
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    done = await standing(desk, "open")
    assert 0 < done < told.changed
    assert (await desk.undo(told.bulk_id)).changed == told.changed - done
    assert await standing(desk, "open") == told.changed
    with pytest.raises(Conflict):
        await desk.undo(told.bulk_id)


async def test_a_bulk_change_is_one_entry_and_so_is_its_undoing(desk: Desk) -> None:
    await desk.alerts(SOME + 20)
    told = await desk.bulk(OPEN, status="acknowledged", note="drill")
    await desk.undo(told.bulk_id)
    wanted = await desk.found("newest")
    named = await desk.change_all(wanted, dict.fromkeys(wanted, 3), assignee=None, status="acknowledged")
    did = [(entry.action, entry.object_id, entry.details["changed"]) for entry in await entries(desk)]
    assert did == [
        ("alerts.changed", told.bulk_id, SOME + 20),
        ("alerts.undone", told.bulk_id, SOME + 20),
        ("alerts.changed", named.bulk_id, SOME + 20),
    ]


async def test_of_thousands_named_those_of_another_version_are_left(desk: Desk) -> None:
    await desk.alerts(SOME + 20)
    ids = await desk.found("newest")
    await desk.change(ids[3], "bo", assignee="bo")
    await desk.change(ids[-3], "bo", assignee="bo")
    told = await desk.change_all(ids, dict.fromkeys(ids, 1), status="acknowledged")
    assert (told.changed, told.changed_meanwhile) == (SOME + 18, [ids[3], ids[-3]])


async def test_what_one_of_thousands_cannot_become_none_becomes(desk: Desk) -> None:
    await desk.alerts(SOME + 20)
    oldest = (await desk.found("newest"))[-1]
    await desk.change(oldest, status="resolved", resolution="true_positive")
    with pytest.raises(Invalid, match="reopen it first"):
        await desk.bulk(AlertFilter(asset="ast_1"), snoozed_until=now() + LATER)
    assert await desk.found(snoozed=True) == []
    assert await entries(desk) == []


@pytest.mark.parametrize("again", [{"status": "acknowledged", "assignee": "ana"}, {"status": "acknowledged", "note": "mine"}])
async def test_the_same_value_decided_by_somebody_else_is_theirs(desk: Desk, again: dict[str, Any]) -> None:
    alert, other = await desk.alert(), await desk.alert()
    told = await desk.change_all([alert, other], status="acknowledged")
    await desk.change(alert, "bo", status="open")
    await desk.change(alert, "bo", **again)
    assert (await desk.undo(told.bulk_id)).changed == 1
    assert (await desk.state(alert)).status == "acknowledged", "bo decided that, not ana"
    assert (await desk.state(alert)).assignee == again.get("assignee", "bo")
    assert (await desk.state(other)).status == "open"


async def test_whoever_gave_it_to_the_same_person_again_keeps_that(desk: Desk) -> None:
    await desk.known("bo")
    alert = await desk.alert()
    told = await desk.change_all([alert], assignee="bo")
    await desk.change(alert, "cy", assignee=None)
    await desk.change(alert, "cy", assignee="bo")
    assert (await desk.undo(told.bulk_id)).changed == 0
    assert (await desk.state(alert)).assignee == "bo"


async def test_alerts_are_given_to_people_there_are(desk: Desk) -> None:
    alert = await desk.alert()
    await desk.known("bo")
    for wrong in ("Bo", "bo ", "nobody", ""):
        with pytest.raises(Invalid) as refused:
            await desk.bulk(OPEN, assignee=wrong)
        assert refused.value.code == "unknown_assignee"
        with pytest.raises(Invalid):
            await desk.change_all([alert], assignee=wrong)
    await desk.change_all([alert], assignee="bo")
    assert (await desk.state(alert)).assignee == "bo"


@pytest.fixture
async def elsewhere(desk: Desk) -> AsyncIterator[Database]:
    database = Database(desk.database.engine.url.render_as_string(hide_password=False))
    yield database
    await database.close()


@pytest.mark.only("postgresql")
async def test_only_decisions_about_mistakes_wait_for_registrations(desk: Desk, elsewhere: Database) -> None:
    first, second, third = [await desk.alert() for _ in range(3)]
    async with elsewhere.writing() as session:
        await registry(session)
        async with asyncio.timeout(5):
            await desk.change_all([first, second], status="acknowledged")
            await desk.change(first, status="resolved", resolution="true_positive")
        waiting = asyncio.create_task(desk.change(third, status="resolved", resolution="false_positive"))
        await asyncio.sleep(0.5)
        assert not waiting.done()
    await waiting
    assert (await desk.state(third)).resolution == "false_positive"


@pytest.mark.only("postgresql")
async def test_registrations_do_not_wait_for_decisions(desk: Desk, elsewhere: Database) -> None:
    async with desk.database.writing() as session:
        await repository.alone(session)
        async with asyncio.timeout(5), elsewhere.writing() as other:
            await registry(other)

"""Thousands of alerts at once: as they were seen, some at a time, one entry in the record, and back again whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from app.alerts import bulk, repository, service
from app.alerts.history import repository as history
from app.alerts.schemas import AlertChange, AlertFilter, AlertOut, BulkOut
from app.assets.repository import alone as registry
from app.audit import service as audit
from app.audit.schemas import AuditFilter, EntryOut
from app.db import Database, Session
from app.db.models import now
from app.errors import Conflict, Invalid
from tests.app.alerts.conftest import NOBODY, Desk, analyst

OPEN = AlertFilter(status="open", snoozed=False)
LATER = timedelta(hours=1)
SOME = 10
"""Alerts of one transaction here."""


async def entries(desk: Desk) -> list[EntryOut]:
    async with desk.database.reading() as session:
        return (await audit.page(session, AuditFilter(), None, 100)).items[::-1]


async def standing(desk: Desk, status: str) -> int:
    return len(await desk.found(status=status))


async def shown(desk: Desk, alert: str) -> AlertOut:
    async with desk.database.reading() as session:
        return await service.one(session, alert)


class Halting(Database):
    """Stops before its second transaction, until it may go on."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.begun, self.halted, self.go = 0, asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Session]:
        self.begun += 1
        if self.begun == 2:
            self.halted.set()
            await self.go.wait()
        async with super().writing() as session:
            yield session


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction is of fewer alerts, so that fewer need be raised."""
    monkeypatch.setattr(bulk, "SOME", SOME)


@pytest.fixture
async def halting(desk: Desk) -> AsyncIterator[Halting]:
    database = Halting(desk.database.engine.url.render_as_string(hide_password=False))
    yield database
    await database.close()


async def begun(desk: Desk, halting: Halting) -> tuple[asyncio.Task[BulkOut], list[str]]:
    """A bulk change of three transactions, of which the first was done; the alerts in the order in which it takes them."""
    await desk.alerts(2 * SOME + 5)
    ids = await desk.found("newest")
    change = AlertChange(status="acknowledged")
    running = asyncio.create_task(bulk.bulk(halting, OPEN, change, analyst("ana"), NOBODY))
    await halting.halted.wait()
    return running, ids


async def cut_off(running: asyncio.Task[BulkOut]) -> None:
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


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


async def test_somebody_decides_while_thousands_are_changed(desk: Desk, halting: Halting) -> None:
    running, ids = await begun(desk, halting)
    await desk.change(ids[-1], "bo", status="acknowledged")
    halting.go.set()
    told = await running
    assert (told.changed, told.changed_meanwhile) == (len(ids) - 1, [ids[-1]])
    assert (await desk.state(ids[-1])).assignee == "bo"
    assert (await desk.undo(told.bulk_id)).changed == len(ids) - 1
    assert await standing(desk, "open") == len(ids) - 1


async def test_what_was_cut_off_is_taken_back_as_far_as_it_went(desk: Desk, halting: Halting) -> None:
    running, ids = await begun(desk, halting)
    await cut_off(running)
    assert await standing(desk, "acknowledged") == SOME
    [entry] = await entries(desk)
    assert (entry.action, entry.details["changed"]) == ("alerts.changed", len(ids))
    assert (await desk.undo(entry.object_id)).changed == SOME
    assert await standing(desk, "open") == len(ids)


async def test_taking_back_that_was_cut_off_goes_on_where_it_stopped(desk: Desk, halting: Halting) -> None:
    await desk.alerts(2 * SOME + 5)
    told = await desk.bulk(OPEN, status="acknowledged")
    running = asyncio.create_task(bulk.undo(halting, told.bulk_id, analyst("ana"), NOBODY))
    await halting.halted.wait()
    await cut_off(running)
    assert await standing(desk, "open") == SOME
    assert (await desk.undo(told.bulk_id)).changed == told.changed - SOME
    assert await standing(desk, "open") == told.changed
    with pytest.raises(Conflict):
        await desk.undo(told.bulk_id)


async def test_a_bulk_change_is_one_entry_and_so_is_its_undoing(desk: Desk) -> None:
    await desk.alerts(SOME + 4)
    told = await desk.bulk(OPEN, status="acknowledged", note="drill")
    await desk.undo(told.bulk_id)
    wanted = await desk.found("newest")
    named = await desk.change_all(wanted, dict.fromkeys(wanted, 3), assignee=None, status="acknowledged")
    did = [(entry.action, entry.object_id, entry.details["changed"]) for entry in await entries(desk)]
    assert did == [
        ("alerts.changed", told.bulk_id, SOME + 4),
        ("alerts.undone", told.bulk_id, SOME + 4),
        ("alerts.changed", named.bulk_id, SOME + 4),
    ]


async def test_notes_on_many_are_taken_back_once_and_stay_in_the_history(desk: Desk) -> None:
    await desk.alerts(SOME + 4)
    told = await desk.bulk(OPEN, note="drill")
    alert = (await desk.found())[0]
    await desk.change(alert, "bo", status="acknowledged", note="mine")
    version = (await desk.state(alert)).version
    assert (await desk.undo(told.bulk_id, "bo")).changed == SOME + 4
    with pytest.raises(Conflict):
        await desk.undo(told.bulk_id)
    seen, others = (await shown(desk, alert)).history[1:], await desk.history((await desk.found(status="open"))[0])
    assert [(one.action, one.note, one.withdrawn and one.withdrawn.actor) for one in seen] == [
        ("noted", "drill", "bo"),
        ("acknowledged", "mine", None),
        ("withdrawn", None, None),
    ]
    assert [(one.action, one.bulk_id) for one in others[1:]] == [("noted", told.bulk_id), ("withdrawn", told.bulk_id)]
    assert (await desk.state(alert)).version == version, "a note is no version, and nor is taking it back"
    assert [entry.action for entry in await entries(desk)] == ["alerts.changed", "alerts.undone"]


async def test_a_reason_is_taken_back_with_the_decision_and_stands_where_that_does(desk: Desk) -> None:
    first, second, third = [await desk.alert() for _ in range(3)]
    await desk.change(third, status="resolved", resolution="false_positive")
    told = await desk.change_all([first, second, third], status="resolved", resolution="false_positive", note="drill")
    await desk.change(second, "bo", status="open")
    assert (await desk.undo(told.bulk_id)).changed == 2
    reasons = [[one for one in (await shown(desk, alert)).history if one.note] for alert in (first, second, third)]
    assert [(one.action, one.withdrawn is not None) for [one] in reasons] == [
        ("resolved", True),
        ("resolved", False),
        ("noted", True),
    ]


async def test_taking_notes_back_that_was_cut_off_goes_on_where_it_stopped(desk: Desk, halting: Halting) -> None:
    await desk.alerts(2 * SOME + 5)
    told = await desk.bulk(OPEN, note="drill")
    running = asyncio.create_task(bulk.undo(halting, told.bulk_id, analyst("ana"), NOBODY))
    await halting.halted.wait()
    await cut_off(running)
    assert (await desk.undo(told.bulk_id)).changed == told.changed - SOME


async def test_the_record_finds_what_was_done_to_many_by_each_of_them(desk: Desk) -> None:
    await desk.alerts(SOME + 4)
    other = await desk.alert("ast_2")
    told = await desk.bulk(AlertFilter(asset="ast_1"), status="acknowledged")
    await desk.undo(told.bulk_id)
    async with desk.database.reading() as session:
        ids = await repository.find(session, AlertFilter(asset="ast_1"))
        did = [(await audit.page(session, AuditFilter(object=one), None, 9)).items for one in (*ids, other)]
        parts = [await history.bulk_rows(session, told.bulk_id, undone, 0, 99) for undone in (False, True)]
    assert [[entry.action for entry in one] for one in did] == [["alerts.undone", "alerts.changed"]] * len(ids) + [[]]
    assert [{row.alert_id for row in part} for part in parts] == [set(ids)] * 2
    assert [{row.action for row in part} for part in parts] == [{"acknowledged"}, {"undone"}]


async def test_of_thousands_named_those_of_another_version_are_left(desk: Desk) -> None:
    await desk.alerts(SOME + 4)
    ids = await desk.found("newest")
    await desk.change(ids[3], "bo", assignee="bo")
    await desk.change(ids[-3], "bo", assignee="bo")
    told = await desk.change_all(ids, dict.fromkeys(ids, 1), status="acknowledged")
    assert (told.changed, told.changed_meanwhile) == (SOME + 2, [ids[3], ids[-3]])


async def test_what_one_of_thousands_cannot_become_none_becomes(desk: Desk) -> None:
    await desk.alerts(SOME + 4)
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
        async with asyncio.timeout(60):
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
        async with asyncio.timeout(60), elsewhere.writing() as other:
            await registry(other)

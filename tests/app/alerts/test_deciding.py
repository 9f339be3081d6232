"""Deciding about one alert or thousands: nothing is overwritten unseen, everything can be taken back, snoozing ends by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from app.alerts.repository import State
from app.alerts.schemas import AlertFilter
from app.alerts.waking import Waker
from app.db import Database
from app.db.models import AlertRow, now
from app.errors import Conflict, Invalid
from tests.app.alerts.conftest import NOBODY, Desk
from tests.app.alerts.test_alerts import patch
from tests.app.conftest import Server
from tests.app.ingest.test_messages import problem

LATER = timedelta(hours=1)
RESOLVED = {"status": "resolved", "resolution": "true_positive"}


def said(state: State) -> tuple[str, str | None, str | None, bool]:
    return state.status, state.resolution, state.assignee, state.snoozed_until is not None


async def actions(desk: Desk, alert: str) -> list[str]:
    return [entry.action for entry in await desk.history(alert)]


async def test_acknowledging_assigns_to_whoever_does_it(desk: Desk) -> None:
    first, second, third = [await desk.alert() for _ in range(3)]
    await desk.change(first, status="acknowledged")
    await desk.change(second, status="acknowledged", assignee="bo")
    await desk.change(third, assignee="bo")
    await desk.change(third, status="acknowledged")
    assert [(await desk.state(one)).assignee for one in (first, second, third)] == ["ana", "bo", "ana"]
    await desk.change(first, "bo", status="acknowledged")
    assert (await desk.state(first)).assignee == "ana", "it is acknowledged already: saying so again takes it from nobody"


async def test_what_is_snoozed_leaves_the_queue_and_comes_back_by_itself(desk: Desk) -> None:
    alert, other = await desk.alert(), await desk.alert()
    await desk.change(alert, status="acknowledged")
    await desk.change(alert, snoozed_until=now() + LATER)
    assert (await desk.line(alert)).standing == "snoozed"
    wakers = [Waker(desk.database, NOBODY), Waker(desk.database, NOBODY)]
    assert [await waker.wake() for waker in wakers] == [0, 0]
    async with desk.database.writing() as session:
        await session.execute(update(AlertRow).where(AlertRow.id == alert).values(snoozed_until=now()))
    assert [await waker.wake() for waker in wakers] == [1, 0]
    assert said(await desk.state(alert)) == ("acknowledged", None, "ana", False)
    assert (await desk.line(alert)).standing == "acknowledged"
    last = (await desk.history(alert))[-1]
    assert (last.actor, last.action, last.change["snoozed_until"][1]) == ("leakwatch", "woken", None)
    assert await actions(desk, other) == ["created"]


@pytest.mark.parametrize("change", [{"status": "open"}, RESOLVED, {"snoozed_until": None}, {"status": "acknowledged"}])
async def test_deciding_ends_snoozing_and_assigning_does_not(desk: Desk, change: dict[str, Any]) -> None:
    alert = await desk.alert()
    if change.get("status") == "open":
        await desk.change(alert, status="acknowledged")
    await desk.change(alert, snoozed_until=now() + LATER)
    await desk.change(alert, assignee="bo", note="soon")
    assert (await desk.state(alert)).snoozed_until
    await desk.change(alert, **change)
    state = await desk.state(alert)
    assert state.snoozed_until is None
    assert (await desk.line(alert)).standing == state.status


@pytest.mark.parametrize("until", [timedelta(seconds=-1), timedelta(days=91)])
async def test_snoozing_is_for_a_while(desk: Desk, until: timedelta) -> None:
    alert = await desk.alert()
    with pytest.raises(Invalid, match="within the next 90 days"):
        await desk.change(alert, snoozed_until=now() + until)
    await desk.change(alert, **RESOLVED)
    with pytest.raises(Invalid, match="reopen it first"):
        await desk.change(alert, snoozed_until=now() + LATER)
    with pytest.raises(Invalid):
        await desk.change(alert, snoozed_until=now() + LATER, **RESOLVED)


async def test_every_change_is_a_version_and_a_note_is_none(desk: Desk) -> None:
    alert = await desk.alert()
    seen = [(await desk.state(alert)).version]
    for change in ({"assignee": "bo"}, {"assignee": "bo"}, {"note": "hm"}, {"status": "acknowledged", "note": "mine"}, RESOLVED):
        await desk.change(alert, **change)
        seen.append((await desk.state(alert)).version)
    assert seen == [1, 2, 2, 2, 3, 4]


async def test_what_somebody_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    alert = await desk.alert()
    await desk.change(alert, "bo", version=1, note="ours", **RESOLVED)
    await desk.change(alert, "bo", note="sure")
    with pytest.raises(Conflict, match="bo changed this alert meanwhile") as refused:
        await desk.change(alert, version=1, status="acknowledged")
    last = refused.value.more["last_change"]
    assert (last["actor"], last["action"], last["note"], refused.value.more["version"]) == ("bo", "resolved", "ours", 2)
    assert said(await desk.state(alert)) == ("resolved", "true_positive", None, False)
    await desk.change(alert, version=2, status="acknowledged")


async def test_a_note_is_added_whatever_was_decided_meanwhile(desk: Desk) -> None:
    alert, other = await desk.alert(), await desk.alert()
    await desk.change(alert, "bo", assignee="bo")
    await desk.change(alert, "ana", version=1, note="seen from the gate")
    done = await desk.change_all([alert, other], {alert: 1, other: 1}, note="drill")
    assert (done.changed, done.changed_meanwhile) == (2, [])
    assert [row.note for row in await desk.history(alert)][-2:] == ["seen from the gate", "drill"]
    assert (await desk.state(alert)).assignee == "bo"
    with pytest.raises(Conflict):
        await desk.change(alert, "ana", version=1, note="and mine", assignee="ana")


async def test_a_note_on_all_that_match_is_added_to_what_somebody_changed_meanwhile(desk: Desk) -> None:
    alert, asset = await desk.alert("ast_noted"), "ast_noted"
    await desk.known("ana")
    seen = await desk.seen()
    await desk.change(alert, "bo", assignee="bo")
    assert (await desk.bulk(AlertFilter(asset=asset), seen=seen, assignee="ana")).changed_meanwhile == [alert]
    assert (await desk.bulk(AlertFilter(asset=asset), seen=seen, note="drill")).changed == 1


def test_what_others_decided_is_not_replaced_in_silence(server: Server) -> None:
    alert, analyst, desk = server.alert(), server["analyst"], Desk(server.house.database)
    path = f"/alerts/{alert['id']}"
    server.run(desk.change(alert["id"], "bo", status="acknowledged"))
    server.run(desk.change(alert["id"], "cy", assignee="cy"))
    told = (
        analyst.patch(path, json={"status": "resolved", "resolution": "benign_positive", "assignee": "ana"})
        .raise_for_status()
        .json()
    )
    replaced = [(one["field"], one["value"], one["actor"]) for one in told["replaced"]]
    assert replaced == [("assignee", "cy", "cy"), ("status", "acknowledged", "bo")]
    assert told["history"][-1]["change"]["overruled"] == [None, ["bo", "cy"]]
    assert told["history"][-1]["change"]["assignee"] == ["cy", "ana"]
    assert analyst.get(path).json()["replaced"] == [], "it is the answer to a change"
    again = analyst.patch(path, json={"status": "open"}).json()
    assert (again["replaced"], "overruled" in again["history"][-1]["change"]) == ([], False), "it was one's own"


def test_who_says_what_they_saw_replaces_knowingly(server: Server) -> None:
    alert, desk = server.alert(), Desk(server.house.database)
    server.run(desk.change(alert["id"], "bo", assignee="bo"))
    body = {"assignee": "ana", "version": alert["version"] + 1}
    told = server["analyst"].patch(f"/alerts/{alert['id']}", json=body).raise_for_status().json()
    assert (told["replaced"], told["history"][-1]["change"]) == ([], {"assignee": ["bo", "ana"]})


def test_over_http_by_version_or_etag(server: Server) -> None:
    alert, analyst = server.alert(), server["analyst"]
    path = f"/alerts/{alert['id']}"
    tag = analyst.get(path).headers["etag"]
    changed = analyst.patch(path, json={"status": "acknowledged"}, headers={"If-Match": tag}).raise_for_status()
    assert (changed.json()["version"], changed.json()["assignee"]) == (alert["version"] + 1, "ana")
    assert changed.headers["etag"] != tag
    refused = problem(analyst.patch(path, json={"assignee": None}, headers={"If-Match": tag}), 412)
    assert (refused["code"], refused["last_change"]["action"]) == ("changed_meanwhile", "acknowledged")
    assert problem(analyst.patch(path, json={"assignee": None, "version": alert["version"]}), 409)["code"] == "changed_meanwhile"
    assert (
        analyst.patch(path, json={"note": "seen", "version": alert["version"]}).raise_for_status().json()["history"][-1]["note"]
        == "seen"
    )
    problem(analyst.patch(path, json={"note": "again"}, headers={"If-Match": tag}), 412)
    problem(analyst.patch(path, json={"assignee": None}, headers={"If-Match": '"x"'}), 422)
    problem(analyst.patch(path, json={"version": 2}), 422)
    assert analyst.patch(path, json={"assignee": None}, headers={"If-Match": "*"}).raise_for_status().json()["assignee"] is None


def test_a_snooze_over_http(server: Server) -> None:
    alert = server.alert()
    until = (now() + LATER).isoformat()
    told = patch(server, alert, snoozed_until=until)
    assert told["snoozed_until"].rstrip("Z")[:19] == until[:19]
    assert (told["history"][-1]["action"], told["status"]) == ("snoozed", "open")
    asked = {"asset": alert["matches"][0]["asset_id"]}
    for snoozed in (True, False):
        items = server["analyst"].get("/alerts", params={**asked, "snoozed": snoozed, "order": "urgent"}).json()["items"]
        assert [one["id"] for one in items] == [alert["id"]] * snoozed
    assert patch(server, alert, snoozed_until=None)["history"][-1]["action"] == "woken"


async def test_a_selection_leaves_what_was_changed_meanwhile(desk: Desk) -> None:
    first, second, third = [await desk.alert() for _ in range(3)]
    await desk.change(second, "bo", status="acknowledged")
    versions = dict.fromkeys((first, second, third), 1)
    told = await desk.change_all([first, second, third, "alr_gone"], versions, note="drill", **RESOLVED)
    assert (told.changed, told.changed_meanwhile) == (2, [second])
    assert [(await desk.state(one)).status for one in (first, second, third)] == ["resolved", "acknowledged", "resolved"]
    assert (await desk.undo(told.bulk_id)).changed == 2
    assert [(await desk.line(one)).standing for one in (first, second, third)] == ["open", "acknowledged", "open"]


def test_a_selection_over_http(server: Server) -> None:
    first, second = server.alert(), server.alert()
    ids = [first["id"], second["id"]]
    patch(server, second, assignee="bo")
    bulk = {"ids": ids, "versions": dict.fromkeys(ids, 1), "change": {"status": "acknowledged"}}
    told = server["analyst"].post("/alerts/bulk", json=bulk).raise_for_status().json()
    assert (told["changed"], told["changed_meanwhile"]) == (1, [second["id"]])
    wrongs: list[dict[str, Any]] = [{"ids": []}, {"ids": ids, "filter": {"status": "open"}}, {"ids": ids, "undo": "blk_1"}]
    untouched = server["analyst"].post("/alerts/bulk", json={"undo": told["bulk_id"]}).raise_for_status().json()
    assert untouched == {"bulk_id": told["bulk_id"], "changed": 1}
    for wrong in wrongs:
        problem(server["analyst"].post("/alerts/bulk", json={"change": {"status": "open"}, **wrong}), 422)
    problem(server["analyst"].post("/alerts/bulk", json={"ids": ids}), 422)


async def test_snoozing_and_acknowledging_are_taken_back_where_nobody_went_on(desk: Desk) -> None:
    first, second = await desk.alert(), await desk.alert()
    snoozed = await desk.change_all([first, second], snoozed_until=now() + LATER)
    await desk.change(second, "bo", status="resolved", resolution="benign_positive")
    assert (await desk.undo(snoozed.bulk_id)).changed == 1
    assert [(await desk.line(one)).standing for one in (first, second)] == ["open", "resolved"]
    mine = await desk.change_all([first], status="acknowledged")
    await desk.change(first, "bo", assignee="bo")
    await desk.undo(mine.bulk_id)
    assert said(await desk.state(first)) == ("open", None, "bo", False)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is said to the database."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def test_fifty_alerts_cost_no_more_statements_than_five(desk: Desk) -> None:
    cost = []
    for count in (5, 50):
        await desk.alerts(count, f"ast_{count}")
        wanted = AlertFilter(asset=f"ast_{count}")
        with statements(desk.database) as seen:
            told = await desk.bulk(wanted, status="resolved", resolution="false_positive", note="drill")
            assert (await desk.undo(told.bulk_id)).changed == count
        cost.append(len(seen))
    assert cost[0] == cost[1]


async def test_more_alerts_than_fit_into_one_statement(desk: Desk) -> None:
    await desk.alerts(620)
    told = await desk.bulk(AlertFilter(status="open"), status="acknowledged")
    assert (told.changed, len(await desk.found(status="acknowledged", assignee="ana"))) == (620, 620)
    assert (await desk.undo(told.bulk_id)).changed == 620
    assert len(await desk.found(status="open", snoozed=False, assigned=False)) == 620

"""What is found later in a message that has an alert comes before somebody, once, whatever was decided about that alert."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.alerts import repository, service, widening
from app.alerts.schemas import AlertChange, AlertOut
from app.alerts.widening import Late
from app.db.ids import new_id
from app.db.models import AlertRow, IncidentRow, MessageRow, OutboxRow, now
from app.errors import Conflict
from app.incidents import repository as incidents
from app.notify.service import Notices
from tests.app.alerts.conftest import NOBODY, Desk, desk, match

__all__ = ["desk"]
TOLD = Notices(("kept",))
LEAKED = now() - timedelta(days=3)


def late(asset: str = "ast_2", severity: str = "critical", told: dict[str, Any] | None = None, **about: Any) -> Late:
    found = match(asset_id=asset, asset_title="Machine seven", reference_id=new_id("ref"), **about)
    return Late(asset, "leak", severity, [found], LEAKED, told)


async def find(desk: Desk, alert: str, found: Late) -> bool:
    async with desk.database.writing() as session:
        row = await session.get_one(AlertRow, alert)
        await widening.alone(session, [row.message_id])
        message = await session.get_one(MessageRow, row.message_id)
        return await widening.widen(session, row, message, found, TOLD)


async def told(desk: Desk) -> list[dict[str, Any]]:
    """What went out."""
    async with desk.database.reading() as session:
        rows = await session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        return [row.body["data"] for row in rows]


async def one(desk: Desk, alert: str) -> AlertOut:
    async with desk.database.reading() as session:
        return await service.one(session, alert)


@pytest.mark.parametrize("resolution", ["false_positive", "true_positive", "benign_positive"])
async def test_a_resolved_alert_is_open_again_and_the_decision_stays_in_its_history(desk: Desk, resolution: str) -> None:
    alert = await desk.alert(severity="medium")
    await desk.change(alert, status="resolved", resolution=resolution)
    assert await find(desk, alert, late())
    now_is = await one(desk, alert)
    assert (now_is.status, now_is.resolution, now_is.severity, now_is.verdict) == ("open", None, "critical", "leak")
    assert (now_is.historic, now_is.leaked_at) == (True, LEAKED)
    assert [entry.action for entry in now_is.history if entry.action not in ("untaught", "forgotten")] == [
        "created",
        "resolved",
        "widened",
        "reopened",
    ]
    assert now_is.history[-1].note == "Something that was registered later was found in it."
    assert [found.asset_title for found in now_is.matches] == ["Machine seven", "Harbour plan"], "what nobody decided on first"
    [notice] = await told(desk)
    assert (notice["status"], notice["severity"], notice["actor"]) == ("open", "critical", "leakwatch")
    assert notice["change"]["status"] == ["resolved", "open"]
    assert notice["change"]["assets"] == [None, "ast_2"]
    assert await desk.found(status="open", asset="ast_2", severity="critical") == [alert]


async def test_a_snoozed_one_is_back_and_one_that_is_looked_at_stays_with_whoever_looks(desk: Desk) -> None:
    snoozed, mine = await desk.alert(), await desk.alert(severity="low")
    await desk.change(snoozed, snoozed_until=now() + timedelta(days=1))
    await desk.change(mine, status="acknowledged")
    assert await find(desk, snoozed, late())
    assert await find(desk, mine, late())
    assert (await desk.state(snoozed)).snoozed_until is None
    assert (await desk.line(snoozed)).standing == "open"
    state = await desk.state(mine)
    assert (state.status, state.assignee) == ("acknowledged", "ana")
    line = await desk.line(mine)
    assert (line.severity, line.standing, line.shown["title"], line.subject) == (
        "critical",
        "acknowledged",
        "Machine seven",
        "ast_2",
    )
    assert line.urgency >= (await desk.line(await desk.alert(severity="critical"))).urgency - 1


async def test_what_is_less_grave_comes_after_what_is_graver_and_is_told_nevertheless(desk: Desk) -> None:
    alert = await desk.alert(severity="critical")
    assert await find(desk, alert, late(severity="low", detector="equipment_photo"))
    line = await desk.line(alert)
    assert (line.severity, line.shown["title"], line.shown["others"], line.subject) == ("critical", "Harbour plan", 1, "ast_1")
    assert line.detectors.split() == ["page_copy", "equipment_photo"]
    assert len(await told(desk)) == 1


async def test_found_once_more_it_changes_nothing(desk: Desk) -> None:
    alert, found = await desk.alert(severity="medium"), late()
    assert await find(desk, alert, found)
    await desk.change(alert, status="resolved", resolution="false_positive")
    before = await one(desk, alert)
    assert not await find(desk, alert, found)
    assert await one(desk, alert) == before
    assert len(await told(desk)) == 1


async def test_what_could_have_been_found_when_it_came_changes_nothing(desk: Desk) -> None:
    alert = await desk.alert(severity="medium")
    old = match(reference_id=new_id("ref", 1), attachment=1)
    assert not await find(desk, alert, Late("ast_1", "leak", "critical", [old], LEAKED))
    assert not await find(desk, alert, Late("ast_1", "leak", "critical", [match(attachment=1)], LEAKED)), "of none it is told"


@pytest.mark.parametrize(
    ("resolution", "attachment", "told_of"),
    [
        (None, 0, True),  # graver than it was
        (None, 1, True),
        ("false_positive", 0, False),  # decided: this picture is only like it
        ("false_positive", 1, True),
        ("true_positive", 1, False),  # decided: it is there
        ("benign_positive", 1, False),
    ],
)
async def test_more_of_an_asset_it_is_about_already(desk: Desk, resolution: str | None, attachment: int, told_of: bool) -> None:
    alert = await desk.alert(severity="medium")
    if resolution:
        await desk.change(alert, status="resolved", resolution=resolution)
    assert await find(desk, alert, late("ast_1", attachment=attachment)) is told_of
    state = await desk.state(alert)
    assert state.status == ("open" if told_of or not resolution else "resolved")
    assert len(await told(desk)) == told_of


async def test_whoever_decides_on_what_they_saw_before_is_refused(desk: Desk) -> None:
    alert = await desk.alert()
    seen, page = await desk.state(alert), await desk.seen()
    await find(desk, alert, late())
    wanted = AlertChange(status="resolved", resolution="false_positive", version=seen.version)
    with pytest.raises(Conflict, match="leakwatch changed this alert meanwhile"):
        async with desk.database.writing() as session:
            await service.change(session, alert, wanted, "ana", NOBODY)
    async with desk.database.reading() as session:
        assert await repository.changed_since(session, page) == {alert}


async def test_its_incident_is_as_grave_and_opens_if_it_had_closed_itself(desk: Desk) -> None:
    alert = await desk.alert(severity="low")
    async with desk.database.reading() as session:
        incident = (await incidents.of_alerts(session, [alert]))[alert][0]

    async def stands() -> tuple[str, int]:
        async with desk.database.reading() as session:
            row = await session.get_one(IncidentRow, incident)
            return row.status, row.gravity

    await desk.change(alert, status="resolved", resolution="false_positive")
    assert await stands() == ("closed", 1)
    await find(desk, alert, late())
    assert await stands() == ("open", 4)


async def test_why_it_is_graver_is_told_if_that_is_what_made_it_so(desk: Desk) -> None:
    raised = {"reason": "visitor", "level": "secret"}
    alert, other = await desk.alert(severity="critical"), await desk.alert(severity="medium")
    for one_of in (alert, other):
        await find(desk, one_of, late(told={"verdict": "review", "raised": raised}))
    assert ((await one(desk, alert)).raised, (await one(desk, other)).raised) == (None, raised)


async def test_a_change_of_many_that_was_overtaken_takes_nothing_back(desk: Desk) -> None:
    await desk.known("ana")
    alert = await desk.alert()
    done = await desk.change_all([alert], status="resolved", resolution="false_positive")
    await find(desk, alert, late())
    await desk.undo(done.bulk_id)
    assert (await desk.state(alert)).status == "open"

"""What people and the clock make of an incident: standing, names, tasks, and what is told of it."""

import pytest

from app.errors import Conflict, NotFound
from tests.app.incidents.conftest import Room


async def test_an_incident_without_a_leak_in_it_closes_itself_and_opens_again(room: Room) -> None:
    one, other = await room.alert(), await room.alert()
    incident = await room.of(one)
    await room.resolve(one, "false_positive")
    assert (await room.incident(incident)).status == "open"
    await room.resolve(other, "benign_positive")
    closed = await room.incident(incident)
    assert (closed.status, closed.closing, closed.closed_at is not None, closed.alert_count) == ("closed", "cleared", True, 2)
    await room.change(one, status="open")
    again = await room.incident(incident)
    assert (again.status, again.closing, again.closed_at) == ("open", None, None)
    assert await room.did(incident) == ["opened", "joined", "decided", "decided", "cleared", "reopened", "uncleared"]


async def test_what_people_closed_stays_closed(room: Room) -> None:
    one = await room.alert()
    incident = await room.of(one)
    await room.set(incident, status="closed")
    await room.change(one, status="acknowledged")
    assert (await room.incident(incident)).closing == "handled"
    await room.resolve(one, "true_positive")
    assert (await room.incident(incident)).closing == "handled"
    await room.set(incident, status="open")
    assert ((await room.incident(incident)).status, (await room.incident(incident)).closed_at) == ("open", None)


async def test_a_leak_keeps_an_incident_open(room: Room) -> None:
    one = await room.alert()
    await room.resolve(one, "true_positive")
    assert (await room.incident(await room.of(one))).status == "open"


async def test_nothing_is_overwritten_unseen(room: Room) -> None:
    incident = await room.of(await room.alert())
    seen = (await room.incident(incident)).version
    await room.set(incident, "bo", commander="bo", version=seen)
    with pytest.raises(Conflict) as refused:
        await room.set(incident, title="Mine", version=seen)
    assert refused.value.code == "changed_meanwhile"
    assert refused.value.more["last_change"]["actor"] == "bo"
    assert refused.value.more["version"] == seen + 1
    await room.alert()
    await room.set(incident, title="Mine", version=seen + 1)  # that an alert joined is no conflict
    told = await room.incident(incident)
    assert (told.title, told.commander) == ("Mine", "bo")


async def test_what_is_so_already_changes_nothing(room: Room) -> None:
    incident = await room.of(await room.alert())
    before = await room.incident(incident)
    await room.set(incident, title=before.title, status="open", commander=None)
    assert await room.incident(incident) == before


async def test_the_narrative_is_kept_with_who_wrote_it_and_can_be_written_anew(room: Room) -> None:
    incident = await room.of(await room.alert())
    await room.set(incident, narrative="What we know so far.")
    told = (await room.incident(incident)).narrative
    assert told is not None
    assert (told.text, told.by) == ("What we know so far.", "ana")
    await room.set(incident, narrative=None)
    assert (await room.incident(incident)).narrative is None
    assert (await room.did(incident))[1:] == ["told", "told_anew"]


async def test_tasks_are_made_changed_done_and_undone(room: Room) -> None:
    incident = await room.of(await room.alert())
    task = await room.task(incident, "ask the family to delete it")
    await room.set_task(incident, task, assignee="bo")
    await room.set_task(incident, task, done=True)
    [done] = (await room.incident(incident)).tasks
    assert (done.text, done.assignee, done.done_by, done.done_at is not None) == (
        "ask the family to delete it",
        "bo",
        "ana",
        True,
    )
    await room.set_task(incident, task, done=True)
    await room.set_task(incident, task, done=False)
    assert (await room.incident(incident)).tasks[0].done_at is None
    assert (await room.did(incident))[1:] == ["task_added", "task_changed", "task_done", "task_undone"]
    with pytest.raises(NotFound):
        await room.set_task(incident, "tsk_none", done=True)


async def test_open_ones_come_first_then_the_gravest_then_the_last(room: Room) -> None:
    made = [
        await room.of(await room.alert(f"ast_{n}", severity)) for n, severity in enumerate(("low", "critical", "high", "high"))
    ]
    await room.set(made[1], status="closed")
    await room.set(made[2], status="contained")
    assert await room.listed() == [made[3], made[0], made[2], made[1]]
    assert await room.listed(status="open") == [made[3], made[0]]
    assert await room.listed(severity="high") == [made[3], made[2]]
    assert await room.listed(asset="ast_1") == [made[1]]
    await room.set(made[0], title="The Blue Heron")
    assert await room.listed(q="heron BLUE") == [made[0]]
    assert await room.listed(q="100%") == []


async def test_when_all_alerts_of_an_incident_are_removed_it_goes_with_them(room: Room) -> None:
    from app.incidents import repository  # noqa: PLC0415 (what the cleaner calls)

    one, other = await room.alert(), await room.alert()
    incident = await room.of(one)
    async with room.database.writing() as session:
        await repository.let_go(session, [one])
    assert (await room.incident(incident)).alert_count == 1
    async with room.database.writing() as session:
        await repository.let_go(session, [other])
    with pytest.raises(NotFound):
        await room.incident(incident)

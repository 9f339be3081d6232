"""Merging and splitting, and taking either back: exactly, once, and without touching what came since."""

import asyncio
import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db import Database
from app.db.upgrading import bring_up_to_date
from app.errors import Conflict, Invalid
from app.incidents.schemas import IncidentOut
from app.settings import Settings
from tests.app.alerts.conftest import match
from tests.app.incidents.conftest import Room
from tests.app.incidents.test_joining import MARKED


async def test_a_merged_incident_is_a_name_that_leads_to_the_other(room: Room) -> None:
    mine, theirs = await room.alert("ast_1", "low"), await room.alert("ast_2", "critical")
    one, other = await room.of(mine), await room.of(theirs)
    task = await room.task(one)
    move = await room.merge(one, other)
    merged, into = await room.incident(one), await room.incident(other)
    assert (merged.status, merged.closing, merged.merged_into, merged.alert_count) == ("closed", "merged", other, 0)
    assert (into.alert_count, into.severity, [one.id for one in into.tasks]) == (2, "critical", [task])
    assert await room.listed() == [other]
    assert await room.of(await room.alert("ast_1")) == other, "what comes later follows"
    assert [one.id for one in into.moves] == [move.id]
    for refused in (room.set(one, title="x"), room.task(one), room.merge(one, other), room.split(one, [mine])):
        with pytest.raises(Conflict, match="merged"):
            await refused


async def test_what_cannot_be_merged_or_split(room: Room) -> None:
    alerts = [await room.alert() for _ in range(2)]
    one, other = await room.of(alerts[0]), await room.of(await room.alert("ast_2"))
    with pytest.raises(Invalid, match="itself"):
        await room.merge(one, one)
    with pytest.raises(Invalid, match="at least one"):
        await room.split(one, alerts)
    with pytest.raises(Conflict, match="not in this incident"):
        await room.split(other, alerts[:1])
    await room.set(other, status="closed")
    with pytest.raises(Conflict, match="reopen it first"):
        await room.merge(one, other)
    with pytest.raises(Conflict) as refused:
        await room.merge(one, other, version=99)
    assert refused.value.code == "changed_meanwhile"


async def test_what_was_split_off_stays_out_and_copies_of_it_follow(room: Room) -> None:
    alerts = [await room.alert("ast_1", files=(f"f{n}",)) for n in range(3)]
    one = await room.of(alerts[0])
    move = await room.split(one, alerts[2:], "Another leak")
    other = move.target
    assert [await room.of(alert) for alert in alerts] == [one, one, other]
    assert (await room.incident(other)).title == "Another leak"
    assert await room.of(await room.alert("ast_1", files=("f2",))) == other
    assert await room.of(await room.alert("ast_1", files=("new",))) == one
    assert [await room.of(alert) for alert in alerts] == [one, one, other]


async def test_what_joined_after_a_merge_stays_where_it_joined(room: Room) -> None:
    one, other = await room.of(await room.alert("ast_1")), await room.of(await room.alert("ast_2"))
    move = await room.merge(one, other)
    late = await room.alert("ast_1")
    await room.take_back(other, move.id)
    assert await room.of(late) == other
    assert await room.of(await room.alert("ast_1")) == one
    with pytest.raises(Conflict, match="already"):
        await room.take_back(one, move.id)


async def test_a_later_move_must_be_undone_first(room: Room) -> None:
    incidents = [await room.of(await room.alert(f"ast_{n}")) for n in range(3)]
    first = await room.merge(incidents[0], incidents[1])
    second = await room.merge(incidents[1], incidents[2])
    before = await room.members()
    with pytest.raises(Conflict, match="undo that first"):
        await room.take_back(incidents[0], first.id)
    assert await room.members() == before
    await room.take_back(incidents[1], second.id)
    await room.take_back(incidents[1], first.id)
    assert sorted((await room.members()).values()) == sorted(incidents)


async def test_an_undone_split_ends_unless_something_came_to_it(room: Room) -> None:
    alerts = [await room.alert("ast_1", files=(f"f{n}",)) for n in range(3)]
    one = await room.of(alerts[0])
    quiet, busy = await room.split(one, alerts[1:2]), await room.split(one, alerts[2:])
    late = await room.alert("ast_1", files=("f2",))
    task = await room.task(quiet.target)
    await room.take_back(one, quiet.id)
    await room.take_back(one, busy.id)
    assert (await room.incident(quiet.target)).merged_into == one
    assert [one.id for one in (await room.incident(one)).tasks] == [task]
    assert await room.of(late) == busy.target
    assert (await room.incident(busy.target)).status == "open"
    assert {await room.of(alert) for alert in alerts} == {one}


# ---- a split takes a merge apart

THINGS = ("ast_1", "ast_2", "SECRET plan", "SECRET list", 0x0F0F, -1)
"""An asset, a text or a picture."""
_files = itertools.count()


async def post(room: Room, thing: str | int) -> str:
    """A new copy of it: of a picture and of an asset in a new file."""
    new = (f"new{next(_files)}",)
    if isinstance(thing, int):
        return await room.alert(files=new, pictures=(thing,), **MARKED)
    if thing.startswith("ast_"):
        return await room.alert(thing, files=new)
    return await room.alert(text=thing, **{**MARKED, "attachment": None})


async def test_an_asset_that_both_sides_show_goes_back_with_the_side_that_had_it(room: Room) -> None:
    mine, _ = await room.alert("ast_2", files=("aa",)), await room.alert("ast_1")
    both = await room.alert("ast_1", files=("bb",), also=(match(asset_id="ast_2"),))
    one = await room.of(both)
    assert await room.of(mine) != one
    await room.merge(await room.of(mine), one)
    other = (await room.split(one, [mine])).target
    assert await room.of(await room.alert("ast_2")) == other
    assert await room.of(await room.alert("ast_1")) == one


async def apart(merges: Sequence[tuple[int, int]], order: Sequence[int], folder: str) -> None:
    database = Database(Settings(data_dir=Path(folder), database_url="").database)
    await bring_up_to_date(database)
    room = Room(database)
    alerts = {thing: [await post(room, thing) for _ in range(2)] for thing in THINGS}
    for a, b in merges:
        one, other = await room.of(alerts[THINGS[a]][0]), await room.of(alerts[THINGS[b]][0])
        if one != other:
            await room.merge(one, other)
    for thing in (THINGS[number] for number in order):
        members = await room.members()
        here = members[alerts[thing][0]]
        if {one for one, incident in members.items() if incident == here} != set(alerts[thing]):
            await room.split(here, alerts[thing])
        for each in THINGS:
            alerts[each].append(await post(room, each))
            assert await room.of(alerts[each][-1]) == await room.of(alerts[each][0]), each
    assert len({await room.of(some[0]) for some in alerts.values()}) == len(THINGS)
    await database.close()


PAIRS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=4)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PAIRS, st.permutations(range(6)))
def test_what_was_merged_and_split_again_is_joined_as_before(merges: list[tuple[int, int]], order: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(apart(merges, order, folder))


# ---- merging and splitting again restores


def own(incident: IncidentOut) -> IncidentOut:
    """What a merge and a split leave as it was: all but the version and what is written down."""
    return incident.model_copy(update={"version": 0, "history": [], "moves": []})


async def leaks(room: Room, count: int, name: str = "") -> dict[str, list[str]]:
    """Incidents that differ in all that people say of them, and their alerts."""
    found: dict[str, list[str]] = {}
    for number in range(count):
        asset = f"ast_{name}{number}"
        alerts = [await room.alert(asset, files=(f"{asset}.{n}",)) for n in range(2)]
        incident = await room.of(alerts[0])
        await room.set(incident, title=f"Leak {number}", commander=f"c{number}", narrative=f"story {number}")
        await room.task(incident, f"task {number}")
        found[incident] = alerts
    await room.set(next(iter(found)), status="contained")
    return found


async def restored(room: Room, name: str, merges: Sequence[tuple[int, int]], whole: bool, undo: bool) -> None:
    """``whole``: the last merge is taken apart first, with all that it brought; else the first, with what was its source's own.
    ``undo``: each split is first taken back, and done again.
    """
    begun = await leaks(room, 3, name)
    before = {one: own(await room.incident(one)) for one in begun}
    brought: dict[str, list[str]] = {}
    for one, other in ([list(begun)[number] for number in pair] for pair in merges):
        brought[one] = [alert for alert, where in (await room.members()).items() if where == one]
        await room.merge(one, other)
    for one in reversed(brought) if whole else brought:
        some = brought[one] if whole else begun[one]
        move = await room.split(await room.of(some[0]), some)
        if undo:
            await room.take_back(one, move.id)
            move = await room.split(await room.of(some[0]), some)
        assert (move.target, (await room.did(one))[-1]) == (one, "came_back")
    assert {one: own(await room.incident(one)) for one in begun} == before
    assert [await room.of(await room.alert(f"ast_{name}{n}")) for n in range(3)] == list(begun)


async def test_merging_then_splitting_restores(room: Room) -> None:
    several: list[list[tuple[int, int]]] = [[(0, 1)], [(0, 1), (1, 2)], [(0, 2), (1, 2)]]
    for number, (merges, whole) in enumerate(itertools.product(several, (False, True))):
        await restored(room, f"{number}x", merges, whole, undo=number % 3 > 0)


async def test_only_what_a_merge_brought_comes_back(room: Room) -> None:
    (one, mine), (other, theirs) = (await leaks(room, 2)).items()
    merge = await room.merge(one, other)
    part = await room.split(other, mine[:1])
    more = await room.split(other, [mine[1], theirs[0]], "A third")
    assert not {part.target, more.target} & {one, other}
    for move in (more, part):
        await room.take_back(other, move.id)
    back = await room.split(other, mine, "Called anew")
    assert (back.target, (await room.incident(one)).title) == (one, "Called anew")
    with pytest.raises(Conflict, match="already"):
        await room.take_back(one, merge.id)
    await room.take_back(one, back.id)
    assert ((await room.incident(one)).title, (await room.incident(one)).merged_into) == ("Leak 0", other)
    await room.take_back(one, merge.id)
    assert [await room.of(alert) for alert in mine] == [one, one]


async def test_what_came_to_an_incident_that_is_back_keeps_it_there(room: Room) -> None:
    (one, mine), (other, _) = (await leaks(room, 2)).items()
    await room.merge(one, other)
    back = await room.split(other, mine)
    late = await room.alert("ast_0")
    await room.take_back(one, back.id)
    assert (await room.of(late), await room.of(mine[0])) == (one, other)
    assert (await room.incident(one)).merged_into is None


# ---- whatever is done, taking it back restores


async def play(steps: Sequence[tuple[str, int, int]], folder: str) -> None:
    database = Database(Settings(data_dir=Path(folder), database_url="").database)
    await bring_up_to_date(database)
    room = Room(database)
    for number in range(6):
        await room.alert(f"ast_{number % 3}", ("low", "high", "medium")[number % 3], {"id": f"c{number}"}, files=(f"f{number}",))
    for number, incident in enumerate(sorted(set((await room.members()).values()))):
        await room.task(incident, f"task {number}")
    await room.set(await room.of(next(iter(await room.members()))), status="contained")
    told: list[tuple[str, str, dict[str, str], dict[str, IncidentOut]]] = []
    for what, a, b in steps:
        members = await room.members()
        incidents = sorted(set(members.values()))
        one, other = incidents[a % len(incidents)], incidents[b % len(incidents)]
        before = {ident: own(await room.incident(ident)) for ident in incidents}
        inside = sorted(alert for alert, incident in members.items() if incident == one)
        if what == "merge" and one != other:
            move = await room.merge(one, other)
        elif what == "split" and len(inside) > 1:
            move = await room.split(one, inside[: 1 + b % (len(inside) - 1)])
        else:
            continue
        told.append((one, move.id, members, before))
    while told:
        one, move_id, members, before = told.pop()
        await room.take_back(one, move_id)
        with pytest.raises(Conflict):
            await room.take_back(one, move_id)
        assert await room.members() == members
        for ident, was in before.items():
            assert own(await room.incident(ident)) == was
    await database.close()


STEPS = st.lists(st.tuples(st.sampled_from(["merge", "split"]), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=5)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_was_merged_and_split_is_restored_by_undoing_it(steps: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(steps, folder))

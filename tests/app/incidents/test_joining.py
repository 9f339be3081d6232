"""Alerts about one leak come together by themselves, once, whoever raises them at the same moment."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from app.db.models import now
from app.joining.subjects import ranked, subjects, title
from tests.app.alerts.conftest import NOBODY, match
from tests.app.incidents.conftest import Room

MARKED: dict[str, Any] = {"asset": None, "asset_title": "", "detector": "marking", "evidence": {"marking": {"text": "机密"}}}


async def test_alerts_about_one_asset_are_one_incident(room: Room) -> None:
    first = await room.alert("ast_1", "medium", {"id": "c1"})
    second = await room.alert("ast_1", "critical", {"id": "c2", "external": True, "members": 9}, sender={"id": "u2"})
    other = await room.alert("ast_2")
    incident = await room.incident(await room.of(first))
    assert await room.of(second) == incident.id != await room.of(other)
    assert (incident.title, incident.status, incident.severity, incident.alert_count) == ("Harbour plan", "open", "critical", 2)
    assert incident.far.model_dump() == {"channels": 2, "external": 1, "people": 2}
    assert [one.id for one in incident.alerts] == [first, second]
    assert incident.assets == ["ast_1"]
    assert await room.did(incident.id) == ["opened", "joined"]
    async with room.database.reading() as session:
        assert incident.last_at == max(one.created_at for one in incident.alerts)
        assert session is not None


async def test_what_was_found_to_be_a_false_alarm_counts_as_no_place_it_went(room: Room) -> None:
    first = await room.alert("ast_1", channel={"id": "c1"})
    wrong = await room.alert("ast_1", channel={"id": "c2", "external": True}, sender={"id": "u2"})
    harmless = await room.alert("ast_1", channel={"id": "c3"}, sender={"id": "u3"})
    incident = await room.of(first)
    await room.resolve(wrong, "false_positive")
    await room.resolve(harmless, "benign_positive")
    assert (await room.incident(incident)).far.model_dump() == {"channels": 2, "external": 0, "people": 2}
    await room.resolve(first, "false_positive")
    await room.resolve(harmless, "false_positive")
    assert (await room.incident(incident)).far.model_dump() == {"channels": 0, "external": 0, "people": 0}


async def test_the_same_bytes_are_one_incident_before_and_after_somebody_registers_them(room: Room) -> None:
    unknown = await room.alert(files=("aa",), **MARKED)
    assert (await room.incident(await room.of(unknown))).title == "机密"
    assert await room.of(await room.alert(files=("bb",), **MARKED)) != await room.of(unknown)
    registered = await room.alert("ast_7", files=("aa",))
    assert await room.of(registered) == await room.of(unknown)
    assert await room.of(await room.alert("ast_7", files=("cc",))) == await room.of(unknown), "its asset is known from then on"


async def test_nearly_the_same_picture_of_what_nobody_registered_is_one_incident(room: Room) -> None:
    first = await room.alert(files=("aa",), pictures=(0x0F0F,), **MARKED)
    near = await room.alert(files=("bb",), pictures=(0x0F0F ^ 0b1011,), **MARKED)
    nearer = await room.alert(files=("cc",), pictures=(0x0F0F ^ 0b1111111,), **MARKED)
    far = await room.alert(files=("dd",), pictures=(-1,), **MARKED)
    assert await room.of(first) == await room.of(near) == await room.of(nearer) != await room.of(far)
    await room.set(await room.of(first), status="closed")
    assert await room.of(await room.alert(files=("ee",), pictures=(0x0F0F,), **MARKED)) != await room.of(first)


async def test_what_was_found_later_counts_from_when_it_leaked(room: Room) -> None:
    from app.alerts import service  # noqa: PLC0415 (what a hunt calls)

    known = await room.alert("ast_5")
    async with room.database.writing() as session:
        message = await room.message(session, "c9")
        matches = [match(asset_id="ast_5")]
        verdict = {"verdict": "leak", "severity": "low", "matches": matches, "unread": []}
        leaked = now() - timedelta(days=3)
        alert = await service.raise_alert(session, message, verdict, NOBODY, leaked_at=leaked)
    incident = await room.incident(await room.of(alert))
    assert incident.id == await room.of(known)
    assert incident.opened_at == leaked < incident.last_at


@pytest.mark.parametrize("order", list(itertools.permutations((0, 3, 67, 69))))
async def test_old_leaks_and_new_ones_are_two_incidents_in_whichever_order_they_are_found(
    room: Room, order: Sequence[int]
) -> None:
    of = {days: await room.of(await room.historic(days, "ast_5")) for days in order}
    old, new = await room.incident(of[69]), await room.incident(of[0])
    assert (of[67], of[3], old.id != new.id) == (old.id, new.id, True)
    assert (new.earlier, old.earlier) == (old.id, None)
    assert await room.of(await room.alert("ast_5")) == new.id, "what comes now joins the last one"
    assert await room.of(await room.historic(34, "ast_5")) not in (old.id, new.id)
    assert await room.of(await room.historic(70, "ast_5")) == old.id, "an old one is still found past the one between"


async def test_old_leaks_found_at_one_moment_are_one_incident_before_the_running_one(room: Room) -> None:
    running = await room.of(await room.alert("ast_9"))
    others = room.others(6)
    raised = await asyncio.gather(*(desk.historic(60, "ast_9", files=(f"f{n}",)) for n, desk in enumerate(others)))
    await asyncio.gather(*(desk.database.close() for desk in others))
    [old] = {await room.of(alert) for alert in raised}
    assert (old != running, (await room.incident(running)).earlier) == (True, old)
    assert (await room.incident(old)).alert_count == 6


async def test_whatever_assets_an_alert_shows_are_its_incident_s(room: Room) -> None:
    both = await room.alert("ast_1", files=("aa",), also=(match(asset_id="ast_2"),))
    assert await room.of(await room.alert("ast_2")) == await room.of(both)
    owned = await room.of(await room.alert("ast_3"))
    more = await room.alert("ast_1", also=(match(asset_id="ast_3"), match(asset_id="ast_4")))
    assert await room.of(more) == await room.of(both), "by the surest match"
    assert await room.of(await room.alert("ast_3")) == owned, "another's stays another's"
    assert await room.of(await room.alert("ast_4")) == await room.of(both)


async def test_alerts_about_the_same_assets_in_other_orders_at_one_moment_wait_for_nobody(room: Room) -> None:
    names = [f"ast_{n}" for n in range(5)]
    others = room.others(8)
    turned = [names[n % 5 :] + names[: n % 5] for n in range(8)]
    shown = ((desk, one, tuple(match(asset_id=name) for name in one[1:])) for desk, one in zip(others, turned, strict=True))
    raised = await asyncio.gather(*(desk.alert(one[0], files=("same",), also=more) for desk, one, more in shown))
    await asyncio.gather(*(desk.database.close() for desk in others))
    assert len({await room.of(alert) for alert in raised}) == 1


async def test_an_asset_found_later_in_an_alert_is_its_incident_s(room: Room) -> None:
    unknown = await room.alert(files=("aa", "bb"), **MARKED)
    await room.widen(unknown, "ast_7", attachment=1)
    assert await room.of(await room.alert("ast_7", files=("cc",))) == await room.of(unknown)
    assert await room.of(await room.alert("ast_8", files=("bb",))) == await room.of(unknown), "so is the file that shows it"


async def test_an_asset_found_later_stays_with_a_running_incident_that_has_it_and_leaves_one_that_is_over(room: Room) -> None:
    unknown, owner = await room.alert(files=("aa",), **MARKED), await room.of(await room.alert("ast_7"))
    await room.widen(unknown, "ast_7")
    assert await room.of(unknown) != owner, "nothing moves by itself"
    assert await room.of(await room.alert("ast_7")) == owner
    another, over = await room.alert(files=("bb",), **MARKED), await room.of(await room.alert("ast_6"))
    await room.set(over, status="closed")
    await room.widen(another, "ast_6")
    assert await room.of(await room.alert("ast_6")) == await room.of(another)


async def test_the_same_words_are_one_incident(room: Room) -> None:
    text = {**MARKED, "attachment": None}
    first, other = await room.alert(**text, text="SECRET  plan"), await room.alert(**text, text="SECRET list")
    assert await room.of(await room.alert(**text, text="SECRET plan")) == await room.of(first) != await room.of(other)


async def test_what_comes_a_week_later_is_another_leak_linked_to_the_earlier_one(room: Room) -> None:
    first = await room.of(await room.alert("ast_1"))
    await room.age(first, 6.9)
    assert await room.of(await room.alert("ast_1")) == first
    await room.age(first, 7.1)
    second = await room.incident(await room.of(await room.alert("ast_1")))
    assert (second.id != first, second.earlier, second.alert_count) == (True, first, 1)
    assert await room.of(await room.alert("ast_1")) == second.id


async def test_a_closed_incident_is_not_joined_and_a_contained_one_is(room: Room) -> None:
    first = await room.of(await room.alert("ast_1"))
    await room.set(first, status="contained")
    assert await room.of(await room.alert("ast_1")) == first
    await room.set(first, status="closed")
    second = await room.incident(await room.of(await room.alert("ast_1")))
    assert (second.id != first, second.earlier) == (True, first)


async def test_a_picture_beside_the_accused_one_brings_nothing_together(room: Room) -> None:
    first = await room.alert("ast_1", files=("aa", "logo"), attachment=0)
    assert await room.of(await room.alert("ast_2", files=("bb", "logo"), attachment=0)) != await room.of(first)


async def test_what_could_not_be_inspected_joins_by_its_bytes(room: Room) -> None:
    unread = ({"attachment": 0, "reason": "encrypted: no"},)
    first = await room.alert(files=("zz",), unread=unread)
    assert await room.of(await room.alert(files=("zz",), unread=unread)) == await room.of(first)
    assert (await room.incident(await room.of(first))).title == "0.jpg"


@pytest.mark.parametrize("count", [8])
async def test_alerts_raised_at_one_moment_are_one_incident(room: Room, count: int) -> None:
    others = room.others(count)
    raised = await asyncio.gather(*(desk.alert("ast_9", files=(f"f{n}",)) for n, desk in enumerate(others)))
    await asyncio.gather(*(desk.database.close() for desk in others))
    assert len({await room.of(alert) for alert in raised}) == 1
    assert (await room.incident(await room.of(raised[0]))).alert_count == count


async def test_an_alert_says_its_incident(room: Room) -> None:
    from app.alerts import service  # noqa: PLC0415 (what the alert's JSON is made by)

    alert = await room.alert()
    async with room.database.reading() as session:
        assert (await service.one(session, alert)).incident_id == await room.of(alert)


def test_the_most_telling_subject_comes_first() -> None:
    found = [match(attachment=1), match(attachment=None), match(asset_id="ast_2", attachment=1)]
    assert subjects(found, [], ["aa", "bb"], "words") == ("sha256:bb", "asset:ast_1", "asset:ast_2")
    assert ranked(("asset:b", "text:c", "asset:a", "picture:d", "sha256:e", "asset:b")) == (
        "sha256:e",
        "picture:d",
        "text:c",
        "asset:b",
        "asset:a",
    )
    assert subjects([], [{"attachment": 5}], ["aa"], "") == ()
    assert title([match()], [], []) == "Harbour plan"
    assert title([], [{"attachment": None}], ["a.zip"]) == ""

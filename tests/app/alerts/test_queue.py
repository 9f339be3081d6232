"""The queue: in which order, what is found, and what it says of an alert; cheap however many alerts there are."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from app.alerts import queueing, repository
from app.alerts.schemas import AlertFilter, Order
from app.alerts.urgency import GRAVITY, STEP, WINDOW, doublings, urgency
from app.db.models import QueueRow, now
from tests.app.alerts.conftest import Desk


@given(st.sampled_from(sorted(GRAVITY)), st.integers(0, 20), st.integers(0, 10**12) | st.none(), st.booleans() | st.none())
def test_however_far_it_went_what_is_graver_comes_first(
    severity: str, channels: int, members: int | None, external: bool
) -> None:
    assert GRAVITY[severity] * STEP <= urgency(severity, channels, members, external) < (GRAVITY[severity] + 1) * STEP


def test_doublings() -> None:
    assert [doublings(count) for count in (0, 1, 2, 3, 4, 7, 8, 10**9)] == [0, 0, 1, 1, 2, 2, 3, 20]


async def test_first_what_is_gravest_then_what_went_furthest_then_what_came_last(desk: Desk) -> None:
    grave = await desk.alert("ast_a", "critical", {"id": "c1", "members": 2})
    first, second = [await desk.alert("ast_b", "high", {"id": "c1", "members": 20}) for _ in range(2)]
    outside = await desk.alert("ast_c", "high", {"id": "c2", "members": 20, "external": True})
    crowd = await desk.alert("ast_d", "high", {"id": "c3", "members": 5000})
    low = await desk.alert("ast_e", "low", {"id": "c4", "members": 100_000, "external": True})
    assert await desk.found() == [grave, crowd, outside, second, first, low]
    assert await desk.found("newest") == [low, crowd, outside, second, first, grave]


async def test_what_is_seen_in_more_and_more_channels_rises_with_all_alerts_about_it(desk: Desk) -> None:
    spreading = [await desk.alert("ast_a", channel={"id": "c1", "members": 8})]
    other = await desk.alert("ast_b", channel={"id": "c1", "members": 8})
    assert await desk.found() == [other, *spreading]
    spreading.append(await desk.alert("ast_a", channel={"id": "c2", "members": 8}))
    assert await desk.found() == [*spreading[::-1], other]
    async with desk.database.reading() as session:
        far = await queueing.spread(session, [*spreading, other])
    assert [far[one] for one in (*spreading, other)] == [(2, 2), (2, 2), (1, 1)]
    spreading += [await desk.alert("ast_a", channel={"id": channel, "members": 8}) for channel in ("c3", "c4")]
    assert [(await desk.line(one)).doublings for one in spreading] == [2] * 4


async def test_the_same_channel_on_two_gateways_is_two_and_again_in_one_is_one(desk: Desk) -> None:
    first = await desk.alert("ast_a", gateway="g1")
    await desk.alert("ast_a", gateway="g1")
    assert (await desk.line(first)).doublings == 0
    last = await desk.alert("ast_a", gateway="g2")
    assert [(await desk.line(one)).doublings for one in (first, last)] == [1, 1]


async def test_what_was_resolved_or_is_long_past_neither_rises_nor_lets_rise(desk: Desk) -> None:
    done, old = await desk.alert("ast_a"), await desk.alert("ast_b")
    await desk.change(done, status="resolved", resolution="true_positive")
    async with desk.database.writing() as session:
        past = now() - WINDOW - timedelta(hours=1)
        await session.execute(update(QueueRow).where(QueueRow.alert_id == old).values(created_at=past))
    rising = [await desk.alert(asset, channel={"id": "c2"}) for asset in ("ast_a", "ast_b")]
    assert [(await desk.line(one)).doublings for one in (done, old, *rising)] == [0, 0, 1, 0]


async def test_a_marked_page_nobody_registered_spreads_by_its_bytes(desk: Desk) -> None:
    marked = [
        await desk.alert(None, channel={"id": f"c{n}"}, files=("aa",), evidence={"marking": {"text": "SECRET"}}) for n in (1, 2)
    ]
    other = await desk.alert(None, files=("bb",), evidence={"marking": {"text": "SECRET"}})
    assert [(await desk.line(one)).doublings for one in (*marked, other)] == [1, 1, 0]
    assert (await desk.line(other)).shown["marking"] == "SECRET"


async def test_what_could_not_be_read_is_named(desk: Desk) -> None:
    alert = await desk.alert(files=("aa", "bb"), unread=({"attachment": 1, "reason": "encrypted: no"},))
    assert ((await desk.line(alert)).shown["unread"], (await desk.line(alert)).subject) == (["1.jpg"], "aa")


@pytest.mark.parametrize("order", ["urgent", "newest"])
@pytest.mark.parametrize("few", [0, 8, 9])
async def test_pages_neither_repeat_nor_skip(desk: Desk, order: Order, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that finds few is counted as it is drawn."""
    monkeypatch.setattr(repository, "_FEW", few)
    for number in range(9):
        await desk.alert(f"ast_{number % 3}", ("low", "critical")[number % 2], {"id": f"c{number % 4}"})
    await desk.alert(asset_title="Another")
    wanted = AlertFilter(q="harbour")
    async with desk.database.reading() as session:
        pages, cursor = [], None
        for _ in range(5):
            pages.append(await queueing.page(session, wanted, order, cursor, 2))
            cursor = pages[-1].after
    seen = [line.state.id for page in pages for line in page.lines]
    assert seen == await desk.found(order, q="harbour")
    assert (len(set(seen)), cursor) == (9, None)
    assert [page.all for page in pages] == [9 if few >= 9 else None, *[None] * 4]


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({"gateway": "g2"}, "b"),
    ({"sender": "u2"}, "b"),
    ({"channel": "c2"}, "b"),
    ({"external": True}, "b"),
    ({"external": False}, "ac"),
    ({"detector": "marking"}, "c"),
    ({"severity": "low"}, "c"),
    ({"asset": "ast_2"}, "b"),
    ({"assignee": "bo"}, "a"),
    ({"assigned": True}, "a"),
    ({"assigned": False}, "bc"),
    ({"q": "HARBOUR"}, "ac"),
    ({"q": "uncle pla"}, "b"),
    ({"q": "plan 100%"}, ""),
    ({"q": "familie müller"}, "b"),
    ({"status": "open"}, "abc"),
    ({"status": "acknowledged"}, ""),
    ({"status": "open", "snoozed": False}, "ab"),
    ({"snoozed": True}, "c"),
    ({"snoozed": False}, "ab"),
    ({"status": "acknowledged", "snoozed": True}, ""),
    ({"resolution": "true_positive"}, ""),
]


async def test_filters(desk: Desk) -> None:
    a = await desk.alert()
    channel = {"id": "c2", "name": "FAMILIE Müller", "external": True}
    who = {"id": "u2", "name": "Uncle"}
    b = await desk.alert("ast_2", channel=channel, gateway="g2", sender=who, asset_title="Plan of 100 %")
    c = await desk.alert("ast_3", severity="low", detector="marking")
    await desk.change(a, assignee="bo")
    await desk.change(c, snoozed_until=now() + timedelta(hours=1))
    names = {a: "a", b: "b", c: "c"}
    for wanted, found in FILTERS:
        assert "".join(sorted(names[one] for one in await desk.found(**wanted))) == found, wanted


async def test_counts_by_standing_and_severity(desk: Desk) -> None:
    first, second, third = [await desk.alert(severity=severity) for severity in ("low", "low", "high")]
    await desk.change(first, snoozed_until=now() + timedelta(hours=1))
    await desk.change(second, status="resolved", resolution="true_positive")
    await desk.change(third, status="acknowledged")
    async with desk.database.reading() as session:
        assert await repository.counts(session) == {("snoozed", "low"): 1, ("resolved", "low"): 1, ("acknowledged", "high"): 1}
        assert await repository.count(session, AlertFilter(severity="low")) == 2
        assert await repository.count(session, AlertFilter(), second) == 1
        assert await repository.named(session) == (["ana"], ["g1"])

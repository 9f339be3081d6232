"""Alerts like one: found by file, picture, asset, or sender; bounded; what became of them is told."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from app.alerts import repository, service, similar
from app.alerts.schemas import AlertFilter
from app.alerts.similar import MOST, SHOWN, Alike
from app.db.ids import new_id
from app.db.models import MessageRow, QueueRow, now
from tests.app.alerts.conftest import Desk

ELSEWHERE = {"id": "c9"}


async def alike(desk: Desk, alert: str) -> Alike:
    async with desk.database.reading() as session:
        return await similar.alike(session, await service.one(session, alert))


def found(told: Alike) -> dict[str, str]:
    return {one.line.state.id: one.why for one in told.shown}


async def test_the_same_file_the_same_asset_and_the_same_sender_in_that_order(desk: Desk) -> None:
    file = await desk.alert("ast_b", files=("f" * 64,), channel=ELSEWHERE)
    asset = await desk.alert("ast_a", files=("e" * 64,), channel=ELSEWHERE, sender={"id": "u2"})
    sender = await desk.alert("ast_c")
    await desk.alert("ast_d", channel=ELSEWHERE)
    await desk.alert("ast_e", sender={"id": "u2"})
    alert = await desk.alert("ast_a", files=("f" * 64,))
    told = await alike(desk, alert)
    assert list(found(told).items()) == [(file, "file"), (asset, "asset"), (sender, "sender")]
    assert (told.total, told.more) == (3, False)


async def test_all_but_the_same_picture_comes_before_the_asset(desk: Desk) -> None:
    shown = 0x0F0F_1234_5678_7A5A
    near = await desk.alert("ast_b", files=("a" * 64,), pictures=(shown ^ 0b111,), channel=ELSEWHERE)
    files, other = ("b" * 64, "c" * 64), {"id": "u2"}
    both = await desk.alert("ast_a", files=files, pictures=(99, shown ^ 1 << 40), channel={"id": "c8"}, sender=other)
    await desk.alert("ast_c", files=("d" * 64,), pictures=(~shown,), channel={"id": "c7"})
    alert = await desk.alert("ast_a", files=("e" * 64,), pictures=(shown,), channel={"id": "c6"})
    assert found(await alike(desk, alert)) == {both: "picture", near: "picture"}


async def test_what_became_of_them_and_who_said_so(desk: Desk) -> None:
    others = [await desk.alert(channel={"id": f"d{n}"}) for n in range(3)]
    await desk.change(others[0], "bo", status="resolved", resolution="false_positive")
    await desk.change(others[1], "bo", status="resolved", resolution="false_positive")
    await desk.change(others[1], "cy", status="resolved", resolution="true_positive")
    told = await alike(desk, await desk.alert(channel={"id": "d9"}))
    assert told.resolved == {"false_positive": 1, "true_positive": 1}
    assert {one.line.state.id: one.by for one in told.shown} == {others[0]: "bo", others[1]: "cy", others[2]: None}


async def test_a_sender_counts_for_a_day(desk: Desk) -> None:
    old = await desk.alert("ast_b")
    early = new_id("msg", (now() - timedelta(days=1, minutes=1)).timestamp())
    async with desk.database.writing() as session:
        row = await repository.get(session, old)
        assert row is not None
        message = await session.get_one(MessageRow, row.message_id)
        session.add(
            MessageRow(
                id=early,
                **{name: getattr(message, name) for name in ("gateway", "channel_id", "sender_id", "body", "status")},
                message_id="older",
            )
        )
        await session.flush()
        row.message_id = early
    assert found(await alike(desk, await desk.alert("ast_a"))) == {}


async def test_however_many_there_are_few_are_looked_at(desk: Desk) -> None:
    several = [await desk.alert(channel={"id": f"d{n}"}) for n in range(MOST + 3)]
    told = await alike(desk, several[0])
    assert told.more
    assert told.total <= MOST + 1
    assert [one.line.state.id for one in told.shown] == several[::-1][:SHOWN]


async def test_an_alert_like_no_other(desk: Desk) -> None:
    assert await alike(desk, await desk.alert(None, files=("a" * 64,))) == Alike((), 0, False, {})


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            "SELECT alert_id FROM alert_assets WHERE asset_id = 'x' ORDER BY alert_id DESC LIMIT 50",
            "ix_alert_assets_asset_id_alert_id",
        ),
        ("SELECT message_id FROM attachments WHERE sha256 = 'x'", "ix_attachments_sha256"),
        (
            "SELECT id FROM messages WHERE gateway = 'g' AND channel_id = 'c' AND sender_id = 's' AND id >= 'm' ORDER BY id DESC",
            "ix_messages_gateway_channel_id_sender_id_id",
        ),
    ],
)
async def test_each_way_has_an_index(desk: Desk, query: str, index: str) -> None:
    async with desk.database.reading() as session:
        if session.get_bind().dialect.name != "sqlite":
            pytest.skip("PostgreSQL plans small tables without their indexes")
        plan: list[Any] = list(await session.execute(text(f"EXPLAIN QUERY PLAN {query}")))
    assert index in str(plan)
    assert "TEMP B-TREE" not in str(plan)


@pytest.mark.parametrize("order", ["urgent", "newest"])
async def test_what_comes_before_an_alert_is_what_it_comes_after(desk: Desk, order: Any) -> None:
    for severity in ("low", "high", "high", "critical", "medium"):
        await desk.alert(severity=severity, channel={"id": severity})
    ids = await desk.found(order)
    async with desk.database.reading() as session:
        before = [next(iter(await repository.before(session, AlertFilter(), order, one)), None) for one in ids]
        after = [await repository.find(session, AlertFilter(), order, one, 1) for one in ids]
    assert before == [None, *ids[:-1]]
    assert after == [*([one] for one in ids[1:]), []]


async def test_an_alert_that_left_the_queue_still_has_its_place(desk: Desk) -> None:
    first, second, third = [await desk.alert() for _ in range(3)][::-1]
    await desk.change(second, status="resolved", resolution="true_positive")
    wanted = AlertFilter(status="open", snoozed=False)
    async with desk.database.writing() as session:
        await session.execute(update(QueueRow).values(urgency=5))
    async with desk.database.reading() as session:
        assert await repository.before(session, wanted, "urgent", second) == [first]
        assert await repository.find(session, wanted, "urgent", second, 1) == [third]

"""What happens to alerts reaches everybody who listens, whichever process it happened in, once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from app.alerts.history.repository import add_histories
from app.alerts.live import LATE, MANY, Listener, Live, News, Numbers
from app.db import Database
from app.db.models import AlertHistoryRow, now
from tests.app.alerts.conftest import Desk


@given(st.permutations(range(6, 30)), st.integers(1, 8))
def test_in_whatever_order_numbers_come_each_is_asked_for_until_it_came(numbers: list[int], step: int) -> None:
    known, seen = Numbers(5), set[int]()
    for start in range(0, len(numbers), step):
        there = set(numbers[: start + step])
        asked = known.unseen()
        found = [one for one in there if any(low <= one and (high is None or one <= high) for low, high in asked)]
        assert not seen & set(found), "nothing is told twice"
        known.saw(found, 0.0)
        seen |= set(found)
        assert seen == there
        assert known.at == next(number - 1 for number in range(6, 31) if number not in there)
    assert (known.at, known.unseen()) == (29, [(30, None)])


def test_a_number_that_was_never_used_is_given_up() -> None:
    known = Numbers(5)
    known.saw([6, 8], 100.0)
    assert (known.at, known.unseen()) == (6, [(7, 7), (9, None)])
    known.saw([], 100.0 + LATE)
    assert (known.at, known.unseen()) == (8, [(9, None)])


async def test_what_was_not_taken_yet_is_put_together() -> None:
    listener = Listener()
    listener.tell(News(3, ("a",)))
    listener.tell(News(5, ("b", "a"), created=True))
    assert await listener.news(1) == News(5, ("a", "b"), created=True)
    listener.tell(News(6, tuple(map(str, range(MANY)))))
    listener.tell(News(7, ("x",)))
    assert await listener.news(1) == News(7, many=True)
    assert await listener.news(0) is None


@pytest.fixture
async def elsewhere(desk: Desk) -> AsyncIterator[Database]:
    """Another process's connections to the same database."""
    database = Database(desk.database.engine.url.render_as_string(hide_password=False))
    yield database
    await database.close()


async def test_what_another_process_does_is_told_to_all_by_one_who_asks(desk: Desk, elsewhere: Database) -> None:
    alert = await desk.alert()
    asked: list[str] = []
    event.listen(elsewhere.engine.sync_engine, "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement))
    live = Live(elsewhere, every=0.05)
    async with live.listening() as first, live.listening() as second:
        await desk.change(alert, status="acknowledged")
        told = [await one.news(10) for one in (first, second)]
        assert told[0] == told[1]
        assert told[0] is not None
        assert (told[0].changed, told[0].created, told[0].many) == ((alert,), False, False)
        new = await desk.alert()
        after = await first.news(10)
        assert after is not None
        assert (after.changed, after.created, after.at) == ((), True, told[0].at + 1)
    count = len(asked)
    await desk.change(new, snoozed_until=now() + timedelta(hours=1))
    async with live.listening(after.at) as late:
        caught = await late.news(10)
    assert caught is not None
    assert caught.changed == (new,)
    assert count < 200


async def test_nobody_listens_nobody_asks(desk: Desk) -> None:
    live = Live(desk.database, every=0.01)
    async with live.listening() as listener:
        task = live._task
        assert await listener.news(0.05) is None
        assert task is not None
        assert not task.done()
    await asyncio.wait([task], timeout=60)
    assert task.done()


@pytest.mark.only("postgresql")
async def test_what_is_seen_later_than_it_was_numbered_is_told_too(desk: Desk, elsewhere: Database) -> None:
    first, second = await desk.alert(), await desk.alert()
    said = {"at": now(), "actor": "a", "action": "noted", "change": {}, "note": "n", "bulk_id": None}
    live = Live(desk.database, every=0.05)
    async with live.listening() as listener:
        async with elsewhere.writing() as slow:
            slow.add(AlertHistoryRow(alert_id=first, **said))
            await slow.flush()
            async with desk.database.writing() as quick:
                await add_histories(quick, [{"alert_id": second, **said}])
            told = await listener.news(10)
            assert told is not None
            assert told.changed == (second,)
        late = await listener.news(10)
    assert late is not None
    assert late.changed == (first,)
    assert late.at == told.at + 2

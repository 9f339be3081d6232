"""At least once, in each alert's order, whatever happens in between."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.db import Database
from app.db.models import OutboxRow
from app.notify import delivery, repository
from app.notify.delivery import Delivery
from app.notify.patience import ENOUGH, GIVE_UP, LONGEST
from app.notify.publishing import Topic
from app.notify.repository import LEASE, SKEW
from app.notify.senders import Passing, Permanent, Sender
from app.notify.service import Notices
from app.observability import Metrics
from app.streams.memory import MemoryStream
from app.streams.types import ALERTS, Record, StreamDown
from tests.app.notify.conftest import Clock, Kept, Outbox, until


def deliverer(outbox: Outbox, sender: Sender, clock: Clock, metrics: Metrics | None = None, **more: float) -> Delivery:
    return Delivery(outbox.database, {"kept": sender}, metrics or Metrics(), clock, lambda: 0.0, **more)


async def test_what_is_due_is_delivered_once(outbox: Outbox) -> None:
    kept, clock, metrics = Kept(), Clock(), Metrics()
    for _ in range(3 * delivery.AT_ONCE):
        await outbox.alert()
    clock.go(seconds=60)
    deliver = deliverer(outbox, kept, clock, metrics)
    assert await deliver.deliver_due() == 0
    assert await deliver.deliver_due() == 0
    rows = await outbox.rows()
    assert sorted(kept.ids()) == sorted(row.id for row in rows)
    assert {(row.status, row.attempts, row.claimed_until, row.delivered_at) for row in rows} == {("delivered", 1, None, clock.at)}
    assert json.loads(kept.got[0].body) in [row.body for row in rows]
    assert b'leakwatch_notifications_total{outcome="delivered",sender="kept"} 24.0' in metrics.exposition()


async def test_two_at_once_deliver_each_once(outbox: Outbox) -> None:
    """Two ``Database`` objects share no lock, as two processes share none."""
    other = Database(str(outbox.database.engine.url))
    alerts = [await outbox.alert() for _ in range(20)]
    for alert in alerts[:10]:
        await outbox.change(alert, status="acknowledged")
    kept = Kept(slow=0.005)
    both = [Delivery(database, {"kept": kept}, Metrics()) for database in (outbox.database, other)]
    await asyncio.gather(*(one.deliver_due() for one in both))
    await asyncio.gather(*(one.deliver_due() for one in both))
    await other.close()
    assert len(kept.got) == kept.tried == 30
    assert len(set(kept.ids())) == 30


async def test_passing_failures_are_tried_again_later_and_later(outbox: Outbox) -> None:
    kept, clock = Kept([Passing("busy"), Passing("busy still", timedelta(minutes=7)), RuntimeError("hush")]), Clock()
    deliver = deliverer(outbox, kept, clock)
    await outbox.alert()
    clock.go(seconds=60)
    waits = []
    for _ in range(3):
        assert await deliver.deliver_due() == 0
        [row] = await outbox.rows()
        waits.append((row.not_before - clock.at).total_seconds())
        clock.go(seconds=waits[-1] - 0.1)
        assert await deliver.deliver_due() == 0
        assert (await outbox.rows())[0].attempts == row.attempts, "not before its time"
        clock.go(seconds=0.2)
    assert waits == [5, 420, 20]
    assert (row.status, row.last_error) == ("pending", "unforeseen: RuntimeError")
    await deliver.deliver_due()
    assert await outbox.states() == [("delivered", 4, None)]
    assert len(kept.got) == 1


async def test_a_permanent_failure_stays_visible_and_may_be_tried_again(outbox: Outbox) -> None:
    kept, clock, metrics = Kept([Permanent("answered 404")]), Clock(), Metrics()
    deliver = deliverer(outbox, kept, clock, metrics)
    await outbox.alert()
    clock.go(seconds=60)
    assert await deliver.deliver_due() == 1
    assert await outbox.states() == [("failed", 1, "answered 404")]
    clock.go(days=30)
    assert await deliver.deliver_due() == 0
    async with outbox.database.writing() as session:
        assert await repository.counts(session) == {"pending": 0, "failed": 1}
        assert await repository.again(session, clock.at) == 1
    await deliver.deliver_due()
    assert await outbox.states() == [("delivered", 1, None)]
    assert b'outcome="failed",sender="kept"} 1.0' in metrics.exposition()


async def test_after_days_of_passing_failures_it_is_given_up(outbox: Outbox) -> None:
    kept, clock = Kept([Passing("down")] * 1000), Clock()
    await outbox.alert()
    deliver, begun = deliverer(outbox, kept, clock), (await outbox.rows())[0].created_at
    while not await deliver.deliver_due():
        clock.go(minutes=30)
    assert GIVE_UP < clock.at - begun < GIVE_UP + LONGEST
    assert 72 <= kept.tried < 100
    assert (await outbox.states())[0][::2] == ("failed", "down")


async def test_days_without_us_are_nobody_s_failure(outbox: Outbox) -> None:
    kept, clock = Kept([Passing("the network is not up yet")] * (ENOUGH - 1)), Clock()
    await outbox.alert()
    clock.go(days=10)
    deliver = deliverer(outbox, kept, clock)
    while not kept.got:
        assert await deliver.deliver_due() == 0
        clock.go(hours=2)


async def test_a_clock_set_back_delays_no_alert(outbox: Outbox) -> None:
    kept, clock = Kept(), Clock()
    await outbox.alert()
    clock.go(minutes=-30)
    await deliverer(outbox, kept, clock).deliver_due()
    assert len(kept.got) == 1


async def test_what_hangs_is_left(outbox: Outbox) -> None:
    await outbox.alert()
    await deliverer(outbox, Kept(slow=30), Clock(), deadline=0.05).deliver_due()
    assert await outbox.states() == [("pending", 1, "no answer within 0.05 seconds")]


async def test_an_alert_s_notifications_keep_their_order(outbox: Outbox) -> None:
    kept, clock = Kept([Passing("busy")]), Clock()
    deliver = deliverer(outbox, kept, clock)
    alert = await outbox.alert()
    await outbox.change(alert, status="acknowledged")
    await outbox.change(alert, assignee="otto")
    other = await outbox.alert()
    clock.go(seconds=1)
    await deliver.deliver_due()
    assert {one.alert_id for one in kept.got} <= {other}, "what comes after a pending one waits"
    clock.go(minutes=1)
    await deliver.deliver_due()
    rows = await outbox.rows()
    assert [one.id for one in kept.got if one.alert_id == alert] == [row.id for row in rows[:3]]
    assert len(kept.got) == 4


async def test_who_failed_for_good_holds_nobody_up(outbox: Outbox) -> None:
    kept = Kept([Permanent("answered 400")])
    alert = await outbox.alert()
    await outbox.change(alert, status="acknowledged")
    assert await deliverer(outbox, kept, Clock()).deliver_due() == 1
    assert [one.event for one in kept.got] == ["alert.changed"]


async def test_each_sender_goes_its_own_way(outbox: Outbox) -> None:
    down, well, clock = Kept([Passing("down")]), Kept(), Clock()
    alert = await outbox.alert(Notices(("down", "well")))
    await outbox.change(alert, Notices(("down", "well")), status="acknowledged")
    await Delivery(outbox.database, {"down": down, "well": well}, Metrics(), clock).deliver_due()
    assert (len(down.got), len(well.got)) == (0, 2)


async def test_a_sender_nobody_has_leaves_its_rows_waiting(outbox: Outbox) -> None:
    await outbox.alert(Notices(("gone",)))
    await deliverer(outbox, Kept(), Clock()).deliver_due()
    assert await outbox.states() == [("pending", 0, None)]


async def test_killed_between_delivery_and_its_record(outbox: Outbox) -> None:
    """What a killed process leaves: a claim, and a receiver that has the notification."""
    clock, first, second = Clock(), Kept(), Kept()
    await outbox.alert()
    clock.go(seconds=1)
    async with outbox.database.writing() as session:
        [claimed] = await repository.claim(session, await repository.waiting(session, "kept", clock.at, 9), clock.at)
    await deliverer(outbox, first, clock).deliver_due()
    clock.go(seconds=LEASE.total_seconds() - 1)
    await deliverer(outbox, first, clock).deliver_due()
    assert first.got == [], "leased"
    clock.go(seconds=2)
    await deliverer(outbox, second, clock).deliver_due()
    assert second.ids() == [claimed.id]


async def test_who_lost_its_claim_undoes_nothing(outbox: Outbox) -> None:
    clock = Clock()
    await outbox.alert()
    clock.go(seconds=1)

    async def claimed() -> OutboxRow:
        async with outbox.database.writing() as session:
            [row] = await repository.claim(session, await repository.waiting(session, "kept", clock.at, 9), clock.at)
            session.expunge(row)
            return row

    late = await claimed()
    clock.go(minutes=2)
    await claimed()
    async with outbox.database.writing() as session:
        await repository.postpone(session, late, clock.at, "late")
        await repository.give_up(session, late, "late")
        assert await repository.waiting(session, "kept", clock.at, 9) == []
    assert await outbox.states() == [("pending", 2, None)]
    async with outbox.database.writing() as session:
        await repository.delivered(session, late, clock.at)
    assert (await outbox.states())[0][0] == "delivered", "that it arrived is true, whoever says so"


@pytest.mark.parametrize("state", ["new", "postponed", "claimed"])
async def test_a_clock_set_back_hides_nothing_for_long(outbox: Outbox, state: str) -> None:
    kept, clock = Kept(), Clock()
    await outbox.alert()
    clock.go(days=400)
    if state == "new":
        async with outbox.database.writing() as session:
            await session.execute(update(OutboxRow).values(not_before=clock.at))
    if state == "postponed":
        await deliverer(outbox, Kept([Passing("busy", LONGEST)]), clock).deliver_due()
    if state == "claimed":
        async with outbox.database.writing() as session:
            await repository.claim(session, [(await outbox.rows())[0].seq], clock.at)
    clock.go(days=-399)
    await deliverer(outbox, kept, clock).deliver_due()
    assert len(kept.got) == 1


async def test_clocks_that_disagree_a_little_break_no_claim(outbox: Outbox) -> None:
    fast, slow = Clock(), Clock()
    await outbox.alert()
    fast.go(seconds=SKEW.total_seconds() - 1)
    async with outbox.database.writing() as session:
        [_] = await repository.claim(session, [(await outbox.rows())[0].seq], fast.at)
        assert await repository.waiting(session, "kept", slow.at, 9) == []


async def test_told_to_stop_it_finishes_what_it_can(outbox: Outbox) -> None:
    kept = Kept(slow=0.1)
    await outbox.alert()
    async with Delivery(outbox.database, {"kept": kept}, Metrics()):
        await until(lambda: kept.tried)
    assert (await outbox.states())[0][0] == "delivered"


async def test_told_to_stop_it_lets_go_of_the_rest(outbox: Outbox) -> None:
    kept, clock = Kept(slow=60), Clock()
    await outbox.alert()
    before, delivery.GRACE = delivery.GRACE, 0.05
    try:
        async with deliverer(outbox, kept, clock):
            await until(lambda: kept.tried)
    finally:
        delivery.GRACE = before
    assert await outbox.states() == [("pending", 1, "interrupted")]
    again = Kept()
    await deliverer(outbox, again, clock).deliver_due()
    assert len(again.got) == 1


async def test_delivery_survives_a_database_that_stumbles(outbox: Outbox, caplog: pytest.LogCaptureFixture) -> None:
    """The table is gone for a while; delivery goes on when it is back."""
    kept = Kept()
    await outbox.alert()
    before, delivery.POLL = delivery.POLL, 0.01
    try:
        async with outbox.database.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE outbox RENAME TO elsewhere")
        async with deliverer(outbox, kept, Clock()):
            await until(lambda: "delivery stumbled" in caplog.text)
            async with outbox.database.engine.begin() as connection:
                await connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO outbox")
            await until(lambda: kept.got)
    finally:
        delivery.POLL = before


async def test_delivered_rows_are_forgotten_in_small_batches(outbox: Outbox) -> None:
    clock = Clock()
    for _ in range(5):
        await outbox.alert()
    await deliverer(outbox, Kept([Permanent("no"), Passing("not yet")]), clock).deliver_due()
    clock.go(days=31)
    before = clock.at - timedelta(days=30)
    async with outbox.database.writing() as session:
        assert [await repository.forget_delivered(session, before, 2) for _ in range(3)] == [2, 1, 0]
        assert await repository.counts(session) == {"pending": 1, "failed": 1}
        assert await repository.forget_delivered(session, before - timedelta(days=2), 2) == 0


class Topics(MemoryStream):
    """A stream in memory, down as often as it is told to be."""

    def __init__(self, down: int = 0) -> None:
        super().__init__()
        self.down = down

    async def publish(self, topic: str, record: Record) -> None:
        if self.down:
            self.down -= 1
            raise StreamDown("the stream is down")
        await super().publish(topic, record)


async def test_a_topic_has_every_alert_under_its_key(outbox: Outbox) -> None:
    topics, clock = Topics(down=1), Clock()
    alert = await outbox.alert()
    await outbox.change(alert, status="acknowledged")
    deliver = deliverer(outbox, Topic(topics), clock)
    await deliver.deliver_due()
    async with topics.consume(ALERTS) as consumption:
        assert await consumption.lag() == 0
        clock.go(minutes=1)
        await deliver.deliver_due()
        found = [(one.record.key, json.loads(one.record.value)) for _ in range(2) if (one := await consumption.take(0))]
    assert found == [(alert, row.body) for row in await outbox.rows()]

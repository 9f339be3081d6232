"""What every stream must do, as tests that each implementation inherits."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

from app.db.models import now
from app.streams.types import DEAD_LETTERS, MESSAGES, REPLAY, Consumption, Delivery, Record, Stream, key_of


def record(number: int, channel: str = "c", gateway: str = "g", **headers: str) -> Record:
    return Record(key_of(gateway, channel), f"{gateway} {channel} {number}".encode(), headers)


async def taken(consumption: Consumption, count: int, seconds: float = 15) -> list[Delivery]:
    """So many, done at once."""
    found: list[Delivery] = []
    for _ in range(count):
        delivery = await consumption.take(seconds)
        assert delivery is not None, f"only {len(found)} of {count} came"
        found.append(delivery)
        await consumption.done(delivery)
    return found


class StreamContract:
    """Inherit, with a fixture ``stream``: an empty one."""

    async def test_a_record_comes_as_it_went(self, stream: Stream) -> None:
        sent = Record(key_of("gäteway", "频道/1"), bytes(range(256)), {"code": "x", "reason": "wörd"})
        await stream.publish(MESSAGES, sent)
        async with stream.consume(MESSAGES) as consumption:
            delivery = await consumption.take(15)
            assert delivery is not None
            assert (delivery.record, delivery.topic, delivery.attempts) == (sent, MESSAGES, 1)
            assert MESSAGES in delivery.place
            await consumption.done(delivery)

    async def test_a_channel_stays_in_order(self, stream: Stream) -> None:
        for number in range(30):
            await stream.publish(MESSAGES, record(number, f"c{number % 3}"))
        async with stream.consume(MESSAGES) as consumption:
            found = [one.record for one in await taken(consumption, 30)]
        for channel in range(3):
            mine = [one for one in found if one.key == f"g/c{channel}"]
            assert mine == [record(number, f"c{channel}") for number in range(30) if number % 3 == channel]

    async def test_what_is_done_does_not_come_again(self, stream: Stream) -> None:
        for number in range(5):
            await stream.publish(MESSAGES, record(number))
        async with stream.consume(MESSAGES) as consumption:
            await taken(consumption, 3)
        async with stream.consume(MESSAGES) as consumption:
            found = await taken(consumption, 2)
            assert [one.record for one in found] == [record(3), record(4)]
            assert await consumption.take(0.5) is None

    async def test_what_was_taken_and_not_done_comes_again_when_its_consumer_ends(self, stream: Stream) -> None:
        for number in range(3):
            await stream.publish(MESSAGES, record(number))
        async with stream.consume(MESSAGES) as consumption:
            first = await consumption.take(15)
            second = await consumption.take(15)
            assert first is not None
            assert second is not None
            await consumption.done(second)
        async with stream.consume(MESSAGES) as consumption:
            found: set[bytes] = set()
            wanted = {record(0).value, record(2).value}
            while not wanted <= found:  # a stream may bring more, never less
                found |= {one.record.value for one in await taken(consumption, 1)}

    async def test_a_consumer_that_fails_gives_back_what_it_has(self, stream: Stream) -> None:
        await stream.publish(MESSAGES, record(1))
        try:
            async with stream.consume(MESSAGES) as consumption:
                assert await consumption.take(15)
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        async with stream.consume(MESSAGES) as consumption:
            assert [one.record for one in await taken(consumption, 1)] == [record(1)]

    async def test_again_means_at_once_and_only_failures_count(self, stream: Stream) -> None:
        await stream.publish(MESSAGES, record(1))
        async with stream.consume(MESSAGES) as consumption:
            counted = []
            for failed in (True, False, True):
                delivery = await consumption.take(15)
                assert delivery is not None
                counted.append((delivery.attempts, delivery.failures))
                await consumption.again(delivery, failed=failed)
            last = (await taken(consumption, 1))[0]
        assert counted == [(1, 0), (1, 1), (1, 1)]
        assert (last.attempts, last.failures) == (1, 2)

    async def test_a_flooding_channel_starves_no_other(self, stream: Stream) -> None:
        for number in range(60):
            await stream.publish(MESSAGES, record(number, "flood"))
        await stream.publish(MESSAGES, record(0, "quiet"))
        async with stream.consume(MESSAGES) as consumption:
            if not consumption.remembers:
                await asyncio.sleep(5)  # a stream that fetches ahead is fair among what it has fetched
            found = [one.record.key for one in await taken(consumption, 20)]
        assert "g/quiet" in found

    async def test_a_flooding_gateway_starves_no_other(self, stream: Stream) -> None:
        for number in range(60):
            await stream.publish(MESSAGES, record(number, f"c{number}", "flood"))
        for number in range(5):
            await stream.publish(MESSAGES, record(number, "c", "quiet"))
        async with stream.consume(MESSAGES) as consumption:
            if not consumption.remembers:
                await asyncio.sleep(5)
            found = [one.record.key for one in await taken(consumption, 20)]
        assert found.count("quiet/c") == 5

    async def test_two_consumers_share_and_neither_gets_what_the_other_has(self, stream: Stream) -> None:
        for number in range(40):
            await stream.publish(MESSAGES, record(number, f"c{number}"))
        async with AsyncExitStack() as stack:
            both = [await stack.enter_async_context(stream.consume(MESSAGES)) for _ in range(2)]
            found: list[bytes] = []

            async def work(consumption: Consumption) -> None:
                while len(set(found)) < 40:
                    delivery = await consumption.take(0.2)
                    if delivery is not None:
                        found.append(delivery.record.value)
                        await consumption.done(delivery)

            async with asyncio.timeout(60):
                await asyncio.gather(*(work(one) for one in both))
        assert {*found} == {record(number, f"c{number}").value for number in range(40)}

    async def test_lag_is_what_is_not_done(self, stream: Stream) -> None:
        for number in range(4):
            await stream.publish(MESSAGES, record(number))
        async with stream.consume(MESSAGES) as consumption:
            delivery = await consumption.take(15)
            assert delivery is not None
            assert await consumption.lag() == 4
            await consumption.done(delivery)
            await taken(consumption, 2)
            assert await consumption.lag() == 1
            await taken(consumption, 1)
            assert await consumption.lag() == 0

    async def test_nothing_comes_of_nothing(self, stream: Stream) -> None:
        async with stream.consume(MESSAGES) as consumption:
            assert await consumption.take(0.1) is None
            waiting = asyncio.create_task(consumption.take(30))
            await asyncio.sleep(0.2)
            await stream.publish(MESSAGES, record(1))
            delivery = await asyncio.wait_for(waiting, 60)
            assert delivery is not None
            await consumption.done(delivery)

    async def test_topics_are_apart(self, stream: Stream) -> None:
        await stream.publish("dead-letters", record(1, reason="x"))
        async with stream.consume(MESSAGES) as consumption:
            assert await consumption.take(0.5) is None
        async with stream.consume("dead-letters", "replay") as consumption:
            assert [one.record for one in await taken(consumption, 1)] == [record(1, reason="x")]

    async def test_what_lies_in_a_topic_is_told_and_stays(self, stream: Stream) -> None:
        """Headers of what the group has not done, whoever reads them; of much the last."""
        began = now()
        for number in range(5):
            await stream.publish(DEAD_LETTERS, record(number, code=f"c{number}"))
        async with stream.consume(DEAD_LETTERS, REPLAY) as consumption:
            done = {one.record.headers["code"] for one in await taken(consumption, 2)}
        left = [one["code"] for one in await stream.lying(DEAD_LETTERS, REPLAY, began, 50)]
        assert (len(done), sorted(left)) == (2, sorted({f"c{number}" for number in range(5)} - done))
        assert [one["code"] for one in await stream.lying(DEAD_LETTERS, REPLAY, began, 1)] == ["c4"]
        assert await stream.lying(DEAD_LETTERS, REPLAY, now() + timedelta(seconds=5), 50) == []
        async with stream.consume(DEAD_LETTERS, REPLAY) as consumption:
            assert len(await taken(consumption, 3)) == 3, "they were only told"
        assert await stream.lying(DEAD_LETTERS, REPLAY, began, 50) == []
        assert await stream.lying("messages", REPLAY, began, 50) == []

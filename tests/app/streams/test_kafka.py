"""Kafka under the one contract, on a real broker, and what is its own: other clients, rebalancing, a broker that is away."""

import asyncio
import json
import threading
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from confluent_kafka import Producer

from app.ingest.envelope import unseal
from app.streams.kafka import consumption as module
from app.streams.kafka import stream as publishing
from app.streams.kafka.stream import FOR_EVER, KafkaStream
from app.streams.kafka.windows import Window
from app.streams.types import DEAD_LETTERS, MESSAGES, TOPICS, Consumption, Record, StreamDown
from tests.app.streams.contract import StreamContract, record, taken
from tests.faults.topics import copies
from tests.services.kafka import Cluster

OF_THE_TOPIC = 1
"""Where a value comes from, in Kafka's DescribeConfigs: set for the topic itself."""


def url(kafka: Cluster) -> str:
    """Topics of this test's own."""
    return f"{kafka.url}/t{uuid.uuid4().hex[:8]}"


@pytest.fixture
async def stream(kafka: Cluster) -> AsyncIterator[KafkaStream]:
    async with KafkaStream(url(kafka), partitions=4) as stream:
        yield stream


class TestKafka(StreamContract):
    """Everything any stream does."""


async def test_what_another_client_writes_is_read(kafka: Cluster, stream: KafkaStream) -> None:
    """As a gateway would that publishes by itself, with librdkafka."""
    value = {"gateway": "g", "message_id": "1", "channel": {"id": "c"}, "sender": {"id": "u"}, "text": "看这个"}
    await stream.publish(MESSAGES, Record("g/c", b"ours"))
    wanted = {"bootstrap.servers": kafka.bootstrap, "acks": "all", "compression.type": "lz4", "partitioner": "murmur2_random"}
    producer = Producer(wanted)
    producer.produce(stream.topic(MESSAGES), json.dumps(value).encode(), "g/c", headers={"x": b"y"})
    producer.flush(30)
    async with stream.consume(MESSAGES) as consumption:
        ours, theirs = await taken(consumption, 2)
    message = unseal(theirs.record)
    assert (message.gateway, message.text, theirs.record.headers) == ("g", "看这个", {"x": "y"})
    assert ours.place.partition("@")[0] == theirs.place.partition("@")[0], "one channel, one partition, whoever writes"


async def test_offsets_are_committed_only_up_to_what_is_done(kafka: Cluster, stream: KafkaStream) -> None:
    for number in range(6):
        await stream.publish(MESSAGES, record(number))
    async with stream.consume(MESSAGES) as consumption:
        found = [await consumption.take(15) for _ in range(6)]
        for delivery in found[3:]:
            assert delivery is not None
            await consumption.done(delivery)
        await asyncio.sleep(module.COMMIT * 3)
    async with stream.consume(MESSAGES) as consumption:
        assert [one.record for one in await taken(consumption, 6)] == [record(number) for number in range(6)]


async def test_a_full_window_pauses_its_partition_and_loses_nothing(kafka: Cluster) -> None:
    before, module.WINDOW = module.WINDOW, 20
    try:
        async with KafkaStream(url(kafka), partitions=1) as stream:
            await asyncio.gather(*(stream.publish(MESSAGES, record(number)) for number in range(200)))
            async with stream.consume(MESSAGES) as consumption:
                first = await consumption.take(15)
                assert first is not None
                await asyncio.sleep(2)
                assert len(consumption._turns) <= 3 * module.WINDOW, "what is not wanted yet stays with the broker"
                await consumption.done(first)
                assert len(await taken(consumption, 199)) == 199
    finally:
        module.WINDOW = before


async def test_who_comes_behind_a_flood_in_the_same_partition_does_not_wait_for_its_end(kafka: Cluster) -> None:
    """Neither another gateway nor another channel; every record comes once, and a channel's in their order."""
    before, module.WINDOW = module.WINDOW, 20
    sent = [record(number, "flood") for number in range(200)]
    sent += [record(number, "quiet") for number in range(3)] + [record(number, "c", "other") for number in range(3)]
    sent += [record(number, "flood") for number in range(200, 230)]
    try:
        async with KafkaStream(url(kafka), partitions=1) as stream:
            for one in sent:  # one by one: of many at once some may overtake others
                await stream.publish(MESSAGES, one)
            async with stream.consume(MESSAGES) as consumption:
                held, found = [], list[Record]()
                while not {"g/quiet", "other/c"} <= {one.key for one in found}:
                    delivery = await consumption.take(15)
                    assert delivery is not None, "somebody waits behind the flood"
                    held.append(delivery)
                    found.append(delivery.record)
                assert len(held) < 60, "most of the flood is still with the broker"
                for delivery in held:
                    await consumption.done(delivery)
                found += [one.record for one in await taken(consumption, len(sent) - len(held))]
                assert await consumption.take(1) is None
                assert await consumption.lag() == 0
            async with stream.consume(MESSAGES) as consumption:
                assert await consumption.take(1) is None, "all of it is committed"
    finally:
        module.WINDOW = before
    for key in {one.key for one in sent}:
        assert [one for one in found if one.key == key] == [one for one in sent if one.key == key]


def test_what_was_taken_early_is_passed_over_and_a_channel_that_was_left_waits() -> None:
    window = Window(ahead=10, pending={9: 1}, bytes=1)
    took = [window.early(number, key, 5, most=4) for number, key in enumerate(["g/a", "g/a", "g/b", "g/a", "h/c"], 10)]
    assert took == [True, True, False, False, True]
    window.finish(10)
    assert (window.bytes, window.position, window.holds(11), window.holds(10)) == (11, 9, True, False)
    assert not window.early(15, "g/a", 5, most=4), "the one before it was left"
    assert [window.reach(number, 5) for number in range(10, 16)] == [False, False, True, True, False, True]
    assert (window.bytes, list(window.pending), window.beyond.left) == (26, [9, 11, 12, 13, 14, 15], set())
    window.pass_over(14)
    assert (window.bytes, window.position, window.ahead) == (10, 14, 16)


async def test_a_partition_that_was_just_taken_away_ends_no_consumer(stream: KafkaStream) -> None:
    """Its window is full, so it is to be paused; aiokafka has given it up already, and we are yet to be told."""
    async with stream.consume(MESSAGES) as consumption:
        await stream.publish(MESSAGES, record(1))
        await taken(consumption, 1)
        window = Window(module.WINDOW, dict.fromkeys(range(module.WINDOW), 1))
        consumption._windows[TopicPartition(stream.topic(MESSAGES), 99)] = window
        await asyncio.sleep(0.5)
        await stream.publish(MESSAGES, record(2))
        assert [one.record for one in await taken(consumption, 1)] == [record(2)]


async def test_a_rebalance_loses_nothing_and_keeps_what_is_in_flight(stream: KafkaStream) -> None:
    for number in range(40):
        await stream.publish(MESSAGES, record(number, f"c{number}"))
    found: set[bytes] = set()

    async def work(consumption: Consumption) -> None:
        while len(found) < 41:
            delivery = await consumption.take(0.2)
            if delivery is not None:
                await asyncio.sleep(0.02)
                found.add(delivery.record.value)
                await consumption.done(delivery)

    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(stream.consume(MESSAGES))
        held = await first.take(15)
        assert held is not None
        others = [await stack.enter_async_context(stream.consume(MESSAGES)) for _ in range(2)]
        working = [asyncio.create_task(work(one)) for one in (first, *others)]
        await stream.publish(MESSAGES, record(100, "late"))
        found.add(held.record.value)
        await first.done(held)
        async with asyncio.timeout(60):
            await asyncio.gather(*working)
    assert len(found) == 41


async def test_a_partition_that_comes_back_goes_on_where_it_was(stream: KafkaStream) -> None:
    """The sticky assignor leaves a consumer what it has; its window lives through the rebalance."""
    for number in range(8):
        await stream.publish(MESSAGES, record(number, f"c{number}"))
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(stream.consume(MESSAGES))
        got = [await first.take(15) for _ in range(8)]
        second = await stack.enter_async_context(stream.consume(MESSAGES))
        again = []
        while (delivery := await second.take(3)) is not None:
            again.append(delivery.record.value)
            await second.done(delivery)
        assert await first.take(1) is None, "what this one has in flight does not come to it twice"
        assert len(again) < 8
        for delivery in got:
            assert delivery is not None
            await first.done(delivery)


async def test_nothing_is_committed_while_partitions_change_hands(stream: KafkaStream) -> None:
    """A commit that met a broker's end is repeated, and would speak for partitions that are another's by then."""
    await stream.publish(MESSAGES, record(1))
    async with stream.consume(MESSAGES) as consumption:
        delivery = await consumption.take(15)
        assert delivery is not None
        part = next(part for part, window in consumption._windows.items() if window.ahead >= 0)
        parts = list(consumption._windows)
        await consumption.on_partitions_revoked(parts)
        await consumption.done(delivery)
        await consumption.commit()
        assert await consumption._consumer.committed(part) is None
        await consumption.on_partitions_assigned(parts)
        await consumption.commit()
        assert await consumption._consumer.committed(part) == 1


async def test_what_others_did_while_one_was_thought_dead_is_not_put_back(kafka: Cluster) -> None:
    """Its process stood still; its partition went to another and came back."""
    before, module.SESSION_MS = module.SESSION_MS, 2000
    where, taking, stopped = url(kafka), threading.Event(), threading.Event()

    async def sleeper() -> None:
        async with KafkaStream(where, partitions=1) as stream, stream.consume(MESSAGES) as consumption:
            held = [await consumption.take(15) for _ in range(5)]
            taking.set()
            assert stopped.wait(60), "all of this thread, with its signs of life"
            await stream.publish(MESSAGES, record(5))
            assert [one.record for one in await taken(consumption, 1, 30)] == [record(5)]
            assert held[0] is not None
            await consumption.done(held[0])

    try:
        async with KafkaStream(where, partitions=1) as stream:
            for number in range(5):
                await stream.publish(MESSAGES, record(number))
            sleeping = asyncio.create_task(asyncio.to_thread(asyncio.run, sleeper()))
            assert await asyncio.to_thread(taking.wait, 60)
            async with stream.consume(MESSAGES) as consumption:
                assert len(await taken(consumption, 5, 30)) == 5
            stopped.set()
            await sleeping
            async with stream.consume(MESSAGES) as consumption:
                found = await consumption.take(3)
                assert found is None or found.record == record(5), "the last may come again, what others did does not"
    finally:
        module.SESSION_MS = before


class TestAway:
    """A broker of its own, which is stopped."""

    @pytest.fixture
    def cluster(self, kafka: Cluster) -> Iterator[Cluster]:
        with Cluster() as cluster:
            yield cluster

    async def test_a_broker_that_is_away_is_told_and_back_is_used_again(self, cluster: Cluster) -> None:
        before, publishing.PUBLISH_TIMEOUT = publishing.PUBLISH_TIMEOUT, 3.0
        try:
            async with KafkaStream(url(cluster), partitions=1) as stream:
                await stream.publish(MESSAGES, record(1))
                async with stream.consume(MESSAGES) as consumption:
                    assert await taken(consumption, 1)
                    await asyncio.to_thread(cluster.kill)
                    with pytest.raises(StreamDown):
                        await stream.publish(MESSAGES, record(2))
                    assert await consumption.take(0.5) is None
                    await asyncio.to_thread(cluster.start)
                    await stream.publish(MESSAGES, record(3))
                    found = await taken(consumption, 1, 30)
                    while found[-1].record != record(3):
                        found += await taken(consumption, 1, 30)
        finally:
            publishing.PUBLISH_TIMEOUT = before

    async def test_one_that_was_never_there_is_told(self) -> None:
        async with KafkaStream("kafka://127.0.0.1:1") as stream:
            with pytest.raises(StreamDown):
                await stream.publish(MESSAGES, record(1))
            with pytest.raises(StreamDown):
                async with stream.consume(MESSAGES):
                    pass


@pytest.mark.parametrize("wrong", ["kafka://", "http://h:9092", "kafka:h"])
def test_a_url_that_is_none_is_told(wrong: str) -> None:
    with pytest.raises(ValueError, match="kafka://host:9092"):
        KafkaStream(wrong)


async def test_topics_are_made_once_and_are_there_then(kafka: Cluster, stream: KafkaStream) -> None:
    await asyncio.gather(*(stream.provide() for _ in range(3)))
    plain = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap)
    await plain.start()
    try:
        assert {stream.topic(name) for name in TOPICS} <= await plain.topics()
    finally:
        await plain.stop()


async def test_messages_and_dead_letters_wait_as_long_as_it_takes(kafka: Cluster, stream: KafkaStream) -> None:
    """Whatever the broker does by default."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        for name in (MESSAGES, DEAD_LETTERS):
            await stream.publish(name, record(1))
            asked = ConfigResource(ConfigResourceType.TOPIC, stream.topic(name))
            [answer] = await admin.describe_configs([asked])
            [(*_, entries)] = answer.resources
            told = {name: (value, source) for name, value, _, source, *_ in entries}
            assert {one: told[one] for one in FOR_EVER} == dict.fromkeys(FOR_EVER, ("-1", OF_THE_TOPIC))
    finally:
        await admin.close()


async def test_topics_have_the_copies_that_were_asked_for_or_are_not_made(kafka: Cluster) -> None:
    """Of the broker there is: how it is with three, the fleets of ``tests/faults`` say."""
    where = url(kafka)
    async with KafkaStream(where, partitions=1, replicas=2) as stream:
        with pytest.raises(StreamDown, match="InvalidReplicationFactor"):
            await stream.provide()
        with pytest.raises(StreamDown):
            await stream.publish(MESSAGES, record(1))
    async with KafkaStream(where, partitions=1) as stream:
        await stream.provide()
        assert await asyncio.to_thread(copies, kafka.bootstrap, stream.topic(MESSAGES)) == (1, 1)


async def test_topics_hold_what_a_message_may_weigh(kafka: Cluster, stream: KafkaStream) -> None:
    large = Record("g/c", b"x" * 7_500_000)
    await stream.publish(MESSAGES, large)
    async with stream.consume(MESSAGES) as consumption:
        assert (await taken(consumption, 1, 30))[0].record == large
    plain = AIOKafkaConsumer(stream.topic(MESSAGES), bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest")
    await plain.start()
    try:
        assert len(plain.partitions_for_topic(stream.topic(MESSAGES))) == 4
    finally:
        await plain.stop()

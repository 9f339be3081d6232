"""The services are what they claim to be: any client reads them, nothing is lost when they end, each database is its own."""

import asyncio
import uuid
from collections.abc import Callable, Iterator

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.streams.kafka import stream as streams
from app.streams.kafka.stream import KafkaStream
from app.streams.types import MESSAGES, Record, StreamDown
from tests.faults.topics import copies
from tests.services.kafka import Cluster
from tests.services.postgres import Mode, PostgreSQL

WORDS = [b"one", b"two", "三".encode()]


@pytest.fixture
def name() -> str:
    """A name no other test uses, for a topic and its group."""
    return f"t-{uuid.uuid4().hex}"


@pytest.fixture(scope="module")
def broker() -> Iterator[Cluster]:
    """A node of our own, to be ended."""
    with Cluster() as running:
        yield running


@pytest.fixture(scope="module")
def three() -> Iterator[Cluster]:
    """Nodes of our own, to be ended one by one."""
    with Cluster(3) as running:
        yield running


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    """A server of our own, to be ended."""
    with PostgreSQL() as running:
        yield running


def write(kafka: Cluster, topic: str, words: list[bytes]) -> None:
    """With confluent-kafka, until every node that should have them has them."""
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "acks": "all"})
    for word in words:
        producer.produce(topic, word)
    assert producer.flush(30) == 0


def read(kafka: Cluster, topic: str, count: int) -> list[bytes]:
    """With confluent-kafka, from the beginning."""
    consumer = Consumer({"bootstrap.servers": kafka.bootstrap, "group.id": topic, "auto.offset.reset": "earliest"})
    try:
        consumer.subscribe([topic])
        return [message.value() or b"" for message in consumer.consume(count, 30)]
    finally:
        consumer.close()


async def query(url: str, *statements: str) -> list[int]:
    """The last statement's numbers; all of them committed."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            for statement in statements[:-1]:
                await connection.execute(text(statement))
            return list((await connection.execute(text(statements[-1]))).scalars())
    finally:
        await engine.dispose()


async def test_what_another_client_writes_ours_reads(kafka: Cluster, name: str) -> None:
    kafka.topic(name)
    await asyncio.to_thread(write, kafka, name, WORDS)
    consumer = AIOKafkaConsumer(
        name,
        bootstrap_servers=kafka.bootstrap,
        group_id=name,
        auto_offset_reset="earliest",
        session_timeout_ms=2000,  # less than Kafka would allow by itself
        heartbeat_interval_ms=500,
    )
    await consumer.start()
    try:
        async with asyncio.timeout(60):
            assert [(await consumer.getone()).value for _ in WORDS] == WORDS
    finally:
        await consumer.stop()


async def test_what_ours_writes_another_client_reads(kafka: Cluster, name: str) -> None:
    kafka.topic(name)
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all")
    await producer.start()
    try:
        for word in WORDS:
            await producer.send_and_wait(name, word)
    finally:
        await producer.stop()
    assert await asyncio.to_thread(read, kafka, name, len(WORDS)) == WORDS


def test_a_topic_has_its_partitions_and_none_is_made_by_itself(kafka: Cluster, name: str) -> None:
    kafka.topic(name, partitions=5, config={"max.message.bytes": "10000"})
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    assert len(admin.list_topics(timeout=60).topics[name].partitions) == 5
    unknown = f"{name}-unknown"
    assert admin.list_topics(unknown, timeout=60).topics[unknown].error is not None
    assert unknown not in admin.list_topics(timeout=60).topics


@pytest.mark.parametrize("end", [Cluster.stop, Cluster.kill])
async def test_a_broker_ended_and_started_keeps_its_records_and_its_port(
    broker: Cluster, name: str, end: Callable[[Cluster], None]
) -> None:
    broker.topic(name)
    bootstrap = broker.bootstrap
    write(broker, name, WORDS)
    # From a thread that ends, as a test beside a running consumer does it: the broker must not end with that thread.
    await asyncio.to_thread(end, broker)
    await asyncio.to_thread(broker.start)
    await asyncio.get_running_loop().shutdown_default_executor()
    write(broker, name, [b"four"])
    assert read(broker, name, 4) == [*WORDS, b"four"]
    assert broker.bootstrap == bootstrap


def test_three_nodes_go_on_without_one_and_take_it_back(three: Cluster, name: str) -> None:
    three.topic(name)
    write(three, name, WORDS)
    leader = three.leader(name)
    assert leader is not None
    three.kill(leader)
    write(three, name, [b"four"])
    three.start(leader)
    assert read(three, name, 4) == [*WORDS, b"four"]


async def test_what_the_program_publishes_is_with_two_of_three_or_was_not_taken(three: Cluster, name: str) -> None:
    patience = streams.PUBLISH_TIMEOUT
    async with KafkaStream(f"{three.url}/{name}", partitions=1) as stream:
        topic = stream.topic(MESSAGES)
        await stream.publish(MESSAGES, Record("g/c", b"with all"))
        assert await asyncio.to_thread(copies, three.bootstrap, topic) == (3, 2)
        leader = await asyncio.to_thread(three.leader, topic)
        first, second = (node.number for node in three.nodes if node.number != leader)
        await asyncio.to_thread(three.kill, first)
        await stream.publish(MESSAGES, Record("g/c", b"with two"))
        await asyncio.to_thread(three.kill, second)
        try:
            streams.PUBLISH_TIMEOUT = 3.0
            with pytest.raises(StreamDown):
                await stream.publish(MESSAGES, Record("g/c", b"with one"))
        finally:
            streams.PUBLISH_TIMEOUT = patience
        await asyncio.to_thread(three.start)
        await stream.publish(MESSAGES, Record("g/c", b"again"))


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_restarted_server_keeps_committed_rows_and_its_port(server: PostgreSQL, mode: Mode) -> None:
    url = server.database()
    await query(url, "CREATE TABLE kept (number integer)", "INSERT INTO kept VALUES (7), (8) RETURNING number")
    await asyncio.to_thread(server.restart, mode)
    assert await query(url, "SELECT number FROM kept ORDER BY number") == [7, 8]
    assert await query(url, "SELECT 1 WHERE current_setting('fsync') = 'on'") == [1]


async def test_each_database_is_its_own(postgres: PostgreSQL) -> None:
    one, other = postgres.database(), postgres.database()
    await query(one, "CREATE TABLE mine (number integer)", "INSERT INTO mine VALUES (1) RETURNING number")
    with pytest.raises(DBAPIError, match="does not exist"):
        await query(other, "SELECT number FROM mine")


async def test_a_database_is_fresh_or_a_copy_and_can_be_dropped(postgres: PostgreSQL) -> None:
    url = postgres.database("original")
    await query(url, "CREATE TABLE copied (number integer)", "INSERT INTO copied VALUES (1) RETURNING number")
    copy = postgres.database("copy_of_it", template="original")
    assert await query(copy, "SELECT number FROM copied") == [1]
    assert postgres.database("copy_of_it") == copy
    with pytest.raises(DBAPIError, match="does not exist"):
        await query(copy, "SELECT number FROM copied")
    postgres.drop("copy_of_it")
    postgres.drop("copy_of_it")
    with pytest.raises(DBAPIError, match="does not exist"):
        await query(copy, "SELECT 1")
    with pytest.raises(ValueError, match="no plain name"):
        postgres.database('x"; DROP DATABASE original')

"""What nothing on top of these services can beat: a bare consumer's loop, and one row in one transaction after the other."""

import asyncio
import sqlite3
import threading
import time
import uuid
from contextlib import closing
from pathlib import Path

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from confluent_kafka import Consumer
from confluent_kafka import TopicPartition as Part
from sqlalchemy import make_url

from app.db.dialect import SQLite
from tests.services.kafka import Cluster

PARTITIONS = 4


async def consumed(kafka: Cluster, size: int, count: int) -> float:
    """Records a second of so many bytes that aiokafka fetches, and does nothing with."""
    topic = f"floor-{uuid.uuid4().hex[:8]}"
    await asyncio.to_thread(kafka.topic, topic, PARTITIONS)
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, linger_ms=5) as producer:
        sent = [await producer.send(topic, b"x" * size, partition=number % PARTITIONS) for number in range(count)]
        await asyncio.gather(*sent)
    async with AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(topic, number) for number in range(PARTITIONS)])
        began, seen = time.perf_counter(), 0
        while seen < count:
            fetched = await consumer.getmany(timeout_ms=1000)
            seen += sum(map(len, fetched.values()))
        return count / (time.perf_counter() - began)


def in_topic(kafka: Cluster, topic: str) -> int:
    """How many records a topic holds."""
    consumer = Consumer({"bootstrap.servers": kafka.bootstrap, "group.id": "floor"})
    try:
        there = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        return sum(consumer.get_watermark_offsets(Part(topic, number), timeout=10)[1] for number in there)
    finally:
        consumer.close()


def sqlite_rows(folder: Path, size: int, count: int, writers: int) -> float:
    """Rows a second, each in a transaction of its own, as durable as ours."""
    path = folder / f"floor-{uuid.uuid4().hex[:8]}.db"
    with closing(_opened(path)) as connection:
        connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, value BLOB)")
    turn = threading.Lock()

    def write() -> None:
        with closing(_opened(path)) as connection:
            for _ in range(count // writers):
                with turn:
                    connection.execute("BEGIN IMMEDIATE")
                    connection.execute("INSERT INTO rows (value) VALUES (?)", (b"x" * size,))
                    connection.execute("COMMIT")

    threads = [threading.Thread(target=write) for _ in range(writers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return count // writers * writers / (time.perf_counter() - began)


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in SQLite.PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


async def postgres_rows(url: str, size: int, count: int, writers: int) -> float:
    """The same."""
    pool = await asyncpg.create_pool(
        make_url(url).set(drivername="postgresql").render_as_string(), min_size=writers, max_size=writers
    )
    async with pool:
        await pool.execute("CREATE TABLE IF NOT EXISTS floor_rows (id BIGSERIAL PRIMARY KEY, value BYTEA)")

        async def write() -> None:
            async with pool.acquire() as connection:
                for _ in range(count // writers):
                    await connection.execute("INSERT INTO floor_rows (value) VALUES ($1)", b"x" * size)

        began = time.perf_counter()
        await asyncio.gather(*(write() for _ in range(writers)))
        return count // writers * writers / (time.perf_counter() - began)

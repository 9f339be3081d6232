"""Kafka's topics: made, written to, and looked at."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from aiokafka.helpers import create_ssl_context

from app.background import end
from app.streams.kafka.consumption import LARGEST, PATIENCE, KafkaConsumption, consuming, headers
from app.streams.types import DEAD_LETTERS, MESSAGES, TOPICS, Record, StreamDown

FOR_EVER = {"retention.ms": "-1", "retention.bytes": "-1"}
"""Of topics whose records may wait longer than the week for which Kafka keeps others."""
PUBLISH_TIMEOUT = 15.0
log = logging.getLogger(__name__)


class KafkaStream:
    """``url``: ``kafka://[user:password@]host:port[,host:port…][/prefix][?security_protocol=…&sasl_mechanism=…&cafile=…]``.

    Topics are called ``prefix.messages`` and so on. ``replicas``: brokers that each keep a copy of one that has to be made (0:
    three, or all that answer); ``insync``: so many of these must have a record before it is taken (0: two, if there are two). Use
    as an async context. Raises ValueError for a URL that is none.
    """

    def __init__(self, url: str, partitions: int = 24, replicas: int = 0, insync: int = 0) -> None:
        self._servers, self._prefix, self._security = _parsed(url)
        self._partitions, self._replicas, self._insync = partitions, replicas, insync
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "KafkaStream":
        return self

    async def __aexit__(self, *_: object) -> None:
        self._drop_producer()
        if self._ending:
            late = (await asyncio.wait(self._ending, timeout=PUBLISH_TIMEOUT))[1]
            await end(late)

    def topic(self, name: str) -> str:
        """What a topic is called in Kafka."""
        return f"{self._prefix}.{name}"

    async def publish(self, topic: str, record: Record) -> None:
        """See ``Stream``: every replica in sync has it."""
        about = [(name, value.encode()) for name, value in record.headers.items()]
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT):
                producer = await self._started()
                await producer.send_and_wait(self.topic(topic), record.value, record.key.encode(errors="replace"), headers=about)
        except (KafkaError, TimeoutError, OSError) as error:
            self._drop_producer()
            raise StreamDown(f"Kafka does not take records: {type(error).__name__}") from error

    @asynccontextmanager
    async def consume(self, topic: str, group: str = "leakwatch") -> AsyncIterator[KafkaConsumption]:
        """See ``Stream``."""
        await self.provide()
        words = {"bootstrap_servers": self._servers, "group_id": f"{self._prefix}.{group}", **self._security}
        async with consuming(words, self.topic(topic), topic) as consumption:
            yield consumption

    async def provide(self) -> None:
        """See ``Stream``."""
        try:
            await self._provided()
        except (KafkaError, OSError) as error:
            raise StreamDown(f"Kafka does not provide its topics: {type(error).__name__}") from error

    async def lying(self, topic: str, group: str, since: datetime, most: int) -> list[Mapping[str, str]]:
        """See ``Stream``: read beside the group, without being in it."""
        words = {"group_id": f"{self._prefix}.{group}", "enable_auto_commit": False, "max_partition_fetch_bytes": LARGEST}
        consumer = AIOKafkaConsumer(bootstrap_servers=self._servers, **words, **self._security)
        try:
            async with asyncio.timeout(2 * PATIENCE):
                await consumer.start()
                numbers = await (await self._started()).partitions_for(self.topic(topic))
                return await _lying(consumer, [TopicPartition(self.topic(topic), number) for number in numbers], since, most)
        except (KafkaError, OSError, TimeoutError) as error:
            raise StreamDown(f"Kafka does not answer: {type(error).__name__}") from error
        finally:
            await consumer.stop()

    async def _provided(self) -> None:
        """Topics that are not there; never with fewer copies than were asked for: it fails until there are brokers enough."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._servers, **self._security)
        try:
            await admin.start()
            there = set(await admin.list_topics())
            wanted = [name for name in TOPICS if self.topic(name) not in there]
            if wanted:
                brokers = len((await admin.describe_cluster())["brokers"])
                await self._create(admin, wanted, self._replicas or min(3, brokers))
        finally:
            await admin.close()

    async def _create(self, admin: AIOKafkaAdminClient, names: list[str], copies: int) -> None:
        insync = min(self._insync or 2, copies)
        configs = {"max.message.bytes": str(LARGEST + 100_000), "min.insync.replicas": str(insync)}
        kept = {name: configs | (FOR_EVER if name in (MESSAGES, DEAD_LETTERS) else {}) for name in names}
        topics = [NewTopic(self.topic(name), self._partitions, copies, topic_configs=kept[name]) for name in names]
        for name, code, *_ in (await admin.create_topics(topics)).topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise error(name)

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                await self._provided()
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._servers,
                    acks="all",
                    enable_idempotence=True,
                    linger_ms=5,
                    max_request_size=LARGEST,
                    request_timeout_ms=int(PUBLISH_TIMEOUT * 1000),
                    **self._security,
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    def _drop_producer(self) -> None:
        """The next record is sent by another: one that failed may never work again. It ends when its batches have expired."""
        producer, self._producer = self._producer, None
        if producer is not None:
            ending = asyncio.create_task(producer.stop(), name="kafka-producer-ends")
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)


async def _lying(consumer: AIOKafkaConsumer, parts: list[TopicPartition], since: datetime, most: int) -> list[Mapping[str, str]]:
    """Of each partition what its group has not committed; when that is much, the last of it."""
    consumer.assign(parts)
    begins, ends = await consumer.beginning_offsets(parts), await consumer.end_offsets(parts)
    at = {part: max(begins[part], await consumer.committed(part) or 0, ends[part] - most) for part in parts}
    for part, offset in at.items():
        consumer.seek(part, offset)
    found, early = list[Mapping[str, str]](), since.timestamp() * 1000
    while left := [part for part in parts if at[part] < ends[part]]:
        for part, records in (await consumer.getmany(*left, timeout_ms=1000)).items():
            found += [headers(one) for one in records if one.timestamp >= early]
            at[part] = records[-1].offset + 1
    return found[-most:]


def _parsed(url: str) -> tuple[list[str], str, dict[str, Any]]:
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    if parts.scheme != "kafka" or not hosts:
        raise ValueError("write kafka://host:9092, several hosts with commas between them")
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    security: dict[str, Any] = {}
    if credentials:
        user, _, password = credentials.partition(":")
        security = {"sasl_plain_username": unquote(user), "sasl_plain_password": unquote(password)}
        security |= {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "SCRAM-SHA-512"}
    security |= {name: asked[name] for name in ("security_protocol", "sasl_mechanism") if name in asked}
    if security.get("security_protocol", "").endswith("SSL"):
        security["ssl_context"] = create_ssl_context(cafile=asked.get("cafile"))
    return hosts.split(","), parts.path.strip("/") or "leakwatch", security

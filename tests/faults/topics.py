"""What lies in Kafka's topics, seen by another client than the program's own."""

import time
from uuid import uuid4

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType  # type: ignore[attr-defined]

from tests.services.children import until

SECONDS = 10.0


def lag(servers: str, topic: str, group: str) -> int:
    """Records of the topic that the group has not committed. Raises KafkaException."""
    reader, admin = _reader(servers, group), AdminClient({"bootstrap.servers": servers, "log_level": 0})
    try:
        committed = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group, _partitions(reader, topic))])
        done = {one.partition: max(0, one.offset) for one in committed[group].result(SECONDS).topic_partitions or ()}
        ends = {one.partition: reader.get_watermark_offsets(one, SECONDS)[1] for one in _partitions(reader, topic)}
    finally:
        reader.close()
    return sum(end - done.get(partition, 0) for partition, end in ends.items())


def copies(servers: str, topic: str) -> tuple[int, int]:
    """How many brokers keep each partition, at least, and how many of them must have a record. Raises KafkaException."""
    admin = AdminClient({"bootstrap.servers": servers, "log_level": 0})
    until(lambda: bool(admin.list_topics(topic, SECONDS).topics[topic].partitions), SECONDS)  # the node may hear of it late
    kept = min(len(one.replicas) for one in admin.list_topics(topic, SECONDS).topics[topic].partitions.values())
    resource = ConfigResource(ResourceType.TOPIC, topic)
    return kept, int(admin.describe_configs([resource])[resource].result(SECONDS)["min.insync.replicas"].value)


def values(servers: str, topic: str) -> list[bytes]:
    """Everything that lies in a topic now."""
    reader = _reader(servers, f"reader-{uuid4()}")
    found: list[bytes] = []
    try:
        partitions = _partitions(reader, topic)
        left = sum(reader.get_watermark_offsets(one, SECONDS)[1] for one in partitions)
        reader.assign([TopicPartition(topic, one.partition, 0) for one in partitions])
        end = time.monotonic() + SECONDS
        while len(found) < left and time.monotonic() < end:
            record = reader.poll(1)
            if record is not None and record.error() is None:
                found.append(record.value() or b"")
    finally:
        reader.close()
    return found


def _reader(servers: str, group: str) -> Consumer:
    return Consumer({"bootstrap.servers": servers, "group.id": group, "enable.auto.commit": False, "log_level": 0})


def _partitions(reader: Consumer, topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in reader.list_topics(topic, SECONDS).topics[topic].partitions]

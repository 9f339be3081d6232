"""A fleet: a server, a worker and a deliverer, each a process of its own, on a real Kafka and whichever database is tested."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from confluent_kafka import Consumer, Producer

from app.settings import Settings
from app.streams.types import ALERTS, DEAD_LETTERS, MESSAGES, REGISTRY
from tests.app.conftest import Server, fresh, message, running, until
from tests.app.pictures import jpeg
from tests.services.kafka import Cluster

WITHIN = 90.0


@pytest.fixture(scope="module")
def prefix() -> str:
    """Topics of this module's own."""
    return f"fleet{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def stream_url(kafka: Cluster, prefix: str) -> str:
    return f"{kafka.url}/{prefix}"


@pytest.fixture
def fleet(tmp_path: Path, stream_url: str) -> Iterator[Server]:
    settings = Settings(data_dir=tmp_path, workers=1, stream_url=stream_url, partitions=3)
    with running(settings) as server, process("worker", server), process("notify", server):
        yield server


def told(server: Server) -> dict[str, str]:
    """The environment of a process of this server's fleet."""
    settings = server.settings
    about = {"DATA_DIR": str(settings.data_dir), "STREAM_URL": settings.stream_url, "WORKERS": "1", "PARTITIONS": "3"}
    about |= {"DATABASE_URL": settings.database_url}
    return {**os.environ, **{f"LEAKWATCH_{name}": value for name, value in about.items()}}


@contextlib.contextmanager
def process(command: str, server: Server) -> Iterator["subprocess.Popen[bytes]"]:
    running = subprocess.Popen([sys.executable, "-m", "app.cli", command], env=told(server), stderr=subprocess.DEVNULL)
    try:
        yield running
    finally:
        running.terminate()
        assert running.wait(30) in (0, -15)


def verdict(server: Server, answer: httpx.Response) -> dict[str, Any]:
    end = time.monotonic() + WITHIN
    while True:
        now = server["gateway"].get(f"/messages/{answer.json()['id']}", params={"wait": 20}).json()
        if now["status"] != "queued":
            found: dict[str, Any] = now["verdict"]
            return found
        assert time.monotonic() < end


def read(kafka: Cluster, topic: str, wanted: int) -> list[tuple[str, dict[str, Any]]]:
    """As anybody may who reads along: with another client, in a group of their own."""
    consumer = Consumer({"bootstrap.servers": kafka.bootstrap, "group.id": uuid.uuid4().hex, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    found: list[tuple[str, dict[str, Any]]] = []
    end = time.monotonic() + WITHIN
    while len(found) < wanted:
        assert time.monotonic() < end, f"only {len(found)} of {wanted}"
        record = consumer.poll(1)
        if record is not None and record.error() is None:
            found.append(((record.key() or b"").decode(), json.loads(record.value() or b"null")))
    consumer.close()
    return found


def test_posted_or_published_every_message_has_one_verdict_and_every_leak_one_alert(
    fleet: Server, kafka: Cluster, prefix: str
) -> None:
    word = f"codeword{fresh('')}x"
    asset = fleet.register({"a.jpg": jpeg(71)}, kind="equipment", terms=[word]).raise_for_status().json()["id"]
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "acks": "all", "partitioner": "murmur2_random"})
    published = message(f"published {word}", message_id=fresh())
    for _ in range(3):
        producer.produce(f"{prefix}.{MESSAGES}", json.dumps(published).encode(), "g1/c1")
        producer.produce(f"{prefix}.{MESSAGES}", b"{}", "g1/c1")
    producer.flush(30)
    posted = fleet.post("", {"a.jpg": jpeg(71, quality=50)})
    assert posted.status_code == 202
    assert [one["asset_id"] for one in verdict(fleet, posted)["matches"]] == [asset]
    until(lambda: fleet["gateway"].post("/messages", json=published).status_code == 200, WITHIN)
    again = fleet["gateway"].post("/messages", json=published)
    assert verdict(fleet, again)["verdict"] == "leak"
    assert verdict(fleet, fleet.post("nothing in it"))["verdict"] == "clear"
    alerts = fleet["analyst"].get("/alerts").json()["items"]
    assert sorted(one["message"]["id"] for one in alerts) == sorted([posted.json()["id"], again.json()["id"]])
    assert all([step["action"] for step in one["history"]] == ["created"] for one in alerts)
    notices = read(kafka, f"{prefix}.{ALERTS}", 2)
    assert {key for key, _ in notices} == {one["id"] for one in alerts}
    assert all(body["type"] == "alert.created" and word not in json.dumps(body) for _, body in notices)
    assert (asset, {"asset_id": asset, "checkpoint": 1}) in read(kafka, f"{prefix}.{REGISTRY}", 1)
    assert read(kafka, f"{prefix}.{DEAD_LETTERS}", 1) == [("g1/c1", {})]
    assert len(fleet["auditor"].get("/numbers", params={"days": 7}).json()["dead"]["reasons"]) == 1


def test_a_message_that_is_held_is_inspected_by_the_server_itself(fleet: Server) -> None:
    """It need not go through the topic, behind whatever waits there."""
    word = f"codeword{fresh('')}y"
    fleet.register(terms=[word]).raise_for_status()
    found = fleet["gateway"].post("/check", params={"timeout_ms": 20_000}, json=message(f"hello {word}")).json()
    assert found["verdict"] == "leak"
    assert len(fleet["analyst"].get("/alerts").json()["items"]) == 1
    assert fleet["analyst"].get(f"/alerts/{found['alert_id']}").json()["history"][0]["action"] == "created"


def test_a_replay_of_the_whole_topic_changes_nothing(fleet: Server, kafka: Cluster, prefix: str, stream_url: str) -> None:
    word = f"codeword{fresh('')}z"
    fleet.register(terms=[word]).raise_for_status()
    answers = [fleet.post(f"text {number} {word if number % 2 else ''}") for number in range(6)]
    first = [verdict(fleet, one) for one in answers]
    before = fleet["analyst"].get("/alerts").json()["items"]
    assert len(before) == 3
    asyncio.run(rewound(kafka, prefix))
    later = fleet.post("after all that", channel={"id": "c1"})
    assert verdict(fleet, later)["verdict"] == "clear"
    assert fleet["analyst"].get("/alerts").json()["items"] == before
    assert [verdict(fleet, one) for one in answers] == first


def test_dead_letters_are_put_back_from_kafka(fleet: Server, prefix: str, kafka: Cluster) -> None:
    def replay(*words: str) -> list[tuple[str, str]]:
        command = [sys.executable, "-m", "app.cli", "replay", "--json", *words]
        done = subprocess.run(command, env=told(fleet), capture_output=True, text=True, check=True)
        letters = [json.loads(line) for line in done.stdout.splitlines()]
        return [(one["code"], one["key"]) for one in letters]

    ours = ("invalid", "g9/c")
    producer = Producer({"bootstrap.servers": kafka.bootstrap})
    producer.produce(f"{prefix}.{MESSAGES}", b"no message", "g9/c")
    producer.flush(30)
    until(lambda: ours in replay("--list"), WITHIN)
    assert replay().count(ours) == 1
    until(lambda: replay("--list").count(ours) == 1, WITHIN)


async def rewound(kafka: Cluster, prefix: str) -> None:
    """Publish every record of the topic once more, as a consumer sees it whose offsets were set to the beginning."""
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "partitioner": "murmur2_random"})
    for key, value in await asyncio.to_thread(read, kafka, f"{prefix}.{MESSAGES}", 6):
        producer.produce(f"{prefix}.{MESSAGES}", json.dumps(value).encode(), key)
    await asyncio.to_thread(producer.flush, 30)


def test_a_server_accepts_while_kafka_is_away(tmp_path: Path) -> None:
    with Cluster() as cluster:
        settings = Settings(data_dir=tmp_path, workers=1, stream_url=f"{cluster.url}/x", partitions=1)
        with running(settings) as server:
            cluster.stop()
            answer = server.post("said while it was away")
            assert answer.status_code == 202
            until(lambda: httpx.get(f"{server.url}/readyz").json()["status"] == "troubled", 60)
            with process("worker", server):
                cluster.start()
                assert verdict(server, answer)["verdict"] == "clear"
                until(lambda: httpx.get(f"{server.url}/readyz").status_code == 200, 60)

"""Messages that cannot be inspected: kept whole, with the reason, put back by command; too many of them stop the consumer."""

import asyncio
import json
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.db import Database
from app.db.models import now
from app.db.upgrading import bring_up_to_date
from app.ingest.deaths import Deaths
from app.observability import Metrics
from app.settings import Settings
from app.streams import repository
from app.streams.kafka.stream import KafkaStream
from app.streams.memory import MemoryStream
from app.streams.types import DEAD_LETTERS, MESSAGES, REPLAY, Delivery, Record
from tests.app.audit.test_everything import entries
from tests.app.conftest import Server, message, running, until
from tests.app.console.test_console import signed_in
from tests.app.ingest.test_consumer import status
from tests.app.streams.contract import taken
from tests.databases import Databases
from tests.services.kafka import Cluster


@pytest.fixture
async def database(tmp_path: Path, databases: Databases) -> AsyncIterator[Database]:
    database = Database(Settings(data_dir=tmp_path, database_url=databases.fresh()).database)
    await bring_up_to_date(database)
    yield database
    await database.close()


def delivered(number: int = 1, replayed: str | None = None) -> Delivery:
    headers = {"replayed": replayed} if replayed else {}
    return Delivery(Record("g/c", b"what came %d" % number, headers), MESSAGES, f"messages@{number}", 1)


async def test_a_dead_letter_has_the_bytes_that_came_and_says_why(database: Database) -> None:
    stream = MemoryStream()
    await Deaths(stream, database, Metrics(), most=3).bury(delivered(), "invalid", "channel: missing")
    async with stream.consume(DEAD_LETTERS) as dead:
        letter = await dead.take(1)
    assert letter is not None
    assert (letter.record.key, letter.record.value) == ("g/c", b"what came 1")
    about = letter.record.headers
    assert (about["code"], about["reason"], about["place"]) == ("invalid", "channel: missing", "messages@1")


async def test_what_died_once_is_no_death_again_until_it_was_put_back(database: Database) -> None:
    """Also to another consumer: the database knows."""
    stream, began = MemoryStream(), now()
    for replayed in (None, None, "then", "then", "later"):
        deaths = Deaths(stream, database, Metrics(), most=2)
        for _ in range(2):
            await deaths.bury(delivered(replayed=replayed), "x", "y")
        assert deaths.trouble is None
    assert len(await stream.lying(DEAD_LETTERS, REPLAY, began, 50)) == 3


async def test_a_topic_read_again_from_its_beginning_adds_no_dead_letters(database: Database, kafka: Cluster) -> None:
    async with KafkaStream(f"{kafka.url}/d{uuid.uuid4().hex[:8]}", partitions=2) as stream:
        began = now()
        for number in range(6):
            await stream.publish(MESSAGES, Record(f"g/c{number}", b"no message"))
        deaths = Deaths(stream, database, Metrics(), most=7)
        for group in ("first", "again"):
            async with stream.consume(MESSAGES, group) as consumption:
                for delivery in await taken(consumption, 6):
                    await deaths.bury(delivery, "invalid", "no message")
            assert len(await stream.lying(DEAD_LETTERS, REPLAY, began, 50)) == 6
        assert deaths.trouble is None


async def test_too_many_in_a_row_stop_the_consumer_but_for_a_try_now_and_then(database: Database) -> None:
    deaths = Deaths(MemoryStream(), database, Metrics(), most=2, again=0.2)
    await deaths.bury(delivered(1), "x", "y")
    assert deaths.trouble is None
    deaths.survived()
    for number in (2, 3):
        await deaths.bury(delivered(number), "x", "the reason")
    assert deaths.trouble is not None
    assert "the reason" in deaths.trouble
    loop, turns = asyncio.get_running_loop(), []

    async def take() -> None:
        async with deaths.turn():
            turns.append(loop.time())

    began = loop.time()
    await asyncio.gather(*(take() for _ in range(3)))
    assert [round((at - began) / 0.2, 1) >= i + 1 for i, at in enumerate(turns)] == [True] * 3, "one at a time"
    waiting = [asyncio.create_task(take()) for _ in range(5)]
    await asyncio.sleep(0)
    deaths.survived()
    await asyncio.wait_for(asyncio.gather(*waiting), 60)
    assert deaths.trouble is None


def publish(server: Server, value: bytes) -> None:
    async def work() -> None:
        async with server.house.database.writing() as session:
            await repository.publish(session, MESSAGES, Record("g1/c1", value))

    server.run(work())


def cli(folder: Path, *words: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "app.cli", "replay", "--json", "--data-dir", str(folder), *words]
    done = subprocess.run(command, capture_output=True, env=dict(os.environ), check=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def dead(server: Server) -> dict[str, Any]:
    told: dict[str, Any] = server["auditor"].get("/numbers", params={"days": 7}).raise_for_status().json()["dead"]
    return told


def ready(server: Server) -> httpx.Response:
    return httpx.get(f"{server.url}/readyz")


def test_a_bad_deploy_drains_nothing_and_what_died_comes_back(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, workers=1, most_dead=2)
    with running(settings) as server:
        object.__setattr__(server.house.lanes, "_patience", 0.0001)
        answers = [server.post(f"text {number}") for number in range(4)]
        until(lambda: ready(server).json()["status"] == "troubled", 120)
        assert ready(server).status_code == 503
        body = ready(server).json()
        assert "2 messages in a row" in body["trouble"]
        until(lambda: [status(server, one, 0)["status"] for one in answers].count("failed") == 2)
        told = [status(server, one, 0)["status"] for one in answers]
        assert (told.count("failed"), told.count("queued")) == (2, 2), "nothing more is taken"
    with running(settings) as server:
        until(lambda: all(status(server, one, 0)["status"] != "queued" for one in answers), 120)
        assert len(cli(tmp_path, "--list")) == 2
        told_of = dead(server)
        assert (told_of["messages"], told_of["more"]) == (2, False)
        assert told_of["reasons"] == [{"code": "timeout", "messages": 2}]
        back = cli(tmp_path)
        assert [(one["code"], one["key"]) for one in back] == [("inspection_failed", "g1/c1")] * 2
        assert all("longer than" in one["reason"] for one in back)
        assert dead(server)["messages"] == 0, "what is put back has not been left unread"
        until(lambda: all(status(server, one, 0)["status"] == "done" for one in answers), 120)
        assert cli(tmp_path) == []
        [entry] = entries(server, action="dead_letters.replayed")
        assert (entry["actor"].partition(":")[0], entry["details"]) == ("cli", {"count": 2})


def test_what_is_no_message_is_a_dead_letter_and_the_next_one_is_inspected(tmp_path: Path) -> None:
    with running(Settings(data_dir=tmp_path, workers=1)) as server:
        for _ in range(2):
            publish(server, b"{}")
        publish(server, json.dumps(message("published", message_id="p1")).encode())
        until(lambda: server.post("published", message_id="p1").status_code == 200)
        assert server.verdict(server.post("published", message_id="p1"))["verdict"] == "clear"
        until(lambda: len(cli(tmp_path, "--list")) == 1)
        assert cli(tmp_path, "--list")[0]["code"] == "invalid"
        assert dead(server)["reasons"] == [{"code": "invalid", "messages": 1}]
        with signed_in(server, "analyst") as client:
            page = client.get("/numbers").text
        assert "is no message as the contract has it" in page
        assert "<code>leakwatch replay --list</code>" in page
        again = cli(tmp_path)
        assert len(again) == 1
        until(lambda: len(cli(tmp_path, "--list")) == 1)


@pytest.mark.parametrize("text", ["codeword once", ""])
def test_redelivery_changes_nothing(server: Server, text: str) -> None:
    word = f"codeword{len(text)}xq"
    server.register(terms=[word]).raise_for_status()
    posted = message(f"hello {word}")
    first = server.verdict(server["gateway"].post("/messages", json=posted))
    assert first["verdict"] == "leak"
    before = server["analyst"].get("/alerts").json()["items"]
    for _ in range(3):
        publish(server, json.dumps(posted).encode())
    until(lambda: server.run(server.house.accepted.lag()) == 0)
    assert server["analyst"].get("/alerts").json()["items"] == before

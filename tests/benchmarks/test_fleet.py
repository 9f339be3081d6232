"""The benchmark of the whole service still runs, and its pieces do what they say; not how fast anything is."""

import asyncio
import math
from dataclasses import replace
from pathlib import Path

import pytest

from app.demo.camera import jpeg
from tests.benchmarks import soak
from tests.benchmarks.fleet import memory
from tests.benchmarks.fleet.capacity import Assumed, Cost, capacity, cost, needs
from tests.benchmarks.fleet.measured import KAFKA, SQLITE, Services, measured
from tests.benchmarks.fleet.page import page
from tests.benchmarks.fleet.pictures import Album, album, fresh
from tests.benchmarks.fleet.posts import Door
from tests.benchmarks.fleet.sizes import QUICK
from tests.benchmarks.fleet.written import Written
from tests.benchmarks.measure import pixels
from tests.benchmarks.run import RESULTS
from tests.services.kafka import Cluster
from tests.services.postgres import PostgreSQL

MESSAGE = Written(wal=4000, size=1500, commits=3, inserted=2, updated=2, deleted=1, api=0.004, worker=0.008, database=0.002)


@pytest.fixture(scope="module")
def drawn() -> Album:
    """Of small pictures: what is measured is done to them all the same."""
    large = album(2, 1)
    return replace(large, strange=tuple(jpeg(pixels(data)[::4, ::4]) for data in large.strange))


@pytest.fixture
def on(postgres: PostgreSQL, kafka: Cluster, tmp_path: Path) -> Services:
    return Services(postgres, kafka, tmp_path)


def test_quick_run_fills_every_table(on: Services, drawn: Album) -> None:
    told = page(measured(on, drawn, QUICK, (SQLITE, KAFKA), (KAFKA,)), QUICK)
    for name in (
        SQLITE,
        KAFKA,
        "in their queue",
        "messages of pictures",
        "1 × 2 lanes",
        "accepted to alert",
        "cores for detection",
    ):
        assert name in told, name
    assert told.count("nan") <= 4, "of so few messages there may be no alert"


def test_quick_soak_loses_nothing(on: Services, drawn: Album) -> None:
    plan = soak.Plan(3, 0.5, 10, 2, 1)
    told = soak.soaked(on, drawn, plan)
    assert told.lost == 0
    assert told.left == 0
    assert len(told.found) == len(told.posted.ms) > 0
    shown = soak.page(told, plan)
    for name in ("serve-1", "worker-2: its process 1", "notify-1", "Kafka", "PostgreSQL, all its processes", "**0 lost**"):
        assert name in shown, name


def test_memory_that_grows_is_told_from_memory_that_trembles() -> None:
    still = [(float(at), 1e9 + 1e6 * (at % 3)) for at in range(0, 600, 5)]
    leaking = [(at, held + 1e5 * at) for at, held in still]
    assert memory.growth(still, 60).is_flat
    found = memory.growth(leaking, 60)
    assert not found.is_flat
    warming = [(at, held - 5e7 * math.exp(-at / 60)) for at, held in still]
    assert not memory.growth(warming, 0, 300).is_flat
    assert memory.growth(warming, 300).is_flat
    slow = [(at, 9e7 + 2.6e3 * at) for at in map(float, range(0, 300, 5))]
    assert not memory.growth(slow, 0).is_flat, "9 MB an hour, which in five minutes is little"
    assert math.isclose(found.slope, 3.6e8, rel_tol=0.05)
    assert 0 < found.error < 1e8


def test_needs_follow_from_what_was_measured() -> None:
    spent = Cost(photograph=0.3, page=1.3, reference=47_000, message=MESSAGE)
    assumed = Assumed(pictures=0.2, repeats=0.5, pages=0.2, peak=3, used=0.5)
    one = needs(86_400_000, spent, assumed)
    assert one.rate == 3000
    assert one.detection == 300
    assert (one.api, one.taking, one.database, one.servers) == (24, 48, 12, 1)
    assert (one.commits, one.logged, one.registry) == (9000, 12e6, 4.7e9)
    assert one.partitions >= 3 * one.workers
    assert needs(864_000_000, spent, assumed).detection == 3000
    assert "| cores for detection |" in capacity(spent)


def test_costs_are_those_of_the_committed_tables() -> None:
    found = cost(RESULTS, MESSAGE)
    assert 0.05 < found.photograph < 2
    assert 0.2 < found.page < 10
    assert 10_000 < found.reference < 100_000


def test_a_file_nobody_has_seen_is_the_same_picture() -> None:
    assert fresh(b"x", 1) != fresh(b"x", 2)
    assert fresh(b"x", 1).startswith(b"x")


def test_a_connection_that_was_closed_is_opened_again() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def twice() -> list[int]:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            opened = Door(server.sockets[0].getsockname()[1], 1)
            statuses = [(await opened.post(b"POST / HTTP/1.1\r\n\r\n"))[0] for _ in range(3)]
            await opened.aclose()
            return statuses

    assert asyncio.run(twice()) == [202, 202, 202]

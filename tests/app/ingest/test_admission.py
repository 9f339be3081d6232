"""The door: refused in time, with a moment to come back, and no gateway at the cost of another."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.db import Database
from app.db.upgrading import bring_up_to_date
from app.errors import TooMany
from app.ingest.admission import Admission, Room
from app.observability import Metrics
from app.settings import Settings
from app.streams import repository
from app.streams.types import MESSAGES, Record
from tests.app.conftest import message, running


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(Settings(data_dir=tmp_path).database)
    await bring_up_to_date(database)
    yield database
    await database.close()


async def fill(database: Database, gateway: str, count: int) -> None:
    async with database.writing() as session:
        for _ in range(count):
            await repository.publish(session, MESSAGES, Record(f"{gateway}/c", b"{}"))


async def refusal(door: Admission, gateway: str) -> str | None:
    try:
        await door.check(gateway)
    except TooMany as error:
        return error.code if int(error.headers["Retry-After"]) > 0 else None
    return None


async def test_one_gateway_fills_its_share_and_all_of_them_the_queue(database: Database, tmp_path: Path) -> None:
    def door() -> Admission:
        return Admission(database, Metrics(), Room(10, 1000, 0, tmp_path))

    assert await refusal(door(), "flood") is None
    await fill(database, "flood", 5)
    one = door()
    assert [await refusal(one, name) for name in ("flood", "quiet")] == ["share", None]
    await fill(database, "other", 5)
    assert await refusal(one, "quiet") is None, "what was counted is believed for a second"
    assert await refusal(door(), "quiet") == "queue"


async def test_bodies_being_read_are_bounded_together_but_one_may_always_come(database: Database, tmp_path: Path) -> None:
    door = Admission(database, Metrics(), Room(10, 1000, 0, tmp_path))
    async with door.body(2000):
        with pytest.raises(TooMany) as refused:
            async with door.body(1):
                pass
        assert refused.value.code == "bodies"
    async with door.body(600), door.body(400):
        with pytest.raises(TooMany):
            async with door.body(None):
                pass
    async with door.body(None):
        pass


def test_a_full_disk_is_told_before_anything_is_lost(tmp_path: Path) -> None:
    with running(Settings(data_dir=tmp_path, workers=1, min_free=10**18)) as server:
        refused = server["gateway"].post("/messages", json=message("hello"))
        assert (refused.status_code, refused.json()["code"]) == (429, "disk")
        assert int(refused.headers["Retry-After"]) >= 1
        assert 'leakwatch_messages_refused_total{reason="disk"} 1.0' in httpx.get(f"{server.url}/metrics").text
        assert server["gateway"].post("/check", json=message("hello")).json()["verdict"] == "clear", "who holds a message"

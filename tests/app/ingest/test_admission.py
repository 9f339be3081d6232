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


async def fill(database: Database, key: str, count: int) -> None:
    async with database.writing() as session:
        for _ in range(count):
            await repository.publish(session, MESSAGES, Record(key, b"{}"))


async def refusal(door: Admission, gateway: str, channel: str | None = None) -> str | None:
    try:
        await door.check(gateway, channel)
    except TooMany as error:
        return error.code if int(error.headers["Retry-After"]) > 0 else None
    return None


def opened(database: Database, folder: Path, queued: int = 12) -> Admission:
    """Somebody else's door, who has seen nothing yet."""
    return Admission(database, Metrics(), Room(queued, 1000, 0, (folder,)))


async def test_however_many_gateways_flood_there_is_room_for_another(database: Database, tmp_path: Path) -> None:
    assert await refusal(opened(database, tmp_path), "first") is None
    await fill(database, "first/c", 6)
    one = opened(database, tmp_path)
    assert [await refusal(one, name) for name in ("first", "second")] == ["share", None], "half of it for one alone"
    await fill(database, "second/c", 3)
    assert await refusal(one, "second") is None, "what was seen is believed for a second"
    assert [await refusal(opened(database, tmp_path), name) for name in ("first", "second", "third")] == ["share"] * 2 + [None]
    await fill(database, "third/c", 3)
    assert await refusal(opened(database, tmp_path), "fourth") == "queue"


async def test_a_channel_that_floods_leaves_room_to_others_of_its_gateway(database: Database, tmp_path: Path) -> None:
    await fill(database, "g/flood", 4)
    one = opened(database, tmp_path)
    assert [await refusal(one, "g", channel) for channel in (None, "flood", "quiet")] == [None, "share", None]
    assert await refusal(one, "other", "flood") is None
    await fill(database, "g/quiet", 1)
    assert [await refusal(opened(database, tmp_path), "g", channel) for channel in ("quiet", "new")] == [None, None]


@pytest.mark.parametrize("gateways", [1, 5])
async def test_floods_end_where_somebody_new_is_still_let_in(database: Database, tmp_path: Path, gateways: int) -> None:
    """Everybody posts what they can, through two channels each."""
    names = [(f"g{number}", channel) for number in range(gateways) for channel in ("a", "b")]
    let_in = True
    while let_in:
        let_in = False
        for gateway, channel in names:
            if await refusal(opened(database, tmp_path, 40), gateway, channel) is None:
                await fill(database, f"{gateway}/{channel}", 1)
                let_in = True
    last = opened(database, tmp_path, 40)
    assert [await refusal(last, *who) for who in (("new", "a"), ("g0", "new"))] == [None, None]


async def test_the_folder_of_blobs_may_fill_up_too_and_one_that_is_away_is_not_full(database: Database, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, blob_url=str(tmp_path / "elsewhere"))
    assert settings.filling == (tmp_path, tmp_path / "elsewhere")
    door = Admission(database, Metrics(), Room(12, 1000, 1, settings.filling))
    assert await refusal(door, "g") is None


async def test_bodies_being_read_are_bounded_together_but_one_may_always_come(database: Database, tmp_path: Path) -> None:
    door = opened(database, tmp_path)
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

"""A server whose blobs lie in S3: from the message to the picture an analyst sees; and when S3 is away."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from app.assets.registry import changes
from app.blobs.folder import BlobFolder
from app.blobs.types import BlobsDown
from app.db.models import MessageRow
from app.ingest.consumer import Consumer, Terms
from app.ingest.deaths import Deaths
from app.ingest.jobs import Priority, equipment
from app.ingest.lanes import Lanes
from app.ingest.sweeping import sweep
from app.notify.service import Notices
from app.observability import Metrics
from app.settings import Settings
from app.streams.memory import MemoryStream
from app.streams.types import MESSAGES, Record
from app.uploads import Bounds
from tests.app.blobs.contract import named
from tests.app.conftest import Server, message, running, until
from tests.app.console.test_console import signed_in
from tests.app.db.test_database import opened
from tests.app.ingest.test_lanes import Sleep
from tests.app.pictures import jpeg
from tests.app.test_cli import run
from tests.services.s3 import S3, reached


@pytest.fixture(scope="module")
def own() -> Iterator[S3]:
    """To be stopped."""
    with S3() as running, reached(running):
        yield running


@pytest.fixture(scope="module")
def served(own: S3, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("s3")
    settings = Settings(data_dir=folder, blob_url=f"{own.bucket('leakwatch')}/blobs", workers=1, sender_window=0)
    with running(settings) as server:
        yield server


def files(server: Server) -> list[str]:
    return sorted(path.name for path in server.settings.data_dir.rglob("*") if path.is_file() and len(path.name) == 64)


def ready(server: Server) -> tuple[int, str | None]:
    answer = httpx.get(f"{server.url}/readyz")
    return answer.status_code, answer.json()["trouble"]


def test_from_a_message_to_the_picture_an_analyst_sees(served: Server) -> None:
    asset = served.register({"crane.jpg": jpeg(1)}, kind="equipment", keep_originals=True).raise_for_status().json()
    leak = served.verdict(served.post("", {"leak.jpg": jpeg(1, quality=50)}))
    clear = served.post("", {"other.jpg": jpeg(2)})
    assert (leak["verdict"], served.verdict(clear)["verdict"]) == ("leak", "clear")
    with signed_in(served, "analyst") as analyst:
        sources = (f"/pictures/alerts/{leak['alert_id']}/0", f"/pictures/references/{asset['references'][0]['id']}")
        for source in sources:
            picture = analyst.get(source)
            assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
            assert picture.content.startswith(b"\xff\xd8")
        reading = served["analyst"].get(f"/alerts/{leak['alert_id']}/reading")
        assert reading.status_code == 200, reading.text
        assert not (served.settings.data_dir / "blobs").exists()
        assert files(served), "what is detected is read from this disk"
        time.sleep(1.1)  # S3 tells times in whole seconds
        assert served.run(sweep(served.house.database, served.house.blobs, 0.0)) == 1, "the clear message's file alone"
        assert [analyst.get(source).status_code for source in sources] == [200, 200]


def test_when_it_is_away_whoever_needs_it_is_told_to_come_again(own: S3, served: Server) -> None:
    leak = served.verdict(served.post("", {"leak.jpg": jpeg(1, quality=60)}))
    own.stop()
    late = served.post("", {"late.jpg": jpeg(3)})
    registered = served.register({"new.jpg": jpeg(4)}, keep_originals=True)
    for answer in (late, registered):
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
        assert answer.headers["retry-after"].isdecimal()
        assert "The store of files" in answer.json()["detail"]
        assert str(own.port) not in answer.text
    with signed_in(served, "analyst") as analyst:
        page = analyst.get(f"/pictures/alerts/{leak['alert_id']}/0", headers={"accept": "text/html"})
        assert (page.status_code, page.headers["content-type"][:9]) == (503, "text/html")
    assert served.verdict(served.post("text needs no files"))["verdict"] == "clear"
    assert ready(served) == (200, None), "nothing that was accepted waits for it"


def test_a_message_waits_until_it_is_back(tmp_path: Path) -> None:
    """It was accepted; its file cannot be fetched; then it can."""
    with S3() as own, reached(own):
        address = own.bucket("leakwatch")
        with running(Settings(data_dir=tmp_path, blob_url=address, workers=1)) as server:
            busy = asyncio.run_coroutine_threadsafe(server.house.lanes.run(Sleep(2), Priority.CHECK), server.loop)
            ahead = [server.post("ahead", {"a.jpg": jpeg(5)}) for _ in range(len(server.house.lanes.lanes) + 1)]
            answer = server.post("", {"a.jpg": jpeg(6)})
            own.stop()
            busy.result(30)
            assert [server.verdict(one)["verdict"] for one in ahead] == ["clear", "clear"]
            until(lambda: ready(server)[0] == 503)
            assert server.verdict(server.post("text needs no files"))["verdict"] == "clear"
            time.sleep(6)
            status, trouble = ready(server)
            assert (status, trouble) == (503, "the store of files cannot be used, and work waits for it (1)")
            own.start()
            own.bucket("leakwatch")
            key = named(jpeg(6))
            own.put(f"leakwatch/{key[:2]}/{key}", jpeg(6))
            assert server.verdict(answer)["verdict"] == "clear"
            assert ready(server) == (200, None)


class Away(BlobFolder):
    """Knows what it has and cannot fetch it."""

    asked = 0

    @contextmanager
    def local(self, keys: Iterable[str]) -> Iterator[list[Path]]:
        self.asked += 1
        raise BlobsDown("away")
        yield []


async def test_an_outage_costs_a_message_no_attempt(tmp_path: Path) -> None:
    database, blobs, stream, metrics = await opened(tmp_path), Away(tmp_path / "blobs"), MemoryStream(), Metrics()
    key = blobs.put(b"x")
    record = Record("g/c", json.dumps(message("x") | {"attachments": [{"sha256": key}]}).encode())
    terms = Terms(timedelta(), Bounds(1000, 1000, 3), tmp_path / "tmp", Notices())
    lanes = Lanes(0, equipment(Settings(data_dir=tmp_path)), partial(changes, database), 1)
    async with stream.consume(MESSAGES) as consumption:
        await stream.publish(MESSAGES, record)
        consumption.remembers = False  # as Kafka's
        async with Consumer(database, blobs, lanes, metrics, terms, Deaths(stream, database, metrics, 9), consumption):
            async with asyncio.timeout(60):
                while blobs.asked < 3:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
    async with database.reading() as session:
        [row] = await session.scalars(select(MessageRow))
    assert (row.status, row.attempts <= 1) == ("queued", True)
    await database.close()


@pytest.mark.only("sqlite")
def test_who_has_it_not_installed_is_told_what_to_do(tmp_path: Path) -> None:
    code = "import sys; sys.modules['s3fs'] = None; from app.cli import main; sys.argv[1:] = ['migrate']; main()"
    environment = {**os.environ, "LEAKWATCH_DATA_DIR": str(tmp_path), "LEAKWATCH_BLOB_URL": "s3://bucket"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install leakwatch[s3]" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_command_says_that_it_is_away(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(7))
    done = run(
        *("register", str(tmp_path / "a.jpg"), "--title", "A", "--keep-originals", "--data-dir", str(tmp_path / "data")),
        LEAKWATCH_BLOB_URL="s3://bucket",
        AWS_ENDPOINT_URL="http://127.0.0.1:9",
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="hush",
        AWS_DEFAULT_REGION="us-east-1",
    )
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert "the bucket bucket cannot be used" in done.stderr
    assert "hush" not in done.stderr

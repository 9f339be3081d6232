"""A database that stops, crashes and comes back: whoever asks is told to come again, and then everything goes on."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from app.db import Database, DatabaseFailure, dialect
from app.people import service as people
from app.settings import Settings
from tests.app.conftest import Server, fresh, message, running, until
from tests.app.test_cli import run
from tests.databases import SETTING
from tests.services.postgres import PostgreSQL

pytestmark = pytest.mark.only("postgresql")


@pytest.fixture(scope="module")
def own(postgres: PostgreSQL) -> Iterator[PostgreSQL]:  # where there is one there can be two
    """Nobody else's, so that it can be stopped."""
    with PostgreSQL() as running:
        yield running


@pytest.fixture(scope="module")
def served(own: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("down"), database_url=own.database(), workers=1)
    with running(settings) as server:
        yield server


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_whoever_asks_is_told_to_come_again(own: PostgreSQL, served: Server, mode: str, tmp_path: Path) -> None:
    before = served.post("hello").raise_for_status()
    served.verdict(before)
    processes = [lane.pid for lane in served.house.lanes.lanes]
    own.stop("fast" if mode == "fast" else "immediate")
    try:
        late = message("is anybody there?")
        answers = [
            served["gateway"].post("/messages", json=late),
            served["gateway"].post("/check", json=message("hello?")),
            served["gateway"].get(f"/messages/{before.json()['id']}"),
            served["owner"].get("/assets"),
            served["analyst"].post("/alerts/bulk", json={"filter": {"status": "open"}, "change": {"note": "n"}}),
            httpx.get(f"{served.url}/metrics"),
        ]
        for answer in answers:
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
            assert answer.headers["retry-after"].isdecimal()
            assert str(own.port) not in answer.text
        page = httpx.get(f"{served.url}/alerts", headers={"accept": "text/html", "cookie": "leakwatch_session=x"})
        assert (page.status_code, page.headers["content-type"][:9]) == (503, "text/html")
        assert "Try again soon" in page.text
        assert httpx.get(f"{served.url}/healthz").status_code == 200
        until(lambda: httpx.get(f"{served.url}/readyz").status_code == 503)
    finally:
        own.start()
    assert served["gateway"].get(f"/messages/{before.json()['id']}").status_code == 200, "broken connections were replaced"
    until(lambda: httpx.get(f"{served.url}/readyz").status_code == 200, 60)
    again = served["gateway"].post("/messages", json=late)
    assert again.status_code == 202
    assert served.verdict(again)["verdict"] == "clear"
    assert [lane.pid for lane in served.house.lanes.lanes] == processes, "what they know is not read anew"


def test_a_restart_that_nobody_noticed_is_none_s_business(own: PostgreSQL, tmp_path: Path) -> None:
    """Connections that rested are broken, and the first who takes one must not learn it."""

    async def restarted() -> None:
        database = Database(Settings(data_dir=tmp_path, database_url=own.database()).database)
        for _ in range(2):
            async with database.reading() as one, database.reading() as other:
                assert [await session.scalar(text("SELECT 1")) for session in (one, other)] == [1, 1]
            await asyncio.to_thread(own.restart)
            await asyncio.sleep(dialect.PostgreSQL.FRESH)
        async with database.writing() as session:
            assert await session.scalar(text("SELECT 1")) == 1
        await database.close()

    asyncio.run(restarted())


def test_what_is_under_way_when_it_goes_is_a_failure_too(own: PostgreSQL, tmp_path: Path) -> None:
    """In the middle of a transaction, and with a connection that was idle."""

    async def interrupted(database: Database) -> None:
        async with database.writing() as session:
            await people.create_token(session, fresh(), people.Role.OWNER)
            await asyncio.to_thread(own.restart, "immediate")
            await people.create_token(session, fresh(), people.Role.OWNER)

    async def broken() -> None:
        database = Database(served_url)
        async with database.reading() as session:
            await session.connection()
        with pytest.raises(DatabaseFailure):
            await interrupted(database)
        async with database.writing() as session:
            await people.create_token(session, "after", people.Role.OWNER)
        await database.close()

    served_url = own.database()
    assert run("migrate", "--data-dir", str(tmp_path), **{SETTING: served_url}).returncode == 0
    asyncio.run(broken())


@pytest.mark.parametrize(
    "command",
    [["migrate"], ["serve", "--port", "0"], ["token", "create", "--name", "g", "--role", "owner"], ["scan", __file__]],
    ids=" ".join,
)
def test_commands_say_that_it_is_down(command: list[str], tmp_path: Path) -> None:
    url = "postgresql://leakwatch:geheim@127.0.0.1:9/leakwatch"
    done = run(*command, "--data-dir", str(tmp_path), **{SETTING: url})
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("The database cannot be used: ")
    assert done.stderr.count("\n") == 1
    assert "geheim" not in done.stderr


def test_a_database_that_is_not_there_is_told(own: PostgreSQL, tmp_path: Path) -> None:
    url = own.database().rpartition("/")[0] + "/missing"
    done = run("migrate", "--data-dir", str(tmp_path), **{SETTING: url})
    assert done.returncode == 3
    assert "“missing”" in done.stderr or '"missing"' in done.stderr


def test_many_readers_wait_for_a_connection_and_then_are_told(own: PostgreSQL, tmp_path: Path) -> None:
    """All of a process's connections at once: a server does not hang, it says so."""
    settings = Settings(data_dir=tmp_path, database_url=own.database())

    async def all_taken() -> None:
        database = Database(settings.database)
        done = asyncio.Event()
        database.engine.pool._timeout = 0.2  # type: ignore[attr-defined]

        async def hold() -> None:
            async with database.reading() as session:
                await session.connection()
                await done.wait()

        holders = [asyncio.create_task(hold()) for _ in range(24)]
        await asyncio.sleep(2)
        with pytest.raises(DatabaseFailure, match="connections"):
            async with database.reading() as session:
                await session.connection()
        done.set()
        await asyncio.gather(*holders)
        await database.close()

    asyncio.run(all_taken())

"""One real server for all tests that talk to it: a real database, real detection processes, real HTTP on the loopback."""

import asyncio
import contextlib
import faulthandler
import json
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from httpx._config import DEFAULT_TIMEOUT_CONFIG

from app import offline
from app.house import House
from app.main import create_app
from app.people import passwords
from app.serving import KEPT_OPEN
from app.settings import Settings
from tests.databases import Databases, configured

T = TypeVar("T")
COLLEAGUE = "bo"
"""Another analyst, to whom alerts may be given."""
NAMES = {"gateway": "g1", "analyst": "ana", "owner": "otto", "auditor": "aud", "admin": "adm"}
_numbers = count()
for _part in ("connect", "read", "write", "pool"):
    setattr(DEFAULT_TIMEOUT_CONFIG, _part, 60.0)  # other work on the machine fails no test


def fresh(prefix: str = "m") -> str:
    """A name no other test uses."""
    return f"{prefix}-{next(_numbers)}"


def until(true: Callable[[], bool], seconds: float = 90.0) -> None:
    """Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.02)


@dataclass
class Server:
    """A running server and the means to talk to it as anybody."""

    settings: Settings
    url: str
    tokens: dict[str, str]
    loop: asyncio.AbstractEventLoop
    house: House
    _clients: dict[str, httpx.Client] = field(default_factory=dict)

    def __getitem__(self, role: str) -> httpx.Client:
        """A client for this role."""
        if role not in self._clients:
            headers = {"Authorization": f"Bearer {self.tokens[role]}"}
            self._clients[role] = httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=60)
        return self._clients[role]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the server's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(90)

    def post(self, text: str = "", files: dict[str, bytes] | None = None, **more: Any) -> httpx.Response:
        body = message(text, files, **more)
        parts = [("message", (None, json.dumps(body)))]
        parts += [("files", (name, data)) for name, data in (files or {}).items()]  # type: ignore[misc]
        return self["gateway"].post("/messages", files=parts)

    def verdict(self, answer: httpx.Response) -> dict[str, Any]:
        """What became of a posted message, once something has."""
        told: dict[str, Any] = answer.raise_for_status().json()
        for _ in range(4):
            if told["status"] != "queued":
                break
            told = self["gateway"].get(f"/messages/{told['id']}", params={"wait": 30}).raise_for_status().json()
        assert told["status"] == "done", told
        found: dict[str, Any] = self["gateway"].get(f"/messages/{told['id']}").json()["verdict"]
        return found

    def register(self, files: dict[str, bytes] | None = None, role: str = "owner", **spec: Any) -> httpx.Response:
        parts: list[Any] = [("asset", (None, json.dumps({"title": "Asset", **spec})))]
        parts += [("files", (name, data)) for name, data in (files or {}).items()]
        return self[role].post("/assets", files=parts)

    def alert(self, **more: Any) -> dict[str, Any]:
        """A new alert about a new watched word."""
        word = f"codeword{fresh('')}x"
        self.register(terms=[word]).raise_for_status()
        verdict = self.verdict(self.post(f"hello {word} there", **more))
        found: dict[str, Any] = self["analyst"].get(f"/alerts/{verdict['alert_id']}").raise_for_status().json()
        return found

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


def message(text: str = "", files: dict[str, bytes] | None = None, **more: Any) -> dict[str, Any]:
    attachments = [{"name": name} for name in files or {}]
    about = {"gateway": "g1", "message_id": fresh(), "channel": {"id": "c1"}, "sender": {"id": "u1"}}
    return {**about, "text": text, "attachments": attachments, **more}


async def _unfinished() -> list[str]:
    return [repr(task) for task in asyncio.all_tasks()]


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[Server]:
    """A server in this process, ready, until the block ends."""

    async def tokens() -> dict[str, str]:
        await offline.create_token(settings, COLLEAGUE, "analyst", None)
        return {role: await offline.create_token(settings, name, role, None) for role, name in NAMES.items()}

    secrets: dict[str, str] = {}
    app = create_app(settings)
    config = uvicorn.Config(
        app, "127.0.0.1", 0, log_config=None, access_log=False, timeout_graceful_shutdown=2, timeout_keep_alive=KEPT_OPEN
    )
    server = uvicorn.Server(config)
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        secrets.update(await tokens())
        await server.serve()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    try:
        until(lambda: server.started or not thread.is_alive())
        url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        until(lambda: httpx.get(f"{url}/readyz").status_code == 200, 120)
        with contextlib.closing(Server(settings, url, secrets, loops[0], app.state.house)) as told:
            yield told
    finally:
        server.should_exit = True
        thread.join(60)
    if thread.is_alive():
        faulthandler.dump_traceback()
        left = asyncio.run_coroutine_threadsafe(_unfinished(), loops[0]).result(5)
        pytest.fail(f"the server does not end: {left}")


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Hashing a password is dear by design; what it really takes, ``dear_hashes`` is there for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture
def dear_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the program hashes."""
    monkeypatch.setattr(passwords, "PasswordHasher", PasswordHasher)


@pytest.fixture(autouse=True)
def own_database(request: pytest.FixtureRequest, databases: Databases) -> Iterator[None]:
    """Every test that makes settings, or runs a command, has a database of its own; whoever has a folder may."""
    if "tmp_path" not in request.fixturenames:
        yield
        return
    url = databases.fresh()
    with configured(url):
        yield
    databases.forget(url)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("server")
    settings = Settings(
        data_dir=folder,
        database_url=databases.fresh(),
        workers=1,
        max_bytes=2_000_000,
        max_body=5_000_000,
        max_registration=5_000_000,
        max_attachments=4,
        review_unread="encrypted, too_deep",
    )
    with running(settings) as told:
        yield told

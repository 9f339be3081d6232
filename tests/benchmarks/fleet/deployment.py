"""The service as it is deployed: real processes on the loopback, told by their environment what they work with."""

import asyncio
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from app import offline
from app.assets import service
from app.assets.schemas import AssetSpec
from app.db import Database
from app.db.upgrading import bring_up_to_date
from app.ingest.jobs import Fingerprinted
from app.settings import PREFIX, Settings
from tests.services.children import Child, free_port, until

ROOT = Path(__file__).parents[3]
GATEWAY = "bench"
PATIENCE = 30.0
READY = 180.0


@dataclass(frozen=True, slots=True)
class Running:
    """One process and what it has started. ``port``: of its HTTP, 0 without."""

    name: str
    child: Child
    port: int = 0

    @property
    def pid(self) -> int:
        return self.child.process.pid

    def stop(self) -> None:
        """In order; what does not end in time is killed."""
        self.child.tell(signal.SIGTERM)
        self.child.wait(PATIENCE)


@dataclass
class Deployment:
    """Processes that share a data directory and a database. As a context, it ends all that it started."""

    folder: Path
    database_url: str = ""
    stream_url: str = "table:"
    more: dict[str, str] = field(default_factory=dict)
    running: list[Running] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.folder / "data", database_url=self.database_url, stream_url=self.stream_url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for one in reversed(self.running):
            one.stop()
        self.running.clear()

    def register(self, made: list[tuple[AssetSpec, Fingerprinted]]) -> None:
        """Bring the database up to date, with these assets in it."""
        asyncio.run(self._register(made))

    def token(self) -> str:
        """A gateway's."""
        return asyncio.run(offline.create_token(self.settings, GATEWAY, "gateway", None))

    def serve(self, lanes: int = 1) -> Running:
        """The API, ready; with detection, unless the stream is Kafka."""
        return self._ready("serve", lanes)

    def worker(self, lanes: int = 1, within: tuple[str, ...] = ()) -> Running:
        """One more process that detects, ready. ``within``: what goes before its command."""
        return self._ready("worker", lanes, within)

    def notify(self) -> Running:
        """What delivers the outbox."""
        return self._started("notify", 0, ())

    def stop(self, one: Running) -> None:
        one.stop()
        self.running.remove(one)

    def _ready(self, command: str, lanes: int, within: tuple[str, ...] = ()) -> Running:
        port = free_port()
        one = self._started(command, port, ("--host", "127.0.0.1", "--port", str(port), "--workers", str(lanes)), within)
        if not until(lambda: not one.child.running or _answers(port), READY) or not one.child.running:
            raise one.child.broken(f"{one.name} is not ready")
        return one

    def _started(self, command: str, port: int, flags: tuple[str, ...], within: tuple[str, ...] = ()) -> Running:
        name = f"{command}-{sum(one.name.startswith(command) for one in self.running) + 1}"
        told = {"DATA_DIR": str(self.folder / "data"), "DATABASE_URL": self.database_url, "STREAM_URL": self.stream_url}
        told |= {"LOG_LEVEL": "WARNING", **self.more}
        environment = [f"PYTHONPATH={ROOT}", *(f"{PREFIX}{key}={value}" for key, value in told.items())]
        self.folder.mkdir(parents=True, exist_ok=True)
        words = (*within, "env", *environment, sys.executable, "-m", "app.cli", command, *flags)
        one = Running(name, Child(words, self.folder / f"{name}.log", last=signal.SIGTERM), port)
        self.running.append(one)
        return one

    async def _register(self, made: list[tuple[AssetSpec, Fingerprinted]]) -> None:
        self.settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        database = Database(self.settings.database)
        await bring_up_to_date(database)
        for spec, parts in made:
            async with database.writing() as session:
                await service.register(session, spec, GATEWAY, [service.Prepared("picture", parts)])
        await database.close()


def _answers(port: int) -> bool:
    try:
        answer: Any = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5)
    except httpx.HTTPError:
        return False
    return bool(answer.status_code == 200)

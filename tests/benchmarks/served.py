"""The whole service: a real server on the loopback with the same references in its database, asked over HTTP."""

import asyncio
import itertools
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.assets import service
from app.assets.schemas import AssetSpec
from app.db import Database
from app.db.upgrading import bring_up_to_date
from app.ingest.jobs import Fingerprinted
from app.settings import Settings
from tests.app.conftest import Server, running
from tests.benchmarks.systems import Considered, Named, Outcome


@contextmanager
def served(registered: Iterable[tuple[AssetSpec, Fingerprinted]]) -> Iterator["Served"]:
    """A server that has these assets, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="leakwatch-bench-") as folder:
        settings = Settings(data_dir=Path(folder), workers=1)
        asyncio.run(_fill(settings, registered))
        with running(settings) as server:
            yield Served(server)


async def _fill(settings: Settings, registered: Iterable[tuple[AssetSpec, Fingerprinted]]) -> None:
    database = Database(settings.database)
    await bring_up_to_date(database)
    for spec, made in registered:
        async with database.writing() as session:
            await service.register(session, spec, "bench", [service.Prepared("picture", made)])
    await database.close()


class Served:
    """``System`` by way of ``POST /assets`` and ``POST /messages``."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._numbers = itertools.count()

    def register(self, title: str, kind: str, data: bytes) -> str:
        answer = self._server.register({"picture": data}, title=title, kind=kind).raise_for_status()
        return str(answer.json()["id"])

    def inspect(self, data: bytes) -> Outcome:
        verdict = self._server.verdict(self._server.post("", {"picture": data}, message_id=f"bench-{next(self._numbers)}"))
        named = (Named(match["asset_id"], match["detector"], match["confidence"]) for match in verdict["matches"])
        return Outcome(verdict["verdict"], tuple(named))

    def considered(self) -> tuple[Considered, ...]:
        return ()

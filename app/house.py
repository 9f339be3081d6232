"""Everything one server runs on, made at its start and handed to every request."""

import fcntl
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.assets.registrar import Registrar
from app.assets.registry import changes
from app.assets.shelf import Shelf
from app.blobs import Blobs
from app.db import Database, DatabaseFailure
from app.db.models import HEAD
from app.ingest.consumer import Consumer
from app.ingest.jobs import equipment
from app.ingest.keeping import Keeper
from app.ingest.lanes import Lanes
from app.observability import Metrics
from app.retention.cleaner import Cleaner
from app.settings import Settings
from app.uploads import Bounds


@dataclass(frozen=True, slots=True)
class House:
    """One server's parts."""

    settings: Settings
    database: Database
    blobs: Blobs
    lanes: Lanes
    keeper: Keeper
    consumer: Consumer
    registrar: Registrar
    metrics: Metrics

    @property
    def bounds(self) -> Bounds:
        """Of a message."""
        return Bounds(self.settings.max_body, self.settings.max_bytes, self.settings.max_attachments)

    @property
    def registration_bounds(self) -> Bounds:
        return Bounds(self.settings.max_body, self.settings.max_bytes, self.settings.max_files)


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Start everything, detection last; end it in the opposite order. Raises FolderInUse."""
    with only_server(settings.data_dir):
        shutil.rmtree(settings.data_dir / "tmp", ignore_errors=True)
        database, blobs, metrics = Database(settings.database), Blobs(settings.blobs), Metrics()
        await bring_up_to_date(database)
        made = equipment(settings)
        shelf, follow = Shelf(settings.snapshots, database), partial(changes, database)
        lanes = Lanes(settings.workers, made, follow, settings.part_timeout, shelf)
        consumer = Consumer(database, blobs, lanes, metrics, settings.message_timeout, settings.sender_window)
        keeper = Keeper(lanes, shelf, made, follow)
        registrar = Registrar(database, blobs, lanes)
        cleaner = Cleaner(database, settings.keep_clear, settings.keep_alerts)
        async with lanes, keeper, consumer, registrar, cleaner:
            yield House(settings, database, blobs, lanes, keeper, consumer, registrar, metrics)
        await database.close()


async def bring_up_to_date(database: Database) -> None:
    """Migrate a database that is not at the present schema. It is ours alone, so nobody need be asked. Raises DatabaseFailure."""
    found = await database.revision()
    if found is not None and found > HEAD:
        raise DatabaseFailure(f"it belongs to a newer leakwatch: its schema is {found}, this one's {HEAD}")
    if found != HEAD:
        from app.db.migrations import migrate  # noqa: PLC0415 (Alembic is loaded only to migrate)

        await migrate(database)


class FolderInUse(Exception):
    """Another server runs on the same data directory."""


@contextmanager
def only_server(folder: Path) -> Iterator[None]:
    """One server a data directory: the queue's claims are its own. The kernel lets go when the process ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "serving.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(f"another server runs on {folder}") from None
        yield

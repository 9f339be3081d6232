"""Everything one server or worker runs on, made at its start and, in a server, handed to every request."""

import asyncio
import fcntl
import logging
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from app.alerts.live import Live
from app.alerts.reads import Reads
from app.alerts.waking import Waker
from app.assets.gallery import Gallery
from app.assets.registrar import Registrar
from app.assets.registry import changes
from app.assets.shelf import Shelf
from app.audit.checking import Checking
from app.blobs.opening import open_blobs
from app.blobs.types import Blobs
from app.db import Database
from app.db.upgrading import bring_up_to_date
from app.hunts.hunter import Hunter
from app.incidents import repository as incidents
from app.ingest.accepting import Accepting
from app.ingest.admission import Admission, Room
from app.ingest.consumer import Consumer, Terms
from app.ingest.deaths import Deaths
from app.ingest.jobs import equipment
from app.ingest.keeping import Keeper
from app.ingest.lanes import Lanes
from app.ingest.relay import Relay
from app.ingest.sweeping import Sweeper
from app.mistakes.completing import Completing
from app.notify.configured import notices, open_senders
from app.notify.delivery import Delivery
from app.notify.service import Notices
from app.observability import Metrics
from app.people.entrance import Entrance
from app.people.recognition import Recognition
from app.people.turns import Turns
from app.reruns.rerunner import Rerunner
from app.retention.cleaner import Cleaner
from app.settings import Settings
from app.streams.opening import open_stream
from app.streams.table import TableConsumption, TableStream
from app.streams.types import MESSAGES, Consumption, Stream, StreamDown
from app.uploads import Bounds

AGAIN = 2.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Grounds:
    """What servers and workers have in common. ``keeper``: ``None`` when another process of the data directory has it."""

    settings: Settings
    database: Database
    blobs: Blobs
    metrics: Metrics
    lanes: Lanes
    keeper: Keeper | None
    table: TableStream
    stream: Stream

    def consumer(self, source: Consumption | None, accepted: TableConsumption | None = None) -> Consumer:
        settings = self.settings
        window = timedelta(seconds=settings.sender_window)
        terms = Terms(window, bounds(settings), settings.data_dir / "tmp" / "unpacking", notices(settings))
        deaths = Deaths(self.stream, self.database, self.metrics, settings.most_dead)
        return Consumer(self.database, self.blobs, self.lanes, self.metrics, terms, deaths, source, accepted)


@dataclass(frozen=True, slots=True)
class House:
    """One server's parts. ``accepted``: messages the API took, until they are done or handed on."""

    grounds: Grounds
    accepted: TableConsumption
    consumer: Consumer
    registrar: Registrar
    admission: Admission
    accepting: Accepting
    recognition: Recognition
    entrance: Entrance
    live: Live
    incidents_live: Live
    relay: Relay | None
    gallery: Gallery
    checking: Checking
    reads: Reads
    turns: Turns
    hunter: Hunter
    rerunner: Rerunner

    @property
    def settings(self) -> Settings:
        return self.grounds.settings

    @property
    def database(self) -> Database:
        return self.grounds.database

    @property
    def blobs(self) -> Blobs:
        return self.grounds.blobs

    @property
    def lanes(self) -> Lanes:
        return self.grounds.lanes

    @property
    def metrics(self) -> Metrics:
        return self.grounds.metrics

    @property
    def notices(self) -> Notices:
        return notices(self.settings)

    @property
    def bounds(self) -> Bounds:
        """Of a message."""
        return bounds(self.settings)

    @property
    def registration_bounds(self) -> Bounds:
        return Bounds(self.settings.max_registration, self.settings.max_bytes, self.settings.max_files)

    @property
    def trouble(self) -> str | None:
        """What an operator must see to."""
        relay = self.relay.trouble if self.relay else None
        return self.lanes.trouble or self.consumer.trouble or relay or self.registrar.trouble


def bounds(settings: Settings) -> Bounds:
    """Of a message."""
    return Bounds(settings.max_body, settings.max_bytes, settings.max_attachments)


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Start everything, detection last; end it in the opposite order. Raises FolderInUse."""
    with only_server(settings.data_dir):
        shutil.rmtree(settings.data_dir / "tmp", ignore_errors=True)
        async with AsyncExitStack() as stack:
            grounds = await stack.enter_async_context(_grounds(settings, f"serve-{_name(settings.data_dir)}"))
            accepted = await stack.enter_async_context(grounds.table.consume(MESSAGES))
            room = Room(settings.max_queued, 2 * settings.max_body, settings.min_free, settings.filling)
            relay = None if grounds.stream is grounds.table else Relay(accepted, grounds.stream)
            consumer = grounds.consumer(None if relay else accepted, accepted)
            registrar = Registrar(grounds.database, grounds.blobs, grounds.lanes)
            await stack.enter_async_context(_delivery(settings, grounds.database, grounds.metrics))
            await stack.enter_async_context(Sweeper(grounds.database, grounds.blobs))
            await stack.enter_async_context(_cleaner(settings, grounds.database))
            await stack.enter_async_context(consumer)
            await stack.enter_async_context(registrar)
            if relay is not None:
                await stack.enter_async_context(relay)
            await stack.enter_async_context(Waker(grounds.database, notices(settings)))
            await stack.enter_async_context(Completing(grounds.database, grounds.blobs, grounds.lanes))
            admission = Admission(grounds.database, grounds.metrics, room)
            accepting = await stack.enter_async_context(Accepting(grounds.database))
            known, entrance, live = Recognition(grounds.database), Entrance(grounds.database), Live(grounds.database)
            incidents_live = Live(grounds.database, histories=incidents)
            stack.push_async_callback(live.close)
            stack.push_async_callback(incidents_live.close)
            gallery = Gallery(grounds.lanes, grounds.blobs)
            hunter = await stack.enter_async_context(Hunter(grounds.database, grounds.lanes, notices(settings)))
            rerunner = await stack.enter_async_context(Rerunner(grounds.database, grounds.lanes))
            answering = admission, accepting, known, entrance, live, incidents_live, relay
            once = gallery, Checking(grounds.database), Reads(grounds.database), Turns(), hunter, rerunner
            yield House(grounds, accepted, consumer, registrar, *answering, *once)


@dataclass(frozen=True, slots=True)
class Crew:
    """One worker's parts: what takes messages from the stream, detects and records."""

    grounds: Grounds
    accepted: Consumption
    consumer: Consumer

    @property
    def lanes(self) -> Lanes:
        return self.grounds.lanes

    @property
    def metrics(self) -> Metrics:
        return self.grounds.metrics

    @property
    def trouble(self) -> str | None:
        """What an operator must see to."""
        return self.lanes.trouble or self.consumer.trouble


@asynccontextmanager
async def open_crew(settings: Settings) -> AsyncIterator[Crew]:
    """Start everything, as soon as the stream can be reached."""
    async with AsyncExitStack() as stack:
        grounds = await stack.enter_async_context(_grounds(settings, None))
        await stack.enter_async_context(Sweeper(None, grounds.blobs))
        source = await _reached(stack, grounds.stream)
        yield Crew(grounds, source, await stack.enter_async_context(grounds.consumer(source)))


async def _reached(stack: AsyncExitStack, stream: Stream) -> Consumption:
    while True:
        try:
            return await stack.enter_async_context(stream.consume(MESSAGES))
        except StreamDown as error:
            log.warning("waiting for the stream", extra={"reason": str(error)})
            await asyncio.sleep(AGAIN)


@asynccontextmanager
async def _grounds(settings: Settings, claimant: str | None) -> AsyncIterator[Grounds]:
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    database, metrics = Database(settings.database), Metrics()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        await bring_up_to_date(database)
        blobs = await stack.enter_async_context(open_blobs(settings))
        made, follow = equipment(settings), partial(changes, database)
        shelf = Shelf(settings.snapshots, database)
        lanes = Lanes(settings.workers, made, follow, settings.part_timeout, shelf)
        table = TableStream(database, claimant)
        stream = await stack.enter_async_context(open_stream(settings, table))
        await stack.enter_async_context(lanes)
        with _alone(settings.data_dir / "keeping.lock") as alone:
            keeper = await stack.enter_async_context(Keeper(lanes, shelf, made, follow)) if alone else None
            yield Grounds(settings, database, blobs, metrics, lanes, keeper, table, stream)


@asynccontextmanager
async def _delivery(settings: Settings, database: Database, metrics: Metrics) -> AsyncIterator[None]:
    """Delivers notifications, unless a fleet has processes for that."""
    async with open_senders(settings) as senders, Delivery(database, {} if settings.is_fleet else senders, metrics):
        yield


def _cleaner(settings: Settings, database: Database) -> Cleaner:
    return Cleaner(database, settings.keep_clear, settings.keep_alerts, settings.keep_sightings)


class FolderInUse(Exception):
    """Another server runs on the same data directory."""


@contextmanager
def only_server(folder: Path) -> Iterator[None]:
    """One server a data directory: what it claims, it claims in the folder's name. Raises FolderInUse."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(folder / "serving.lock") as alone:
        if not alone:
            raise FolderInUse(f"another server runs on {folder}")
        yield


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Whether no other process holds this lock. The kernel lets go when the process ends, however it ends."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _name(folder: Path) -> str:
    """A data directory's own, as long as it exists."""
    path = folder / "name"
    if not path.exists():
        path.write_text(secrets.token_hex(8))
    return path.read_text()

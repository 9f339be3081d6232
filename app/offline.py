"""What the command line does on the data directory itself, with or without a server beside it."""

import asyncio
import getpass
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from app.assets import recorded
from app.assets import service as assets
from app.assets.registrar import free
from app.assets.registry import changes
from app.assets.repository import alone
from app.assets.schemas import AssetSpec
from app.assets.shelf import Shelf
from app.audit import service as audit
from app.blobs.opening import open_blobs
from app.blobs.types import Blobs
from app.cli_words import progress
from app.db import Database
from app.db.models import HEAD
from app.db.upgrading import bring_up_to_date
from app.errors import Unavailable, invalid
from app.ingest.jobs import Count, File, Fingerprint, Fingerprinted, Inspect, equipment
from app.people import tokens
from app.people.tokens import Made
from app.settings import Settings
from app.streams.opening import open_stream
from app.streams.table import TableStream
from app.uploads import Upload

if TYPE_CHECKING:
    from app.ingest.bench import Bench

HERE = {"gateway": "scan", "message_id": "", "channel": {"id": "scan"}, "sender": {"id": "scan"}}


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The configured database, at the present schema."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(settings.database)
    try:
        await bring_up_to_date(database)
        yield database
    finally:
        await database.close()


async def migrate(settings: Settings) -> None:
    """Database and, where there is one, stream. Raises DatabaseFailure, StreamDown."""
    async with opened(settings) as database, open_stream(settings, TableStream(database)) as stream:
        await stream.provide()


async def create_token(settings: Settings, name: str, role: str, expires: str | None) -> str:
    """Raises Invalid, Conflict, ValueError."""
    return (await make_token(settings, name, role, expires)).token


async def make_token(settings: Settings, name: str, role: str, expires: str | None, *, same_person: bool = False) -> Made:
    """The same, with what is to be told whoever makes it."""
    who = audit.operator()
    async with opened(settings) as database, database.writing() as session:
        return await tokens.create(session, name, role, expires, who, same_person=same_person)


async def register(settings: Settings, spec: dict[str, Any], paths: list[Path]) -> dict[str, Any]:
    """The asset as ``POST /assets`` answers it. Raises Invalid, EngineMissing."""
    try:
        wanted = AssetSpec.model_validate(spec)
    except ValidationError as error:
        raise invalid(error) from None
    async with _registering(settings, paths) as (database, blobs, run):
        files = await assets.prepare(wanted, [_upload(path) for path in paths], run, blobs)
        async with database.writing() as session:
            asset = await assets.register(session, wanted, wanted.owner or getpass.getuser(), files, actor=getpass.getuser())
            await recorded.registered(session, audit.operator(), asset)
    return asset.model_dump(mode="json")


async def replace(settings: Settings, asset_id: str, paths: list[Path]) -> dict[str, Any]:
    """A new edition of an asset, as ``POST /assets/{id}/edition`` answers it.

    Raises NotFound, Invalid, Conflict, EngineMissing.
    """
    async with _registering(settings, paths) as (database, blobs, run):
        async with database.reading() as session:
            keep = (await assets.owned(session, asset_id, None)).keep_originals
        files = await assets.prepare_files([_upload(path) for path in paths], keep, run, blobs, asset_id)
        async with database.writing() as session:
            await alone(session)
            await free(session, asset_id)
            asset = await assets.replace(session, asset_id, files, actor=getpass.getuser())
            await recorded.replaced(session, audit.operator(), asset)
    return asset.model_dump(mode="json")


@asynccontextmanager
async def _registering(settings: Settings, paths: list[Path]) -> AsyncIterator[tuple[Database, Blobs, assets.Run]]:
    """Database, blobs, and fingerprinting in this process, with what is registered already known; a person sees how far it is."""
    bench = _bench(settings)
    async with opened(settings) as database, open_blobs(settings) as blobs:
        await _catch_up(bench, settings, database)
        with progress("fingerprinting", lambda: sum(bench.count(Count(_file(path))).parts for path in paths)) as advance:

            async def run(job: Fingerprint) -> Fingerprinted:
                made = await asyncio.to_thread(bench.fingerprint, job)
                advance()
                return made

            yield database, blobs, run


async def scan(settings: Settings, paths: list[Path]) -> AsyncIterator[dict[str, Any]]:
    """One result a file, in order. Raises Unavailable when there is no registry, EngineMissing."""
    database = Database(settings.database)
    try:
        if await database.revision() != HEAD:
            raise Unavailable("There is no up-to-date registry: run leakwatch migrate.")
        bench = _bench(settings)
        await _catch_up(bench, settings, database)
    finally:
        await database.close()
    for path in paths:
        yield await asyncio.to_thread(_scanned, bench, path)


def _bench(settings: Settings) -> "Bench":
    from app.ingest.bench import Bench  # noqa: PLC0415 (loads the detection libraries)

    return Bench(equipment(settings))


async def _catch_up(bench: "Bench", settings: Settings, database: Database) -> None:
    """From the newest saved snapshot, as a server's lanes do."""
    saved = await Shelf(settings.snapshots, database).newest()
    checkpoint = bench.load(str(saved))[0] if saved else 0
    async for change in changes(database, checkpoint):
        bench.apply(change)


def _file(path: Path) -> File:
    return File(str(path), path.name)


def _upload(path: Path) -> Upload:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = path.name.encode(errors="replace").decode()
    return Upload(name, "", path, path.stat().st_size, digest)


def _scanned(bench: "Bench", path: Path) -> dict[str, Any]:
    began = time.perf_counter()
    try:
        verdict = bench.inspect(Inspect(HERE, (_file(path),))).verdict
        unread = verdict["unread"]
        error = {"code": "unread", "detail": "; ".join(one["reason"] for one in unread)} if unread else None
    except OSError as problem:
        verdict = {"verdict": "clear", "severity": "none", "matches": [], "excused": []}
        error = {"code": "unreadable", "detail": problem.strerror or str(problem)}
    elapsed = round((time.perf_counter() - began) * 1000, 1)
    return {
        "path": str(path),
        **{k: verdict[k] for k in ("verdict", "severity", "matches")},
        **({"excused": verdict["excused"]} if verdict["excused"] else {}),
        "error": error,
        "elapsed_ms": elapsed,
    }

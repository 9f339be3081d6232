"""Registering over HTTP: at once where it is quick, behind the answer where it is not.

A long registration's files are kept, and fingerprinted some parts at a time, each time in one transaction with how far it is:
what is done is recognised before the rest is, and a restart goes on where it was. A part that ends its detection process twice
is told as unread, and the next one is tried. A new edition's predecessor is recognised until the new one is complete.

A person who watches is answered at once however little it is, and a file of theirs in which there is nothing is told of beside
the others; a program is refused for it.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from app.assets import recorded, repository, service
from app.assets.schemas import AssetOut, AssetSpec, UnreadPart
from app.assets.service import Prepared
from app.audit.service import Somebody
from app.background import Working, signalled
from app.blobs.reading import at_hand
from app.blobs.types import Blobs
from app.blobs.waiting import Waiting
from app.db import Database, Session
from app.db.ids import new_id
from app.db.models import AssetRow, RegistrationFileRow, RegistrationRow, now
from app.errors import Conflict, Invalid, Unavailable
from app.hunts import repository as hunts
from app.ingest.jobs import Count, File, Fingerprint, Fingerprinted, JobError, LaneError, Part, Priority
from app.ingest.lanes import Lanes
from app.uploads import Upload

MANY = 20
"""Parts from which on a registration takes longer than its answer."""
BATCH = 20
"""Parts of one transaction: each tells every lane of the whole asset."""
LOOK = 2.0
WATCHED = 0.2
AGAIN = 10.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """Files to register, with how many parts each has, and what is told of the others. ``by``: who sent them."""

    by: Somebody
    told: str | None
    files: tuple[tuple[Upload, int], ...]
    unread: tuple[UnreadPart, ...] = ()

    @property
    def parts(self) -> int:
        return sum(parts for _, parts in self.files)

    @property
    def uploads(self) -> list[Upload]:
        return [upload for upload, _ in self.files]

    @property
    def names(self) -> list[str]:
        return [upload.name for upload, _ in self.files]


@dataclass(frozen=True, slots=True)
class _Next:
    """What to fingerprint next: parts of a file from ``first`` on, ``count`` of them."""

    asset_id: str
    file: int
    name: str
    content_type: str
    blob: str
    first: int
    count: int
    keep: bool
    alone: bool

    @property
    def numbers(self) -> range:
        return range(self.first, self.first + self.count)


class Registrar(Working):
    """Use as an async context, inside that of ``lanes``."""

    def __init__(self, database: Database, blobs: Blobs, lanes: Lanes) -> None:
        self._database, self._blobs, self._lanes = database, blobs, lanes
        self._came = asyncio.Event()
        self._waiting = Waiting()

    @property
    def trouble(self) -> str | None:
        """Why a registration does not go on."""
        return self._waiting.trouble

    async def register(
        self,
        spec: AssetSpec,
        owner: str,
        uploads: list[Upload],
        told: str | None = None,
        *,
        by: Somebody,
        watched: bool = False,
    ) -> AssetOut:
        """A new asset, ``ready`` or still ``fingerprinting``. ``watched``: by a person. Raises Invalid, Unavailable."""
        sent = await self._sent(uploads, by, told, watched)
        if not sent.files or (sent.parts <= MANY and not watched):
            prepared = await service.prepare(spec, sent.uploads, self._run, self._blobs)
            async with self._database.writing() as session:
                asset = await service.register(session, spec, owner, prepared, told, actor=by.name)
                return await recorded.registered(session, by, asset)
        service.check_words(spec.terms, spec.tags)
        blobs = await self._stored(sent.uploads)
        async with self._database.writing() as session:
            row = AssetRow(id=new_id("ast"), **{**spec.model_dump(), "owner": owner})
            await repository.add(session, row, [], [])
            return await recorded.registered(session, by, await self._begun(session, row, sent, blobs, "registered"))

    async def replace(
        self,
        asset_id: str,
        uploads: list[Upload],
        told: str | None = None,
        *,
        by: Somebody,
        watched: bool = False,
    ) -> AssetOut:
        """A new edition of an asset: all its references are others. Raises NotFound, Invalid, Conflict, Unavailable."""
        if not uploads:
            raise Invalid("Send at least one file.", "missing_part")
        async with self._database.reading() as session:
            keep = (await service.owned(session, asset_id, told)).keep_originals
            await free(session, asset_id)
        sent = await self._sent(uploads, by, told, watched)
        if sent.parts <= MANY and not watched:
            prepared = await service.prepare_files(uploads, keep, self._run, self._blobs, asset_id)
            async with self._database.writing() as session:
                await repository.alone(session)
                await free(session, asset_id)
                asset = await service.replace(session, asset_id, prepared, told, actor=by.name)
                return await recorded.replaced(session, by, asset)
        blobs = await self._stored(sent.uploads)
        async with self._database.writing() as session:
            await repository.alone(session)
            row = await service.owned(session, asset_id, told)
            await free(session, asset_id)
            return await recorded.replaced(session, by, await self._begun(session, row, sent, blobs, "begun"))

    async def settled(self, asset_id: str, seconds: float) -> None:
        """Until its registration has ended, or that time is over."""
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            async with self._database.reading() as session:
                last = await repository.registration(session, asset_id)
            if last is None or last.status != "fingerprinting":
                return
            await asyncio.sleep(WATCHED)

    async def _sent(self, uploads: list[Upload], by: Somebody, told: str | None, lenient: bool) -> Sent:
        """``lenient``: files in which there is nothing are told of, if there is something in others.

        Raises Invalid, Unavailable.
        """
        files, refused, unread = list[tuple[Upload, int]](), list[Invalid | Unavailable](), list[UnreadPart]()
        for upload in uploads:
            try:
                found = await service.attempted(Count(File(str(upload.path), upload.name, upload.content_type)), self._run)
            except (JobError, LaneError) as error:
                refused.append(service.failed(upload.name, error))
                unread.append(UnreadPart(file=upload.name, part="", reason=f"{error.code}: {error.detail}"))
                continue
            if found.parts:
                files.append((upload, found.parts))
                continue
            refused.append(service.nothing_in(upload.name, found.unread))
            unread += [UnreadPart(file=upload.name, part=part, reason=reason) for part, reason in found.unread]
        if refused and not (lenient and files):
            raise refused[0]
        return Sent(by, told, tuple(files), tuple(unread))

    async def _stored(self, uploads: list[Upload]) -> list[str]:
        return [await asyncio.to_thread(self._blobs.put_file, upload.path, upload.sha256) for upload in uploads]

    async def _begun(self, session: Session, asset: AssetRow, sent: Sent, blobs: list[str], action: str) -> AssetOut:
        before = [one.id for one in await repository.references(session, asset.id)]
        unread = [one.model_dump() for one in sent.unread]
        row = RegistrationRow(asset_id=asset.id, status="fingerprinting", reason=None, replaces=before, unread=unread)
        files = [
            RegistrationFileRow(
                asset_id=asset.id, position=i, name=one.name, content_type=one.content_type, blob=blob, parts=parts, done=0
            )
            for i, ((one, parts), blob) in enumerate(zip(sent.files, blobs, strict=True))
        ]
        await repository.add_registration(session, row, files)
        await service.remember(session, asset, sent.by.name, action, {"parts": [0, sent.parts]}, sent.names)
        self._came.set()
        return await service.one(session, asset.id, sent.told)

    async def _run(self, job: Any) -> Any:
        return await self._lanes.run(job, Priority.BACKLOG)

    async def _work(self) -> None:
        while True:
            try:
                if await self._some():
                    continue
            except Exception:
                log.exception("a registration stumbled")
                await asyncio.sleep(AGAIN)
            self._came.clear()
            await signalled(self._came, LOOK)

    async def _some(self) -> bool:
        """Some parts of the registration that waits longest; whether there was one."""
        async with self._database.reading() as session:
            asset_id = await repository.next_registration(session)
            due = await _next(session, asset_id) if asset_id else None
        if due is not None:
            with self._waiting.attempt(due.asset_id):
                made = await self._made(due)
            async with self._database.writing() as session:
                await _record(session, due, made)
        elif asset_id is not None:
            async with self._database.writing() as session:
                await _finish(session, asset_id)
        return asset_id is not None

    async def _made(self, due: _Next) -> Prepared:
        try:
            async with at_hand(self._blobs, [due.blob]) as [path]:
                prepared = await self._fingerprinted(due, File(str(path), due.name, due.content_type))
        except FileNotFoundError:
            missing = tuple((f"part {number + 1}", "missing_blob: the file is gone") for number in due.numbers)
            return Prepared(due.name, Fingerprinted((), missing))
        return await asyncio.to_thread(service.pictured_parts, prepared, due.blob, self._blobs) if due.keep else prepared

    async def _fingerprinted(self, due: _Next, file: File) -> Prepared:
        parts, unread = list[Part](), list[tuple[str, str]]()
        for number in due.numbers:
            try:
                made: Fingerprinted = await service.attempted(Fingerprint(file, due.keep, number, due.asset_id), self._run)
            except (JobError, LaneError) as error:
                log.warning("a part cannot be fingerprinted", extra={"id": due.asset_id, "part": number, "reason": str(error)})
                unread.append((f"part {number + 1}", f"{error.code}: {error.detail}"))
            else:
                parts += made.parts
                unread += made.unread
        return Prepared(due.name, Fingerprinted(tuple(parts), tuple(unread)))


async def free(session: Session, asset_id: str) -> None:
    """That another edition may come. Raises Conflict while an earlier registration is not complete."""
    last = await repository.registration(session, asset_id)
    if last is not None and last.status == "fingerprinting":
        raise Conflict("An earlier registration of this asset is not complete yet: wait until it is.", "still_fingerprinting")


async def _next(session: Session, asset_id: str) -> _Next | None:
    asset, files = await repository.get(session, asset_id), await repository.registration_files(session, asset_id)
    file = next((one for one in files if one.done < one.parts and one.blob), None)
    if asset is None or file is None or file.blob is None:
        return None
    count = min(BATCH, file.parts - file.done)
    keep, alone = asset.keep_originals, len(files) == 1
    return _Next(asset_id, file.position, file.name, file.content_type, file.blob, file.done, count, keep, alone)


async def _record(session: Session, due: _Next, made: Prepared) -> None:
    """What was made, and how far it is; nothing if the asset has gone meanwhile, or another server was quicker."""
    await repository.alone(session)
    row = await repository.registration(session, due.asset_id)
    if row is None:
        return
    file = (await repository.registration_files(session, due.asset_id))[due.file]
    if file.done != due.first:
        return
    position = await repository.next_position(session, due.asset_id)
    await repository.append(session, due.asset_id, *service.rows(due.asset_id, position, [made], alone=due.alone))
    row.unread = [*row.unread, *(one.model_dump() for one in service.unread_of([made]))]
    file.done = due.first + due.count
    if file.done >= file.parts:
        file.blob = None


async def _finish(session: Session, asset_id: str) -> None:
    """The edition before ends, unless nothing of this one can be recognised."""
    await repository.alone(session)
    row = await repository.registration(session, asset_id)
    asset = await repository.get(session, asset_id)
    if row is None or asset is None or row.status != "fingerprinting":
        return
    there = await repository.references(session, asset_id)
    if len(there) == len(row.replaces):
        row.status, row.reason = "failed", "Nothing in the files could be recognised."
        await service.remember(session, asset, "", "failed", {})
        return
    before = len(row.replaces)
    await repository.drop(session, asset_id, row.replaces)
    await service.remember(session, asset, "", "completed", {"references": [before, asset.reference_count]})
    await hunts.begin(session, asset_id, "")
    row.status, row.replaces, asset.updated_at = "ready", [], now()

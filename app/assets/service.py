"""Registering, changing and forgetting assets. Each change of what is recognised leaves a row the live registries follow."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from app.assets import advice, repository
from app.assets.repository import Wanted
from app.assets.schemas import AssetEvent, AssetOut, AssetPatch, AssetSpec, AssetSummary, ProgressOut, ReferenceOut, UnreadPart
from app.blobs.types import Blobs
from app.db import Session
from app.db.ids import new_id
from app.db.models import AssetHistoryRow, AssetRow, FingerprintRow, ReferenceRow, now
from app.derived import repository as derived
from app.errors import Invalid, NotFound, Unavailable
from app.hunts import repository as hunts
from app.ingest.jobs import File, Fingerprint, Fingerprinted, JobError, LaneError, Part
from app.paging import Page, cut
from app.uploads import Upload
from fingerprints.terms import check_words as long_enough
from fingerprints.types import Terms

SUMMARY = (
    *("id", "title", "kind", "level", "owner", "unit", "terms", "tags", "keep_originals", "note"),
    *("reference_count", "weak_count", "created_at", "updated_at"),
)
MOST_FILES = 20
MOST_REASONS = 5
J = TypeVar("J")
R = TypeVar("R")
Run = Callable[[Fingerprint], Awaitable[Fingerprinted]]
"""How a file is fingerprinted: by a lane, or in this process."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One file ready to be stored. ``original`` and ``pictures`` (by part): blobs, if they may be kept."""

    name: str
    made: Fingerprinted
    original: str | None = None
    pictures: tuple[str | None, ...] = ()


async def prepare(spec: AssetSpec, uploads: Sequence[Upload], run: Run, blobs: Blobs) -> list[Prepared]:
    """Fingerprint every file, one at a time. Raises Invalid, naming the file, when one gives nothing at all; Unavailable."""
    check_words(spec.terms, spec.tags)
    if not uploads and not spec.terms and not spec.tags:
        raise Invalid("Send at least one file, or terms or tags to watch for.", "nothing_to_register")
    return await prepare_files(uploads, spec.keep_originals, run, blobs)


async def prepare_files(uploads: Sequence[Upload], keep: bool, run: Run, blobs: Blobs, own: str = "") -> list[Prepared]:
    """The same, for files alone. ``keep``: originals may be kept; ``own``: the asset whose new edition they are."""
    prepared = []
    for upload in uploads:
        made = await _fingerprint(upload, keep, run, own)
        prepared.append(await asyncio.to_thread(kept, upload, made, blobs) if keep else Prepared(upload.name, made))
    return prepared


async def register(
    session: Session, spec: AssetSpec, owner: str, files: list[Prepared], told: str | None = None, *, actor: str = ""
) -> AssetOut:
    """Store an asset with all its references. ``told``: the answer is for this owner, who may not open others' assets."""
    asset = AssetRow(id=new_id("ast"), **{**spec.model_dump(), "owner": owner})
    await repository.add(session, asset, *rows(asset.id, 0, files, alone=len(files) == 1))
    await remember(session, asset, actor, "registered", {"references": [0, asset.reference_count]}, (one.name for one in files))
    await hunts.begin(session, asset.id, "")
    return (await one(session, asset.id, told)).model_copy(update={"unread": unread_of(files)})


async def replace(
    session: Session, asset_id: str, files: list[Prepared], owner: str | None = None, *, actor: str = ""
) -> AssetOut:
    """These are its references now, and those before are forgotten. Raises NotFound."""
    await repository.alone(session)
    asset = await owned(session, asset_id, owner)
    before = [one.id for one in await repository.references(session, asset_id)]
    position = await repository.next_position(session, asset_id)
    await repository.append(session, asset_id, *rows(asset_id, position, files, alone=len(files) == 1))
    await repository.drop(session, asset_id, before)
    asset.updated_at = now()
    change = {"references": [len(before), asset.reference_count]}
    await remember(session, asset, actor, "replaced", change, (one.name for one in files))
    await hunts.begin(session, asset_id, "")
    return (await one(session, asset_id, owner)).model_copy(update={"unread": unread_of(files)})


def rows(asset_id: str, position: int, files: list[Prepared], *, alone: bool) -> tuple[list[ReferenceRow], list[FingerprintRow]]:
    """References from that position on, and their fingerprints. ``alone``: no other file is registered with this one."""
    references: list[ReferenceRow] = []
    prints: list[FingerprintRow] = []
    for file in files:
        for part, picture in zip(file.made.parts, file.pictures or (None,) * len(file.made.parts), strict=True):
            row = _reference(asset_id, position + len(references), file, part, picture, alone)
            references.append(row)
            prints += [FingerprintRow(reference_id=row.id, kind=kind, data=data) for kind, data in part.kinds.items()]
    return references, prints


def unread_of(files: Iterable[Prepared]) -> list[UnreadPart]:
    return [UnreadPart(file=file.name, part=part, reason=reason) for file in files for part, reason in file.made.unread]


async def page(session: Session, owner: str | None, cursor: str | None, size: int) -> Page[AssetSummary]:
    """Newest first; ``owner``: only theirs."""
    found = await repository.page(session, owner, cursor, size + 1)
    _, after = cut([row.id for row in found], size)
    return Page(items=await _summaries(session, found[:size]), next_cursor=after)


async def listed(session: Session, wanted: Wanted, cursor: str | None, size: int) -> Page[AssetSummary]:
    """In the order that is wanted. From the beginning, if the asset at which the page before ended is gone."""
    last = await repository.get(session, cursor) if cursor else None
    found = await repository.listed(session, wanted, last, size + 1)
    _, after = cut([row.id for row in found], size)
    return Page(items=await _summaries(session, found[:size]), next_cursor=after)


async def one(session: Session, asset_id: str, owner: str | None = None) -> AssetOut:
    """Raises NotFound; with ``owner`` also for what is somebody else's, and of others' assets only title and owner are told."""
    asset = await owned(session, asset_id, owner)
    kinds, there = await repository.kinds(session, asset_id), await repository.references(session, asset_id)
    like = await repository.named(session, advice.resembled(one.distinctiveness for one in there) - {asset_id})
    others = {id: advice.Other(title, None if owner in (None, keeper) else keeper) for id, (title, keeper) in like.items()}
    said = await derived.alerts(session, (one.id for one in there if one.derived)) if owner is None else {}
    references = [_shown(one, kinds.get(one.id, []), others, said.get(one.id, [])) for one in there]
    last = await repository.registration(session, asset_id)
    told = AssetOut(**_summary(asset, last.status if last else None).model_dump(), references=references)
    if last is None:
        return told
    files = await repository.registration_files(session, asset_id)
    progress = ProgressOut(done=sum(f.done for f in files), total=sum(f.parts for f in files), reason=last.reason)
    return told.model_copy(update={"unread": [UnreadPart.model_validate(part) for part in last.unread], "progress": progress})


async def change(session: Session, asset_id: str, patch: AssetPatch, owner: str | None = None, *, actor: str = "") -> AssetOut:
    """Raises NotFound, Invalid."""
    await repository.alone(session)
    row = await owned(session, asset_id, owner)
    check_words(patch.terms or (), patch.tags or ())
    wanted = patch.model_dump(exclude_none=True)
    change = {name: [getattr(row, name), value] for name, value in wanted.items() if getattr(row, name) != value}
    for field, value in wanted.items():
        setattr(row, field, value)
    row.updated_at = now()
    if change:
        await remember(session, row, actor, "changed", {**change, **({"note": []} if "note" in change else {})})
    await repository.touch(session, asset_id)
    return await one(session, asset_id, owner)


async def forget(session: Session, asset_id: str, owner: str | None = None) -> None:
    """With its references and fingerprints; alerts keep what they said. Raises NotFound."""
    await repository.alone(session)
    await owned(session, asset_id, owner)
    await repository.remove(session, asset_id)


async def history(session: Session, asset_id: str, owner: str | None, most: int, before: int | None = None) -> list[AssetEvent]:
    """What happened to an asset, newest first, ``most`` entries at most; ``before``: that one. Raises NotFound."""
    await owned(session, asset_id, owner)
    return [_event(row) for row in await repository.history(session, asset_id, most, before)]


async def event(session: Session, asset_id: str, owner: str | None, number: int) -> AssetEvent:
    """One thing that happened to an asset. Raises NotFound."""
    await owned(session, asset_id, owner)
    row = await repository.event(session, asset_id, number)
    if row is None:
        raise NotFound("There is no such entry.", "unknown_entry")
    return _event(row)


async def meanwhile(session: Session, asset_id: str, owner: str | None, seen: int, fields: Collection[str]) -> list[AssetEvent]:
    """What changed one of these fields after an entry of its history, newest first. Raises NotFound."""
    await owned(session, asset_id, owner)
    return [_event(row) for row in await repository.since(session, asset_id, seen) if not row.change.keys().isdisjoint(fields)]


def _event(row: AssetHistoryRow) -> AssetEvent:
    return AssetEvent.model_validate({name: getattr(row, name) for name in AssetEvent.model_fields})


async def remember(
    session: Session, asset: AssetRow, actor: str, action: str, change: dict[str, Any], files: Iterable[str] = ()
) -> None:
    """One more thing that happened to an asset. Of very many files only some are named."""
    await repository.remember(session, asset.id, actor, action, change, list(files)[:MOST_FILES])


async def pictured(session: Session, reference_ids: Iterable[str]) -> set[str]:
    """Those of the references that have a picture to show."""
    return await repository.pictured(session, reference_ids)


async def kept_picture(session: Session, reference_id: str, owner: str | None = None) -> str | None:
    """The blob of a registered picture, a JPEG encoded by us, safe to show; ``None``: not kept, or no picture, or gone.

    With ``owner`` NotFound is raised for what is somebody else's.
    """
    row = await repository.reference(session, reference_id)
    if row is not None:
        await owned(session, row.asset_id, owner)
    return row.picture if row else None


def check_words(terms: Iterable[str], tags: Iterable[str]) -> None:
    """Raises Invalid for words too short to watch for."""
    for word, alone in (*((one, Terms((one,), ())) for one in terms), *((one, Terms((), (one,))) for one in tags)):
        try:
            long_enough(alone)
        except ValueError as error:
            raise Invalid(str(error), "bad_term", word=word) from None


async def _fingerprint(upload: Upload, keep: bool, run: Run, own: str) -> Fingerprinted:
    file = File(str(upload.path), upload.name, upload.content_type)
    made: list[Fingerprinted] = []
    try:
        while not made or made[-1].more:
            made.append(await attempted(Fingerprint(file, keep, len(made), own), run))
    except (JobError, LaneError) as error:
        raise failed(upload.name, error) from None
    parts = tuple(part for one in made for part in one.parts)
    unread = tuple(part for one in made for part in one.unread)
    if not parts:
        raise nothing_in(upload.name, unread)
    return Fingerprinted(parts, unread)


def failed(name: str, error: JobError | LaneError) -> Unavailable:
    said = f"“{name}” could not be fingerprinted: {error.detail}. Try again, or send it in another format."
    return Unavailable(said, "fingerprinting_failed", file=name, reason=error.code)


def nothing_in(name: str, unread: Iterable[tuple[str, str]]) -> Invalid:
    reasons = [reason for _, reason in unread]
    said = "; ".join(reasons) or "there is nothing in it to recognise"
    return Invalid(f"“{name}”: {said}", "unreadable_file", file=name, reason=reasons[:MOST_REASONS] or ["empty"])


async def attempted(job: J, run: Callable[[J], Awaitable[R]]) -> R:
    """A lane that was lost on the way is no fault of the file: the job is tried once more. Raises JobError, LaneError."""
    try:
        return await run(job)
    except LaneError:
        return await run(job)


def kept(upload: Upload, made: Fingerprinted, blobs: Blobs) -> Prepared:
    return pictured_parts(Prepared(upload.name, made), blobs.put_file(Path(upload.path), upload.sha256), blobs)


def pictured_parts(file: Prepared, original: str, blobs: Blobs) -> Prepared:
    """With its original, a blob, and the pictures of its parts."""
    pictures = tuple(blobs.put(part.picture) if part.picture else None for part in file.made.parts)
    return Prepared(file.name, file.made, original, pictures)


def _reference(asset_id: str, position: int, file: Prepared, part: Part, picture: str | None, alone: bool) -> ReferenceRow:
    names = [part.label] if alone and part.label else [file.name, part.label]
    return ReferenceRow(
        id=new_id("ref"),
        asset_id=asset_id,
        position=position,
        label=", ".join(name for name in names if name) or f"file {position + 1}",
        file=file.name,
        digest=part.digest,
        distinctiveness=part.distinctiveness,
        original=file.original,
        picture=picture,
        text=part.text,
    )


async def owned(session: Session, asset_id: str, owner: str | None) -> AssetRow:
    row = await repository.get(session, asset_id)
    if row is None or (owner is not None and row.owner != owner):
        raise NotFound(f"There is no asset {asset_id}.", "unknown_asset")
    return row


async def _summaries(session: Session, rows: list[AssetRow]) -> list[AssetSummary]:
    states = await repository.registrations(session, (row.id for row in rows))
    return [_summary(row, states.get(row.id)) for row in rows]


def _summary(row: AssetRow, status: str | None) -> AssetSummary:
    return AssetSummary.model_validate({**{field: getattr(row, field) for field in SUMMARY}, "status": status or "ready"})


def _shown(row: ReferenceRow, kinds: list[str], others: advice.Others, alerts: list[str]) -> ReferenceOut:
    return ReferenceOut.model_validate(
        {
            "id": row.id,
            "label": row.label,
            "file": row.file,
            "fingerprints": kinds,
            "distinctiveness": advice.told(row.distinctiveness, others),
            "kept": bool(row.picture or row.text),
            "derived": row.derived,
            "alerts": alerts,
        }
    )

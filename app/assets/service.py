"""Registering, changing and forgetting assets. Each change of what is recognised leaves a row the live registries follow."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from app.assets import advice, repository
from app.assets.schemas import AssetOut, AssetPatch, AssetSpec, AssetSummary, ReferenceOut, UnreadPart
from app.blobs import Blobs
from app.db import Session
from app.db.ids import new_id
from app.db.models import AssetRow, FingerprintRow, ReferenceRow, now
from app.errors import Invalid, NotFound, Unavailable
from app.ingest.jobs import File, Fingerprint, Fingerprinted, JobError, LaneError, Part
from app.paging import Page, cut
from app.uploads import Upload
from fingerprints.terms import TermIndex
from fingerprints.types import Terms

SUMMARY = ("id", "title", "kind", "level", "owner", "unit", "terms", "tags", "keep_originals", "note", "created_at", "updated_at")
Run = Callable[[Fingerprint], Awaitable[Fingerprinted]]
"""How a file is fingerprinted: by a lane, or in this process."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One file ready to be stored. ``original`` and ``pictures`` (by part): blobs, if they may be kept."""

    name: str
    made: Fingerprinted
    original: str | None = None
    pictures: tuple[str | None, ...] = ()


async def prepare(spec: AssetSpec, uploads: Iterable[Upload], run: Run, blobs: Blobs) -> list[Prepared]:
    """Fingerprint every file, one at a time. Raises Invalid, naming the file, when one gives nothing at all; Unavailable."""
    uploads = list(uploads)
    check_words(spec.terms, spec.tags)
    if not uploads and not spec.terms and not spec.tags:
        raise Invalid("Send at least one file, or terms or tags to watch for.", "nothing_to_register")
    prepared = []
    for upload in uploads:
        made = await _fingerprint(upload, spec.keep_originals, run)
        prepared.append(
            await asyncio.to_thread(_keep, upload, made, blobs) if spec.keep_originals else Prepared(upload.name, made)
        )
    return prepared


async def register(session: Session, spec: AssetSpec, owner: str, files: list[Prepared], told: str | None = None) -> AssetOut:
    """Store an asset with all its references. ``told``: the answer is for this owner, who may not know of others' assets."""
    asset = AssetRow(id=new_id("ast"), **{**spec.model_dump(), "owner": owner})
    references: list[ReferenceRow] = []
    prints: list[FingerprintRow] = []
    for file in files:
        for part, picture in zip(file.made.parts, file.pictures or (None,) * len(file.made.parts), strict=True):
            row = _reference(asset.id, len(references), file, part, picture, alone=len(files) == 1)
            references.append(row)
            prints += [FingerprintRow(reference_id=row.id, kind=kind, data=data) for kind, data in part.kinds.items()]
    await repository.add(session, asset, references, prints)
    unread = [UnreadPart(file=f.name, part=part, reason=reason) for f in files for part, reason in f.made.unread]
    return (await one(session, asset.id, told)).model_copy(update={"unread": unread})


async def page(session: Session, owner: str | None, cursor: str | None, size: int) -> Page[AssetSummary]:
    """Newest first; ``owner``: only theirs."""
    rows = await repository.page(session, owner, cursor, size + 1)
    ids, after = cut([row.id for row in rows], size)
    counts = await repository.reference_counts(session, ids)
    return Page(items=[_summary(row, counts.get(row.id, 0)) for row in rows[:size]], next_cursor=after)


async def one(session: Session, asset_id: str, owner: str | None = None) -> AssetOut:
    """Raises NotFound; with ``owner`` also for what is somebody else's, and others' assets are not named."""
    asset = await _row(session, asset_id, owner)
    kinds, rows = await repository.kinds(session, asset_id), await repository.references(session, asset_id)
    titles = await repository.titles(session, advice.resembled(one.distinctiveness for one in rows), owner)
    references = [_shown(one, kinds.get(one.id, []), titles) for one in rows]
    return AssetOut(**_summary(asset, len(references)).model_dump(), references=references)


async def change(session: Session, asset_id: str, patch: AssetPatch, owner: str | None = None) -> AssetOut:
    """Raises NotFound, Invalid."""
    row = await _row(session, asset_id, owner)
    check_words(patch.terms or (), patch.tags or ())
    for field, value in patch.model_dump(exclude_none=True).items():
        setattr(row, field, value)
    row.updated_at = now()
    await repository.touch(session, asset_id)
    return await one(session, asset_id, owner)


async def forget(session: Session, asset_id: str, owner: str | None = None) -> None:
    """With its references and fingerprints; alerts keep what they said. Raises NotFound."""
    await _row(session, asset_id, owner)
    await repository.remove(session, asset_id)


async def pictured(session: Session, reference_ids: Iterable[str]) -> set[str]:
    """Those of the references that have a picture to show."""
    return await repository.pictured(session, reference_ids)


async def reference_picture(session: Session, blobs: Blobs, reference_id: str, owner: str | None = None) -> bytes | None:
    """A registered picture as a JPEG encoded by us, safe to show; ``None``: not kept, or no picture, or gone.

    With ``owner`` NotFound is raised for what is somebody else's.
    """
    row = await repository.reference(session, reference_id)
    if row is not None:
        await _row(session, row.asset_id, owner)
    return await asyncio.to_thread(blobs.get, row.picture) if row and row.picture else None


def check_words(terms: Iterable[str], tags: Iterable[str]) -> None:
    """Raises Invalid for words too short to watch for."""
    try:
        TermIndex().add("", Terms(tuple(terms), tuple(tags)))
    except ValueError as error:
        raise Invalid(str(error), "bad_term") from None


async def _fingerprint(upload: Upload, keep: bool, run: Run) -> Fingerprinted:
    file = File(str(upload.path), upload.name, upload.content_type)
    made: list[Fingerprinted] = []
    try:
        while not made or made[-1].more:
            made.append(await _made(Fingerprint(file, keep, len(made)), run))
    except (JobError, LaneError) as error:
        said = f"“{upload.name}” could not be fingerprinted: {error.detail}. Try again, or send it in another format."
        raise Unavailable(said, "fingerprinting_failed", file=upload.name) from None
    parts = tuple(part for one in made for part in one.parts)
    unread = tuple(part for one in made for part in one.unread)
    if not parts:
        said = "; ".join(reason for _, reason in unread) or "there is nothing in it to recognise"
        raise Invalid(f"“{upload.name}”: {said}", "unreadable_file", file=upload.name)
    return Fingerprinted(parts, unread)


async def _made(job: Fingerprint, run: Run) -> Fingerprinted:
    """One part. A lane that was lost on the way is no fault of the file: it is tried once more."""
    try:
        return await run(job)
    except LaneError:
        return await run(job)


def _keep(upload: Upload, made: Fingerprinted, blobs: Blobs) -> Prepared:
    pictures = tuple(blobs.put(part.picture) if part.picture else None for part in made.parts)
    return Prepared(upload.name, made, blobs.put_file(Path(upload.path), upload.sha256), pictures)


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


async def _row(session: Session, asset_id: str, owner: str | None) -> AssetRow:
    row = await repository.get(session, asset_id)
    if row is None or (owner is not None and row.owner != owner):
        raise NotFound(f"There is no asset {asset_id}.", "unknown_asset")
    return row


def _summary(row: AssetRow, count: int) -> AssetSummary:
    return AssetSummary(**{field: getattr(row, field) for field in SUMMARY}, reference_count=count)


def _shown(row: ReferenceRow, kinds: list[str], titles: advice.Titles) -> ReferenceOut:
    return ReferenceOut.model_validate(
        {
            "id": row.id,
            "label": row.label,
            "file": row.file,
            "fingerprints": kinds,
            "distinctiveness": advice.told(row.distinctiveness, titles),
            "kept": bool(row.picture or row.text),
        }
    )

"""Mistakes, their fingerprints, and the alerts whose resolutions say so."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, delete, select

from app.db import Session
from app.db.models import (
    AccusedPartRow,
    AlertRow,
    AssetRow,
    AttachmentPictureRow,
    AttachmentRow,
    MistakeAlertRow,
    MistakeFingerprintRow,
    MistakeRow,
    ReferenceRow,
)
from app.ingest.jobs import UNREAD

UNREADABLE = "unreadable"
"""Among the kinds of a mistake's fingerprints, in the place of ``UNREAD``: it cannot be read in full any more."""
_SOME = 500  # values in one statement
Named = tuple[MistakeRow, str, str]
"""A mistake, its asset's title and its reference's label."""


@dataclass(frozen=True, slots=True)
class Due:
    """A mistake that is to be read in full. ``files``: blob, name and content type of each file that has it, or had."""

    id: str
    digest: str
    files: tuple[tuple[str, str, str], ...]


async def add(session: Session, made: Sequence[tuple[MistakeRow, Mapping[str, bytes]]]) -> None:
    """Mistakes, each with the bytes of its fingerprints by kind."""
    session.add_all(row for row, _ in made)
    await session.flush()
    session.add_all(
        MistakeFingerprintRow(mistake_id=row.id, kind=kind, data=data) for row, kinds in made for kind, data in kinds.items()
    )
    await session.flush()


async def unread(session: Session, count: int) -> list[Due]:
    """So many of those that wait to be read, the first ones."""
    query = select(MistakeRow).join(MistakeFingerprintRow, MistakeFingerprintRow.mistake_id == MistakeRow.id)
    query = query.where(MistakeFingerprintRow.kind == UNREAD).order_by(MistakeRow.id).limit(count)
    rows = list(await session.scalars(query))
    files = await _posted(session, [row.id for row in rows]) if rows else {}
    return [Due(row.id, row.digest, tuple(files.get(row.id, {}))) for row in rows]


async def complete(session: Session, mistake_id: str, kinds: Mapping[str, bytes]) -> str | None:
    """Its asset, once it has these fingerprints too. ``None``, and nothing was done: it is gone, or waits no longer."""
    marked = MistakeFingerprintRow.mistake_id == mistake_id, MistakeFingerprintRow.kind == UNREAD
    if await session.scalar(delete(MistakeFingerprintRow).where(*marked).returning(MistakeFingerprintRow.mistake_id)) is None:
        return None
    session.add_all(MistakeFingerprintRow(mistake_id=mistake_id, kind=kind, data=data) for kind, data in kinds.items())
    await session.flush()
    return await session.scalar(select(MistakeRow.asset_id).where(MistakeRow.id == mistake_id))


async def back(session: Session, rows: Sequence[MistakeAlertRow]) -> None:
    """Let alerts say that they are mistakes; saying so again changes nothing."""
    said = set(await _of(session, [row.alert_id for row in rows]))
    session.add_all(row for row in rows if (row.alert_id, row.mistake_id) not in said)
    await session.flush()


async def find(session: Session, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], MistakeRow]:
    """Those that are there of these (asset, digest)."""
    wanted = set(pairs)
    found: dict[tuple[str, str], MistakeRow] = {}
    for some in _chunks({digest for _, digest in wanted}):
        rows = await session.scalars(select(MistakeRow).where(MistakeRow.digest.in_(some)))
        found |= {(row.asset_id, row.digest): row for row in rows if (row.asset_id, row.digest) in wanted}
    return found


async def any_shown(session: Session, messages: Sequence[str]) -> bool:
    """Whether a part of any of these messages is remembered as a mistake."""
    known = select(MistakeRow.id).join(AccusedPartRow, AccusedPartRow.digest == MistakeRow.digest)
    for some in _chunks(messages):
        if await session.scalar(known.where(AccusedPartRow.message_id.in_(some)).limit(1)):
            return True
    return False


async def get(session: Session, mistake_id: str) -> MistakeRow | None:
    return await session.get(MistakeRow, mistake_id)


async def of_asset(session: Session, asset_id: str) -> list[MistakeRow]:
    return list(await session.scalars(select(MistakeRow).where(MistakeRow.asset_id == asset_id).order_by(MistakeRow.id)))


async def of_alerts(session: Session, alert_ids: Iterable[str]) -> dict[str, list[MistakeRow]]:
    """What each of these alerts says is one, by alert."""
    said = await _of(session, alert_ids)
    rows: dict[str, MistakeRow] = {}
    for some in _chunks({mistake for _, mistake in said}):
        rows |= {row.id: row for row in await session.scalars(select(MistakeRow).where(MistakeRow.id.in_(some)))}
    found: defaultdict[str, list[MistakeRow]] = defaultdict(list)
    for alert, mistake in sorted(said):
        found[alert].append(rows[mistake])
    return found


async def withdraw(session: Session, alert_ids: Iterable[str]) -> None:
    """Let alerts say so no longer."""
    for some in _chunks(alert_ids):
        await session.execute(delete(MistakeAlertRow).where(MistakeAlertRow.alert_id.in_(some)))


async def remove(session: Session, mistake_ids: Iterable[str]) -> None:
    """With their fingerprints."""
    for some in _chunks(mistake_ids):
        await session.execute(delete(MistakeRow).where(MistakeRow.id.in_(some)))


async def fingerprints(session: Session, mistake_ids: Iterable[str]) -> dict[str, dict[str, bytes]]:
    """Bytes by kind, by mistake."""
    query = select(MistakeFingerprintRow).where(MistakeFingerprintRow.mistake_id.in_(list(mistake_ids)))
    found: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
    for row in await session.scalars(query):
        found[row.mistake_id][row.kind] = row.data
    return found


async def kinds(session: Session, mistake_ids: Iterable[str]) -> dict[str, list[str]]:
    """Kinds of fingerprints, by mistake."""
    query = select(MistakeFingerprintRow.mistake_id, MistakeFingerprintRow.kind)
    query = query.where(MistakeFingerprintRow.mistake_id.in_(list(mistake_ids))).order_by(MistakeFingerprintRow.kind)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for mistake_id, kind in await session.execute(query):
        found[mistake_id].append(kind)
    return found


async def alerts(session: Session, mistake_ids: Iterable[str]) -> dict[str, list[MistakeAlertRow]]:
    """Which alerts say so, the first one first, by mistake."""
    found: defaultdict[str, list[MistakeAlertRow]] = defaultdict(list)
    for some in _chunks(mistake_ids):
        query = select(MistakeAlertRow).where(MistakeAlertRow.mistake_id.in_(some))
        for row in await session.scalars(query.order_by(MistakeAlertRow.at, MistakeAlertRow.alert_id)):
            found[row.mistake_id].append(row)
    return found


async def page(session: Session, asset_id: str | None, before: str | None, limit: int) -> list[Named]:
    """Newest first, older than the id ``before``; about one asset, or about all."""
    query = _named().order_by(MistakeRow.id.desc()).limit(limit)
    query = query.where(MistakeRow.asset_id == asset_id) if asset_id else query
    return await _rows(session, query.where(MistakeRow.id < before) if before else query)


async def said_by(session: Session, alert_ids: Iterable[str]) -> list[Named]:
    """Mistakes that any of these alerts says are some."""
    some = select(MistakeAlertRow.mistake_id).where(MistakeAlertRow.alert_id.in_(list(alert_ids)))
    return await _rows(session, _named().where(MistakeRow.id.in_(some)).order_by(MistakeRow.id))


async def files(session: Session, alert_ids: Iterable[str]) -> dict[tuple[str, int], str]:
    """Names of the alerts' attachments, by alert and position."""
    columns = AlertRow.id, AttachmentRow.position, AttachmentRow.name
    query = select(*columns).join(AttachmentRow, AttachmentRow.message_id == AlertRow.message_id)
    rows = await session.execute(query.where(AlertRow.id.in_(list(alert_ids))))
    return {(alert, position): name for alert, position, name in rows}


async def pictured(session: Session, alert_ids: Iterable[str]) -> set[tuple[str, int, str]]:
    """Alert, attachment and part of every picture there is to show."""
    columns = AlertRow.id, AttachmentPictureRow.position, AttachmentPictureRow.part
    query = select(*columns).join(AttachmentPictureRow, AttachmentPictureRow.message_id == AlertRow.message_id)
    rows = await session.execute(query.where(AlertRow.id.in_(list(alert_ids))))
    return {(alert, position, part) for alert, position, part in rows}


async def _posted(session: Session, mistake_ids: Sequence[str]) -> dict[str, dict[tuple[str, str, str], None]]:
    """Blobs, names and content types of the files in which they stand, without repetition, by mistake."""
    columns = MistakeAlertRow.mistake_id, AttachmentRow.blob, AttachmentRow.name, AttachmentRow.content_type
    query = select(*columns).join(AlertRow, AlertRow.id == MistakeAlertRow.alert_id)
    here = (AttachmentRow.message_id == AlertRow.message_id) & (AttachmentRow.position == MistakeAlertRow.position)
    query = query.join(AttachmentRow, here).where(MistakeAlertRow.mistake_id.in_(mistake_ids))
    found: defaultdict[str, dict[tuple[str, str, str], None]] = defaultdict(dict)
    for mistake_id, blob, name, content_type in await session.execute(query.order_by(MistakeAlertRow.at)):
        if blob:
            found[mistake_id][blob, name, content_type] = None
    return found


async def _of(session: Session, alert_ids: Iterable[str]) -> list[tuple[str, str]]:
    """Alert and mistake."""
    found: list[tuple[str, str]] = []
    for some in _chunks(alert_ids):
        query = select(MistakeAlertRow.alert_id, MistakeAlertRow.mistake_id).where(MistakeAlertRow.alert_id.in_(some))
        found += [(alert, mistake) for alert, mistake in await session.execute(query)]
    return found


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    ids = list(ids)
    yield from (ids[start : start + _SOME] for start in range(0, len(ids), _SOME))


async def _rows(session: Session, query: "Select[MistakeRow, str, str]") -> list[Named]:
    return [(row, title, label) for row, title, label in await session.execute(query)]


def _named() -> "Select[MistakeRow, str, str]":
    query = select(MistakeRow, AssetRow.title, ReferenceRow.label).join(AssetRow, AssetRow.id == MistakeRow.asset_id)
    return query.join(ReferenceRow, ReferenceRow.id == MistakeRow.reference_id)

"""Mistakes, their fingerprints, and the alerts whose resolutions say so."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import Select, delete, select

from app.db import Session
from app.db.models import (
    AlertRow,
    AssetRow,
    AttachmentPictureRow,
    AttachmentRow,
    MistakeAlertRow,
    MistakeFingerprintRow,
    MistakeRow,
    ReferenceRow,
)

Named = tuple[MistakeRow, str, str]
"""A mistake, its asset's title and its reference's label."""


async def add(session: Session, row: MistakeRow, kinds: Mapping[str, bytes]) -> None:
    session.add(row)
    await session.flush()
    session.add_all(MistakeFingerprintRow(mistake_id=row.id, kind=kind, data=data) for kind, data in kinds.items())


async def back(session: Session, row: MistakeAlertRow) -> None:
    """Let an alert say that it is a mistake; saying so again changes nothing."""
    if await session.get(MistakeAlertRow, (row.mistake_id, row.alert_id)) is None:
        session.add(row)
        await session.flush()


async def find(session: Session, asset_id: str, digest: str) -> MistakeRow | None:
    return await session.scalar(select(MistakeRow).where(MistakeRow.asset_id == asset_id, MistakeRow.digest == digest))


async def get(session: Session, mistake_id: str) -> MistakeRow | None:
    return await session.get(MistakeRow, mistake_id)


async def of_asset(session: Session, asset_id: str) -> list[MistakeRow]:
    return list(await session.scalars(select(MistakeRow).where(MistakeRow.asset_id == asset_id).order_by(MistakeRow.id)))


async def of_alert(session: Session, alert_id: str) -> list[MistakeRow]:
    query = select(MistakeRow).join(MistakeAlertRow, MistakeAlertRow.mistake_id == MistakeRow.id)
    return list(await session.scalars(query.where(MistakeAlertRow.alert_id == alert_id).order_by(MistakeRow.id)))


async def withdraw(session: Session, mistake_id: str, alert_id: str) -> None:
    """Let an alert say so no longer."""
    query = delete(MistakeAlertRow).where(MistakeAlertRow.mistake_id == mistake_id, MistakeAlertRow.alert_id == alert_id)
    await session.execute(query)


async def remove(session: Session, mistake_id: str) -> None:
    """With its fingerprints."""
    await session.execute(delete(MistakeRow).where(MistakeRow.id == mistake_id))


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
    query = select(MistakeAlertRow).where(MistakeAlertRow.mistake_id.in_(list(mistake_ids)))
    found: defaultdict[str, list[MistakeAlertRow]] = defaultdict(list)
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


async def _rows(session: Session, query: "Select[MistakeRow, str, str]") -> list[Named]:
    return [(row, title, label) for row, title, label in await session.execute(query)]


def _named() -> "Select[MistakeRow, str, str]":
    query = select(MistakeRow, AssetRow.title, ReferenceRow.label).join(AssetRow, AssetRow.id == MistakeRow.asset_id)
    return query.join(ReferenceRow, ReferenceRow.id == MistakeRow.reference_id)

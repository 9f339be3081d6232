"""Alerts and their histories in the database."""

from collections.abc import Iterable

from sqlalchemy import Select, select

from app.alerts.schemas import AlertFilter
from app.db import Session
from app.db.models import AlertAssetRow, AlertHistoryRow, AlertRow, MessageRow

_SOME = 500  # values in one statement


async def add(session: Session, row: AlertRow, assets: Iterable[str]) -> None:
    session.add(row)
    await session.flush()
    session.add_all(AlertAssetRow(alert_id=row.id, asset_id=asset) for asset in sorted(set(assets)))


async def get(session: Session, alert_id: str) -> AlertRow | None:
    return await session.get(AlertRow, alert_id)


async def by_ids(session: Session, ids: list[str]) -> list[AlertRow]:
    """Those of the ids, newest first, that there are."""
    found: list[AlertRow] = []
    for start in range(0, len(ids), _SOME):
        found += await session.scalars(select(AlertRow).where(AlertRow.id.in_(ids[start : start + _SOME])))
    return sorted(found, key=lambda row: row.id, reverse=True)


async def find(session: Session, wanted: AlertFilter, before: str | None = None, limit: int | None = None) -> list[str]:
    """Ids, newest first, older than the id ``before``."""
    query = _where(select(AlertRow.id), wanted).order_by(AlertRow.id.desc()).limit(limit)
    return list(await session.scalars(query.where(AlertRow.id < before) if before else query))


async def messages(session: Session, ids: Iterable[str]) -> dict[str, MessageRow]:
    rows = await session.scalars(select(MessageRow).where(MessageRow.id.in_(list(ids))))
    return {row.id: row for row in rows}


async def add_history(session: Session, row: AlertHistoryRow) -> None:
    session.add(row)
    await session.flush()


async def histories(session: Session, ids: Iterable[str]) -> list[AlertHistoryRow]:
    """In the order things happened."""
    query = select(AlertHistoryRow).where(AlertHistoryRow.alert_id.in_(list(ids)))
    return list(await session.scalars(query.order_by(AlertHistoryRow.id)))


async def bulk_history(session: Session, bulk_id: str) -> list[AlertHistoryRow]:
    """Everything one bulk change did, its undoing included."""
    query = select(AlertHistoryRow).where(AlertHistoryRow.bulk_id == bulk_id)
    return list(await session.scalars(query.order_by(AlertHistoryRow.id)))


def _where(query: Select[tuple[str]], wanted: AlertFilter) -> Select[tuple[str]]:
    same = ((AlertRow.status, wanted.status), (AlertRow.severity, wanted.severity), (AlertRow.channel_id, wanted.channel))
    query = query.where(*(column == value for column, value in same if value is not None))
    if wanted.asset is not None:
        query = query.where(AlertRow.id.in_(select(AlertAssetRow.alert_id).where(AlertAssetRow.asset_id == wanted.asset)))
    if wanted.since is not None:
        query = query.where(AlertRow.created_at >= wanted.since)
    return query if wanted.until is None else query.where(AlertRow.created_at < wanted.until)

"""What happened to alerts: rows that are only ever added, numbered in the order of all that happens."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, func, insert, or_, select
from sqlalchemy.orm import aliased

from app.db import Session
from app.db.models import AlertHistoryRow

SILENT = ("created", "noted", "remembered", "forgotten", "revealed", "taught", "untaught", "gone")
"""What counts as no version."""
_SOME = 500  # values in one statement


class Happening(NamedTuple):
    """A row of a history, briefly."""

    id: int
    alert_id: str
    action: str


async def add_history(session: Session, row: AlertHistoryRow) -> None:
    session.add(row)
    await session.flush()


async def add_histories(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Many at once, in their order."""
    if rows:
        await session.execute(insert(AlertHistoryRow), rows)


async def histories(
    session: Session, ids: Iterable[str], last: int | None = None, before: int | None = None
) -> list[AlertHistoryRow]:
    """In the order things happened; ``last``: so many of all of them at most, the last ones; ``before``: that row."""
    query = select(AlertHistoryRow).where(AlertHistoryRow.alert_id.in_(list(ids)))
    query = query if before is None else query.where(AlertHistoryRow.id < before)
    return list(await session.scalars(query.order_by(AlertHistoryRow.id.desc()).limit(last)))[::-1]


async def entry(session: Session, alert_id: str, number: int) -> AlertHistoryRow | None:
    """One row of an alert's history."""
    row = await session.get(AlertHistoryRow, number)
    return row if row is not None and row.alert_id == alert_id else None


async def lived(session: Session, alert_id: str) -> int:
    """How many rows its history has."""
    query = select(func.count()).select_from(AlertHistoryRow).where(AlertHistoryRow.alert_id == alert_id)
    return await session.scalar(query) or 0


async def last_change(session: Session, alert_id: str) -> AlertHistoryRow | None:
    """The last thing that happened to an alert and counted as a version."""
    query = select(AlertHistoryRow).where(AlertHistoryRow.alert_id == alert_id, AlertHistoryRow.action.not_in(SILENT))
    found: AlertHistoryRow | None = await session.scalar(query.order_by(AlertHistoryRow.id.desc()).limit(1))
    return found


async def changes(session: Session, alert_id: str) -> list[tuple[datetime, str, dict[str, Any]]]:
    """What counted as a version, newest first: when, who, and what it changed."""
    query = select(AlertHistoryRow.at, AlertHistoryRow.actor, AlertHistoryRow.change)
    query = query.where(AlertHistoryRow.alert_id == alert_id, AlertHistoryRow.action.not_in(SILENT))
    return [(row[0], row[1], row[2]) for row in await session.execute(query.order_by(AlertHistoryRow.id.desc()))]


async def reveals(session: Session, alert_id: str, since: datetime) -> list[AlertHistoryRow]:
    """Whenever somebody had this alert's pictures shown."""
    ours = AlertHistoryRow.alert_id == alert_id, AlertHistoryRow.action == "revealed"
    return list(await session.scalars(select(AlertHistoryRow).where(*ours, AlertHistoryRow.at > since)))


async def bulk_alerts(session: Session, bulk_id: str) -> list[str]:
    """What one bulk change was about, in the order it was done."""
    did = AlertHistoryRow.bulk_id == bulk_id, AlertHistoryRow.action != "undone"
    return list(await session.scalars(select(AlertHistoryRow.alert_id).where(*did).order_by(AlertHistoryRow.id)))


async def bulk_changes(session: Session, bulk_id: str, ids: Collection[str]) -> dict[str, tuple[dict[str, Any], set[str]]]:
    """What one bulk change did to these alerts, and which fields of each anybody changed since, be it to the same value."""
    did = AlertHistoryRow.bulk_id == bulk_id, AlertHistoryRow.action != "undone"
    later, columns = aliased(AlertHistoryRow), (AlertHistoryRow.alert_id, AlertHistoryRow.change)
    follows = and_(later.alert_id == AlertHistoryRow.alert_id, later.id > AlertHistoryRow.id)
    found: dict[str, tuple[dict[str, Any], set[str]]] = {}
    chosen = list(ids)
    for start in range(0, len(chosen), _SOME):
        some = chosen[start : start + _SOME]
        these = (*did, AlertHistoryRow.alert_id.in_(some))
        found |= {row[0]: (row[1], set()) for row in await session.execute(select(*columns).where(*these))}
        query = select(AlertHistoryRow.alert_id, later.change).join(later, follows).where(*these)
        for alert, change in await session.execute(query.where(later.action.not_in(SILENT))):
            found[alert][1].update(change)
    return found


async def bulk_summary(session: Session, bulk_id: str) -> dict[str, int]:
    """How many alerts one bulk change did what to; its undoing is ``undone``."""
    query = select(AlertHistoryRow.action, func.count()).where(AlertHistoryRow.bulk_id == bulk_id)
    return {row[0]: row[1] for row in await session.execute(query.group_by(AlertHistoryRow.action))}


async def last_happening(session: Session) -> int:
    """The number of the last row of any history; 0: there is none."""
    return await session.scalar(select(func.max(AlertHistoryRow.id))) or 0


async def happenings(session: Session, ranges: Iterable[tuple[int, int | None]], limit: int) -> list[Happening]:
    """Rows of any history with numbers between (both included; ``None``: or more), in their order, the last ones."""
    number = AlertHistoryRow.id
    among = or_(*(and_(number >= low, number <= high) if high is not None else number >= low for low, high in ranges))
    query = select(number, AlertHistoryRow.alert_id, AlertHistoryRow.action).where(among).order_by(number.desc()).limit(limit)
    return [Happening(*row) for row in await session.execute(query)][::-1]

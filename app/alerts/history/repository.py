"""What happened to alerts: rows that are only ever added, numbered in the order of all that happens."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, func, insert, or_, select
from sqlalchemy.orm import aliased

from app.db import Session
from app.db.models import AlertHistoryRow

SILENT = ("created", "noted", "withdrawn", "remembered", "forgotten", "revealed", "taught", "untaught", "gone")
"""What counts as no version."""
TAKEN_BACK = ("undone", "withdrawn")
"""What a bulk change did to an alert, and a note that was all of it; the row has the same ``bulk_id``."""
_SOME = 500  # values in one statement


class Done(NamedTuple):
    """What a bulk change did to an alert. ``touched``: fields that anybody changed since, be it to the same value.

    ``noted``: it is a note and nothing else, and was not taken back.
    """

    change: dict[str, Any]
    touched: set[str]
    noted: bool


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
    did = AlertHistoryRow.bulk_id == bulk_id, AlertHistoryRow.action.not_in(TAKEN_BACK)
    return list(await session.scalars(select(AlertHistoryRow.alert_id).where(*did).order_by(AlertHistoryRow.id)))


async def bulk_changes(session: Session, bulk_id: str, ids: Collection[str]) -> dict[str, Done]:
    """What one bulk change did to these alerts."""
    did = AlertHistoryRow.bulk_id == bulk_id, AlertHistoryRow.action.not_in(TAKEN_BACK)
    later, columns = aliased(AlertHistoryRow), (AlertHistoryRow.alert_id, AlertHistoryRow.change, AlertHistoryRow.action)
    follows = and_(later.alert_id == AlertHistoryRow.alert_id, later.id > AlertHistoryRow.id)
    withdrawn = and_(later.bulk_id == bulk_id, later.action == "withdrawn")
    found: dict[str, Done] = {}
    chosen = list(ids)
    for start in range(0, len(chosen), _SOME):
        these = (*did, AlertHistoryRow.alert_id.in_(chosen[start : start + _SOME]))
        rows = await session.execute(select(*columns).where(*these))
        found |= {alert: Done(change, set(), action == "noted") for alert, change, action in rows}
        query = select(AlertHistoryRow.alert_id, later.change, later.action).join(later, follows).where(*these)
        for alert, change, action in await session.execute(query.where(or_(later.action.not_in(SILENT), withdrawn))):
            found[alert].touched.update(change)
            if action == "withdrawn":
                found[alert] = found[alert]._replace(noted=False)
    return found


async def bulk_rows(session: Session, bulk_id: str, undone: bool, after: int, limit: int) -> list[AlertHistoryRow]:
    """What one bulk change did, or with ``undone`` its undoing, alert by alert, beyond the row ``after``."""
    taken_back = AlertHistoryRow.action.in_(TAKEN_BACK)
    query = select(AlertHistoryRow).where(AlertHistoryRow.bulk_id == bulk_id, taken_back if undone else ~taken_back)
    return list(await session.scalars(query.where(AlertHistoryRow.id > after).order_by(AlertHistoryRow.id).limit(limit)))


async def bulk_sizes(session: Session, bulks: Collection[str | None]) -> dict[str | None, int]:
    """How many alerts each of these bulk changes was about."""
    query = select(AlertHistoryRow.bulk_id, func.count()).where(AlertHistoryRow.bulk_id.in_(bulks))
    query = query.where(AlertHistoryRow.action.not_in(TAKEN_BACK)).group_by(AlertHistoryRow.bulk_id)
    return {row[0]: row[1] for row in await session.execute(query)}


async def taken_back(session: Session, rows: Iterable[AlertHistoryRow]) -> dict[int, AlertHistoryRow]:
    """Which of these were taken back, by number, and the rows that did it."""
    of_bulks = {(row.alert_id, row.bulk_id): row.id for row in rows if row.bulk_id and row.action not in TAKEN_BACK}
    if not of_bulks:
        return {}
    theirs = AlertHistoryRow.alert_id.in_({alert for alert, _ in of_bulks}), AlertHistoryRow.action.in_(TAKEN_BACK)
    found = await session.scalars(select(AlertHistoryRow).where(*theirs).order_by(AlertHistoryRow.id.desc()))
    return {of_bulks[key]: row for row in found if (key := (row.alert_id, row.bulk_id)) in of_bulks}


async def bulk_summary(session: Session, bulk_id: str) -> dict[str, int]:
    """How many alerts one bulk change did what to; its undoing is ``TAKEN_BACK``."""
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

"""The record's rows. They are only ever added; the database itself refuses anything else."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Select, select

from app.audit.chain import Entry, Place
from app.audit.schemas import AuditFilter
from app.db import Session, turn
from app.db.models import AlertHistoryRow, AuditRow

FIELDS = tuple(field.name for field in fields(Entry))


async def append(session: Session, make: Callable[[Place], Entry]) -> None:
    """Add the entry that follows the last one. No other is added until the transaction ends, so the chain cannot fork."""
    await session.flush()
    await turn(session, "audit")
    session.add(AuditRow(**asdict(make(await head(session)))))
    await session.flush()


async def head(session: Session) -> Place:
    """Where the record ends."""
    last = (await session.execute(select(AuditRow.seq, AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1))).first()
    return Place(last.seq, last.hash) if last else Place()


async def entry(session: Session, seq: int) -> Entry | None:
    row = await session.get(AuditRow, seq)
    return _entry(row) if row else None


async def following(session: Session, after: int | None, limit: int) -> list[Entry]:
    """Oldest first; ``after``: a number, ``None``: from the very first row there is."""
    query = select(AuditRow).order_by(AuditRow.seq).limit(limit)
    query = query if after is None else query.where(AuditRow.seq > after)
    return [_entry(row) for row in await session.scalars(query)]


async def find(session: Session, wanted: AuditFilter, before: int | None, limit: int) -> list[Entry]:
    """Newest first, older than the number ``before``."""
    objects = [] if wanted.object is None else [wanted.object, *await _bulks(session, wanted.object)]
    query = _where(select(AuditRow), wanted, objects).order_by(AuditRow.seq.desc()).limit(limit)
    query = query if before is None else query.where(AuditRow.seq < before)
    return [_entry(row) for row in await session.scalars(query)]


async def concerning(session: Session, ids: Collection[str], limit: int) -> list[Entry]:
    """What was done to these, oldest first."""
    wanted, found = list(ids), list[Entry]()
    for start in range(0, len(wanted), 500):
        query = select(AuditRow).where(AuditRow.object_id.in_(wanted[start : start + 500])).order_by(AuditRow.seq).limit(limit)
        found += [_entry(row) for row in await session.scalars(query)]
    return sorted(found, key=lambda entry: entry.seq)[:limit]


async def _bulks(session: Session, alert_id: str) -> list[str | None]:
    """Changes of several alerts at once that an alert was part of: the record has them under their own names."""
    query = select(AlertHistoryRow.bulk_id).where(AlertHistoryRow.alert_id == alert_id, AlertHistoryRow.bulk_id.is_not(None))
    return list(await session.scalars(query.distinct()))


def _where(query: Select[Any], wanted: AuditFilter, objects: Sequence[str | None]) -> Select[Any]:
    same = ((AuditRow.actor, wanted.actor), (AuditRow.action, wanted.action), (AuditRow.object_kind, wanted.kind))
    query = query.where(*(column == value for column, value in same if value is not None))
    query = query.where(AuditRow.object_id.in_(objects)) if objects else query
    query = query if wanted.since is None else query.where(AuditRow.at >= wanted.since)
    return query if wanted.until is None else query.where(AuditRow.at < wanted.until)


def _entry(row: AuditRow) -> Entry:
    return Entry(**{name: getattr(row, name) for name in FIELDS})

"""Messages and alerts whose time is over: found by whoever blocks nobody, removed if that is still so.

Ids are sorted by birth, so what is old enough is a range of them, walked from its beginning.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, select

from app.db import Session
from app.db.models import AlertHistoryRow, AlertRow, DerivedAlertRow, MessageRow, MistakeAlertRow
from app.incidents import repository as incidents


async def clear_messages(session: Session, after: str, before: str, count: int) -> list[str]:
    """Those between two ids that were inspected and that no alert is about, oldest first."""
    query = select(MessageRow.id).where(MessageRow.id > after, MessageRow.id < before, *_clear())
    return list(await session.scalars(query.order_by(MessageRow.id).limit(count)))


async def forget_messages(session: Session, ids: Iterable[str]) -> int:
    """With all that is known of their files; says how many."""
    query = delete(MessageRow).where(MessageRow.id.in_(list(ids)), *_clear()).returning(MessageRow.id)
    return len(list(await session.scalars(query)))


async def settled_alerts(session: Session, after: str, before: str, since: datetime, count: int) -> list[str]:
    """Those between two ids that are resolved, left alone ``since``, and that say of nothing what it is."""
    query = select(AlertRow.id).where(AlertRow.id > after, AlertRow.id < before, *_settled(since))
    return list(await session.scalars(query.order_by(AlertRow.id).limit(count)))


async def forget_alerts(session: Session, ids: Iterable[str], since: datetime) -> int:
    """With their messages and histories; says how many. Whoever decides about alerts must be kept out meanwhile."""
    query = select(AlertRow.id, AlertRow.message_id).where(AlertRow.id.in_(list(ids)), *_settled(since))
    found = [(alert, message) for alert, message in await session.execute(query)]
    await incidents.let_go(session, [alert for alert, _ in found])
    await session.execute(delete(AlertRow).where(AlertRow.id.in_([alert for alert, _ in found])))
    await session.execute(delete(MessageRow).where(MessageRow.id.in_([message for _, message in found])))
    return len(found)


def _clear() -> tuple[ColumnElement[bool], ...]:
    """Not ``failed`` ones: nobody knows what they are."""
    return MessageRow.status == "done", ~exists().where(AlertRow.message_id == MessageRow.id)


def _settled(since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        AlertRow.status == "resolved",
        ~exists().where(AlertHistoryRow.alert_id == AlertRow.id, AlertHistoryRow.at >= since),
        ~exists().where(MistakeAlertRow.alert_id == AlertRow.id),
        ~exists().where(DerivedAlertRow.alert_id == AlertRow.id),
    )

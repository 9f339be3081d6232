"""The last rerun in the database, and the sample of messages it looks at."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Update, delete, func, select, update

from app.chores import LEASE
from app.db import Session
from app.db.dialect import clock
from app.db.ids import earliest, new_id
from app.db.models import AlertRow, RerunRow, SightingRow, now
from app.incidents.clocks import counted

GONE = "the server that ran it ended"
STUMBLED = "something went wrong on our side; it has been logged"
_SOME = 500  # values in one statement


class Posted(NamedTuple):
    """Where a message was posted. ``head``: as it was posted, without its text."""

    gateway: str
    external_id: str
    at: datetime
    head: dict[str, Any]


async def begin(session: Session, by: str, days: int, less: float) -> RerunRow:
    """Queue one in the place of the last."""
    await session.execute(delete(RerunRow))
    row = RerunRow(id=new_id("rer"), by=by, days=days, less=less, status="queued", found={}, until=await _later(session))
    session.add(row)
    await session.flush()
    return row


async def get(session: Session, rerun_id: str) -> RerunRow | None:
    return await session.get(RerunRow, rerun_id, populate_existing=True)


async def last(session: Session) -> RerunRow | None:
    return (await session.scalars(select(RerunRow).order_by(RerunRow.id.desc()).limit(1))).first()


async def is_gone(session: Session, row: RerunRow) -> bool:
    """Whether one that is not done will never be."""
    return bool(await session.scalar(select(RerunRow.until < clock()).where(RerunRow.id == row.id)))


async def waiting(session: Session) -> str | None:
    found: str | None = await session.scalar(select(RerunRow.id).where(RerunRow.status == "queued").limit(1))
    return found


async def claim(session: Session, ident: str, seconds: float) -> RerunRow | None:
    """Take it up; of two that try one is told ``None``."""
    values = {"status": "running", "until": clock() + seconds}
    query = update(RerunRow).where(RerunRow.id == ident, RerunRow.status == "queued").values(values)
    if await session.scalar(query.returning(RerunRow.id)) is None:
        return None
    return await session.get(RerunRow, ident, populate_existing=True)


async def keep(session: Session, ident: str, seconds: float) -> None:
    await session.execute(_running(ident).values(until=clock() + seconds))


async def advance(session: Session, rerun_id: str, **values: Any) -> bool:
    """How far it is. False if it is over, or another took its place."""
    return await session.scalar(_running(rerun_id).values(values).returning(RerunRow.id)) is not None


async def drop(session: Session, ident: str, *, stumbled: bool) -> None:
    """It is over: whoever wants it asks again."""
    await finish(session, ident, "failed", STUMBLED if stumbled else GONE)


async def finish(session: Session, ident: str, status: str, reason: str | None = None) -> None:
    await session.execute(_running(ident).values(status=status, reason=reason, finished_at=now()))


async def count_messages(session: Session, since: datetime) -> int:
    """Messages with attachments that were seen since."""
    query = select(func.count(SightingRow.message_id.distinct())).where(SightingRow.message_id >= earliest("msg", since))
    return await session.scalar(query) or 0


async def some_messages(session: Session, since: datetime, most: int) -> list[str]:
    """Of them as many, chosen by chance, in an order of chance: where one stops, what came before is such a sample too."""
    query = select(SightingRow.message_id).where(SightingRow.message_id >= earliest("msg", since))
    return list(await session.scalars(query.group_by(SightingRow.message_id).order_by(func.random()).limit(most)))


async def parts_of(session: Session, messages: Collection[str]) -> dict[str, list[int]]:
    """Numbers of the parts of each message."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for some in _chunks(messages):
        query = select(SightingRow.message_id, SightingRow.seen).where(SightingRow.message_id.in_(some)).order_by(SightingRow.id)
        for message, number in await session.execute(query):
            found[message].append(number)
    return found


async def alerted(session: Session, messages: Collection[str]) -> set[str]:
    """Those that an alert is about."""
    found = set[str]()
    for some in _chunks(messages):
        found.update(await session.scalars(select(AlertRow.message_id).where(AlertRow.message_id.in_(some))))
    return found


async def posted(session: Session, messages: Collection[str]) -> dict[str, Posted]:
    """Where each was posted, of those that are still remembered."""
    columns = SightingRow.message_id, SightingRow.gateway, SightingRow.external_id, SightingRow.sent_at, SightingRow.received_at
    query = select(*columns, SightingRow.head).where(SightingRow.message_id.in_(messages))
    rows = await session.execute(query)
    return {
        message: Posted(gateway, name, counted(sent, received), head) for message, gateway, name, sent, received, head in rows
    }


async def _later(session: Session) -> float:
    return await session.scalar(select(clock() + LEASE)) or 0.0


def _chunks(values: Collection[str]) -> Iterable[Sequence[str]]:
    listed = list(values)
    return (listed[start : start + _SOME] for start in range(0, len(listed), _SOME))


def _running(ident: str) -> Update:
    return update(RerunRow).where(RerunRow.id == ident, RerunRow.status == "running")

"""The outbox's rows. A row is claimed by a conditional UPDATE, so any number of processes may deliver them."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from app.db import Session
from app.db.models import OutboxRow
from app.notify.patience import LONGEST

LEASE = timedelta(minutes=1)
"""For so long a claimed row is its claimer's; who has not recorded an outcome by then is held to be dead."""
SKEW = timedelta(minutes=1)
"""The clocks of two claimers differ by less. Whatever lies further ahead than any of them could have put it was put there by a
clock that has since been set back, and counts as over."""

_EARLIER = aliased(OutboxRow)
_BEHIND = exists().where(
    _EARLIER.alert_id == OutboxRow.alert_id,
    _EARLIER.sender == OutboxRow.sender,
    _EARLIER.seq < OutboxRow.seq,
    _EARLIER.status == "pending",
)
"""An alert's rows wait for those before them, unless these have failed. Made once: an alias is hundreds of objects that refer to
each other, and who makes one every second leaves them to the garbage collector, which comes for such every few minutes.
"""


async def add(session: Session, rows: Iterable[OutboxRow]) -> None:
    session.add_all(rows)
    await session.flush()


async def waiting(session: Session, sender: str, at: datetime, limit: int) -> list[int]:
    """Rows of a sender that may be claimed, oldest first."""
    query = select(OutboxRow.seq).where(OutboxRow.sender == sender, *_claimable(at), ~_BEHIND)
    return list(await session.scalars(query.order_by(OutboxRow.seq).limit(limit)))


async def claim(session: Session, seqs: Collection[int], at: datetime) -> list[OutboxRow]:
    """Take rows for ``LEASE``; those that another took meanwhile are left out."""
    query = update(OutboxRow).where(OutboxRow.seq.in_(seqs), *_claimable(at))
    values = {"claimed_until": at + LEASE, "attempts": OutboxRow.attempts + 1}
    return list(await session.scalars(query.values(values).returning(OutboxRow)))


async def delivered(session: Session, claimed: OutboxRow, at: datetime) -> None:
    """True whoever holds the row by now."""
    query = update(OutboxRow).where(OutboxRow.seq == claimed.seq, OutboxRow.status == "pending")
    await session.execute(query.values(status="delivered", delivered_at=at, claimed_until=None, last_error=None))


async def postpone(session: Session, claimed: OutboxRow, until: datetime, why: str | None) -> None:
    """Let it be claimed again, from then on; nothing if another claimed it meanwhile."""
    query = update(OutboxRow).where(*_still(claimed))
    await session.execute(query.values(claimed_until=None, not_before=until, last_error=why))


async def give_up(session: Session, claimed: OutboxRow, why: str) -> None:
    """The row stays, as failed; nothing if another claimed it meanwhile."""
    await session.execute(update(OutboxRow).where(*_still(claimed)).values(status="failed", claimed_until=None, last_error=why))


async def again(session: Session, at: datetime) -> int:
    """Let all that failed for good wait once more, as if it had just happened; says how many."""
    query = update(OutboxRow).where(OutboxRow.status == "failed").returning(OutboxRow.seq)
    return len(list(await session.scalars(query.values(status="pending", attempts=0, not_before=at, created_at=at))))


async def counts(session: Session) -> dict[str, int]:
    """How many rows are ``pending`` and how many ``failed``."""
    query = select(OutboxRow.status, func.count().label("n")).group_by(OutboxRow.status)
    query = query.where(OutboxRow.status.in_(("pending", "failed")))
    return {"pending": 0, "failed": 0} | {row.status: row.n for row in await session.execute(query)}


async def forget_delivered(session: Session, before: datetime, limit: int) -> int:
    """Remove rows delivered before a moment, at most so many; says how many."""
    old = select(OutboxRow.seq).where(OutboxRow.status == "delivered", OutboxRow.delivered_at < before)
    some = list(await session.scalars(old.order_by(OutboxRow.delivered_at).limit(limit)))
    await session.execute(delete(OutboxRow).where(OutboxRow.seq.in_(some)))
    return len(some)


def _claimable(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """What nobody has tried yet is due whenever it was written: a clock set back, or a writer's ahead, delay no alert."""
    held, due = OutboxRow.claimed_until, OutboxRow.not_before
    return (
        OutboxRow.status == "pending",
        or_(OutboxRow.attempts == 0, due <= at, due > at + LONGEST + SKEW),
        or_(held.is_(None), held <= at, held > at + LEASE + SKEW),
    )


def _still(claimed: OutboxRow) -> tuple[ColumnElement[bool], ...]:
    """Every claim counts the attempts up, so their number tells whose it is."""
    return OutboxRow.seq == claimed.seq, OutboxRow.status == "pending", OutboxRow.attempts == claimed.attempts

"""Records in the database: claimed by a conditional UPDATE for ``LEASE`` seconds, which their claimant prolongs.

Fairness is a number: a record's ``turn`` is its place in its channel, counted from where its gateway's queue stands when it comes
(start-time fair queuing, Goyal, Vin and Cheng 1996, with every record of the same weight). Gateways are served in rotation.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, literal, or_, select, union_all, update

from app.db import Session
from app.db.dialect import clock
from app.db.models import StreamRow
from app.streams.types import Record, key_of, split_key

LEASE = 20.0
MARGIN = 5.0


def _claimable() -> ColumnElement[bool]:
    """Not claimed, or for longer than its claimant asked for, or until a moment that only a clock set back makes so late."""
    until = StreamRow.claimed_until
    return or_(until.is_(None), until <= clock(), until > clock() + LEASE + MARGIN)


async def publish(session: Session, topic: str, record: Record, ident: str | None = None) -> None:
    """See ``publish_all``, of one."""
    await publish_all(session, topic, [(record, ident)])


async def publish_all(session: Session, topic: str, records: Sequence[tuple[Record, str | None]]) -> None:
    """Add records in the caller's transaction, in this order. Beside each the ``ident`` by which ``claim`` may ask for it."""
    if not records:
        return
    keys = [split_key(record.key) for record, _ in records]
    turns = await _turns(session, topic, list(dict.fromkeys(keys)))
    for (record, ident), key in zip(records, keys, strict=True):
        place = {"topic": topic, "gateway": key[0], "channel": key[1], "turn": turns[key]}
        session.add(StreamRow(**place, ident=ident, value=record.value, headers=dict(record.headers)))
        turns[key] += 1
    await session.flush()


async def _turns(session: Session, topic: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The next turn of each of these channels, in one statement."""
    asked = [_turn(topic, number, *key) for number, key in enumerate(keys)]
    found = (await session.execute(union_all(*asked))).all()
    return {keys[number]: max(first or 0, 0 if before is None else before + 1) for number, first, before in found}


def _turn(topic: str, number: int, gateway: str, channel: str) -> "Select[Any]":
    of_gateway = StreamRow.topic == topic, StreamRow.gateway == gateway
    stands = select(func.min(StreamRow.turn)).where(*of_gateway).scalar_subquery()
    last = select(func.max(StreamRow.turn)).where(*of_gateway, StreamRow.channel == channel).scalar_subquery()
    return select(literal(number), stands, last)


async def next_gateway(session: Session, topic: str, after: str) -> str | None:
    """The gateway after this one, in rotation, that has a record to be claimed."""
    query = select(StreamRow.gateway).where(StreamRow.topic == topic, _claimable()).order_by(StreamRow.gateway).limit(1)
    found = await session.scalar(query.where(StreamRow.gateway > after))
    return found if found is not None else await session.scalar(query)


async def claim_next(session: Session, topic: str, gateway: str, claimant: str, most: int = 1) -> list[StreamRow]:
    """The records of this gateway whose turn it is; rows that somebody else is claiming are passed over."""
    query = select(StreamRow.id).where(StreamRow.topic == topic, StreamRow.gateway == gateway, _claimable())
    return await _claim(session, query.order_by(StreamRow.turn, StreamRow.id).limit(most), claimant)


async def claim(session: Session, topic: str, ident: str, claimant: str) -> list[StreamRow]:
    """One certain record, before its turn. Empty: it is claimed, or done."""
    query = select(StreamRow.id).where(StreamRow.topic == topic, StreamRow.ident == ident)
    return await _claim(session, query.limit(1), claimant)


async def _claim(session: Session, wanted: "Select[int]", claimant: str) -> list[StreamRow]:
    """PostgreSQL locks what is wanted and passes over what is locked; SQLite has one writer, and leaves the words out.

    What is wanted is found out once, in a query of its own: as a subquery PostgreSQL may ask for it again and again, and get
    other rows each time (https://www.postgresql.org/docs/current/queries-with.html, "evaluated only once").
    """
    found = wanted.with_for_update(skip_locked=True).cte("wanted")
    values = {"claimed_until": clock() + LEASE, "claimant": claimant, "attempts": StreamRow.attempts + 1}
    query = update(StreamRow).where(StreamRow.id.in_(select(found.c.id)), _claimable()).values(values)
    rows = await session.scalars(query.returning(StreamRow), execution_options={"synchronize_session": False})
    return sorted(rows, key=lambda row: (row.turn, row.id))


async def extend(session: Session, ids: Iterable[int], claimant: str) -> None:
    """Claims that go on."""
    mine = StreamRow.id.in_(list(ids)), StreamRow.claimant == claimant
    await session.execute(update(StreamRow).where(*mine).values(claimed_until=clock() + LEASE))


async def release(session: Session, ident: int, claimant: str, *, failed: bool) -> None:
    """Let a claimed record be claimed by anybody. ``failed``: see ``Consumption.again``."""
    values = {"claimed_until": None, "attempts": StreamRow.attempts - 1, "failures": StreamRow.failures + int(failed)}
    await session.execute(update(StreamRow).where(StreamRow.id == ident, StreamRow.claimant == claimant).values(values))


async def release_all(session: Session, claimant: str) -> None:
    """What a claimant of this name had when it was killed."""
    mine = StreamRow.claimant == claimant, StreamRow.claimed_until.is_not(None)
    await session.execute(update(StreamRow).where(*mine).values(claimed_until=None))


async def remove(session: Session, ids: Iterable[int]) -> None:
    await session.execute(delete(StreamRow).where(StreamRow.id.in_(list(ids))))


async def lying(session: Session, topic: str, since: datetime, most: int) -> list[dict[str, Any]]:
    """Headers of the last records since then, at most so many."""
    query = select(StreamRow.headers).where(StreamRow.topic == topic, StreamRow.published_at >= since)
    return list(await session.scalars(query.order_by(StreamRow.id.desc()).limit(most)))


async def waiting(session: Session, topic: str, most: int) -> int:
    """How many records a topic holds; counted up to ``most``."""
    query = select(StreamRow.id).where(StreamRow.topic == topic).limit(most)
    return await session.scalar(select(func.count()).select_from(query.subquery())) or 0


async def waiting_by_channel(session: Session, topic: str) -> dict[tuple[str, str], int]:
    """How many records a topic holds, by gateway and channel."""
    query = select(StreamRow.gateway, StreamRow.channel, func.count()).where(StreamRow.topic == topic)
    rows = await session.execute(query.group_by(StreamRow.gateway, StreamRow.channel))
    return {(gateway, channel): count for gateway, channel, count in rows}


def record_of(row: StreamRow) -> Record:
    return Record(key_of(row.gateway, row.channel), row.value, row.headers)

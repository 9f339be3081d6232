"""Hunts in the database: any server may take one up, one at a time, and go on where another ended."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, or_, select, update

from app.db import Session
from app.db.dialect import clock
from app.db.ids import new_id
from app.db.models import FingerprintRow, HuntRow, ReferenceRow, now

_OPEN = ("queued", "running")


async def begin(session: Session, asset_id: str, by: str, since: datetime | None = None) -> HuntRow:
    """Queue one. ``by``: empty, nobody asked: the asset came, or came anew. ``since``: seen from then on; all if none."""
    row = HuntRow(id=new_id("hnt"), asset_id=asset_id, status="queued", by=by, since=since)
    session.add(row)
    await session.flush()
    return row


async def get(session: Session, hunt_id: str) -> HuntRow | None:
    return await session.get(HuntRow, hunt_id)


async def of_asset(session: Session, asset_id: str, most: int) -> list[HuntRow]:
    """The last ones, newest first."""
    query = select(HuntRow).where(HuntRow.asset_id == asset_id).order_by(HuntRow.id.desc()).limit(most)
    return list(await session.scalars(query))


async def waiting(session: Session) -> str | None:
    """The hunt that nobody is at and that waits longest."""
    query = select(HuntRow.id).where(HuntRow.status.in_(_OPEN), _free()).order_by(HuntRow.id).limit(1)
    found: str | None = await session.scalar(query)
    return found


async def claim(session: Session, ident: str, seconds: float) -> HuntRow | None:
    """Take it up; of two that try one is told ``None``."""
    values = {"status": "running", "claimed_until": clock() + seconds}
    query = update(HuntRow).where(HuntRow.id == ident, HuntRow.status.in_(_OPEN), _free()).values(values)
    if await session.scalar(query.returning(HuntRow.id)) is None:
        return None
    return await session.get(HuntRow, ident, populate_existing=True)


async def keep(session: Session, ident: str, seconds: float) -> None:
    await session.execute(_running(ident).values(claimed_until=clock() + seconds))


async def hold(session: Session, hunt_id: str) -> bool:
    """Keep it as it is until the transaction ends, and its asset with it. False if nobody wants it any more.

    Not by changing it, and changing it again at the end: PostgreSQL asks whether the asset is still there for a row that the
    transaction itself has written (``RI_FKey_fk_upd_check_required``), and waits for whoever removes that and waits for us.
    """
    query = select(HuntRow.id).where(HuntRow.id == hunt_id, HuntRow.status == "running").with_for_update()
    return await session.scalar(query) is not None


async def advance(session: Session, hunt_id: str, reached: int, **values: Any) -> bool:
    """How far it is: parts up to that number were looked at. False if there is no such hunt any more, or it has ended.

    Once a transaction (see ``hold``).
    """
    query = _running(hunt_id).values({**values, "reached": reached})
    return await session.scalar(query.returning(HuntRow.id)) is not None


async def drop(session: Session, ident: str, *, stumbled: bool) -> None:  # noqa: ARG001 (either way it is to be done)
    """Let another take it up at once."""
    await session.execute(_running(ident).values(claimed_until=None))


async def finish(session: Session, ident: str, status: str, reason: str | None = None) -> None:
    values = {"status": status, "reason": reason, "finished_at": now(), "claimed_until": None}
    await session.execute(_running(ident).values(values))


async def wholes(session: Session, asset_id: str) -> list[bytes]:
    """Perceptual hashes of an asset's references, in the bytes of their kind."""
    query = select(FingerprintRow.data).join(ReferenceRow).where(ReferenceRow.asset_id == asset_id)
    return list(await session.scalars(query.where(FingerprintRow.kind == "perceptual")))


async def details(session: Session, asset_id: str, most: int) -> dict[str, bytes]:
    """Keypoints of an asset's references, in the bytes of their kind; nothing, if more than so many have some."""
    query = select(FingerprintRow.reference_id, FingerprintRow.data).join(ReferenceRow)
    query = query.where(ReferenceRow.asset_id == asset_id, FingerprintRow.kind == "keypoints")
    found = {row[0]: row[1] for row in await session.execute(query.limit(most + 1))}
    return found if len(found) <= most else {}


def _free() -> ColumnElement[bool]:
    return or_(HuntRow.claimed_until.is_(None), HuntRow.claimed_until <= clock())


def _running(ident: str) -> Update:
    return update(HuntRow).where(HuntRow.id == ident, HuntRow.status == "running")

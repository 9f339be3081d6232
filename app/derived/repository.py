"""Derived references and the alerts whose resolutions say that they are their assets."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import delete, func, select

from app.db import Session
from app.db.models import AssetRow, DerivedAlertRow, ReferenceRow

_SOME = 500  # values in one statement


async def registered(session: Session, references: Iterable[str]) -> dict[str, str]:
    """The kind of its asset, by reference, of those of these references that were registered, and not derived themselves."""
    found: dict[str, str] = {}
    for some in _chunks(set(references)):
        query = select(ReferenceRow.id, AssetRow.kind).join(AssetRow, AssetRow.id == ReferenceRow.asset_id)
        rows = await session.execute(query.where(ReferenceRow.id.in_(some), ReferenceRow.derived.is_(False)))
        found |= {row[0]: row[1] for row in rows}
    return found


async def find(session: Session, pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], ReferenceRow]:
    """References that are there of these (asset, digest), derived or not."""
    found: dict[tuple[str, str], ReferenceRow] = {}
    for some in _chunks({digest for _, digest in pairs}):
        rows = await session.scalars(select(ReferenceRow).where(ReferenceRow.digest.in_(some)))
        found |= {(row.asset_id, row.digest): row for row in rows if (row.asset_id, row.digest) in pairs}
    return found


async def count(session: Session, asset_id: str) -> int:
    """How many derived references an asset has."""
    query = select(func.count()).where(ReferenceRow.asset_id == asset_id, ReferenceRow.derived.is_(True))
    return await session.scalar(query) or 0


async def back(session: Session, rows: Iterable[DerivedAlertRow]) -> None:
    """Let alerts say so; saying so again changes nothing."""
    for row in rows:
        if await session.get(DerivedAlertRow, (row.reference_id, row.alert_id)) is None:
            session.add(row)
    await session.flush()


async def said_by(session: Session, alert_ids: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Asset and derived reference, by the alert that says so."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for some in _chunks(alert_ids):
        columns = DerivedAlertRow.alert_id, ReferenceRow.asset_id, ReferenceRow.id
        query = select(*columns).join(ReferenceRow, ReferenceRow.id == DerivedAlertRow.reference_id)
        for alert, asset, reference in await session.execute(
            query.where(DerivedAlertRow.alert_id.in_(some)).order_by(ReferenceRow.id)
        ):
            found[alert].append((asset, reference))
    return dict(found)


async def alerts(session: Session, references: Iterable[str]) -> dict[str, list[str]]:
    """Which alerts say so, the first one first, by reference."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for some in _chunks(references):
        query = select(DerivedAlertRow).where(DerivedAlertRow.reference_id.in_(some))
        for row in await session.scalars(query.order_by(DerivedAlertRow.at, DerivedAlertRow.alert_id)):
            found[row.reference_id].append(row.alert_id)
    return dict(found)


async def withdraw(session: Session, alert_ids: Iterable[str]) -> None:
    """Let alerts say so no longer."""
    for some in _chunks(alert_ids):
        await session.execute(delete(DerivedAlertRow).where(DerivedAlertRow.alert_id.in_(some)))


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    ids = list(ids)
    yield from (ids[start : start + _SOME] for start in range(0, len(ids), _SOME))

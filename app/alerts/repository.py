"""Alerts and their lines in the queue in the database."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_, update

from app.alerts.history.repository import SILENT
from app.alerts.lines import needle
from app.alerts.schemas import AlertFilter, Order
from app.db import Session, turn
from app.db.columns import Text
from app.db.models import AlertAssetRow, AlertHistoryRow, AlertRow, AttachmentRow, MessageRow, QueueRow

_SOME = 500  # values in one statement
_NAMES = 100  # offered in a menu
_FEW = 2000  # alerts: so many of a search are sorted sooner than looked for in their order


@dataclass(frozen=True, slots=True)
class State:
    """What is decided about an alert, and which version of that it is."""

    id: str
    message_id: str
    version: int
    status: str
    resolution: str | None
    assignee: str | None
    snoozed_until: datetime | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody knows: no alert younger than ``newest``, and nothing after that number but what they (``actor``) did."""

    newest: str
    happened: int
    actor: str


class Spread(NamedTuple):
    """In how many channels, and messages, something was found."""

    channels: int
    messages: int


async def alone(session: Session) -> None:
    """Be the only one who decides about alerts until the transaction ends; see ``app.db.turn``.

    Whoever needs the registry's turn besides asks for it after this one, and before any row is touched.
    """
    await turn(session, "alerts")


async def add(session: Session, row: AlertRow, assets: Iterable[str]) -> None:
    session.add(row)
    await session.flush()
    session.add_all(AlertAssetRow(alert_id=row.id, asset_id=asset) for asset in sorted(set(assets)))


async def get(session: Session, alert_id: str) -> AlertRow | None:
    return await session.get(AlertRow, alert_id)


async def of_message(session: Session, message_id: str) -> AlertRow | None:
    return (await session.scalars(select(AlertRow).where(AlertRow.message_id == message_id))).first()


async def historic(session: Session, asset_id: str, limit: int) -> list[str]:
    """Alerts about an asset that were found later, among what was seen: the last leaks first."""
    query = select(AlertRow.id).join(AlertAssetRow, AlertAssetRow.alert_id == AlertRow.id)
    query = query.where(AlertAssetRow.asset_id == asset_id, AlertRow.historic.is_(True))
    return list(await session.scalars(query.order_by(AlertRow.leaked_at.desc(), AlertRow.id).limit(limit)))


async def assets_of(session: Session, alert_id: str) -> set[str]:
    """Which assets an alert is about."""
    return set(await session.scalars(select(AlertAssetRow.asset_id).where(AlertAssetRow.alert_id == alert_id)))


async def any_of_messages(session: Session, message_ids: Collection[str]) -> bool:
    """Whether one of them has an alert."""
    for some in _chunks(message_ids):
        if await session.scalar(select(AlertRow.id).where(AlertRow.message_id.in_(some)).limit(1)) is not None:
            return True
    return False


async def widen(
    session: Session,
    row: AlertRow,
    asset_id: str | None,
    matches: Sequence[Mapping[str, Any]],
    values: Mapping[str, Any],
    *,
    first: bool,
) -> None:
    """An alert is about more, after, or before (``first``) what it was raised for; it becomes the next version.

    ``asset_id``: one more asset. ``values``: of other fields.
    """
    row.matches = [*matches, *row.matches] if first else [*row.matches, *matches]
    row.version += 1
    for name, value in values.items():
        setattr(row, name, value)
    session.add_all(AlertAssetRow(alert_id=row.id, asset_id=one) for one in (asset_id,) if one)
    await session.flush()


async def set_line(session: Session, alert_id: str, values: Mapping[str, Any]) -> None:
    """Let a line of the queue say that."""
    query = update(QueueRow).where(QueueRow.alert_id == alert_id).values(**values)
    await session.execute(query, execution_options={"synchronize_session": False})


async def by_ids(session: Session, ids: Sequence[str]) -> list[AlertRow]:
    """Those of the ids, in their order, that there are; as they are now."""
    found: dict[str, AlertRow] = {}
    for some in _chunks(ids):
        query = select(AlertRow).where(AlertRow.id.in_(some)).execution_options(populate_existing=True)
        found |= {row.id: row for row in await session.scalars(query)}
    return [found[one] for one in ids if one in found]


async def states(session: Session, ids: Collection[str]) -> list[State]:
    """Those of the ids, in their order, that there are."""
    columns = [getattr(AlertRow, name) for name in State.__slots__]
    found: dict[str, State] = {}
    for some in _chunks(ids):
        found |= {row.id: State(*row) for row in await session.execute(select(*columns).where(AlertRow.id.in_(some)))}
    return [found[one] for one in ids if one in found]


async def find(
    session: Session,
    wanted: AlertFilter,
    order: Order = "newest",
    after: str | None = None,
    limit: int | None = None,
    among: Collection[str] | None = None,
    upto: str | None = None,
) -> list[str]:
    """Ids in that order, of what comes after the alert ``after``; ``among``: of these alone; ``upto``: none younger than it."""
    query = select(QueueRow.alert_id).where(*_where(wanted)).limit(limit)
    query = query if upto is None else query.where(QueueRow.alert_id <= upto)
    query = query if among is None else query.where(QueueRow.alert_id.in_(among))
    if order == "newest":
        query = query.where(QueueRow.alert_id < after) if after else query
        return list(await session.scalars(query.order_by(QueueRow.alert_id.desc())))
    if after:
        urgency = await session.scalar(select(QueueRow.urgency).where(QueueRow.alert_id == after))
        query = query.where(tuple_(QueueRow.urgency, QueueRow.alert_id) < tuple_(literal(urgency or 0), literal(after, Text())))
    return list(await session.scalars(query.order_by(QueueRow.urgency.desc(), QueueRow.alert_id.desc())))


async def found(session: Session, wanted: AlertFilter, order: Order) -> list[str] | None:
    """All ids that a search finds, in that order; ``None``: they are many, or no search.

    Where few hold the words, a database that seeks the first in the queue's order walks nearly all of it to find a page's, and
    once more to count them. Of many a page's are soon met.
    """
    if not wanted.q:
        return None
    rows = list(await session.execute(select(QueueRow.urgency, QueueRow.alert_id).where(*_where(wanted)).limit(_FEW + 1)))
    if len(rows) > _FEW:
        return None
    if order == "newest":
        return sorted((alert_id for _, alert_id in rows), reverse=True)
    return [alert_id for _, alert_id in sorted((urgency, alert_id) for urgency, alert_id in rows)][::-1]


async def before(session: Session, wanted: AlertFilter, order: Order, alert_id: str, limit: int = 1) -> list[str]:
    """What comes right before an alert in that order, the nearest first, whether or not it is still among what is wanted."""
    query = select(QueueRow.alert_id).where(*_where(wanted)).limit(limit)
    if order == "newest":
        return list(await session.scalars(query.where(QueueRow.alert_id > alert_id).order_by(QueueRow.alert_id)))
    urgency = await session.scalar(select(QueueRow.urgency).where(QueueRow.alert_id == alert_id))
    above = tuple_(QueueRow.urgency, QueueRow.alert_id) > tuple_(literal(urgency or 0), literal(alert_id, Text()))
    return list(await session.scalars(query.where(above).order_by(QueueRow.urgency, QueueRow.alert_id)))


async def lines(session: Session, ids: Sequence[str]) -> list[tuple[QueueRow, State]]:
    """Those of the ids, in their order, that there are."""
    known = {state.id: state for state in await states(session, ids)}
    found: dict[str, QueueRow] = {}
    for some in _chunks(ids):
        found |= {row.alert_id: row for row in await session.scalars(select(QueueRow).where(QueueRow.alert_id.in_(some)))}
    return [(found[one], known[one]) for one in ids if one in found and one in known]


async def count(session: Session, wanted: AlertFilter, after: str | None = None, seen: Seen | None = None) -> int:
    """How many there are; ``after``: younger than that alert; ``seen``: known, and as they were known."""
    query = select(func.count()).select_from(QueueRow).where(*_where(wanted))
    query = query.where(QueueRow.alert_id > after) if after else query
    if seen:
        query = query.where(QueueRow.alert_id <= seen.newest, QueueRow.alert_id.not_in(_changed(seen)))
    return await session.scalar(query) or 0


async def changed_since(session: Session, seen: Seen) -> set[str]:
    """Alerts that are not as somebody knows them."""
    return set(await session.scalars(_changed(seen)))


async def changes_since(session: Session, wanted: AlertFilter, happened: int, limit: int) -> list[tuple[str, dict[str, Any]]]:
    """What was changed, after that number, of alerts that are wanted now: alert and change, in their order."""
    query = select(AlertHistoryRow.alert_id, AlertHistoryRow.change).join(QueueRow, QueueRow.alert_id == AlertHistoryRow.alert_id)
    query = query.where(AlertHistoryRow.id > happened, AlertHistoryRow.action.not_in(SILENT), *_where(wanted))
    return [(row[0], row[1]) for row in await session.execute(query.order_by(AlertHistoryRow.id).limit(limit))]


async def counts(session: Session) -> dict[tuple[str, str], int]:
    """How many there are, by standing and severity."""
    query = select(QueueRow.standing, QueueRow.severity, func.count()).group_by(QueueRow.standing, QueueRow.severity)
    return {(standing, severity): number for standing, severity, number in await session.execute(query)}


async def newest(session: Session) -> str | None:
    """The youngest alert."""
    found: str | None = await session.scalar(select(func.max(QueueRow.alert_id)))
    return found


async def named(session: Session) -> tuple[list[str], list[str]]:
    """Whom alerts are assigned to, and which gateways they come from."""
    return await _values(session, QueueRow.assignee), await _values(session, QueueRow.gateway)


async def enter(session: Session, row: QueueRow) -> None:
    session.add(row)
    await session.flush()


async def last_seen(session: Session, row: QueueRow, since: datetime) -> int | None:
    """The doublings of the last line about the same thing in the same channel; ``None``: it is new there."""
    query = select(QueueRow.doublings).where(*_same(row, since), QueueRow.gateway == row.gateway)
    return await session.scalar(query.where(QueueRow.channel_id == row.channel_id).order_by(QueueRow.created_at.desc()).limit(1))


async def spread(session: Session, subjects: Collection[str], since: datetime) -> dict[str, Spread]:
    """How far each went."""
    place = QueueRow.subject, QueueRow.gateway, QueueRow.channel_id
    found: dict[str, Spread] = {}
    for some in _chunks(subjects):
        lines = select(*place, func.count().label("lines")).where(QueueRow.subject.in_(some), QueueRow.created_at >= since)
        places = lines.group_by(*place).subquery()
        query = select(places.c.subject, func.count(), func.sum(places.c.lines)).group_by(places.c.subject)
        found |= {subject: Spread(channels, int(messages)) for subject, channels, messages in await session.execute(query)}
    return found


async def subjects(session: Session, ids: Collection[str]) -> dict[str, str | None]:
    """What these alerts are about first."""
    found: dict[str, str | None] = {}
    for some in _chunks(ids):
        rows = await session.execute(select(QueueRow.alert_id, QueueRow.subject).where(QueueRow.alert_id.in_(some)))
        found |= {row.alert_id: row.subject for row in rows}
    return found


async def doublings(session: Session, alert_id: str) -> int:
    """As its line has them."""
    return await session.scalar(select(QueueRow.doublings).where(QueueRow.alert_id == alert_id)) or 0


async def raise_up(session: Session, row: QueueRow, since: datetime) -> None:
    """Let the other lines about the same thing know how far it went. One that is being changed now is left for the next time."""
    behind = (*_same(row, since), QueueRow.doublings < row.doublings, QueueRow.standing != "resolved")
    found = list(await session.scalars(select(QueueRow.alert_id).where(*behind).with_for_update(skip_locked=True)))
    values = {"urgency": QueueRow.urgency - QueueRow.doublings + row.doublings, "doublings": row.doublings}
    for some in _chunks(found):
        query = update(QueueRow).where(QueueRow.alert_id.in_(some)).values(values)
        await session.execute(query, execution_options={"synchronize_session": False})


async def set_states(session: Session, ids: Sequence[str], values: Mapping[str, Any], standing: str) -> None:
    """Give alerts those of the fields of a ``State``, and their lines that standing; each becomes the next version."""
    shown = {name: value for name, value in values.items() if name != "snoozed_until"}
    for some in _chunks(ids):
        query = update(AlertRow).where(AlertRow.id.in_(some)).values(**values, version=AlertRow.version + 1)
        await session.execute(query, execution_options={"synchronize_session": False})
        line = update(QueueRow).where(QueueRow.alert_id.in_(some)).values(**shown, standing=standing)
        await session.execute(line, execution_options={"synchronize_session": False})


async def due(session: Session, at: datetime, limit: int) -> list[str]:
    """Alerts whose snoozing is over."""
    query = select(AlertRow.id).where(AlertRow.snoozed_until <= at).order_by(AlertRow.snoozed_until).limit(limit)
    return list(await session.scalars(query))


async def messages(session: Session, ids: Iterable[str]) -> dict[str, MessageRow]:
    found: dict[str, MessageRow] = {}
    for some in _chunks(list(ids)):
        found |= {row.id: row for row in await session.scalars(select(MessageRow).where(MessageRow.id.in_(some)))}
    return found


async def about_assets(session: Session, assets: Collection[str], limit: int) -> list[str]:
    """The newest alerts about any of these assets."""
    query = select(AlertAssetRow.alert_id).where(AlertAssetRow.asset_id.in_(assets)).distinct()
    return list(await session.scalars(query.order_by(AlertAssetRow.alert_id.desc()).limit(limit)))


async def with_bytes(session: Session, digests: Collection[str], limit: int) -> list[str]:
    """The newest alerts about messages with one of these files, by SHA-256."""
    some = select(AttachmentRow.message_id).where(AttachmentRow.sha256.in_(digests)).distinct()
    some = some.order_by(AttachmentRow.message_id.desc()).limit(limit)
    query = select(AlertRow.id).where(AlertRow.message_id.in_(some.subquery().select()))
    return list(await session.scalars(query.order_by(AlertRow.id.desc())))


async def by_sender(session: Session, message: Mapping[str, Any], since: str, limit: int) -> list[str]:
    """The newest alerts about what this message's sender posted in its channel since a message's id."""
    same = (
        MessageRow.gateway == message["gateway"],
        MessageRow.channel_id == message["channel"]["id"],
        MessageRow.sender_id == message["sender"]["id"],
        MessageRow.id >= since,
    )
    some = select(MessageRow.id).where(*same).order_by(MessageRow.id.desc()).limit(limit)
    query = select(AlertRow.id).where(AlertRow.message_id.in_(some.subquery().select()))
    return list(await session.scalars(query.order_by(AlertRow.id.desc())))


async def _values(session: Session, column: Any) -> list[str]:
    """The first hundred values of a column, each found by one look into its index; DISTINCT would read all of it."""
    found: list[str] = []
    last = await session.scalar(select(func.min(column)))
    while last is not None and len(found) < _NAMES:
        found.append(last)
        last = await session.scalar(select(func.min(column)).where(column > last))
    return found


def _changed(seen: Seen) -> Select[str]:
    """Alerts that others, or the clock, changed since."""
    others = AlertHistoryRow.actor != literal(seen.actor, Text()), AlertHistoryRow.action.not_in(SILENT)
    return select(AlertHistoryRow.alert_id).where(AlertHistoryRow.id > seen.happened, *others)


def _same(row: QueueRow, since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Other lines about the same thing."""
    return QueueRow.subject == row.subject, QueueRow.created_at >= since, QueueRow.alert_id != row.alert_id


def _chunks(ids: Collection[str]) -> Iterable[Sequence[str]]:
    ids = list(ids)
    return (ids[start : start + _SOME] for start in range(0, len(ids), _SOME))


def _where(wanted: AlertFilter) -> Iterable[ColumnElement[bool]]:
    """``status`` and ``snoozed`` together name a standing, by which the queue is sorted."""
    standing = "snoozed" if wanted.snoozed else wanted.status if wanted.snoozed is False else None
    same: tuple[tuple[Any, object], ...] = (
        (QueueRow.standing, standing),
        (QueueRow.status, None if standing == wanted.status else wanted.status),
        (QueueRow.resolution, wanted.resolution),
        (QueueRow.severity, wanted.severity),
        (QueueRow.gateway, wanted.gateway),
        (QueueRow.channel_id, wanted.channel),
        (QueueRow.sender_id, wanted.sender),
        (QueueRow.assignee, wanted.assignee),
    )
    yield from (column == value for column, value in same if value is not None)
    if wanted.snoozed is False and wanted.status is None:
        yield QueueRow.standing != "snoozed"
    if wanted.assigned is not None:
        yield QueueRow.assignee.is_not(None) if wanted.assigned else QueueRow.assignee.is_(None)
    if wanted.external is not None:
        yield QueueRow.external.is_(True) if wanted.external else QueueRow.external.is_not(True)
    if wanted.detector is not None:
        yield QueueRow.detectors.contains(f" {wanted.detector} ", autoescape=True)
    if wanted.asset is not None:
        yield QueueRow.alert_id.in_(select(AlertAssetRow.alert_id).where(AlertAssetRow.asset_id == wanted.asset))
    if wanted.since is not None:
        yield QueueRow.created_at >= wanted.since
    if wanted.until is not None:
        yield QueueRow.created_at < wanted.until
    yield from (QueueRow.words.contains(needle(word), autoescape=True) for word in (wanted.q or "").split())

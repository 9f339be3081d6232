"""Incidents, what belongs to them and what happened to them in the database."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, func, insert, literal, or_, select, tuple_, update

from app.alerts.history.repository import Happening
from app.alerts.urgency import GRAVITY
from app.db import Session
from app.db.columns import Moment, Text
from app.db.dialect import epoch
from app.db.models import (
    AlertAssetRow,
    AlertRow,
    AttachmentRow,
    IncidentAlertRow,
    IncidentHistoryRow,
    IncidentMoveRow,
    IncidentRow,
    IncidentSubjectRow,
    IncidentTaskRow,
    MessageRow,
    QueueRow,
    SeenPartRow,
    SightingRow,
)
from app.incidents.clocks import AHEAD, OLDEST
from app.incidents.schemas import IncidentFilter
from app.joining.subjects import ASSET, BYTES, PICTURE, TEXT, picture, strangers, words

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SOME = 500  # values in one statement
_PLACES = 200  # channels of which it is asked who is in them
HARMLESS = ("false_positive", "benign_positive")


@dataclass(frozen=True, slots=True)
class Far:
    """How far an incident went, by its alerts: channels, how many of them external, people, and members where known."""

    channels: int
    external: int
    people: int


async def add(session: Session, *rows: Any) -> None:
    """Incidents, memberships, tasks, moves, histories, in this order."""
    for row in rows:
        session.add(row)
    await session.flush()


async def record(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Many rows of histories at once."""
    if rows:
        await session.execute(insert(IncidentHistoryRow), rows)


# ---- finding


async def get(session: Session, incident_id: str) -> IncidentRow | None:
    """As it is now."""
    return await session.get(IncidentRow, incident_id, populate_existing=True)


async def locked(session: Session, ids: Collection[str]) -> dict[str, IncidentRow]:
    """Those that there are, as nobody changes them until the transaction ends."""
    query = select(IncidentRow).where(IncidentRow.id.in_(ids)).order_by(IncidentRow.id).with_for_update()
    return {row.id: row for row in await session.scalars(query.execution_options(populate_existing=True))}


async def by_ids(session: Session, ids: Collection[str]) -> list[IncidentRow]:
    """Those of the ids, in their order, that there are."""
    query = select(IncidentRow).where(IncidentRow.id.in_(ids)).execution_options(populate_existing=True)
    found = {row.id: row for row in await session.scalars(query)}
    return [found[one] for one in ids if one in found]


async def find(session: Session, wanted: IncidentFilter, after: str | None, limit: int) -> list[str]:
    """Ids: open ones first, then contained, then closed; the gravest first, then what came last. What was merged is none."""
    order = IncidentRow.status, IncidentRow.gravity, IncidentRow.last_at, IncidentRow.id
    query = _where(select(IncidentRow.id), wanted).limit(limit)
    if after:
        last = (await session.execute(select(*order).where(IncidentRow.id == after))).first()
        if last is None:
            return []
        types = Text(), None, Moment(), Text()
        place = (literal(value, kind) for value, kind in zip(last, types, strict=True))
        query = query.where(tuple_(*order) < tuple_(*place))
    return list(await session.scalars(query.order_by(*(column.desc() for column in order))))


async def counts(session: Session) -> dict[str, int]:
    """How many there are, by status."""
    query = select(IncidentRow.status, func.count()).where(IncidentRow.merged_into.is_(None)).group_by(IncidentRow.status)
    return {row[0]: row[1] for row in await session.execute(query)}


async def commanders(session: Session) -> list[str]:
    """Whoever leads one that is not closed."""
    leads = IncidentRow.commander.is_not(None), IncidentRow.status != "closed"
    query = select(IncidentRow.commander).where(*leads).distinct().order_by(IncidentRow.commander).limit(100)
    return [name for name in await session.scalars(query) if name]


async def of_alerts(session: Session, ids: Collection[str]) -> dict[str, tuple[str, int]]:
    """Each alert's incident, and how many alerts that has."""
    found: dict[str, tuple[str, int]] = {}
    for some in _chunks(ids):
        query = select(IncidentAlertRow.alert_id, IncidentRow.id, IncidentRow.alert_count)
        query = query.join(IncidentRow, IncidentRow.id == IncidentAlertRow.incident_id)
        found |= {row[0]: (row[1], row[2]) for row in await session.execute(query.where(IncidentAlertRow.alert_id.in_(some)))}
    return found


async def alerts_of(session: Session, incident_id: str, limit: int | None = None) -> list[str]:
    """The first ones, in the order in which they were raised."""
    query = select(IncidentAlertRow.alert_id).where(IncidentAlertRow.incident_id == incident_id)
    return list(await session.scalars(query.order_by(IncidentAlertRow.alert_id).limit(limit)))


async def posted_first(session: Session, incident_id: str, limit: int) -> tuple[list[str], int]:
    """Alerts in the order in which their messages count as posted, and how many later ones there are than so many."""
    query = select(IncidentAlertRow.alert_id).join(AlertRow, AlertRow.id == IncidentAlertRow.alert_id)
    query = query.join(MessageRow, MessageRow.id == AlertRow.message_id).where(IncidentAlertRow.incident_id == incident_id)
    found = list(await session.scalars(query.order_by(counted_at(), IncidentAlertRow.alert_id).limit(limit)))
    every = select(func.count()).where(IncidentAlertRow.incident_id == incident_id)
    return found, (await session.scalar(every) or 0) - len(found)


async def last_alerts(session: Session, incident_id: str, limit: int, before: str | None = None) -> list[str]:
    """The last ones, or the last before an alert, in the order in which they were raised."""
    query = select(IncidentAlertRow.alert_id).where(IncidentAlertRow.incident_id == incident_id)
    query = query.where(IncidentAlertRow.alert_id < before) if before else query
    return list(await session.scalars(query.order_by(IncidentAlertRow.alert_id.desc()).limit(limit)))[::-1]


async def messages_of(session: Session, incident_id: str) -> dict[str, str]:
    """Its alerts, by the message each is about."""
    query = select(AlertRow.message_id, AlertRow.id).join(IncidentAlertRow, IncidentAlertRow.alert_id == AlertRow.id)
    return {row[0]: row[1] for row in await session.execute(query.where(IncidentAlertRow.incident_id == incident_id))}


async def far(session: Session, ids: Collection[str]) -> dict[str, Far]:
    """How far each went, by what was not found to be a false alarm."""
    counts = func.coalesce(QueueRow.resolution, "") != "false_positive"
    place = IncidentAlertRow.incident_id, QueueRow.gateway, QueueRow.channel_id
    joined = select(*place, func.max(case((QueueRow.external.is_(True), 1), else_=0)).label("outside"))
    joined = joined.join(QueueRow, QueueRow.alert_id == IncidentAlertRow.alert_id)
    places = joined.where(IncidentAlertRow.incident_id.in_(ids), counts).group_by(*place).subquery()
    channels = select(places.c.incident_id, func.count(), func.sum(places.c.outside)).group_by(places.c.incident_id)
    who = select(IncidentAlertRow.incident_id, QueueRow.gateway, QueueRow.sender_id).distinct()
    who = who.join(QueueRow, QueueRow.alert_id == IncidentAlertRow.alert_id)
    who = who.where(IncidentAlertRow.incident_id.in_(ids), counts)
    some = who.subquery()
    people = select(some.c.incident_id, func.count()).group_by(some.c.incident_id)
    counted = {row[0]: row[1] for row in await session.execute(people)}
    return {one: Far(number, int(outside), counted.get(one, 0)) for one, number, outside in await session.execute(channels)}


People = dict[tuple[str, str], dict[tuple[str, str], datetime]]
"""Of channels (gateway, id), those (gateway, sender id) who were seen to post there, and since when."""


async def people_in(session: Session, channels: Collection[tuple[str, str]], senders: Collection[tuple[str, str]]) -> People:
    """Which of these people were seen to post anything in these channels: since the earliest of their messages there counts as
    posted, in whatever order they came.
    """
    found: People = {}
    where = MessageRow.channel_id, MessageRow.sender_id
    for gateway in {gateway for gateway, _ in channels}:
        places = sorted(channel for other, channel in channels if other == gateway)[:_PLACES]
        people = sorted(sender for other, sender in senders if other == gateway)[:_SOME]
        among = MessageRow.gateway == gateway, where[0].in_(places), where[1].in_(people)
        query = select(*where, func.min(counted_at())).where(*among).group_by(*where)
        for channel, sender, since in await session.execute(query):
            found.setdefault((gateway, channel), {})[gateway, sender] = _EPOCH + timedelta(milliseconds=round(1000 * since))
    return found


def counted_at() -> ColumnElement[float]:
    """When a message counts as posted, in seconds since 1970: ``app.incidents.clocks.counted``, where the messages are."""
    stated, received = epoch(MessageRow.body["sent_at"].as_string()), epoch(MessageRow.received_at)
    possible = (received - stated).between(-AHEAD.total_seconds(), OLDEST.total_seconds())
    return case((possible, stated), else_=received)


async def senders_of(session: Session, incident_id: str) -> list[tuple[str, str]]:
    """Whoever posted what its alerts are about (gateway, id), in the order in which they did first; the first _SOME."""
    who = QueueRow.gateway, QueueRow.sender_id
    query = select(*who).join(IncidentAlertRow, IncidentAlertRow.alert_id == QueueRow.alert_id)
    query = query.where(IncidentAlertRow.incident_id == incident_id).group_by(*who)
    return [(row[0], row[1]) for row in await session.execute(query.order_by(func.min(QueueRow.alert_id)).limit(_SOME))]


async def assets_of(session: Session, incident_id: str) -> list[str]:
    """Ids of the assets its alerts are about, the most often found first."""
    query = select(AlertAssetRow.asset_id).join(IncidentAlertRow, IncidentAlertRow.alert_id == AlertAssetRow.alert_id)
    query = query.where(IncidentAlertRow.incident_id == incident_id).group_by(AlertAssetRow.asset_id)
    return list(await session.scalars(query.order_by(func.count().desc(), AlertAssetRow.asset_id).limit(20)))


async def undecided(session: Session, ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """Of each: alerts that are not resolved, and those not found to be harmless."""
    open_ones = func.sum(case((AlertRow.status == "resolved", 0), else_=1))
    harmful = func.sum(case((and_(AlertRow.status == "resolved", AlertRow.resolution.in_(HARMLESS)), 0), else_=1))
    query = select(IncidentAlertRow.incident_id, open_ones, harmful).join(AlertRow, AlertRow.id == IncidentAlertRow.alert_id)
    rows = await session.execute(query.where(IncidentAlertRow.incident_id.in_(ids)).group_by(IncidentAlertRow.incident_id))
    return {one: (int(left), int(more)) for one, left, more in rows}


# ---- moving


async def move_alerts(session: Session, source: str, target: str, ids: Collection[str] | None = None) -> list[str]:
    """All alerts of an incident, or these, to another; says which they were."""
    moved: list[str] = []
    for some in [None] if ids is None else _chunks(ids):
        query = update(IncidentAlertRow).where(IncidentAlertRow.incident_id == source).values(incident_id=target)
        query = query if some is None else query.where(IncidentAlertRow.alert_id.in_(some))
        moved += await session.scalars(query.returning(IncidentAlertRow.alert_id))
    return sorted(moved)


async def move_tasks(session: Session, source: str, target: str, ids: Collection[str] | None = None) -> list[str]:
    """Likewise."""
    query = update(IncidentTaskRow).where(IncidentTaskRow.incident_id == source).values(incident_id=target)
    query = query if ids is None else query.where(IncidentTaskRow.id.in_(ids))
    return sorted(await session.scalars(query.returning(IncidentTaskRow.id)))


async def recount(session: Session, ids: Collection[str]) -> None:
    """Let incidents say again what their alerts say; one without alerts stays as it is, but for their number."""
    grave = case(GRAVITY, value=AlertRow.severity, else_=0)
    leaked = func.coalesce(AlertRow.leaked_at, AlertRow.created_at, type_=Moment())
    columns = func.count(), func.max(grave), func.min(leaked, type_=Moment()), func.max(leaked, type_=Moment())
    query = select(IncidentAlertRow.incident_id, *columns).join(AlertRow, AlertRow.id == IncidentAlertRow.alert_id)
    rows = await session.execute(query.where(IncidentAlertRow.incident_id.in_(ids)).group_by(IncidentAlertRow.incident_id))
    said = {row[0]: dict(zip(("alert_count", "gravity", "opened_at", "last_at"), row[1:], strict=True)) for row in rows}
    for one in ids:
        await set_values(session, one, said.get(one, {"alert_count": 0}))


async def set_values(session: Session, incident_id: str, values: Mapping[str, Any], *, version: bool = False) -> None:
    """``version``: it becomes the next one."""
    more = {"version": IncidentRow.version + 1} if version else {}
    query = update(IncidentRow).where(IncidentRow.id == incident_id).values(**values, **more)
    await session.execute(query, execution_options={"synchronize_session": False})


async def only_with(session: Session, source: str, chosen: Collection[str]) -> list[str]:
    """Subjects of an incident that these alerts are about and no other alert of it is."""
    mine, rest = await _about(session, source, chosen), await _about(session, source, chosen, others=True)
    return sorted(mine - rest)


async def _about(session: Session, source: str, chosen: Collection[str], *, others: bool = False) -> set[str]:
    found = await _told(session, source, chosen, others=others)
    which = IncidentAlertRow.alert_id.not_in(chosen) if others else IncidentAlertRow.alert_id.in_(chosen)
    inside = select(IncidentAlertRow.alert_id).where(IncidentAlertRow.incident_id == source, which)
    bytes_of = select(literal(BYTES, Text()) + AttachmentRow.sha256)
    bytes_of = bytes_of.join(AlertRow, AlertRow.message_id == AttachmentRow.message_id)
    assets = select(literal(ASSET, Text()) + AlertAssetRow.asset_id).where(AlertAssetRow.alert_id.in_(inside))
    for query in (bytes_of.where(AlertRow.id.in_(inside)), assets):
        keys = select(IncidentSubjectRow.subject).where(IncidentSubjectRow.incident_id == source)
        found |= set(await session.scalars(keys.where(IncidentSubjectRow.subject.in_(query))))
    return found


async def _told(session: Session, source: str, chosen: Collection[str], *, others: bool) -> set[str]:
    """Texts and pictures among an incident's subjects that some of its alerts are about; nearly always it has none."""
    query = select(IncidentSubjectRow.subject).where(IncidentSubjectRow.incident_id == source)
    kinds = or_(*(IncidentSubjectRow.subject.startswith(kind, autoescape=True) for kind in (TEXT, PICTURE)))
    keys = set(await session.scalars(query.where(kinds)))
    if not keys:
        return set()
    ids = [one for one in await alerts_of(session, source) if (one in chosen) != others]
    found = set[str]()
    for some in _chunks(ids):
        found |= await _keys(session, some)
    return keys & found


async def _keys(session: Session, alerts: Collection[str]) -> set[str]:
    """Texts and pictures that alerts are about."""
    query = select(AlertRow.message_id, AlertRow.matches, MessageRow.body).join(MessageRow, MessageRow.id == AlertRow.message_id)
    rows = list(await session.execute(query.where(AlertRow.id.in_(alerts))))
    strange = {message: strangers(matches) for message, matches, _ in rows}
    looks = select(SightingRow.message_id, SightingRow.position, SeenPartRow.perceptual)
    looks = looks.join(SeenPartRow, SeenPartRow.number == SightingRow.seen)
    seen = await session.execute(looks.where(SightingRow.message_id.in_([one for one, places in strange.items() if places])))
    found = {picture(look) for message, place, look in seen if look is not None and place in strange[message]}
    return found.union(*(words(matches, body.get("text", "")) for _, matches, body in rows))


async def get_move(session: Session, move_id: str) -> IncidentMoveRow | None:
    return await session.get(IncidentMoveRow, move_id, populate_existing=True)


async def moves(session: Session, incident_id: str) -> list[IncidentMoveRow]:
    """Merges and splits of an incident that were not taken back, the last one first."""
    ours = or_(IncidentMoveRow.source == incident_id, IncidentMoveRow.target == incident_id)
    query = select(IncidentMoveRow).where(ours, IncidentMoveRow.undone_at.is_(None))
    return list(await session.scalars(query.order_by(IncidentMoveRow.id.desc()).limit(20)))


async def merges(session: Session, targets: Collection[str]) -> list[IncidentMoveRow]:
    """What was merged into these and not taken back, the first one first."""
    merged = IncidentMoveRow.kind == "merge", IncidentMoveRow.undone_at.is_(None)
    query = select(IncidentMoveRow).where(*merged, IncidentMoveRow.target.in_(targets))
    return list(await session.scalars(query.order_by(IncidentMoveRow.id)))


# ---- tasks and histories


async def tasks(session: Session, incident_id: str) -> list[IncidentTaskRow]:
    """In the order in which they were made."""
    query = select(IncidentTaskRow).where(IncidentTaskRow.incident_id == incident_id).order_by(IncidentTaskRow.id)
    return list(await session.scalars(query.execution_options(populate_existing=True)))


async def get_task(session: Session, incident_id: str, task_id: str) -> IncidentTaskRow | None:
    query = select(IncidentTaskRow).where(IncidentTaskRow.incident_id == incident_id, IncidentTaskRow.id == task_id)
    found: IncidentTaskRow | None = await session.scalar(query.execution_options(populate_existing=True))
    return found


async def history(
    session: Session, incident_id: str, *, joins: bool = False, limit: int = 500, before: int | None = None
) -> list[IncidentHistoryRow]:
    """In the order things happened, the last ones, or those ``before`` an entry.

    ``joins``: also that alerts joined, and that messages were deleted.
    """
    query = select(IncidentHistoryRow).where(IncidentHistoryRow.incident_id == incident_id)
    query = query if before is None else query.where(IncidentHistoryRow.id < before)
    query = query if joins else query.where(IncidentHistoryRow.action.not_in(("joined", "gone")))
    return list(await session.scalars(query.order_by(IncidentHistoryRow.id.desc()).limit(limit)))[::-1]


async def last_change(session: Session, incident_id: str) -> IncidentHistoryRow | None:
    """The last thing that happened to it and counted as a version."""
    silent = ("opened", "joined", "acknowledged", "decided", "reopened", "gone")
    query = select(IncidentHistoryRow).where(
        IncidentHistoryRow.incident_id == incident_id, IncidentHistoryRow.action.not_in(silent)
    )
    return (await session.scalars(query.order_by(IncidentHistoryRow.id.desc()).limit(1))).first()


async def last_happening(session: Session) -> int:
    """The number of the last row of any history; 0: there is none."""
    return await session.scalar(select(func.max(IncidentHistoryRow.id))) or 0


async def happenings(session: Session, ranges: Iterable[tuple[int, int | None]], limit: int) -> list[Happening]:
    """As ``app.alerts.repository.happenings``, of incidents."""
    number = IncidentHistoryRow.id
    among = or_(*(and_(number >= low, number <= high) if high is not None else number >= low for low, high in ranges))
    action = case((IncidentHistoryRow.action == "opened", "created"), else_=IncidentHistoryRow.action)
    query = select(number, IncidentHistoryRow.incident_id, action).where(among).order_by(number.desc()).limit(limit)
    return [Happening(*row) for row in await session.execute(query)][::-1]


async def let_go(session: Session, alerts: Collection[str]) -> None:
    """Alerts are about to be removed: incidents count them no longer, and those without any are removed as well."""
    ours = select(IncidentAlertRow.incident_id).where(IncidentAlertRow.alert_id.in_(alerts)).distinct()
    ids = list(await session.scalars(ours))
    await session.execute(delete(IncidentAlertRow).where(IncidentAlertRow.alert_id.in_(alerts)))
    await recount(session, ids)
    empty = ~exists().where(IncidentAlertRow.incident_id == IncidentRow.id), IncidentRow.merged_into.is_(None)
    await session.execute(delete(IncidentRow).where(IncidentRow.id.in_(ids), *empty))


def _where(query: Select[Any], wanted: IncidentFilter) -> Select[Any]:
    query = query.where(IncidentRow.merged_into.is_(None))
    if wanted.status is not None:
        query = query.where(IncidentRow.status == wanted.status)
    if wanted.severity is not None:
        query = query.where(IncidentRow.gravity == GRAVITY[wanted.severity])
    if wanted.commander is not None:
        query = query.where(IncidentRow.commander == wanted.commander)
    if wanted.asset is not None:
        about = select(IncidentAlertRow.incident_id).join(AlertAssetRow, AlertAssetRow.alert_id == IncidentAlertRow.alert_id)
        query = query.where(IncidentRow.id.in_(about.where(AlertAssetRow.asset_id == wanted.asset)))
    for word in (wanted.q or "").split():
        query = query.where(func.lower(IncidentRow.title).contains(word.lower(), autoescape=True))
    return query


def _chunks(ids: Collection[str]) -> Iterable[Sequence[str]]:
    ids = list(ids)
    return (ids[start : start + _SOME] for start in range(0, len(ids), _SOME))

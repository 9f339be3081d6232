"""Which incident has what, and letting an alert into one: a few statements, since every alert asks."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import case, insert, literal, null, select, union_all, update
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite understands it as well

from app.db import Session
from app.db.columns import Moment, Text
from app.db.models import AttachmentRow, IncidentAlertRow, IncidentHistoryRow, IncidentRow, IncidentSubjectRow
from app.joining.subjects import BYTES, PICTURE

_MOST_PICTURES = 5000
_HOLDER = IncidentRow.id, IncidentRow.status, IncidentRow.opened_at, IncidentRow.last_at, IncidentRow.earlier


class File(NamedTuple):
    """An attachment, briefly."""

    position: int
    name: str
    sha256: str


class Holder(NamedTuple):
    """The incident that has a subject, as far as joining it goes."""

    incident_id: str
    status: str
    opened_at: datetime
    last_at: datetime
    earlier: str | None


async def holders(session: Session, subjects: Collection[str]) -> dict[str, Holder]:
    """Which incident has each subject, if any."""
    columns = IncidentSubjectRow.subject, *_HOLDER
    query = select(*columns).join(IncidentRow, IncidentRow.id == IncidentSubjectRow.incident_id)
    rows = await session.execute(query.where(IncidentSubjectRow.subject.in_(subjects)))
    return {row[0]: Holder(*row[1:]) for row in rows}


async def holder(session: Session, incident_id: str) -> Holder | None:
    """An incident by its id, or what it was merged into."""
    row = await session.execute(select(*_HOLDER, IncidentRow.merged_into).where(IncidentRow.id == incident_id))
    found = row.first()
    return None if found is None else await holder(session, found[-1]) if found[-1] else Holder(*found[:-1])


async def known(session: Session, message_id: str, subjects: Collection[str]) -> tuple[list[File], dict[str, Holder]]:
    """A message's files, and which incident has each of these subjects and of the files' bytes, in one statement."""
    nothing = null().label("position"), null().label("name"), null().label("sha256")
    held = IncidentSubjectRow.subject, *_HOLDER
    files = select(AttachmentRow.position, AttachmentRow.name, AttachmentRow.sha256, *held).select_from(AttachmentRow)
    files = files.outerjoin(IncidentSubjectRow, IncidentSubjectRow.subject == literal(BYTES, Text()) + AttachmentRow.sha256)
    files = files.outerjoin(IncidentRow, IncidentRow.id == IncidentSubjectRow.incident_id).where(
        AttachmentRow.message_id == message_id
    )
    others = select(*nothing, *held).join(IncidentRow, IncidentRow.id == IncidentSubjectRow.incident_id)
    rows: list[Any] = list(await session.execute(union_all(files, others.where(IncidentSubjectRow.subject.in_(subjects)))))
    found = sorted(File(row[0], row[1], row[2]) for row in rows if row[0] is not None)
    return found, {row[3]: Holder(*row[4:]) for row in rows if row[4] is not None}


async def claim(session: Session, subjects: Iterable[str], incident_id: str, instead_of: Collection[str]) -> dict[str, str]:
    """Have subjects that nobody has, or these incidents have; who has each then. Of two at one moment the second waits."""
    rows = [{"subject": one, "incident_id": incident_id} for one in sorted(subjects)]
    query = upsert(IncidentSubjectRow).values(rows)
    ours = case(
        (IncidentSubjectRow.incident_id.in_(instead_of), query.excluded.incident_id), else_=IncidentSubjectRow.incident_id
    )
    query = query.on_conflict_do_update(index_elements=["subject"], set_={"incident_id": ours})
    found = await session.execute(query.returning(IncidentSubjectRow.subject, IncidentSubjectRow.incident_id))
    return {row[0]: row[1] for row in found}


async def add_subjects(session: Session, subjects: Iterable[str], incident_id: str) -> None:
    """Those that nobody has."""
    rows = [{"subject": one, "incident_id": incident_id} for one in sorted(subjects)]
    if rows:
        await session.execute(upsert(IncidentSubjectRow).on_conflict_do_nothing(index_elements=["subject"]), rows)


async def hand_over(session: Session, source: str, target: str, subjects: Collection[str] | None = None) -> list[str]:
    """All subjects of an incident, or these, to another; says which they were."""
    query = update(IncidentSubjectRow).where(IncidentSubjectRow.incident_id == source)
    query = query if subjects is None else query.where(IncidentSubjectRow.subject.in_(subjects))
    rows = await session.scalars(query.values(incident_id=target).returning(IncidentSubjectRow.subject))
    return sorted(rows)


async def take_in(session: Session, incident_id: str, gravity: int, at: datetime) -> bool:
    """Count one more alert of an incident that is not closed; whether there is one. It is locked until the transaction ends."""
    row = IncidentRow
    values = {
        "alert_count": row.alert_count + 1,
        "gravity": case((row.gravity < gravity, gravity), else_=row.gravity),
        "last_at": case((row.last_at < literal(at, Moment()), literal(at, Moment())), else_=row.last_at),
        "opened_at": case((row.opened_at > literal(at, Moment()), literal(at, Moment())), else_=row.opened_at),
    }
    query = update(row).where(row.id == incident_id, row.status != "closed").values(values).returning(row.id)
    return await session.scalar(query, execution_options={"synchronize_session": False}) is not None


async def weigh(session: Session, incident_id: str, gravity: int) -> None:
    """An incident is as grave as that, unless it is graver."""
    query = update(IncidentRow).where(IncidentRow.id == incident_id, IncidentRow.gravity < gravity).values(gravity=gravity)
    await session.execute(query, execution_options={"synchronize_session": False})


async def pictures(session: Session, since: datetime, until: datetime) -> list[str]:
    """Keys of pictures, some thousands, of incidents that are not closed and were going on between these moments."""
    among = IncidentSubjectRow.subject > PICTURE, IncidentSubjectRow.subject < PICTURE + "~"
    query = select(IncidentSubjectRow.subject).join(IncidentRow, IncidentRow.id == IncidentSubjectRow.incident_id)
    query = query.where(*among, IncidentRow.status != "closed", IncidentRow.last_at >= since)
    query = query.where(IncidentRow.opened_at <= until)
    return list(await session.scalars(query.order_by(IncidentRow.last_at.desc()).limit(_MOST_PICTURES)))


async def enter(session: Session, alert_id: str, incident_id: str, said: Mapping[str, Any]) -> None:
    """An alert belongs to an incident from now on; ``said``: the history's row."""
    await session.execute(insert(IncidentAlertRow), {"alert_id": alert_id, "incident_id": incident_id})
    await session.execute(insert(IncidentHistoryRow), [{"incident_id": incident_id, **said}])


async def link(session: Session, incident_id: str, earlier: str, instead_of: str | None) -> bool:
    """An incident has an earlier one from now on, if it has still the one, or none, that it had."""
    same = IncidentRow.earlier.is_(None) if instead_of is None else IncidentRow.earlier == instead_of
    query = update(IncidentRow).where(IncidentRow.id == incident_id, same).values(earlier=earlier).returning(IncidentRow.id)
    return await session.scalar(query, execution_options={"synchronize_session": False}) is not None


async def incident_of(session: Session, alert_id: str) -> Holder | None:
    """An alert's incident, which nobody changes until the transaction ends."""
    query = select(*_HOLDER).join(IncidentAlertRow, IncidentAlertRow.incident_id == IncidentRow.id)
    query = query.where(IncidentAlertRow.alert_id == alert_id).with_for_update()
    row = (await session.execute(query)).first()
    return Holder(*row) if row else None


async def add(session: Session, row: IncidentRow) -> None:
    session.add(row)
    await session.flush()

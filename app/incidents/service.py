"""Showing incidents, and what people change of one. Merging, splitting and undoing are ``app.incidents.moving``."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.alerts import answering
from app.alerts import repository as alerts
from app.alerts.repository import alone
from app.alerts.urgency import GRAVITY
from app.db import Session
from app.db.ids import new_id
from app.db.models import IncidentHistoryRow, IncidentMoveRow, IncidentRow, IncidentTaskRow, QueueRow, now
from app.errors import Conflict, Invalid, NotFound
from app.incidents import repository
from app.incidents.repository import Far
from app.incidents.schemas import (
    AlertLine,
    FarOut,
    HistoryOut,
    IncidentChange,
    IncidentFilter,
    IncidentLine,
    IncidentOut,
    MoveOut,
    NarrativeOut,
    TaskChange,
    TaskIn,
    TaskOut,
)
from app.paging import Page, cut

SHOWN = 500
"""Alerts that an incident's answer names."""
MAY_END = ("commander", "narrative")
"""Fields that null takes away."""
OPENED = {"open": "opened_again"}
SEVERITIES = {gravity: severity for severity, gravity in GRAVITY.items()}


async def page(session: Session, wanted: IncidentFilter, cursor: str | None, size: int) -> Page[IncidentLine]:
    """``cursor``: the last incident of the page before."""
    ids, after = cut(await repository.find(session, wanted, cursor, size + 1), size)
    return Page(items=await lines(session, ids), next_cursor=after)


async def lines(session: Session, ids: Collection[str]) -> list[IncidentLine]:
    """Those of the ids, in their order, that there are."""
    far = await repository.far(session, ids)
    return [IncidentLine(**_said(row, far.get(row.id))) for row in await repository.by_ids(session, ids)]


async def one(session: Session, incident_id: str, shown: int = SHOWN) -> IncidentOut:
    """All but the spread, with so many of its alerts, the first ones. Raises NotFound."""
    row = await found(session, incident_id)
    far = await repository.far(session, [incident_id])
    narrative = None
    if row.narrative is not None and row.narrative_at is not None:
        narrative = NarrativeOut(text=row.narrative, by=row.narrative_by or "", at=row.narrative_at)
    assets = await repository.assets_of(session, incident_id)
    units = await answering.units(session, await repository.senders_of(session, incident_id))
    return IncidentOut(
        **_said(row, far.get(incident_id)),
        narrative=narrative,
        assets=assets,
        answerable=[*await answering.owners(session, assets), *units],
        alerts=await alert_lines(session, await repository.alerts_of(session, incident_id, shown)),
        tasks=[TaskOut.model_validate(task) for task in await repository.tasks(session, incident_id)],
        moves=[move_out(move) for move in await repository.moves(session, incident_id)],
        history=[HistoryOut.model_validate(entry) for entry in await repository.history(session, incident_id)],
    )


async def found(session: Session, incident_id: str) -> IncidentRow:
    """Raises NotFound."""
    row = await repository.get(session, incident_id)
    if row is None:
        raise NotFound(f"There is no incident {incident_id}.", "unknown_incident")
    return row


async def alert_lines(session: Session, ids: Sequence[str]) -> list[AlertLine]:
    """In their order."""
    return [_alert(row) for row, _ in await alerts.lines(session, ids)]


async def change(session: Session, incident_id: str, wanted: IncidentChange, actor: str) -> Mapping[str, Any]:
    """Name, lead, contain, close, reopen, tell; what is so already changes nothing. Says what changed, as a history keeps it.

    Raises NotFound, Conflict.
    """
    row = await opened(session, incident_id, wanted.version)
    said = {
        name: value
        for name, value in wanted.model_dump(exclude_unset=True, exclude={"version"}).items()
        if value or name in MAY_END
    }
    after = {name: value for name, value in said.items() if getattr(row, name) != value}
    if not after:
        return {}
    difference = {name: [getattr(row, name), value] for name, value in after.items() if name != "narrative"}
    if "narrative" in after:
        difference["narrative"] = [row.narrative is not None, after["narrative"] is not None]
    await repository.set_values(session, incident_id, after | _follows(after, actor), version=True)
    await repository.add(session, entry(incident_id, actor, _action(row, after), difference))
    return difference


async def add_task(session: Session, incident_id: str, wanted: TaskIn, actor: str) -> str:
    """Its id. Raises NotFound, Conflict."""
    await opened(session, incident_id, None)
    row = IncidentTaskRow(
        id=new_id("tsk"), incident_id=incident_id, text=wanted.text, assignee=wanted.assignee or None, made_by=actor
    )
    await repository.add(session, row, entry(incident_id, actor, "task_added", {"task": row.id, "text": row.text}))
    return row.id


async def change_task(session: Session, incident_id: str, task_id: str, wanted: TaskChange, actor: str) -> bool:
    """Whether that changed anything. Raises NotFound, Conflict."""
    await opened(session, incident_id, None)
    row = await repository.get_task(session, incident_id, task_id)
    if row is None:
        raise NotFound(f"There is no task {task_id}.", "unknown_task")
    action = _task_changed(row, wanted, actor)
    if action:
        await repository.add(session, entry(incident_id, actor, action, {"task": row.id, "text": row.text}))
    return bool(action)


async def opened(session: Session, incident_id: str, version: int | None) -> IncidentRow:
    """An incident that may be changed, and that nobody else changes until the transaction ends. Raises NotFound, Conflict."""
    await alone(session)
    row = (await repository.locked(session, [incident_id])).get(incident_id)
    if row is None:
        raise NotFound(f"There is no incident {incident_id}.", "unknown_incident")
    if row.merged_into is not None:
        raise Conflict("This incident was merged into another.", "merged", into=row.merged_into)
    if version not in (None, row.version):
        raise await changed_meanwhile(session, row)
    return row


async def changed_meanwhile(session: Session, row: IncidentRow) -> Conflict:
    last = await repository.last_change(session, row.id)
    told = HistoryOut.model_validate(last).model_dump(mode="json") if last else None
    who = f"{last.actor} changed this incident meanwhile" if last else "This incident was changed meanwhile"
    return Conflict(f"{who}; nothing was overwritten.", "changed_meanwhile", version=row.version, last_change=told)


def entry(
    incident_id: str, actor: str, action: str, change: Mapping[str, Any], alerts: Sequence[str] = (), move: str | None = None
) -> IncidentHistoryRow:
    """A row of a history; of many alerts it names the first."""
    about = {"actor": actor, "action": action, "change": dict(change), "alerts": list(alerts[:20]), "count": len(alerts)}
    return IncidentHistoryRow(incident_id=incident_id, **about, move_id=move)


def move_out(row: IncidentMoveRow) -> MoveOut:
    """Without the ids."""
    about = {name: getattr(row, name) for name in ("id", "kind", "source", "target", "at", "actor", "undone_at")}
    return MoveOut(**about, moved=len(row.alerts))


def _follows(after: Mapping[str, Any], actor: str) -> dict[str, Any]:
    """What else changes with it."""
    more: dict[str, Any] = {}
    if "status" in after:
        closed = after["status"] == "closed"
        more |= {"closing": "handled" if closed else None, "closed_at": now() if closed else None}
    if "narrative" in after:
        told = after["narrative"] is not None
        more |= {"narrative_by": actor if told else None, "narrative_at": now() if told else None}
    return more


def _action(row: IncidentRow, after: Mapping[str, Any]) -> str:
    """The one word for what happened."""
    if "status" in after:
        return "reopened_incident" if row.status == "closed" else OPENED.get(after["status"], str(after["status"]))
    if "commander" in after:
        return "commander"
    return "renamed" if "title" in after else "told" if after["narrative"] is not None else "told_anew"


def _task_changed(row: IncidentTaskRow, wanted: TaskChange, actor: str) -> str | None:
    """Change a task; the one word for it, if that is anything."""
    said = wanted.model_fields_set
    action = None
    if "text" in said and wanted.text and wanted.text != row.text:
        row.text, action = wanted.text, "task_changed"
    if "assignee" in said and (wanted.assignee or None) != row.assignee:
        row.assignee, action = wanted.assignee or None, "task_changed"
    if wanted.done is not None and wanted.done != (row.done_at is not None):
        row.done_at, row.done_by = (now(), actor) if wanted.done else (None, None)
        action = "task_done" if wanted.done else "task_undone"
    return action


def _said(row: IncidentRow, far: Far | None) -> dict[str, Any]:
    same = ("id", "title", "status", "closing", "commander", "opened_at", "last_at", "closed_at", "alert_count")
    said = {name: getattr(row, name) for name in (*same, "earlier", "merged_into", "version")}
    reached = FarOut.model_validate(far) if far else FarOut(channels=0, external=0, people=0)
    return said | {"severity": SEVERITIES.get(row.gravity, "none"), "far": reached}


def _alert(row: QueueRow) -> AlertLine:
    shown = row.shown
    same = ("status", "resolution", "severity", "assignee", "gateway", "channel_id", "external", "sender_id", "created_at")
    return AlertLine(
        **{name: getattr(row, name) for name in same},
        id=row.alert_id,
        channel=shown.get("channel") or row.channel_id,
        members=shown.get("members"),
        sender=shown.get("sender") or row.sender_id,
        detectors=shown.get("detectors") or [],
        confidence=shown.get("confidence"),
    )


def check_merge(source: IncidentRow, target: IncidentRow) -> None:
    """Raises Invalid, Conflict."""
    if source.id == target.id:
        raise Invalid("An incident cannot be merged into itself.", "same_incident")
    if target.merged_into is not None:
        raise Conflict("That incident was itself merged into another.", "merged", into=target.merged_into)
    if target.status == "closed":
        raise Conflict("That incident is closed: reopen it first.", "incident_closed")

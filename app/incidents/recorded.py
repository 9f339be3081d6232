"""What people do about incidents, done and written down in one transaction. Titles, tasks and texts stay out of the record."""

from app.alerts import assigning
from app.audit import service as audit
from app.db import Session
from app.incidents import moving, service
from app.incidents.schemas import IncidentChange, Merge, MoveOut, Split, TaskChange, TaskIn
from app.people.service import Principal

TOLD = ("status", "commander")
"""Fields whose values are decisions; of others it is told that they changed."""


async def change(session: Session, incident_id: str, wanted: IncidentChange, who: Principal) -> bool:
    """See ``service.change``; whether that changed anything. Raises Invalid for a commander nobody knows."""
    difference = await service.change(session, incident_id, wanted, who.name)
    if difference:
        await assigning.known(session, wanted.commander if "commander" in difference else None)
        told = {field: values for field, values in difference.items() if field in TOLD}
        await audit.record(session, who, "incident.changed", "incident", incident_id, fields=sorted(difference), change=told)
    return bool(difference)


async def taken(session: Session, incident_id: str, form: str, who: Principal) -> None:
    """That its spread was taken out as a file."""
    await audit.record(session, who, "spread.exported", "incident", incident_id, form=form)


async def add_task(session: Session, incident_id: str, wanted: TaskIn, who: Principal) -> str:
    """See ``service.add_task``. Raises Invalid for an assignee nobody knows."""
    task = await service.add_task(session, incident_id, wanted, who.name)
    await assigning.known(session, wanted.assignee or None)
    await audit.record(session, who, "incident.task", "incident", incident_id, task=task, did="added")
    return task


async def change_task(session: Session, incident_id: str, task: str, wanted: TaskChange, who: Principal) -> bool:
    """See ``service.change_task``. Raises Invalid for an assignee nobody knows."""
    changed = await service.change_task(session, incident_id, task, wanted, who.name)
    if changed:
        await assigning.known(session, wanted.assignee or None)
        did = "changed" if wanted.done is None else "done" if wanted.done else "undone"
        await audit.record(session, who, "incident.task", "incident", incident_id, task=task, did=did)
    return changed


async def merge(session: Session, incident_id: str, wanted: Merge, who: Principal) -> MoveOut:
    """See ``moving.merge``."""
    move = service.move_out(await moving.merge(session, incident_id, wanted.into, who.name, wanted.version))
    await _moved(session, who, "incident.merged", incident_id, move)
    return move


async def split(session: Session, incident_id: str, wanted: Split, who: Principal) -> MoveOut:
    """See ``moving.split``."""
    row = await moving.split(session, incident_id, wanted.alerts, wanted.title, who.name, wanted.version)
    move = service.move_out(row)
    await _moved(session, who, "incident.split", incident_id, move)
    return move


async def undo(session: Session, incident_id: str, move_id: str, who: Principal) -> MoveOut:
    """See ``moving.undo``."""
    move = service.move_out(await moving.undo(session, incident_id, move_id, who.name))
    await _moved(session, who, "incident.undone", incident_id, move)
    return move


async def _moved(session: Session, who: Principal, action: str, incident_id: str, move: MoveOut) -> None:
    about = {"move": move.id, "kind": move.kind, "source": move.source, "target": move.target, "alerts": move.moved}
    await audit.record(session, who, action, "incident", incident_id, **about)

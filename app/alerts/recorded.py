"""What people decide about alerts, done and written down in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.alerts import repository, service
from app.alerts.schemas import AlertChange, AlertFilter, AlertOut, BulkOut
from app.assets.repository import alone
from app.audit import service as audit
from app.db import Session
from app.notify.service import Notices
from app.people.service import Principal

MOST = 1000
"""Alerts that an entry names; each alert's history names the change."""


async def change(session: Session, alert_id: str, wanted: AlertChange, who: Principal, notices: Notices) -> AlertOut:
    """See ``service.change``. Nothing is written down when nothing changed."""
    await alone(session)
    known = {step.id for step in await repository.histories(session, [alert_id])}
    told = await service.change(session, alert_id, wanted, who.name, notices)
    steps = [step for step in await repository.histories(session, [alert_id]) if step.id not in known]
    if steps:
        difference = {field: values for step in steps for field, values in step.change.items()}
        noted = any(step.note for step in steps)
        did = [step.action for step in steps]
        await audit.record(session, who, "alert.changed", "alert", alert_id, did=did, change=difference, noted=noted)
    return told


async def bulk(session: Session, wanted: AlertFilter, changes: AlertChange, who: Principal, notices: Notices) -> BulkOut:
    """See ``service.bulk``. One entry, however many there are: each alert's history has its own."""
    told = await service.bulk(session, wanted, changes, who.name, notices)
    chosen = wanted.model_dump(mode="json", include=set(AlertFilter.model_fields), exclude_none=True)
    await _several(session, told, changes, who, filter=chosen)
    return told


async def change_all(
    session: Session, ids: Sequence[str], versions: Mapping[str, int], changes: AlertChange, who: Principal, notices: Notices
) -> BulkOut:
    """See ``service.change_all``. One entry, however many there are."""
    told = await service.change_all(session, ids, versions, changes, who.name, notices)
    left = set(told.changed_meanwhile)
    await _several(session, told, changes, who, alerts=[one for one in ids if one not in left][:MOST])
    return told


async def _several(session: Session, told: BulkOut, changes: AlertChange, who: Principal, **which: Any) -> None:
    if not told.changed:
        return
    said = changes.model_dump(mode="json", exclude_unset=True)
    noted = bool(said.pop("note", None))
    more = {**which, "change": said, "noted": noted, "changed": told.changed}
    await audit.record(session, who, "alerts.changed", "bulk", told.bulk_id, **more)


async def undo(session: Session, bulk_id: str, who: Principal, notices: Notices) -> BulkOut:
    """See ``service.undo``."""
    told = await service.undo(session, bulk_id, who.name, notices)
    await audit.record(session, who, "alerts.undone", "bulk", bulk_id, changed=told.changed)
    return told

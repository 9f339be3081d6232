"""What people decide about alerts, done and written down in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.alerts import repository, service
from app.alerts.schemas import AlertChange, AlertFilter, AlertOut, BulkOut
from app.assets.repository import alone
from app.audit import service as audit
from app.db import Session
from app.db.models import AlertHistoryRow
from app.notify.service import Notices
from app.people.service import Principal

NAMED = 50
"""So many alerts are named in one entry; of more it is told how many they are, and each one's history has its own."""


async def change(session: Session, alert_id: str, wanted: AlertChange, who: Principal, notices: Notices) -> AlertOut:
    """See ``service.change``. Nothing is written down when nothing changed."""
    await alone(session)
    known = {step.id for step in await repository.histories(session, [alert_id])}
    told = await service.change(session, alert_id, wanted, who.name, notices)
    await _changed(
        session, who, alert_id, [one for one in await repository.histories(session, [alert_id]) if one.id not in known]
    )
    return told


async def change_all(
    session: Session, ids: Sequence[str], versions: Mapping[str, int], changes: AlertChange, who: Principal, notices: Notices
) -> BulkOut:
    """See ``service.change_all``."""
    await alone(session)
    known = {step.id for step in await repository.histories(session, ids)} if len(ids) == 1 else set()
    told = await service.change_all(session, ids, versions, changes, who.name, notices)
    if len(ids) == 1:
        steps = [one for one in await repository.histories(session, ids) if one.id not in known]
        await _changed(session, who, ids[0], steps, bulk=told.bulk_id)
    elif told.changed:
        left = set(told.changed_meanwhile)
        named = {"alerts": [one for one in ids if one not in left]} if len(ids) <= NAMED else {}
        await audit.record(session, who, "alerts.changed", "bulk", told.bulk_id, **named, **_said(changes), changed=told.changed)
    return told


async def bulk(session: Session, wanted: AlertFilter, changes: AlertChange, who: Principal, notices: Notices) -> BulkOut:
    """See ``service.bulk``. One entry, however many there are."""
    told = await service.bulk(session, wanted, changes, who.name, notices)
    if told.changed:
        chosen = wanted.model_dump(mode="json", include=set(AlertFilter.model_fields), exclude_none=True)
        if "q" in chosen:
            chosen["q"] = "…"  # people search for titles and names, which the record has no place for
        more = {"filter": chosen, **_said(changes), "changed": told.changed}
        await audit.record(session, who, "alerts.changed", "bulk", told.bulk_id, **more)
    return told


async def undo(session: Session, bulk_id: str, who: Principal, notices: Notices) -> BulkOut:
    """See ``service.undo``."""
    told = await service.undo(session, bulk_id, who.name, notices)
    await audit.record(session, who, "alerts.undone", "bulk", bulk_id, changed=told.changed)
    return told


async def _changed(session: Session, who: Principal, alert_id: str, steps: Sequence[AlertHistoryRow], **more: Any) -> None:
    steps = [one for one in steps if one.actor == who.name and one.action != "revealed"]
    if steps:
        difference = {field: values for step in steps for field, values in step.change.items()}
        about = {"did": [step.action for step in steps], "change": difference, "noted": any(step.note for step in steps)}
        await audit.record(session, who, "alert.changed", "alert", alert_id, **about, **more)


def _said(changes: AlertChange) -> dict[str, Any]:
    said = changes.model_dump(mode="json", exclude_unset=True)
    return {"noted": bool(said.pop("note", None)), "change": said}

"""What people decide about alerts, done and written down in one transaction; about thousands of them: ``app.alerts.bulk``."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

from app.alerts import assigning, repository, service
from app.alerts.history import repository as history
from app.alerts.schemas import AlertChange, AlertOut, BulkOut
from app.audit import service as audit
from app.db import Session
from app.notify.service import Notices
from app.people.service import Principal

MOST = 1000
"""Alerts that an entry names; each alert's history names the change."""


async def change(
    session: Session, alert_id: str, wanted: AlertChange, who: Principal, notices: Notices, *, strict: bool = False
) -> AlertOut:
    """See ``service.change``. Nothing is written down when nothing changed."""
    await assigning.check(session, wanted)
    known = await _known(session, alert_id)
    told = await service.change(session, alert_id, wanted, who.name, notices, strict=strict)
    await _one(session, alert_id, known, who)
    return told


async def change_all(
    session: Session, ids: Sequence[str], versions: Mapping[str, int], changes: AlertChange, who: Principal, notices: Notices
) -> BulkOut:
    """See ``service.change_all``. One entry, however many there are; a single alert's tells what became of it."""
    await assigning.check(session, changes)
    known = await _known(session, ids[0]) if len(ids) == 1 else set()
    told = await service.change_all(session, ids, versions, changes, who.name, notices)
    if len(ids) == 1:
        await _one(session, ids[0], known, who, bulk=told.bulk_id)
        return told
    left = set(told.changed_meanwhile)
    await several(session, told.bulk_id, told.changed, changes, who, alerts=[one for one in ids if one not in left][:MOST])
    return told


async def several(session: Session, bulk_id: str, number: int, changes: AlertChange, who: Principal, **which: Any) -> None:
    """The entry about a bulk change to so many alerts; each alert's history has its own. None, if there were none."""
    if not number:
        return
    said = changes.model_dump(mode="json", exclude_unset=True)
    noted = bool(said.pop("note", None))
    more = {**which, "change": said, "noted": noted, "changed": number}
    await audit.record(session, who, "alerts.changed", "bulk", bulk_id, **more)


async def undone(session: Session, bulk_id: str, number: int, who: Principal) -> None:
    """The entry about a bulk change that is taken back for so many alerts."""
    await audit.record(session, who, "alerts.undone", "bulk", bulk_id, changed=number)


async def _known(session: Session, alert_id: str) -> set[int]:
    """What happened to it before. Nobody else decides about alerts until the transaction ends."""
    await repository.alone(session)
    return {step.id for step in await history.histories(session, [alert_id])}


async def _one(session: Session, alert_id: str, known: Set[int], who: Principal, **more: Any) -> None:
    happened = await history.histories(session, [alert_id])
    steps = [step for step in happened if step.id not in known and step.actor == who.name and step.action != "revealed"]
    if steps:
        difference = {field: values for step in steps for field, values in step.change.items()}
        about = {"did": [step.action for step in steps], "change": difference, "noted": any(step.note for step in steps)}
        await audit.record(session, who, "alert.changed", "alert", alert_id, **about, **more)

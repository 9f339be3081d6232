"""A new alert finds its incident, in the transaction that raises it: one that is about the same thing, else a new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.alerts.urgency import GRAVITY
from app.db import Session
from app.db.ids import new_id
from app.db.models import AlertRow, AttachmentRow, IncidentAlertRow, IncidentHistoryRow, IncidentRow, MessageRow
from app.incidents import repository
from app.incidents.repository import Holder
from app.incidents.subjects import WINDOW, subjects, title
from app.ingest import repository as ingest

MACHINE = "leakwatch"
ATTEMPTS = 5
"""An incident may be closed, or merged into another, between finding it and joining it."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An alert that has no incident yet."""

    alert_id: str
    at: datetime
    gravity: int
    title: str
    subjects: tuple[str, ...]


async def join(session: Session, alert: AlertRow, message: MessageRow, verdict: Mapping[str, Any]) -> str:
    """The incident that a new alert belongs to from now on; its id. ``alert`` is flushed."""
    files = await ingest.attachments(session, [message.id])
    return await enter(session, newcomer(alert, verdict.get("unread", ()), files, message.body.get("text", "")))


def newcomer(alert: AlertRow, unread: Sequence[Mapping[str, Any]], files: Sequence[AttachmentRow], text: str) -> Newcomer:
    """``files``: the message's, in order; ``unread``: parts of it that could not be inspected."""
    about = subjects(alert.matches, unread, [file.sha256 for file in files], text)
    called = title(alert.matches, unread, [file.name for file in files])
    return Newcomer(alert.id, alert.created_at, GRAVITY.get(alert.severity, 0), called, about)


async def enter(session: Session, new: Newcomer) -> str:
    """Join what is about the same thing, not closed, and not over for so long; else begin a new one. Its id."""
    for _ in range(ATTEMPTS):
        held = await repository.holders(session, new.subjects) if new.subjects else {}
        going = _first(new, held, lambda holder: _joinable(holder, new.at))
        if going is not None:
            if await repository.take_in(session, going, new.gravity, new.at):
                await repository.add_subjects(session, set(new.subjects) - held.keys(), going)
                return await _member(session, new, going, "joined")
            continue
        over = {holder.incident_id for holder in held.values()}
        mine = await _begin(session, new, _first(new, held, lambda _: True))
        got = await repository.claim(session, new.subjects, mine.id, over) if new.subjects else {}
        other = next((got[one] for one in new.subjects if got[one] != mine.id), None)
        if other is None:
            return await _member(session, new, mine.id, "opened")
        await repository.hand_over(session, mine.id, other)  # somebody was there a moment before
        await repository.discard(session, mine)
        if await repository.take_in(session, other, new.gravity, new.at):
            return await _member(session, new, other, "joined")
    return await _member(session, new, (await _begin(session, new, None)).id, "opened")


def _joinable(holder: Holder, at: datetime) -> bool:
    return holder.status != "closed" and at - holder.last_at <= WINDOW


def _first(new: Newcomer, held: Mapping[str, Holder], wanted: Any) -> str | None:
    """By the most telling subject."""
    return next((held[one].incident_id for one in new.subjects if one in held and wanted(held[one])), None)


async def _begin(session: Session, new: Newcomer, earlier: str | None) -> IncidentRow:
    row = IncidentRow(
        id=new_id("inc", new.at.timestamp()),
        title=new.title,
        gravity=new.gravity,
        opened_at=new.at,
        last_at=new.at,
        alert_count=1,
        earlier=earlier,
    )
    await repository.add(session, row)
    return row


async def _member(session: Session, new: Newcomer, incident_id: str, action: str) -> str:
    said = {"actor": MACHINE, "action": action, "change": {}, "alerts": [new.alert_id], "count": 1}
    history = IncidentHistoryRow(incident_id=incident_id, at=new.at, **said)
    await repository.add(session, IncidentAlertRow(alert_id=new.alert_id, incident_id=incident_id), history)
    return incident_id

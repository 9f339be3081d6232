"""A new alert finds its incident, in the transaction that raises it: one that is about the same thing, else a new one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.alerts.urgency import GRAVITY
from app.db import Session
from app.db.ids import new_id
from app.db.models import AlertRow, IncidentRow, MessageRow, now
from app.joining import repository
from app.joining.repository import File, Holder
from app.joining.subjects import WINDOW, nearest, picture, subjects, title
from app.sightings import service as sightings
from app.sightings.service import BITS

MACHINE = "leakwatch"
ATTEMPTS = 5
"""An incident may be closed, or merged into another, between finding it and joining it."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An alert without an incident. ``at``: when it leaked, as far as is known. ``pictures``: keys of what nobody registered."""

    alert_id: str
    at: datetime
    gravity: int
    title: str
    subjects: tuple[str, ...]
    pictures: tuple[str, ...] = ()


async def join(session: Session, alert: AlertRow, message: MessageRow, verdict: Mapping[str, Any]) -> str:
    """The incident that a new alert belongs to from now on; its id. ``alert`` is flushed, and what was seen is recorded."""
    words = subjects(alert.matches, (), (), message.body.get("text", ""))
    files, held = await repository.known(session, message.id, words)
    new = newcomer(alert, verdict.get("unread", ()), files, message.body.get("text", ""))
    strange = {match["attachment"] for match in alert.matches if not match["asset_id"] and match["attachment"] is not None}
    if strange:
        seen = await sightings.of_messages(session, [message.id])
        hashes = [one.perceptual for one in seen if one.position in strange and one.perceptual is not None]
        new = replace(new, pictures=tuple(dict.fromkeys(map(picture, hashes))))
    return await enter(session, new, held)


def newcomer(alert: AlertRow, unread: Sequence[Mapping[str, Any]], files: Sequence[File], text: str) -> Newcomer:
    """``files``: the message's, in order; ``unread``: parts of it that could not be inspected."""
    about = subjects(alert.matches, unread, [file.sha256 for file in files], text)
    called = title(alert.matches, unread, [file.name for file in files])
    return Newcomer(alert.id, alert.leaked_at or alert.created_at, GRAVITY.get(alert.severity, 0), called, about)


async def enter(session: Session, new: Newcomer, held: Mapping[str, Holder]) -> str:
    """Join what is about the same thing, not closed, and not over for so long; else begin a new one. Its id.

    ``held``: which incident had each subject a moment ago.
    """
    if new.pictures:
        new = replace(new, subjects=(*new.subjects, *await _alike(session, new)))
    for attempt in range(ATTEMPTS):
        if attempt or new.pictures:
            held = await repository.holders(session, new.subjects) if new.subjects else {}
        held = {one: holder for one, holder in held.items() if one in new.subjects}
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


async def _alike(session: Session, new: Newcomer) -> list[str]:
    """Its pictures' keys, and those of the pictures that are all but the same."""
    known = await repository.pictures(session, new.at - WINDOW)
    near = [nearest(one, known, BITS) for one in new.pictures]
    return list(dict.fromkeys([*new.pictures, *(one for one in near if one)]))


def _joinable(holder: Holder, at: datetime) -> bool:
    return holder.status != "closed" and at - holder.last_at <= WINDOW


def _first(new: Newcomer, held: Mapping[str, Holder], wanted: Callable[[Holder], bool]) -> str | None:
    """By the most telling subject."""
    return next((held[one].incident_id for one in new.subjects if one in held and wanted(held[one])), None)


async def _begin(session: Session, new: Newcomer, earlier: str | None) -> IncidentRow:
    row = IncidentRow(
        id=new_id("inc"),
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
    said = {"at": now(), "actor": MACHINE, "action": action, "change": {}, "alerts": [new.alert_id], "count": 1}
    await repository.enter(session, new.alert_id, incident_id, {**said, "move_id": None})
    return incident_id

"""A new alert finds its incident, in the transaction that raises it: one that is about the same thing, else a new one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.alerts.urgency import GRAVITY
from app.db import Session
from app.db.ids import new_id
from app.db.models import AlertRow, IncidentRow, MessageRow, now
from app.joining import repository
from app.joining.repository import File, Holder
from app.joining.subjects import WINDOW, nearest, picture, ranked, strangers, subjects, title
from app.sightings import service as sightings
from app.sightings.service import BITS

MACHINE = "leakwatch"
ATTEMPTS = 5
"""An incident may be closed, or merged into another, between finding it and joining it."""
HOPS = 20
"""So many earlier incidents about the same thing are looked at."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An alert without an incident. ``at``: when it leaked, as far as is known. ``pictures``: keys of what nobody registered."""

    alert_id: str
    at: datetime
    gravity: int
    title: str
    subjects: tuple[str, ...]
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an alert belongs in time: the incident it joins, else those right after and before a new one, if there are any."""

    going: str | None = None
    after: Holder | None = None
    earlier: str | None = None


class _Beaten(Exception):
    """Of two alerts at one moment the other was first."""


async def join(session: Session, alert: AlertRow, message: MessageRow, verdict: Mapping[str, Any]) -> str:
    """The incident that a new alert belongs to from now on; its id. ``alert`` is flushed, and what was seen is recorded."""
    words = subjects(alert.matches, (), (), message.body.get("text", ""))
    files, held = await repository.known(session, message.id, words)
    new = newcomer(alert, verdict.get("unread", ()), files, message.body.get("text", ""))
    strange = strangers(alert.matches)
    if strange:
        seen = await sightings.of_messages(session, [message.id])
        hashes = [one.perceptual for one in seen if one.position in strange and one.perceptual is not None]
        new = replace(new, pictures=tuple(dict.fromkeys(map(picture, hashes))))
    return await enter(session, new, held)


async def widen(session: Session, alert: AlertRow, matches: Sequence[Mapping[str, Any]]) -> None:
    """What an alert is about since these matches were added is its incident's as well, unless a running one has it; so is how
    grave it is.

    Then both stay as they are: people work on them, and which is about what is theirs to say. Both are found by the asset.
    """
    here = await repository.incident_of(session, alert.id) or await repository.incident_of(session, alert.id)
    if here is not None:
        await repository.weigh(session, here.incident_id, GRAVITY.get(alert.severity, 0))
    files, _ = await repository.known(session, alert.message_id, ())
    about = subjects(matches, (), [file.sha256 for file in files], "")
    if here is None or not about:
        return
    held = await repository.holders(session, about)
    over = set() if here.status == "closed" else _over(held.values(), alert.leaked_at or alert.created_at)
    await repository.claim(session, about, here.incident_id, over)


def newcomer(alert: AlertRow, unread: Sequence[Mapping[str, Any]], files: Sequence[File], text: str) -> Newcomer:
    """``files``: the message's, in order; ``unread``: parts of it that could not be inspected."""
    about = subjects(alert.matches, unread, [file.sha256 for file in files], text)
    called = title(alert.matches, unread, [file.name for file in files])
    return Newcomer(alert.id, alert.leaked_at or alert.created_at, GRAVITY.get(alert.severity, 0), called, about)


async def enter(session: Session, new: Newcomer, held: Mapping[str, Holder]) -> str:
    """Join what is about the same thing, not closed, and not too long before or after; else begin a new one. Its id.

    ``held``: which incident had each subject a moment ago.
    """
    if new.pictures:
        new = replace(new, subjects=ranked((*new.subjects, *await _alike(session, new))))
    for attempt in range(ATTEMPTS):
        if attempt or new.pictures:
            held = await repository.holders(session, new.subjects) if new.subjects else {}
        told = [held[one] for one in new.subjects if one in held]
        place = await _place(session, told, new.at)
        if place.going is None:
            mine = await _opened(session, new, told, place)
            if mine is not None:
                return await _member(session, new, mine, "opened")
        elif await repository.take_in(session, place.going, new.gravity, new.at):
            await repository.add_subjects(session, set(new.subjects) - held.keys(), place.going)
            return await _member(session, new, place.going, "joined")
    return await _member(session, new, (await _begin(session, new, None)).id, "opened")


async def _alike(session: Session, new: Newcomer) -> list[str]:
    """Its pictures' keys, and those of the pictures that are all but the same."""
    known = await repository.pictures(session, new.at - WINDOW, new.at + WINDOW)
    near = [nearest(one, known, BITS) for one in new.pictures]
    return list(dict.fromkeys([*new.pictures, *(one for one in near if one)]))


def _joinable(holder: Holder, at: datetime) -> bool:
    return holder.status != "closed" and at - holder.last_at <= WINDOW and not _ahead(holder, at)


def _ahead(holder: Holder, at: datetime) -> bool:
    """It begins too long after that moment. It keeps what it has: that goes on there."""
    return holder.opened_at - at > WINDOW


def _over(told: Iterable[Holder], at: datetime) -> set[str]:
    """Those that give what they have to a newer one."""
    return {one.incident_id for one in told if not _joinable(one, at) and not _ahead(one, at)}


async def _place(session: Session, told: Iterable[Holder], at: datetime) -> _Place:
    """By the most telling subject (``told``: who has them, in their order)."""
    found = _Place()
    for one in told:
        before, after = await _back(session, one, at)
        if before is not None and _joinable(before, at):
            return _Place(going=before.incident_id)
        found = _Place(None, found.after or after, found.earlier or (before.incident_id if before else None))
    return found


async def _back(session: Session, one: Holder, at: datetime) -> tuple[Holder | None, Holder | None]:
    """From one to the earlier one and so on, to the first that does not begin too long after; it, and the one after it."""
    here, after = one, None
    for _ in range(HOPS):
        if not _ahead(here, at):
            return here, after
        before = await repository.holder(session, here.earlier) if here.earlier else None
        if before is None:
            return None, here
        here, after = before, here
    return None, None


async def _opened(session: Session, new: Newcomer, told: Sequence[Holder], place: _Place) -> str | None:
    """A new incident, its id; ``None``, and nothing was done: somebody was there a moment before.

    Incidents are touched before subjects, here as by whoever joins, so that no two wait for each other.
    """
    ahead = {one.incident_id for one in told if _ahead(one, new.at)}
    try:
        async with session.begin_nested():
            mine = await _begin(session, new, place.earlier)
            if place.after and not await repository.link(session, place.after.incident_id, mine.id, place.after.earlier):
                raise _Beaten
            got = await repository.claim(session, new.subjects, mine.id, _over(told, new.at)) if new.subjects else {}
            if not ahead | {mine.id} >= set(got.values()):
                raise _Beaten
    except _Beaten:
        return None
    return mine.id


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

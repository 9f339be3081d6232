"""Seeing an alert's pictures: for a purpose, for an hour, and written down.

A reveal is a row of the alert's history and nothing else: it is one person's, about one alert, and ends by itself. Whose it is
says the id of the token or account: names may be alike.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from app.alerts import repository
from app.alerts.history import repository as history
from app.audit import service as audit
from app.db import Session
from app.db.models import AlertHistoryRow, now
from app.errors import Invalid, NotFound
from app.people.service import Principal

Purpose = Literal["triage", "investigation", "evidence", "training", "other"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
LASTS = timedelta(minutes=60)
LONGEST = 500
"""Characters of what a purpose is told in."""


async def reveal(session: Session, alert_id: str, who: Principal, purpose: str, words: str = "") -> datetime:
    """Let somebody see an alert's pictures; until when. What they said within the hour already is not written down again.

    Raises NotFound, Invalid.
    """
    note = checked(purpose, words) or None
    if not await repository.states(session, [alert_id]):
        raise NotFound(f"There is no alert {alert_id}.", "unknown_alert")
    known = await _lasting(session, alert_id, who)
    if any(row.change["purpose"] == [None, purpose] and note in (None, row.note) for row in known):
        return _end(known)
    at = now()
    ends = at + LASTS
    change = {"purpose": [None, purpose], "revealed_until": [None, ends.astimezone(UTC).isoformat()], "identity": [None, who.id]}
    row = AlertHistoryRow(alert_id=alert_id, at=at, actor=who.name, action="revealed", change=change, note=note)
    await history.add_history(session, row)
    await _recorded(session, who, alert_id, purpose, ends)
    return ends


def checked(purpose: str, words: str) -> str:
    """What a purpose is told in besides. Raises Invalid."""
    if purpose not in PURPOSES:
        raise Invalid("Say what for.", "purpose_missing")
    if purpose == "other" and not words.strip():
        raise Invalid("Say in words what for.", "purpose_missing")
    return words.strip()[:LONGEST]


async def until(session: Session, alert_id: str, who: Principal) -> datetime | None:
    """``None``: this person may not see this alert's pictures, or no longer."""
    known = await _lasting(session, alert_id, who)
    return _end(known) if known else None


async def _lasting(session: Session, alert_id: str, who: Principal) -> list[AlertHistoryRow]:
    """What lets this person see them now."""
    rows = await history.reveals(session, alert_id, now() - LASTS)
    return [row for row in rows if row.change.get("identity") == [None, who.id]]


def _end(known: Iterable[AlertHistoryRow]) -> datetime:
    return max(row.at for row in known) + LASTS


async def _recorded(session: Session, who: Principal, alert_id: str, purpose: str, ends: datetime) -> None:
    """Written down in the audit record as well, last in the transaction."""
    await audit.record(session, who, "picture.revealed", "alert", alert_id, purpose=purpose, until=ends)

"""What a form of an alert's page asks for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, get_args

from pydantic import ValidationError

from app.alerts.schemas import AlertChange, Resolution
from app.console.speech import marked
from app.db.models import now
from app.errors import Invalid, NotFound, invalid

SNOOZES = {"1h": timedelta(hours=1), "1d": timedelta(days=1), "7d": timedelta(days=7)}
MORNING = "morning"
"""Until eight o'clock of the next day."""
EIGHT = 8
FAR = 14 * 60
"""Minutes; no clock on Earth is further from UTC."""
REFUSALS = (
    marked("Say what for."),
    marked("Say in words what for."),
    marked("Say what it is."),
    marked("Give a reason."),
    marked("Write a note."),
    marked("Say to whom."),
    marked("Say for how long."),
    marked("Reload the page and decide again."),
    marked("This bulk change was undone already."),
    marked("Nobody of that name may decide about alerts: choose somebody who has a token or an account."),
)
"""What a form may be refused with, told in the reader's language."""
MOVES_ON = ("resolve", "snooze")
"""After these an alert is done with for now."""


def wanted(step: str, form: Mapping[str, str], me: str) -> AlertChange:
    """Raises Invalid, NotFound."""
    try:
        return AlertChange(**_change(step, form, me))
    except ValidationError as error:
        raise invalid(error) from None


def seen(form: Mapping[str, str]) -> int | None:
    """The version that a form was made for. Raises Invalid."""
    version = form.get("version", "")
    if not version:
        return None
    if not version.isdecimal() or len(version) > 9:
        raise Invalid("Reload the page and decide again.", "stale_form")
    return int(version)


def tomorrow(at: datetime, ahead: int = 0) -> datetime:
    """Eight o'clock of the next day on a clock so many minutes ahead of UTC."""
    there = at + timedelta(minutes=ahead)
    morning = there.replace(hour=EIGHT, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return morning - timedelta(minutes=ahead)


def _change(step: str, form: Mapping[str, str], me: str) -> dict[str, Any]:
    note, assignee = form.get("note", "").strip(), form.get("assignee", "").strip()
    if step == "resolve":
        return _resolved(form.get("resolution", ""), note)
    if step == "snooze":
        return {"snoozed_until": _until(form)}
    if step == "note" and not note:
        raise Invalid("Write a note.", "note_missing")
    if step == "assign" and not assignee and not form.get("to"):
        raise Invalid("Say to whom.", "assignee_missing")
    changes: dict[str, dict[str, Any]] = {
        "acknowledge": {"status": "acknowledged", "assignee": me},
        "assign": {"assignee": {"me": me, "nobody": None}.get(form.get("to", ""), assignee)},
        "note": {"note": note},
        "wake": {"snoozed_until": None},
        "reopen": {"status": "open"},
    }
    if step not in changes:
        raise NotFound(f"An alert cannot be “{step}”.", "unknown_step")
    return changes[step]


def _resolved(resolution: str, note: str) -> dict[str, Any]:
    if resolution not in get_args(Resolution):
        raise Invalid("Say what it is.", "resolution_missing")
    if not note:
        raise Invalid("Give a reason.", "note_missing")
    return {"status": "resolved", "resolution": resolution, "note": note}


def _until(form: Mapping[str, str]) -> datetime:
    """``ahead``: what the browser's clock says; without it, UTC."""
    how_long = form.get("for", "")
    if how_long in SNOOZES:
        return now() + SNOOZES[how_long]
    if how_long != MORNING:
        raise Invalid("Say for how long.", "snooze_missing")
    ahead = form.get("ahead", "")
    minutes = int(ahead) if ahead.lstrip("-").isdecimal() and len(ahead) < 6 else 0
    return tomorrow(now(), max(-FAR, min(FAR, minutes)))

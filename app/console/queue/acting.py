"""What a form of the queue asks for: which alerts, and what is to become of them; and taking that back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError

from app.alerts import bulk
from app.alerts.repository import Seen
from app.alerts.schemas import AlertChange
from app.console.queue.asking import Asked
from app.console.signed_in import Visitor
from app.db.models import now
from app.errors import Conflict, Invalid, invalid
from app.house import House

SNOOZES = {"1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1), "7d": timedelta(days=7)}

STALE = "Reload the page and choose again."


@dataclass(frozen=True, slots=True)
class Act:
    """``versions``: the alerts ticked, each as it was seen; ``everything``: all that ``asked`` is about instead, if so seen."""

    asked: Asked
    versions: Mapping[str, int]
    everything: Seen | None
    change: AlertChange


def asked_before(form: Mapping[str, str]) -> Asked:
    """What the page that a form stands on is about. Raises Invalid."""
    try:
        return Asked.model_validate(dict(parse_qsl(form.get("filter", ""))))
    except ValidationError as error:
        raise invalid(error) from None


def seen(form: Mapping[str, str], me: str) -> Seen | None:
    """How far the page knew that a form stands on; ``None``: it does not say. Raises Invalid."""
    newest, happened = form.get("newest"), form.get("happened")
    if newest is None or happened is None:
        return None
    if not happened.isdecimal() or len(happened) > 18:
        raise Invalid(STALE, "stale_form")
    return Seen(newest or "alr_", int(happened), me)


def act(form: Mapping[str, str], ticked: Sequence[str], me: str) -> Act:
    """Raises Invalid."""
    asked, everything = asked_before(form), "all" in form
    versions = dict(_version(one) for one in ticked)
    if not versions and not everything:
        raise Invalid("Choose at least one alert.", "nothing_chosen")
    if everything and not asked.filter(me).model_dump(exclude_none=True):
        raise Invalid("Choose a status or a filter first: not everything at once.", "filter_missing")
    known = seen(form, me)
    if everything and known is None:
        raise Invalid(STALE, "stale_form")
    try:
        return Act(asked, versions, known if everything else None, AlertChange(**_change(form, me)))
    except ValidationError as error:
        raise invalid(error) from None


def _version(value: str) -> tuple[str, int]:
    """Raises Invalid."""
    alert, _, version = value.partition(".")
    if not version.isdecimal() or len(version) > 9:
        raise Invalid(STALE, "stale_form")
    return alert, int(version)


def _change(form: Mapping[str, str], me: str) -> dict[str, Any]:
    """Raises Invalid."""
    what, _, more = (form.get("do") or _meant(form)).partition(":")
    note, assignee = form.get("note", "").strip(), form.get("assignee", "").strip()
    if what == "resolve":
        return _resolved(form)
    if what == "snooze" and more in SNOOZES:
        return {"snoozed_until": now() + SNOOZES[more]}
    if what == "note" and not note:
        raise Invalid("Write a note.", "note_missing")
    if what == "assign" and not more and not assignee:
        raise Invalid("Say to whom.", "assignee_missing")
    changes: dict[str, dict[str, Any]] = {
        "acknowledge": {"status": "acknowledged"},
        "reopen": {"status": "open", "snoozed_until": None},
        "note": {"note": note},
        "assign": {"assignee": {"me": me, "nobody": None}.get(more, assignee)},
    }
    if what not in changes:
        raise Invalid("Choose what to do.", "nothing_to_do")
    return changes[what]


def _resolved(form: Mapping[str, str]) -> dict[str, Any]:
    """Raises Invalid."""
    reason = form.get("reason", "").strip()
    if not form.get("resolution"):
        raise Invalid("Say what it is.", "resolution_missing")
    if not reason:
        raise Invalid("Give a reason.", "note_missing")
    return {"status": "resolved", "resolution": form["resolution"], "note": reason}


def _meant(form: Mapping[str, str]) -> str:
    """What Enter in one of the fields means."""
    for field, what in (("resolution", "resolve"), ("reason", "resolve"), ("note", "note"), ("assignee", "assign")):
        if form.get(field, "").strip():
            return what
    return ""


async def take_back(house: House, bulk_id: str, who: Visitor) -> int:
    """Undo a change; says of how many alerts it could not be, as somebody decided otherwise since.

    Raises NotFound, Conflict; also where nothing could be undone.
    """
    done = await bulk.undo(house.database, bulk_id, who.principal, house.notices)
    if not done.changed:
        raise Conflict("Nothing was taken back: somebody has decided otherwise since.", "nothing_undone")
    return len(done.changed_meanwhile)

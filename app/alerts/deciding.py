"""What a wanted change makes of an alert, and what taking it back does: values in, values out."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.alerts.repository import State
from app.alerts.schemas import AlertChange
from app.errors import Invalid

Difference = dict[str, list[Any]]
"""Field to [before, after], as a history keeps it."""
FIELDS = ("assignee", "resolution", "snoozed_until", "status")
LONGEST_SNOOZE = timedelta(days=90)
WITHDRAWN = "withdrawn"
"""A note is taken back: it stays in the history, and is told as that."""


@dataclass(frozen=True, slots=True)
class Step:
    """One alert's change. ``after``: its fields' new values."""

    before: State
    after: Mapping[str, Any]
    action: str

    @property
    def happens(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.after) or self.action == WITHDRAWN

    @property
    def standing(self) -> str:
        """Where it stands in the queue then."""
        snoozed = self.after.get("snoozed_until", self.before.snoozed_until)
        return "snoozed" if snoozed else str(self.after.get("status", self.before.status))

    @property
    def difference(self) -> Difference:
        return {name: [_written(getattr(self.before, name)), _written(value)] for name, value in sorted(self.after.items())}


def check(wanted: AlertChange, at: datetime) -> None:
    """What no alert could become. Raises Invalid."""
    if wanted.snoozed_until is None:
        return
    if wanted.status == "resolved":
        raise Invalid("A resolved alert does not come back by itself.", "not_snoozable")
    if not at < wanted.snoozed_until <= at + LONGEST_SNOOZE:
        raise Invalid(f"Snooze until a moment within the next {LONGEST_SNOOZE.days} days.", "snooze_out_of_range")


def step(state: State, wanted: AlertChange, actor: str) -> Step:
    """What ``wanted`` makes of it; nothing in ``after``: all of it is so already. Raises Invalid."""
    after = {name: getattr(wanted, name) for name in FIELDS if name in wanted.model_fields_set}
    if after.get("status") is None:
        after.pop("status", None)
    status = after.get("status", state.status)
    if status != "resolved":
        if after.get("resolution"):
            raise Invalid("Only a resolved alert has a resolution: set status to resolved.", "not_resolved")
        after["resolution"] = None
    elif not after.get("resolution", state.resolution):
        raise Invalid("Resolving needs a resolution.", "resolution_missing")
    elif after.get("snoozed_until"):
        raise Invalid("A resolved alert does not come back by itself: reopen it first.", "not_snoozable")
    if "status" in after:
        after.setdefault("snoozed_until", None)
        if status == "acknowledged" and (state.status != status or state.assignee is None):
            after.setdefault("assignee", actor)
    after = {name: value for name, value in after.items() if getattr(state, name) != value}
    return Step(state, after, _action(state, after))


def taken_back(state: State, change: Mapping[str, Any], touched: Set[str], noted: bool) -> Step:
    """What a change did, undone but for the fields that anybody ``touched`` since: the same value may be another's decision.

    ``noted``: it is a note and nothing else.
    """
    if noted:
        return Step(state, {}, WITHDRAWN)
    ours = {name: values for name, values in change.items() if name in FIELDS}
    back = {name: _read(name, before) for name, (before, _) in ours.items() if name not in touched}
    halved = {"status", "resolution"} & ours.keys() - back.keys()  # half of a decision taken back would be a third one
    return Step(state, {} if halved else back, "undone")


def woken(state: State) -> Step:
    """Snoozing is over."""
    return Step(state, {"snoozed_until": None}, "woken")


def brought_back(state: State) -> Step:
    """Something else was found in it: somebody is to see it again, whatever was decided."""
    after = {"status": "open", "resolution": None} if state.status == "resolved" else {}
    return Step(state, after | ({"snoozed_until": None} if state.snoozed_until else {}), "reopened" if after else "woken")


def _action(state: State, after: Mapping[str, Any]) -> str:
    """The one word for what happened."""
    if "status" in after:
        return "reopened" if state.status == "resolved" else str(after["status"])
    if "resolution" in after:
        return "resolved"
    if "snoozed_until" in after:
        return "snoozed" if after["snoozed_until"] else "woken"
    if "assignee" in after:
        return "assigned" if after["assignee"] else "unassigned"
    return "noted"


def _written(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _read(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name == "snoozed_until" and value else value

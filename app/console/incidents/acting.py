"""What a form of an incident's page asks for."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.console.alerts.deciding import seen
from app.console.incidents.parting import rewritten
from app.console.speech import marked
from app.errors import Invalid, NotFound, invalid
from app.incidents.schemas import IncidentChange, Merge, Split, TaskChange, TaskIn

M = TypeVar("M", bound=BaseModel)
REFUSALS = (
    marked("Choose the alerts that are another leak."),
    marked("Choose the incident that this one belongs to."),
    marked("Write what is to be done."),
    marked("Give it a title."),
    marked("Write what happened."),
    marked("Leave at least one alert: all of them are this incident."),
    marked("Some of these alerts are not in this incident any more."),
    marked("Some of these alerts were moved on since: undo that first."),
    marked("Some of these tasks were moved on since: undo that first."),
    marked("What was split was merged since: undo that first."),
    marked("An incident cannot be merged into itself."),
    marked("That incident is closed: reopen it first."),
    marked("That incident was itself merged into another."),
    marked("This incident was merged into another."),
    marked("This was undone already."),
)
"""What a form may be refused with, told in the reader's language."""

TAKEN = {"title": 300, "text": 1000, "assignee": 200}
"""Characters that the fields of forms take."""
FEW = 4
"""Digits of a part's number are fewer."""


def wanted(step: str, form: Mapping[str, str], me: str) -> IncidentChange:
    """Raises Invalid, NotFound."""
    return _made(IncidentChange, **_change(step, form, me), version=seen(form))


def merge(form: Mapping[str, str]) -> Merge:
    """Raises Invalid."""
    if not form.get("into"):
        raise Invalid("Choose the incident that this one belongs to.", "nothing_chosen")
    return _made(Merge, into=form["into"], version=seen(form))


def split(form: Mapping[str, str], ticked: Sequence[str]) -> Split:
    """Raises Invalid."""
    if not ticked:
        raise Invalid("Choose the alerts that are another leak.", "nothing_chosen")
    return _made(Split, alerts=list(ticked), title=form.get("title", "").strip() or None, version=seen(form))


def task(form: Mapping[str, str]) -> TaskIn:
    """Raises Invalid."""
    if not form.get("text", "").strip():
        raise Invalid("Write what is to be done.", "text_missing")
    return _made(TaskIn, text=form["text"].strip(), assignee=form.get("assignee", "").strip() or None)


def done(form: Mapping[str, str]) -> TaskChange:
    """Whether a task is done."""
    return TaskChange(done=form.get("done") == "yes")


def in_part(form: Mapping[str, str], text: str) -> dict[str, str]:
    """A form that tells one ``part`` of the story anew, as one that tells all of it. ``text``: all, as it is. Raises Invalid."""
    part = part_of(form)
    if seen(form) is None or not part:
        raise Invalid("Reload the page and decide again.", "part_missing")
    return {**form, "narrative": rewritten(text, part, form.get("narrative", "").replace("\r\n", "\n"))}


def part_of(form: Mapping[str, str]) -> int:
    """Of the story; 0: none of its numbers."""
    part = form.get("part", "")
    return int(part) if part.isdecimal() and part.isascii() and len(part) < FEW else 0


def given_back(form: Mapping[str, str]) -> dict[str, str]:
    """As much of what was typed as its fields take."""
    return {name: form[name][:most] for name, most in TAKEN.items() if name in form}


def _change(step: str, form: Mapping[str, str], me: str) -> dict[str, Any]:
    title, text = form.get("title", "").strip(), form.get("narrative", "").replace("\r\n", "\n").strip()
    if step == "rename" and not title:
        raise Invalid("Give it a title.", "title_missing")
    if step == "tell" and not text:
        raise Invalid("Write what happened.", "narrative_missing")
    changes: dict[str, dict[str, Any]] = {
        "open": {"status": "open"},
        "contain": {"status": "contained"},
        "close": {"status": "closed"},
        "lead": {"commander": {"me": me, "nobody": None}.get(form.get("to", ""), form.get("commander", "").strip() or None)},
        "rename": {"title": title},
        "tell": {"narrative": text},
        "tell-anew": {"narrative": None},
    }
    if step not in changes:
        raise NotFound("There is no such page.")
    return changes[step]


def _made(model: type[M], **values: Any) -> M:
    """Raises Invalid."""
    try:
        return model(**values)
    except ValidationError as error:
        raise invalid(error) from None

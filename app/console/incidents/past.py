"""What people did about an incident, in words: the last of it beside other things, and all of it on a page of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.console.brevity import brief, fitting, longer
from app.console.queue.views import NAMED
from app.console.speech import Language, marked
from app.incidents.schemas import HistoryOut

HISTORY, ROOM = 15, 3500
"""Rows that an incident's page shows, the last ones, and bytes of their words."""
MORE = 100
"""Characters of what one is about there."""
DID = {
    "opened": marked("began with an alert"),
    "acknowledged": marked("took alerts up"),
    "decided": marked("decided alerts"),
    "reopened": marked("reopened alerts"),
    "cleared": marked("closed it: no alert in it was a leak"),
    "uncleared": marked("opened it again: it may be a leak after all"),
    "contained": marked("marked it as contained"),
    "closed": marked("closed it"),
    "opened_again": marked("put it back to open"),
    "reopened_incident": marked("reopened it"),
    "commander": marked("gave it another lead"),
    "renamed": marked("named it anew"),
    "told": marked("wrote what happened"),
    "told_anew": marked("let it write itself again"),
    "task_added": marked("noted a task"),
    "task_changed": marked("changed a task"),
    "task_done": marked("did a task"),
    "task_undone": marked("put a task back"),
    "merged": marked("merged it into another"),
    "took_in": marked("merged another into it"),
    "split": marked("split alerts off"),
    "split_from": marked("split it off from another"),
    "came_back": marked("split its alerts off again: it is as before it was merged"),
    "merge_undone": marked("took a merge back"),
    "split_undone": marked("took a split back"),
}


def latest(entries: Sequence[HistoryOut], language: Language) -> list[dict[str, Any]]:
    """The last of them, that which happened last first."""
    views = [history_view(entry, language) for entry in reversed(entries[-HISTORY:])]
    return fitting(views, ROOM, lambda one: f"{one['actor']} {one['more']}")


def history_view(entry: HistoryOut, language: Language, whole: bool = False) -> dict[str, Any]:
    """One row; ``whole``: all of what it is about."""
    change = entry.change
    more = change.get("text") or _after(change, "title") or _after(change, "commander") or ""
    count = (
        language.count("%(number)s alert", "%(number)s alerts", entry.count) if entry.count and entry.action != "opened" else ""
    )
    return {
        "id": entry.id,
        "at": entry.at,
        "actor": brief(entry.actor, NAMED),
        "says": language.say(DID.get(entry.action, entry.action)),
        "more": more if whole else brief(more, MORE),
        "longer": 0 if whole else longer(more, MORE),
        "count": count,
        "other": change.get("other"),
    }


def _after(change: Mapping[str, Any], name: str) -> str | None:
    values = change.get(name)
    return str(values[1]) if isinstance(values, list) and len(values) == 2 and values[1] else None

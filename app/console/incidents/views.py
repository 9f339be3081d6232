"""Incidents in people's words: a line of the list, and all that an incident's page says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.alerts.urgency import GRAVITY
from app.console.alerts.history import RESOLUTIONS
from app.console.brevity import brief
from app.console.incidents.asking import ME, TABS, Asked
from app.console.incidents.narrative import narrative, written
from app.console.incidents.spreading import places, spread_view
from app.console.queue.views import LONGEST, NAMED, SEVERITIES, age
from app.console.speech import Language, marked
from app.console.wording import DETECTORS
from app.incidents.schemas import AlertLine, HistoryOut, IncidentLine, IncidentOut, MoveOut

if TYPE_CHECKING:
    from detectors.spread.cascade import Cascade

STATES = {"open": marked("Open"), "contained": marked("Contained"), "closed": marked("Closed"), "all": marked("All")}
CLOSINGS = {"handled": marked("Closed"), "cleared": marked("Closed: no leak"), "merged": marked("Merged")}
EMPTY = {
    "open": marked("No incident is open."),
    "contained": marked("No incident is contained and not yet closed."),
    "closed": marked("No incident has been closed yet."),
    "all": marked("There is no incident yet. The first alert begins one."),
}
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
    "merge_undone": marked("took a merge back"),
    "split_undone": marked("took a split back"),
}
MINUTE = timedelta(minutes=1)
HISTORY = 20
"""Rows that the page shows, the last ones; the API tells all."""


def line_view(line: IncidentLine, language: Language, at: datetime) -> dict[str, Any]:
    """One incident in the list."""
    return {
        "id": line.id,
        "title": brief(title(line, language), LONGEST),
        "severity": line.severity,
        "severity_name": language.say(SEVERITIES.get(line.severity, line.severity)),
        "status": line.status,
        "state": state(line, language),
        "commander": brief(line.commander or "", NAMED),
        "alerts": line.alert_count,
        "far": line.far,
        "opened": line.opened_at,
        "last": line.last_at,
        "age": age(max(at - line.last_at, timedelta()), language),
        "since": _since(at - line.opened_at, language),
    }


def title(line: IncidentLine, language: Language) -> str:
    """What it is called."""
    return line.title or language.say("Something nobody registered")


def state(line: IncidentLine, language: Language) -> str:
    """Where it stands, and if it is closed, why."""
    return language.say(CLOSINGS[line.closing] if line.closing else STATES[line.status])


def tab_views(asked: Asked, counts: Mapping[str, int], language: Language) -> list[dict[str, Any]]:
    """Standings, with how many incidents there are; whatever else is asked for stays."""
    totals = {**counts, "all": sum(counts.values())}
    return [
        {
            "value": tab,
            "name": language.say(STATES[tab]),
            "count": language.number(totals.get(tab, 0)),
            "href": asked.address(status=tab),
            "here": tab == asked.status,
        }
        for tab in TABS
    ]


def choices(asked: Asked, people: Iterable[str], language: Language) -> dict[str, list[tuple[str, str]]]:
    """What the filter's menus offer: value and name."""
    names = dict.fromkeys([*people, *([asked.commander] if asked.commander not in (None, ME) else [])])
    return {
        "commander": [("", language.say("Anybody's")), (ME, language.say("Mine")), *((name, name) for name in names)],
        "severity": [("", language.say("Any severity")), *((one, language.say(SEVERITIES[one])) for one in reversed(GRAVITY))],
    }


@dataclass(frozen=True, slots=True)
class Members:
    """Some of an incident's alerts. ``earlier``: the alert before which there are more."""

    lines: Sequence[AlertLine]
    earlier: str | None


def incident_view(
    incident: IncidentOut, members: Members, cascade: "Cascade", ids: Mapping[str, str], language: Language, at: datetime
) -> dict[str, Any]:
    """All that the page says. ``ids``: message to alert."""
    told = narrative(incident, cascade, language)
    own = incident.narrative
    return line_view(incident, language, at) | {
        "title": title(incident, language),
        "commander": incident.commander,
        "version": incident.version,
        "closing": incident.closing,
        "closed_at": incident.closed_at,
        "earlier": incident.earlier,
        "merged_into": incident.merged_into,
        "spread": spread_view(cascade, ids, language),
        "opened": min([line.at for line in cascade.seen], default=incident.opened_at),
        "last": max([line.at for line in cascade.seen], default=incident.last_at),
        "places": places(cascade),
        "units": [one for one in incident.answerable if one.what == "sender"],
        "members": [alert_view(one, language, at) for one in members.lines],
        "earlier_alerts": members.earlier,
        "told": [{"at": when, "says": says} for when, says in told if own is None or when > own.at],
        "own": own,
        "draft": own.text if own else written(told, language),
        "tasks": incident.tasks,
        "left": sum(task.done_at is None for task in incident.tasks),
        "moves": [move_view(move, incident.id, language) for move in incident.moves],
        "history": [history_view(entry, language) for entry in reversed(incident.history[-HISTORY:])],
    }


def alert_view(one: AlertLine, language: Language, at: datetime) -> dict[str, Any]:
    """An alert among the incident's."""
    stands = RESOLUTIONS.get(one.resolution or "")
    names = {"open": marked("Open"), "acknowledged": marked("Acknowledged"), "resolved": marked("Resolved")}
    return {
        "id": one.id,
        "status": one.status,
        "severity": one.severity,
        "severity_name": language.say(SEVERITIES.get(one.severity, one.severity)),
        "state": language.say(stands) if stands else language.say(names.get(one.status, one.status)),
        "channel": brief(one.channel, NAMED),
        "external": one.external,
        "sender": brief(one.sender, NAMED),
        "gateway": brief(one.gateway, NAMED),
        "why": language.listed(language.say(DETECTORS.get(name, name)) for name in one.detectors)
        or language.say("not inspected"),
        "confidence": one.confidence,
        "assignee": one.assignee,
        "at": one.created_at,
        "age": age(max(at - one.created_at, timedelta()), language),
    }


def move_view(move: MoveOut, here: str, language: Language) -> dict[str, Any]:
    """A merge or split that can be taken back."""
    other = move.target if move.source == here else move.source
    if move.kind == "merge":
        says = language.count("Merged, with %(number)s alert", "Merged, with %(number)s alerts", move.moved)
    else:
        says = language.count("Split, with %(number)s alert", "Split, with %(number)s alerts", move.moved)
    return {"id": move.id, "says": says, "other": other, "actor": move.actor, "at": move.at, "kind": move.kind}


def history_view(entry: HistoryOut, language: Language) -> dict[str, Any]:
    """One row."""
    change = entry.change
    more = change.get("text") or _after(change, "title") or _after(change, "commander") or ""
    count = (
        language.count("%(number)s alert", "%(number)s alerts", entry.count) if entry.count and entry.action != "opened" else ""
    )
    return {
        "at": entry.at,
        "actor": entry.actor,
        "says": language.say(DID.get(entry.action, entry.action)),
        "more": more,
        "count": count,
        "other": change.get("other"),
    }


def candidates(lines: Sequence[IncidentLine], here: str, language: Language, at: datetime) -> list[dict[str, Any]]:
    """What it could be merged into."""
    return [line_view(line, language, at) for line in lines if line.id != here and line.status != "closed"]


def _since(passed: timedelta, language: Language) -> str:
    if passed < MINUTE:
        return language.say("began just now")
    return language.say("began %(age)s ago", age=age(passed, language))


def _after(change: Mapping[str, Any], name: str) -> str | None:
    values = change.get(name)
    return str(values[1]) if isinstance(values, list) and len(values) == 2 and values[1] else None

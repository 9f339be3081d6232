"""Incidents in people's words: a line of the list, and all that an incident's page says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.alerts.schemas import AnswerableOut
from app.alerts.urgency import GRAVITY
from app.console.alerts.history import RESOLUTIONS
from app.console.brevity import brief, fitting, last, longer
from app.console.incidents.asking import ME, TABS, Asked
from app.console.incidents.narrative import narrative, written
from app.console.incidents.past import latest
from app.console.incidents.spreading import places, spread_view
from app.console.incidents.tasks import few, task_view
from app.console.queue.views import LONGEST, NAMED, SEVERITIES, age
from app.console.speech import Language, marked
from app.console.wording import DETECTORS
from app.db.models import AssetRow
from app.incidents.schemas import AlertLine, IncidentLine, IncidentOut, MoveOut

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
MINUTE = timedelta(minutes=1)
STORY, NAMES, PLACES, UNITS = 5000, 3000, 3000, 2000
"""Bytes of the story, of names to choose from, of channels and of units: what there is no room for has a page of its own."""
OWN = 1000
"""Characters of the words somebody wrote; likewise."""
ASSETS, SOME = 5, 15
"""Assets that are told, and channels and units at most."""
MOVES = 8
"""Merges and splits, the last ones."""
MATCHED = 60
"""Characters of the title of what it could be merged into."""


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
    found = places(cascade)
    return (
        line_view(incident, language, at)
        | story_view(incident, cascade, language)
        | {
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
            "places": fitting(found[:SOME], PLACES, lambda place: f"{place['name']} {place['gateway']}"),
            "all_places": len(found),
            "units": fitting([unit_view(one) for one in incident.answerable if one.what == "sender"][:SOME], UNITS, " ".join),
            "members": [alert_view(one, language, at) for one in members.lines],
            "earlier_alerts": members.earlier,
            "tasks": [task_view(task) for task in few(incident.tasks)],
            "all_tasks": len(incident.tasks),
            "left": sum(task.done_at is None for task in incident.tasks),
            "moves": [move_view(move, incident.id, language) for move in incident.moves[:MOVES]],
            "history": latest(incident.history, language),
            "lived": len(incident.history),
        }
    )


def story_view(incident: IncidentOut, cascade: "Cascade", language: Language) -> dict[str, Any]:
    """What happened: the last of it, and in brief what somebody wrote. ``story``: all that writes itself, after what they wrote.

    ``draft``: what to begin with who writes it.
    """
    told, own = narrative(incident, cascade, language), incident.narrative
    story = [{"at": when, "says": says} for when, says in told if own is None or when > own.at]
    shown = last(story, STORY, lambda one: str(one["says"]))
    wrote = own and {"text": brief(own.text, OWN), "by": brief(own.by, NAMED), "at": own.at, "longer": longer(own.text, OWN)}
    return {"told": shown, "story": story, "own": wrote, "draft": own.text if own else written(told, language)}


def unit_view(one: AnswerableOut) -> tuple[str, str]:
    """A unit of those who posted, and who answers for it."""
    return brief(one.unit, NAMED), brief(one.name, NAMED)


def asset_view(row: AssetRow) -> dict[str, Any]:
    """What it is about, and whom to call."""
    about = {"title": brief(row.title, LONGEST), "owner": brief(row.owner, NAMED), "unit": brief(row.unit, NAMED)}
    return {"id": row.id, "level": row.level, **about}


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
        "assignee": brief(one.assignee or "", NAMED),
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
    return {"id": move.id, "says": says, "other": other, "actor": brief(move.actor, NAMED), "at": move.at, "kind": move.kind}


def candidates(lines: Sequence[IncidentLine], here: str, language: Language, at: datetime) -> list[dict[str, Any]]:
    """What it could be merged into."""
    found = [line_view(line, language, at) for line in lines if line.id != here and line.status != "closed"]
    return [one | {"title": brief(one["title"], MATCHED)} for one in found]


def _since(passed: timedelta, language: Language) -> str:
    if passed < MINUTE:
        return language.say("began just now")
    return language.say("began %(age)s ago", age=age(passed, language))

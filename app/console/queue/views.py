"""What the queue says, in people's words."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, get_args

from app.alerts.history.repository import TAKEN_BACK
from app.alerts.queueing import Line
from app.alerts.schemas import Severity
from app.alerts.urgency import GRAVITY
from app.console.alerts.history import BRIEF
from app.console.brevity import brief, narrow
from app.console.queue.asking import AGES, ME, NOBODY, TABS, Asked
from app.console.speech import Language, counted, marked
from app.console.wording import DETECTORS

TAB_NAMES = {
    "open": marked("Open"),
    "acknowledged": marked("Acknowledged"),
    "snoozed": marked("Snoozed"),
    "resolved": marked("Resolved"),
    "all": marked("All"),
}
SEVERITIES = {
    "critical": marked("Critical"),
    "high": marked("High"),
    "medium": marked("Medium"),
    "low": marked("Low"),
}
RESOLUTIONS = {
    "true_positive": marked("A leak"),
    "benign_positive": marked("Harmless"),
    "false_positive": marked("False alarm"),
}
AGE_NAMES = {
    "1h": marked("in the last hour"),
    "24h": marked("in the last 24 hours"),
    "7d": marked("in the last 7 days"),
    "30d": marked("in the last 30 days"),
}
EMPTY = {
    "open": marked("Nothing waits for you: no open alerts."),
    "acknowledged": marked("Nobody is looking at an alert just now."),
    "snoozed": marked("No alert is snoozed."),
    "resolved": marked("No alert has been resolved yet."),
    "all": marked("No alert has been raised yet."),
}
SAID = {
    "open": counted("%(number)s alert put back to open", "%(number)s alerts put back to open"),
    "acknowledged": counted("%(number)s alert acknowledged", "%(number)s alerts acknowledged"),
    "reopened": counted("%(number)s alert reopened", "%(number)s alerts reopened"),
    "resolved": counted("%(number)s alert resolved", "%(number)s alerts resolved"),
    "snoozed": counted("%(number)s alert snoozed", "%(number)s alerts snoozed"),
    "woken": counted("%(number)s alert brought back", "%(number)s alerts brought back"),
    "assigned": counted("%(number)s alert assigned", "%(number)s alerts assigned"),
    "unassigned": counted("%(number)s alert taken from its assignee", "%(number)s alerts taken from their assignees"),
    "noted": counted("%(number)s alert noted on", "%(number)s alerts noted on"),
    "undone": counted("Taken back for %(number)s alert", "Taken back for %(number)s alerts"),
    "withdrawn": counted("Note taken back on %(number)s alert", "Note taken back on %(number)s alerts"),
}
DID = {
    "open": marked("put it back to open"),
    "acknowledged": marked("acknowledged it"),
    "reopened": marked("reopened it"),
    "resolved": marked("resolved it"),
    "snoozed": marked("snoozed it"),
    "woken": marked("brought it back"),
    "assigned": marked("assigned it"),
    "unassigned": marked("took the assignment back"),
    "undone": marked("took a change back"),
}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONGEST, NAMED = 84, 32
"""Columns of a title, and of a name, in a line: a Chinese character takes two."""
UNITS = ((DAY, marked("%(number)s d")), (HOUR, marked("%(number)s h")), (MINUTE, marked("%(number)s min")))


def line_view(line: Line, language: Language, at: datetime, gone: bool = False) -> dict[str, Any]:
    """One alert's line. ``gone``: it is not among what is looked at any more."""
    row, state = line.row, line.state
    shown, title = row.shown, _title(row.shown, language)
    return {
        "id": state.id,
        "version": state.version,
        "gone": gone,
        "severity": row.severity,
        "severity_name": language.say(SEVERITIES.get(row.severity, row.severity)),
        "title": narrow(title, LONGEST),
        "called": narrow(title, NAMED),
        "others": shown.get("others", 0),
        "why": _why(shown, language),
        "reference": narrow(shown.get("reference", ""), NAMED),
        "confidence": shown.get("confidence"),
        "channel": narrow(shown.get("channel") or row.channel_id, NAMED),
        "channel_id": row.channel_id,
        "external": row.external,
        "members": shown.get("members"),
        "sender": narrow(shown.get("sender") or row.sender_id, NAMED),
        "gateway": narrow(row.gateway, NAMED),
        "channels": line.spread.channels,
        "messages": line.spread.messages,
        "incident": line.incident,
        "standing": row.standing,
        "state": _state(line, language, at),
        "assignee": narrow(state.assignee or "", NAMED),
        "at": row.created_at,
        "leaked": _day(shown.get("leaked_at"), language),
        "age": age(at - row.created_at, language),
    }


def _day(at: str | None, language: Language) -> str:
    """``""``: it is not historic."""
    return language.day(datetime.fromisoformat(at)) if at else ""


def age(passed: timedelta, language: Language) -> str:
    """As short as can be; the page's script says it with the same words."""
    found = next(((unit, words) for unit, words in UNITS if passed >= unit), None)
    return language.say(found[1], number=passed // found[0]) if found else language.say("now")


def tab_views(asked: Asked, counts: Mapping[tuple[str, str], int], language: Language) -> list[dict[str, Any]]:
    """Standings, with how many alerts there are; whatever else is asked for stays."""
    totals = {tab: sum(number for (standing, _), number in counts.items() if standing == tab) for tab in TABS}
    totals["all"] = sum(counts.values())
    return [
        {
            "value": tab,
            "name": language.say(TAB_NAMES[tab]),
            "count": language.number(totals[tab]),
            "href": asked.address(status=tab, resolution=None if tab != "resolved" else asked.resolution),
            "here": tab == asked.status,
        }
        for tab in TABS
    ]


def severity_views(asked: Asked, counts: Mapping[tuple[str, str], int], language: Language) -> list[dict[str, Any]]:
    """Severities within the standing, gravest first; the chosen one's link lets it go."""
    here = [(severity, number) for (standing, severity), number in counts.items() if asked.status in (standing, "all")]
    return [
        {
            "value": one,
            "name": language.say(SEVERITIES[one]),
            "count": language.number(sum(number for severity, number in here if severity == one)),
            "href": asked.address(severity=None if one == asked.severity else one),
            "here": one == asked.severity,
        }
        for one in sorted(get_args(Severity), key=lambda one: -GRAVITY[one])
    ]


def choices(asked: Asked, people: Iterable[str], gateways: Iterable[str], language: Language) -> dict[str, list[tuple[str, str]]]:
    """What the filter's menus offer: value and name."""
    names = [*people, *([asked.assignee] if asked.assignee not in (None, ME, NOBODY) else [])]
    places = dict.fromkeys([*gateways, *filter(None, [asked.gateway])])
    return {
        "assignee": [
            ("", language.say("Anybody's")),
            (ME, language.say("Mine")),
            (NOBODY, language.say("Nobody's")),
            *((name, name) for name in dict.fromkeys(names)),
        ],
        "detector": [("", language.say("Found in any way")), *((one, language.say(name)) for one, name in DETECTORS.items())],
        "gateway": [
            ("", language.say("Any gateway")),
            *((one, one) for one in places),
        ],
        "age": [("", language.say("Whenever")), *((one, language.say(AGE_NAMES[one])) for one in AGES)],
        "order": [("urgent", language.say("Most urgent first")), ("newest", language.say("Newest first"))],
        "resolution": [("", language.say("However resolved")), *((one, language.say(name)) for one, name in RESOLUTIONS.items())],
    }


def chips(asked: Asked, shown: Mapping[str, str], language: Language) -> list[dict[str, str]]:
    """What is asked for by links alone, each with a link that lets it go. ``shown``: names for ids."""
    names = {"channel": language.say("Channel"), "sender": language.say("Sender"), "asset": language.say("Asset")}
    return [
        {"name": name, "value": brief(shown.get(value, value), LONGEST), "href": asked.address(**{field: None})}
        for field, name in names.items()
        if (value := getattr(asked, field))
    ]


def done_view(summary: Mapping[str, int], bulk_id: str, language: Language) -> dict[str, Any]:
    """What somebody just did, and whether it can be taken back; of a change nothing is known of: that it changed nothing."""
    if not summary:
        return {"says": language.say("Nothing changed: it was so already."), "bulk": bulk_id, "undo": False}
    undone = {action: number for action, number in summary.items() if action in TAKEN_BACK}
    told = undone or summary
    did = (language.count(*SAID[action], number) for action, number in told.items() if action in SAID and number)
    said = language.say("; ").join(did)
    return {"says": said, "bulk": bulk_id, "undo": not undone}


def collision(actor: str, action: str, note: str | None, language: Language) -> str:
    """Who was there first."""
    said = language.say("%(actor)s %(did)s meanwhile.", actor=actor, did=language.say(DID.get(action, "changed it")))
    return f"{said} “{note[:BRIEF]}{'…' if len(note) > BRIEF else ''}”" if note else said


def _title(shown: Mapping[str, Any], language: Language) -> str:
    if shown.get("title"):
        return str(shown["title"])
    if shown.get("marking"):
        return language.say("%(marking)s: nobody registered this", marking=shown["marking"])
    files = language.listed(shown.get("unread") or ()) or language.say("the message’s text")
    return language.say("Could not be inspected: %(files)s", files=files)


def _why(shown: Mapping[str, Any], language: Language) -> str:
    found = language.listed(language.say(DETECTORS.get(one, one)) for one in shown.get("detectors", ()))
    return found or language.say("nothing else was found")


def _state(line: Line, language: Language, at: datetime) -> str:
    state = line.state
    if line.row.standing == "snoozed" and state.snoozed_until:
        return language.say("Back in %(time)s", time=age(max(state.snoozed_until - at, MINUTE), language))
    if state.resolution:
        return language.say(RESOLUTIONS.get(state.resolution, state.resolution))
    return language.say(TAB_NAMES.get(state.status, state.status))

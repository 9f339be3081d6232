"""What happened in order of time: what was posted, what was found, what people did."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from app.alerts.schemas import HistoryOut
from app.alerts.service import MACHINE
from app.console.alerts.history import happened
from app.console.speech import Language
from app.evidence.hindsight import widened
from app.evidence.types import Evidence, Export
from app.incidents.clocks import counted, impossible

Moment = tuple[datetime, str]


def times_of(language: Language, evidence: Evidence, export: Export, most: int) -> Iterable[dict[str, Any]]:
    """A table of at most so many rows, and how many more there are."""
    moments = sorted({*_posted(language, evidence), *_happened(language, evidence)})
    rows = [[_clock(at), _clock(at, export), says] for at, says in moments[:most]]
    head = ["UTC", language.say("Local time"), language.say("What")]
    yield {"kind": "table", "head": head, "widths": ["auto", "auto", "1"], "rows": rows, "mono": []}
    if len(moments) > most:
        left = language.count(
            "%(number)s later moment is left out here.", "%(number)s later moments are left out here.", len(moments) - most
        )
        yield {"kind": "soft", "text": left}


def stated(language: Language, entry: HistoryOut) -> str:
    """A note, and whether it was taken back."""
    if not entry.note or entry.withdrawn is None:
        return entry.note or ""
    at = f"{entry.withdrawn.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return f"{entry.note} ({language.say('taken back by %(name)s, %(at)s', name=entry.withdrawn.actor, at=at)})"


def _clock(at: datetime, export: Export | None = None) -> str:
    """``"–"``: that zone's calendar has no such moment."""
    try:
        there = at.astimezone(export.zone if export else UTC)
    except OverflowError:
        return "–"
    return there.isoformat(" ", "seconds")[:19]


def _posted(language: Language, evidence: Evidence) -> Iterable[Moment]:
    for number, alert in enumerate(evidence.alerts, 1):
        message = alert.message
        values = {"number": number, "channel": message.channel.name or message.channel.id}
        if message.sent_at:
            name = message.sender.name or message.sender.id
            says = language.say("No. %(number)s was posted in “%(channel)s” by the account “%(name)s”", **values, name=name)
            if wrong := impossible(message.sent_at, message.received_at):
                stated = f"{wrong.isoformat(' ', 'seconds')[:19]} UTC"
                says += f" ({language.say('states that it was sent %(at)s, which cannot be', at=stated)})"
            yield counted(message.sent_at, message.received_at), says
        yield message.received_at, language.say("No. %(number)s, from “%(channel)s”, reached leakwatch", **values)


def _happened(language: Language, evidence: Evidence) -> Iterable[Moment]:
    for number, alert in enumerate(evidence.alerts, 1):
        for entry in alert.history:
            told = happened(language, entry.model_dump())
            if alert.leaked_at and entry.action == "created" and not widened(alert):
                day = f"{alert.leaked_at.astimezone(UTC):%Y-%m-%d}"
                told["says"] = language.say("raised the alert in hindsight: it was leaked on %(day)s", day=day)
            note = f" – {stated(language, entry)}" if entry.note else ""
            who = language.say("The machine") if entry.actor == MACHINE else entry.actor
            yield entry.at, language.say("No. %(number)s: %(who)s %(did)s", number=number, who=who, did=told["says"]) + note
    for one in evidence.happened:
        yield one.at, one.says

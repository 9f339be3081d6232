"""What happened, as sentences that write themselves from what was seen and done.

People are named as who posted and who forwarded, nothing else: nobody here knows why they did.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from app.console.alerts.history import RESOLUTIONS
from app.console.incidents.naming import channel_of, person_of
from app.console.incidents.spreading import first_seen
from app.console.speech import Language, marked
from app.incidents.schemas import HistoryOut, IncidentOut

if TYPE_CHECKING:
    from detectors.spread.cascade import Cascade, Seen

Told = tuple[datetime, str]
CHANNELS = 12
DONE = 30
"""So many channels are named, of more it is said how many; and so many of the last things that were done."""
DID = {
    "contained": marked("%(actor)s marked it as contained."),
    "closed": marked("%(actor)s closed it."),
    "opened_again": marked("%(actor)s put it back to open."),
    "reopened_incident": marked("%(actor)s reopened it."),
    "cleared": marked("Closed by itself: no alert in it was a leak."),
    "uncleared": marked("Opened again by itself: an alert in it may be a leak after all."),
    "task_added": marked("%(actor)s noted a task: %(text)s."),
    "task_done": marked("%(actor)s did: %(text)s."),
    "task_undone": marked("%(actor)s says it is not done after all: %(text)s."),
    "merged": marked("%(actor)s merged it into another incident."),
    "split_from": marked("%(actor)s split it off from another incident."),
    "merge_undone": marked("%(actor)s took a merge back."),
    "split_undone": marked("%(actor)s took a split back."),
}


def narrative(incident: IncidentOut, cascade: "Cascade", language: Language) -> list[Told]:
    """In the order in which things happened."""
    told = [*_seen(cascade, language), *_deleted(cascade, language)]
    told += [(entry.at, says) for entry in incident.history[-DONE:] if (says := _did(entry, language))]
    return sorted(told, key=lambda one: one[0])


def written(told: Sequence[Told], language: Language) -> str:
    """As a text to begin with."""
    return "\n".join(f"{language.moment(at)}: {says}" for at, says in told)


def _seen(cascade: "Cascade", language: Language) -> list[Told]:
    channels = first_seen(cascade)
    told: list[Told] = []
    outside = False
    for number, (at, one) in enumerate(channels[:CHANNELS]):
        told.append((at, _first(cascade, one, language) if not number else _further(cascade, one, language)))
        if one.external and not outside:
            outside = True
            told.append((at, _outside(one, language)))
    if len(channels) > CHANNELS:
        rest = len(channels) - CHANNELS
        says = language.count("It reached %(number)s more channel.", "It reached %(number)s more channels.", rest)
        told.append((channels[-1][0], says))
    later = [at for at, one in channels[CHANNELS:] if one.external]
    if later and not outside:
        told.append((later[0], language.say("People outside the organisation could see it from then on.")))
    return told


def _first(cascade: "Cascade", one: "Seen", language: Language) -> str:
    if cascade.beginnings > 1:
        return _further(cascade, one, language)
    names = {"sender": person_of(one), "channel": channel_of(one)}
    if cascade.from_unseen(one.id):
        return language.say("First seen: %(sender)s forwarded it to %(channel)s from a message that was not seen.", **names)
    return language.say("First seen: %(sender)s posted it in %(channel)s.", **names)


def _further(cascade: "Cascade", one: "Seen", language: Language) -> str:
    edge = cascade.parent_of(one.id)
    parent = next((other for other in cascade.seen if edge and other.id == edge.parent), None)
    names = {"sender": person_of(one), "channel": channel_of(one)}
    if cascade.from_unseen(one.id):
        return language.say("%(sender)s forwarded it to %(channel)s from a message that was not seen.", **names)
    if edge is None or parent is None:
        return language.say("%(sender)s posted it in %(channel)s.", **names)
    source = channel_of(parent)
    if edge.how == "stated":
        return language.say("%(sender)s forwarded it from %(source)s to %(channel)s.", **names, source=source)
    if edge.confirmed:
        return language.say("%(sender)s posted a copy in %(channel)s, most likely from %(source)s.", **names, source=source)
    return language.say("%(sender)s posted a copy in %(channel)s; where from is not certain.", **names)


def _outside(one: "Seen", language: Language) -> str:
    if one.members:
        members = language.number(one.members)
        return language.say(
            "People outside the organisation could see it from then on: a channel of %(members)s.", members=members
        )
    return language.say("People outside the organisation could see it from then on.")


def _deleted(cascade: "Cascade", language: Language) -> list[Told]:
    sentence = marked("The message of %(sender)s in %(channel)s was deleted; what was seen of it stays here.")
    names = [(one, person_of(one), channel_of(one)) for one in cascade.deleted if not one.dismissed]
    return [(one.deleted_at, language.say(sentence, sender=who, channel=where)) for one, who, where in names if one.deleted_at]


def _did(entry: HistoryOut, language: Language) -> str:
    """``""``: not a part of the story."""
    if entry.action == "acknowledged":
        number, who = entry.count, entry.actor
        return language.count("%(actor)s took up %(number)s alert.", "%(actor)s took up %(number)s alerts.", number, actor=who)
    if entry.action == "decided":
        what = language.say(RESOLUTIONS.get(str(entry.change.get("resolution")), ""))
        return language.count(
            "%(actor)s found %(number)s alert to be %(what)s.",
            "%(actor)s found %(number)s alerts to be %(what)s.",
            entry.count,
            actor=entry.actor,
            what=what,
        )
    if entry.action == "reopened":
        number, who = entry.count, entry.actor
        return language.count(
            "%(actor)s opened %(number)s alert again.", "%(actor)s opened %(number)s alerts again.", number, actor=who
        )
    if entry.action in ("took_in", "split"):
        return _moved(entry, language)
    if entry.action == "commander":
        lead = entry.change.get("commander", [None, None])[1]
        return language.say("%(name)s leads.", name=lead) if lead else language.say("Nobody leads any more.")
    sentence = DID.get(entry.action)
    return language.say(sentence, actor=entry.actor, text=str(entry.change.get("text", "")).rstrip(".。")) if sentence else ""


def _moved(entry: HistoryOut, language: Language) -> str:
    if entry.action == "took_in":
        return language.count(
            "%(actor)s merged another incident into it, with %(number)s alert.",
            "%(actor)s merged another incident into it, with %(number)s alerts.",
            entry.count,
            actor=entry.actor,
        )
    return language.count(
        "%(actor)s split %(number)s alert off as another leak.",
        "%(actor)s split %(number)s alerts off as another leak.",
        entry.count,
        actor=entry.actor,
    )

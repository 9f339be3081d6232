"""What happened, as sentences that write themselves from what was seen and done.

People are named as who posted and who forwarded, nothing else: nobody here knows why they did.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from app.console.alerts.history import RESOLUTIONS
from app.console.brevity import brief
from app.console.incidents.naming import ORIGINS, channel_of, person_of
from app.console.incidents.parting import PART
from app.console.incidents.spreading import first_seen
from app.console.speech import Language, counted, marked
from app.incidents.schemas import HistoryOut, IncidentOut

if TYPE_CHECKING:
    from detectors.spread.cascade import Cascade, Seen

Told = tuple[datetime, str]
CHANNELS = 12
DELETED = 8
"""So many channels are named, and so many messages that were deleted; of more it is said how many."""
DONE = 30
"""So many of the last things that were done."""
NAMED, SAID = 40, 120
"""Characters of a name of ours, and of what is to be done: all of that stands among the tasks."""
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
    "came_back": marked("%(actor)s split its alerts off again: it is an incident of its own as before."),
    "merge_undone": marked("%(actor)s took a merge back."),
    "split_undone": marked("%(actor)s took a split back."),
}

COUNTED = {
    "acknowledged": counted("%(actor)s took up %(number)s alert.", "%(actor)s took up %(number)s alerts."),
    "decided": counted("%(actor)s found %(number)s alert to be %(what)s.", "%(actor)s found %(number)s alerts to be %(what)s."),
    "reopened": counted("%(actor)s opened %(number)s alert again.", "%(actor)s opened %(number)s alerts again."),
    "took_in": counted(
        "%(actor)s merged another incident into it, with %(number)s alert.",
        "%(actor)s merged another incident into it, with %(number)s alerts.",
    ),
    "split": counted(
        "%(actor)s split %(number)s alert off as another leak.", "%(actor)s split %(number)s alerts off as another leak."
    ),
}


def narrative(incident: IncidentOut, cascade: "Cascade", language: Language) -> list[Told]:
    """In the order in which things happened."""
    told = [*_seen(cascade, language), *_deleted(cascade, language)]
    told += [(entry.at, says) for entry in incident.history[-DONE:] if (says := _did(entry, language))]
    return sorted(told, key=lambda one: one[0])


def written(told: Sequence[Told], language: Language) -> str:
    """As a text to begin with, which one field holds."""
    return brief("\n".join(f"{language.moment(at)}: {says}" for at, says in told), PART - 1)


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
    if origin := cascade.origin_of(one.id):
        source = language.say(ORIGINS[origin.standing])
        return language.say("First seen: %(sender)s forwarded it to %(channel)s from %(origin)s.", **names, origin=source)
    return language.say("First seen: %(sender)s posted it in %(channel)s.", **names)


def _further(cascade: "Cascade", one: "Seen", language: Language) -> str:
    edge = cascade.parent_of(one.id)
    parent = next((other for other in cascade.seen if edge and other.id == edge.parent), None)
    names = {"sender": person_of(one), "channel": channel_of(one)}
    if origin := cascade.origin_of(one.id):
        source = language.say(ORIGINS[origin.standing])
        return language.say("%(sender)s forwarded it to %(channel)s from %(origin)s.", **names, origin=source)
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
    gone = sorted((one.deleted_at, one.id, one) for one in cascade.deleted if one.deleted_at and not one.dismissed)
    told = [(at, language.say(sentence, sender=person_of(one), channel=channel_of(one))) for at, _, one in gone[:DELETED]]
    if len(gone) > DELETED:
        rest = len(gone) - DELETED
        says = language.count("%(number)s more message was deleted.", "%(number)s more messages were deleted.", rest)
        told.append((gone[-1][0], says))
    return told


def _did(entry: HistoryOut, language: Language) -> str:
    """``""``: not a part of the story."""
    who, change = brief(entry.actor, NAMED), entry.change
    if entry.action in COUNTED:
        what = language.say(RESOLUTIONS.get(str(change.get("resolution")), ""))
        return language.count(*COUNTED[entry.action], entry.count, actor=who, what=what)
    if entry.action == "commander":
        lead = change.get("commander", [None, None])[1]
        return language.say("%(name)s leads.", name=brief(lead, NAMED)) if lead else language.say("Nobody leads any more.")
    sentence = DID.get(entry.action)
    text = brief(str(change.get("text", "")).rstrip(".。"), SAID)
    said = language.say(sentence, actor=who, text=text) if sentence else ""
    return said.replace("….", "…").replace("…。", "…")

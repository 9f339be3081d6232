"""Where it went, in words: the drawing's other form, and who can still stop it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.console.brevity import brief, fitting
from app.console.incidents.naming import LONGEST, ORIGINS, channel_of, person_of
from app.console.incidents.ways import rows
from app.console.speech import Language, counted

if TYPE_CHECKING:
    from detectors.spread.cascade import Cascade, Seen, Standing

MOST, ROOM = 6, 6000
"""Sightings that the incident's page lists, the last ones, and bytes of what channels and people are called; a page of their own
has all."""

NAMED: "Mapping[Standing, tuple[str, str]]" = {
    "unseen": counted(
        "%(number)s message named as an origin was not seen.", "%(number)s messages named as origins were not seen."
    ),
    "clear": counted(
        "%(number)s message named as an origin was inspected and raised no alert.",
        "%(number)s messages named as origins were inspected and raised no alert.",
    ),
    "unread": counted(
        "%(number)s message named as an origin has not been inspected.",
        "%(number)s messages named as origins have not been inspected.",
    ),
    "elsewhere": counted(
        "%(number)s message named as an origin has its alert in another incident.",
        "%(number)s messages named as origins have their alerts in other incidents.",
    ),
    "left_out": counted(
        "%(number)s message named as an origin is among those not traced.",
        "%(number)s messages named as origins are among those not traced.",
    ),
}


def spread_view(cascade: "Cascade", alerts: Mapping[str, str], language: Language) -> dict[str, Any]:
    """How far, how fast, how sure, and the table. ``alerts``: message ids of the database to alerts."""
    reach, speed = cascade.reach, cascade.speed
    return {
        "rows": fitting(rows(cascade, cascade.seen[: -MOST - 1 : -1], alerts, language), ROOM, _names),
        "seen": len(cascade.seen),
        "lanes": lanes(cascade),
        "messages": reach.messages,
        "channels": reach.channels,
        "external": reach.external,
        "people": reach.people,
        "members": reach.members,
        "outside": reach.external_members,
        "unknown": reach.unknown,
        "took": _lasting(timedelta(seconds=speed.seconds), language) if len(cascade.seen) > 1 else None,
        "to_external": None
        if speed.seconds_to_external is None
        else _lasting(timedelta(seconds=speed.seconds_to_external), language),
        "per_hour": speed.channels_per_hour,
        "unconfirmed": len(cascade.unconfirmed),
        "deleted": len(cascade.deleted),
        "origins": _origins(cascade, language),
        "left_out": cascade.left_out,
        "first": _first(cascade, language),
        "edges": len(cascade.edges),
    }


def lanes(cascade: "Cascade") -> int:
    """Channels that are drawn: also those where all of it was found to be something else."""
    return len({one.channel for one in cascade.seen})


def _names(row: Mapping[str, Any]) -> str:
    ends = [row, *([row["from"], *row["from"]["others"]] if row["from"] else [])]
    return " ".join(f"{one['channel']} {one['sender']}" for one in ends)


def _first(cascade: "Cascade", language: Language) -> str:
    """Who was seen to post it first, as far as anybody was; ``""``: nothing was seen."""
    if cascade.beginnings > 1:
        return language.say(
            "It has several beginnings, %(number)s, that nothing links: who was the first is not known.",
            number=language.number(cascade.beginnings),
        )
    if cascade.first is not None:
        name = person_of(cascade.first)
        if cascade.tied:
            return language.say("%(name)s and somebody else posted it in the same second: who was first is not known.", name=name)
        return language.say("%(name)s was the first seen to post it.", name=name)
    if not cascade.counted:
        return ""
    name, origin = person_of(cascade.counted[0]), cascade.origin_of(cascade.counted[0].id)
    source = language.say(ORIGINS[origin.standing if origin else "unseen"])
    return language.say("What was seen first %(name)s had forwarded from %(origin)s.", name=name, origin=source)


def _origins(cascade: "Cascade", language: Language) -> list[str]:
    """What is known of origins that are not among what was seen."""
    counts = Counter(one.standing for one in cascade.unseen)
    return [language.count(*says, counts[standing]) for standing, says in NAMED.items() if counts[standing]]


def places(cascade: "Cascade") -> list[dict[str, Any]]:
    """Channels it is in, those with people from outside first, then the largest: where it can still be stopped."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in cascade.counted:
        place = found.setdefault(
            one.channel, {"gateway": brief(one.gateway, LONGEST), "id": one.channel_id, "messages": 0, "left": 0, "people": {}}
        )
        place |= {"name": channel_of(one), "external": one.external, "members": one.members, "last": one.at}
        place["messages"] += 1
        place["left"] += one.deleted_at is None
        place["people"][one.sender] = person_of(one)
    for place in found.values():
        place["people"] = list(place["people"].values())
    return sorted(found.values(), key=lambda place: (not place["external"], -(place["members"] or 0), place["name"]))


def _lasting(passed: timedelta, language: Language) -> str:
    """As people say it."""
    seconds = round(passed.total_seconds())
    if seconds < 60:
        return language.count("%(number)s second", "%(number)s seconds", seconds)
    if seconds < 2 * 3600:
        return language.count("%(number)s minute", "%(number)s minutes", seconds // 60)
    if seconds < 48 * 3600:
        return language.count("%(number)s hour", "%(number)s hours", seconds // 3600)
    return language.count("%(number)s day", "%(number)s days", seconds // 86_400)


def first_seen(cascade: "Cascade") -> Sequence[tuple[datetime, "Seen"]]:
    """The first sighting in each channel, in order."""
    found: dict[tuple[str, str], Seen] = {}
    for one in cascade.counted:
        found.setdefault(one.channel, one)
    return [(one.at, one) for one in found.values()]

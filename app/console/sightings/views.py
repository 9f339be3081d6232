"""Where something was seen, in people's words."""

from collections.abc import Sequence
from typing import Any

from app.console.alerts.history import state
from app.console.brevity import brief
from app.console.sightings.asking import Asked
from app.console.speech import Language, marked
from app.console.wording import part
from app.sightings.seeking import Alike

NAMED = 60
"""Characters of a name."""
CLOSE = 4
"""Bits of 64: compressing and shrinking change no more, mostly."""
EXACT = marked("the same file")
AGAIN = marked("the same picture, saved again")
ALMOST = marked("much like it as a whole: look before you rely on it")
TEXTS = (
    (0.9, marked("the same text")),
    (0.5, marked("most of the text")),
    (0.0, marked("a part of the text: look before you rely on it")),
)
"""By how much of it agrees."""
MOST_OF_IT = 0.5
ONLY = (
    ("", marked("All of it")),
    ("alerts", marked("What led to an alert")),
    ("clear", marked("What led to none")),
    ("external", marked("In external channels")),
)
DAYS = (
    ("1", marked("In the last day")),
    ("7", marked("In the last 7 days")),
    ("30", marked("In the last 30 days")),
    ("all", marked("As long as anything is kept")),
)


def wanted(found: Sequence[Alike], asked: Asked) -> list[Alike]:
    """Those that the filters leave."""
    words = asked.q.casefold().split()
    return [one for one in found if _is_of(one, asked.only) and all(word in _said(one) for word in words)]


def _is_of(one: Alike, only: str) -> bool:
    head = one.sighting.head["channel"]
    return {"alerts": one.raised is not None, "clear": one.raised is None, "external": bool(head.get("external"))}.get(only, True)


def _said(one: Alike) -> str:
    """What a search looks in: gateway, channel and sender, names and ids."""
    seen = one.sighting
    names = (seen.head[what].get("name") or "" for what in ("channel", "sender"))
    return " ".join((seen.gateway, seen.channel_id, seen.sender_id, *names)).casefold()


def row(language: Language, one: Alike) -> dict[str, Any]:
    """One sighting. ``sure``: whether nobody needs to look."""
    seen, channel, sender = one.sighting, one.sighting.head["channel"], one.sighting.head["sender"]
    raised = one.raised
    return {
        "id": seen.id,
        "at": seen.at,
        "gateway": brief(seen.gateway, NAMED),
        "channel": brief(channel.get("name") or seen.channel_id, NAMED),
        "external": channel.get("external"),
        "members": channel.get("members"),
        "sender": brief(sender.get("name") or seen.sender_id, NAMED),
        "part": brief(part(language, seen.part), NAMED),
        "deleted": seen.deleted_at,
        "like": likeness(language, one),
        "differs": language.say("%(bits)s of 64 points differ", bits=one.distance) if one.distance else "",
        "agrees": ""
        if one.exact or not one.agrees
        else language.say("%(share)s of the text agrees", share=_share(language, one)),
        "sure": one.exact or _again(one) or one.agrees >= MOST_OF_IT,
        "alert": raised and raised.alert_id,
        "stands": state(language, raised.status, raised.resolution, False) if raised else "",
    }


def likeness(language: Language, one: Alike) -> str:
    """How alike it is."""
    if one.exact or one.distance is not None:
        return language.say(EXACT if one.exact else AGAIN if _again(one) else ALMOST)
    return language.say(next(says for least, says in TEXTS if one.agrees >= least))


def _again(one: Alike) -> bool:
    return one.distance is not None and one.distance <= CLOSE


def _share(language: Language, one: Alike) -> str:
    return language.percent(round(one.agrees, 2))


def summary(found: Sequence[Alike]) -> dict[str, Any]:
    """What somebody wants to know first: how often, where, since when, and whether anybody was told."""
    channels = {(one.sighting.gateway, one.sighting.channel_id): one.sighting.head["channel"] for one in found}
    first = found[0].sighting
    return {
        "seen": len(found),
        "channels": len(channels),
        "external": sum(bool(one.get("external")) for one in channels.values()),
        "people": len({(one.sighting.gateway, one.sighting.sender_id) for one in found}),
        "first": first.at,
        "first_channel": brief(first.head["channel"].get("name") or first.channel_id, NAMED),
        "alerts": len({one.raised.alert_id for one in found if one.raised}),
    }


def choices(language: Language, some: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of a field: its values, and what they mean."""
    return [(value, language.say(says)) for value, says in some]

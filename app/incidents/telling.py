"""What a drawing says, in the reader's words."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from app.incidents.lanes import Lane
from app.turning import plainly
from detectors.spread.cascade import Cascade, Edge, Seen, Unseen

WORDS: Mapping[str, str] = {
    "title": "Where it went",
    "summary": "Sightings: %(sightings)s, channels: %(channels)s, of these external: %(external)s, within %(time)s.",
    "first": "first seen",
    "stated": "stated by the gateway",
    "inferred": "inferred",
    "unconfirmed": "unconfirmed",
    "again": "to where it already was",
    "deleted": "deleted",
    "dismissed": "found to be a false alarm",
    "wrong": "states that it was sent %(at)s, which cannot be",
    "external": "external channel",
    "unseen": "Origins that were not seen",
    "outside": "Origins not in the incident",
    "origin": "An origin that the gateway names: %(origin)s",
    "origin_unseen": "a message that was not seen",
    "origin_clear": "a message that was inspected and raised no alert",
    "origin_unread": "a message that has not been inspected",
    "origin_elsewhere": "a message whose alert is in another incident",
    "origin_left_out": "a message that is among those not traced",
    "more_external": "%(count)s more external channels",
    "more_internal": "%(count)s more channels",
    "sightings": "%(count)s sightings",
    "every": "Show every channel",
    "members": "%(count)s members",
    "seconds": "%(count)s s",
    "minutes": "%(count)s min",
    "hours": "%(count)s h",
    "days": "%(count)s d",
    "sure": "%(percent)s %% sure",
    "same": "the same file",
    "recompressed": "compressed again",
    "marked": "something on it",
    "crop": "a part",
    "screenshot": "a screenshot",
    "photo": "a photo",
    "unknown": "pixels do not tell",
}

LONGEST = 60
"""Characters of a name: chats allow any number."""


class Teller:
    """Says what stands in one drawing."""

    def __init__(self, cascade: Cascade, words: Mapping[str, str]) -> None:
        self._cascade, self._words = cascade, words
        self._seen = {one.id: one for one in cascade.seen}
        self._unseen = {one.id: one for one in cascade.unseen}

    def say(self, key: str, **values: object) -> str:
        return self._words[key] % values if values else self._words[key]

    def summary(self) -> str:
        reach, took = self._cascade.reach, timedelta(seconds=self._cascade.speed.seconds)
        counts = {"sightings": len(self._cascade.seen), "channels": reach.channels, "external": reach.external}
        return self.say("summary", **counts, time=self.lasting(took))

    def begin(self) -> str:
        return f"{self._cascade.seen[0].at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"

    def lasting(self, took: timedelta) -> str:
        seconds = round(took.total_seconds())
        for key, unit, least in (("days", 86_400, 2 * 86_400), ("hours", 3600, 2 * 3600), ("minutes", 60, 60)):
            if seconds >= least or (seconds and seconds % unit == 0):
                return self.say(key, count=_plain(seconds / unit))
        return self.say("seconds", count=seconds)

    def person(self, one: Seen) -> str:
        return _person(one)

    def name(self, lane: Lane) -> str:
        if lane.unseen:
            return self.say("unseen" if all(one.standing == "unseen" for one in self._cascade.unseen) else "outside")
        return _short(lane.name) or self.say("more_external" if lane.outside else "more_internal", count=len(lane.channels))

    def reach(self, lane: Lane) -> str:
        """How many members; ``""``: not known."""
        return "" if lane.members is None else self.say("members", count=f"{lane.members:,}")

    def lane(self, lane: Lane) -> list[str]:
        """All that is told of it, in lines; of a shared one the channels too."""
        words = [self.name(lane), self.reach(lane), self.say("external") * lane.outside]
        if not lane.shared:
            return [" · ".join(word for word in (*words, *(_short(gateway) for gateway, _ in lane.channels)) if word)]
        newest = {one.channel: one for one in self._cascade.seen}
        return [_channel(newest[channel]) for channel in lane.channels]

    def sighting(self, one: Seen) -> str:
        gone = "" if one.deleted_at is None else f"{self.say('deleted')} {one.deleted_at.astimezone(UTC):%H:%M}"
        wrong = "" if one.stated_at is None else self.say("wrong", at=_moment(one.stated_at))
        words = (_moment(one.at), _channel(one), _person(one), wrong, gone, self.say("dismissed") * one.dismissed)
        return " · ".join(word for word in words if word)

    def origin(self, one: Unseen) -> str:
        """What is known of one that is not among the sightings."""
        return self.say("origin", origin=self.say(f"origin_{one.standing}"))

    def edge(self, edge: Edge) -> str:
        how = self.say("stated") if edge.how == "stated" else self.say("inferred")
        sure = "" if edge.how == "stated" else self.say("sure", percent=round(100 * edge.confidence))
        told = [how, sure, "" if edge.confirmed else self.say("unconfirmed"), self.say(str(edge.relation))]
        ends = f"{self._end(edge.parent)} → {self._end(edge.child)}"
        return f"{ends}: {' · '.join(word for word in told if word)}"

    def _end(self, id: str) -> str:
        one = self._seen.get(id)
        return f"{_channel(one)}, {_person(one)}" if one else _short(self._unseen[id].channel_id)


def _moment(at: datetime) -> str:
    """Years have four digits, whatever the platform says of early ones."""
    return at.astimezone(UTC).isoformat(" ", "seconds")[:19]


def _channel(one: Seen) -> str:
    return _short(one.channel_name or one.channel_id)


def _person(one: Seen) -> str:
    return _short(one.sender_name or one.sender_id)


def _short(name: str) -> str:
    name = plainly(name)
    return name if len(name) <= LONGEST else f"{name[:LONGEST]}…"


def _plain(value: float) -> str:
    """At most one digit behind the point."""
    return f"{value:.1f}".removesuffix(".0")

"""Ordinary messages tell who is in which channel, in whatever order they come."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.db import Database
from app.db.ids import new_id
from app.db.models import MessageRow
from app.incidents import repository
from app.incidents.clocks import counted
from tests.app.conftest import Server, fresh
from tests.app.incidents.test_spreading import at, spread
from tests.app.pictures import jpeg

BEGIN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CALENDAR = st.datetimes(timezones=st.just(UTC)).map(lambda one: one.replace(microsecond=one.microsecond // 1000 * 1000))
NEAR = st.integers(-3_000_000, 200).map(lambda seconds: BEGIN + timedelta(seconds=seconds))
POSTS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("pq"), st.none() | NEAR | CALENDAR, st.integers(0, 9)),
    min_size=1,
    max_size=8,
)


async def kept(database: Database, gateway: str, posts: list[tuple[str, str, datetime | None, int]]) -> repository.People:
    """Who is there, once these are stored, in this order."""
    async with database.writing() as session:
        for number, (channel, sender, sent, came) in enumerate(posts):
            names = {"gateway": gateway, "message_id": f"m{number}", "channel_id": channel, "sender_id": sender}
            body = {"sent_at": sent and sent.isoformat().replace("+00:00", "Z")}
            row = MessageRow(id=new_id("msg", 1e9 + number), **names, body=body, status="done")
            row.received_at = BEGIN + timedelta(minutes=came)
            session.add(row)
    async with database.reading() as session:
        return await repository.people_in(session, {(gateway, one) for one in "ab"}, {(gateway, one) for one in "pq"})


@settings(max_examples=25)
@given(POSTS, st.randoms(use_true_random=False))
def test_somebody_is_there_since_their_earliest_message(server: Server, posts: Any, dice: random.Random) -> None:
    database, gateway = server.house.database, fresh("g")
    found = server.run(kept(database, gateway, dice.sample(posts, len(posts))))
    wanted: dict[tuple[str, str], dict[tuple[str, str], datetime]] = {}
    for channel, sender, sent, came in posts:
        people, moment = wanted.setdefault((gateway, channel), {}), counted(sent, BEGIN + timedelta(minutes=came))
        people[gateway, sender] = min(moment, people.get((gateway, sender), moment))
    assert found == wanted


def told(found: Mapping[str, Any], rooms: str) -> list[tuple[object, ...]]:
    """The edges, with the gateways' names and without those of the rooms of this time."""
    names = {one["id"]: one["channel"]["id"].removeprefix(rooms) for one in found["sightings"]}
    return [(names[e["parent"]], names[e["child"]], e["confidence"], tuple(e["reasons"])) for e in found["edges"]]


@settings(max_examples=6, deadline=None)
@given(st.permutations(("early", "late", "a", "b", "d")))
def test_the_spread_does_not_depend_on_the_order_in_which_any_message_arrives(server: Server, order: list[str]) -> None:
    assert arrived(server, order) == arrived(server, ["early", "late", "a", "b", "d"])


def arrived(server: Server, order: list[str]) -> list[tuple[object, ...]]:
    rooms, seed, picture = fresh("r"), int(fresh("").strip("-")) + 74_000, ""
    server.register({"a.jpg": jpeg(seed)}, title=f"Pump {seed}").raise_for_status()
    posts = {"early": ("a", "p", 0), "late": ("a", "p", 240), "a": ("a", "x", 60), "b": ("b", "y", 61), "d": ("d", "p", 90)}
    for name in order:
        room, who, minute = posts[name]
        text, files = ("good day", None) if name in ("early", "late") else ("", {"a.jpg": jpeg(seed)})
        about = {"channel": {"id": rooms + room}, "sender": {"id": rooms + who}, "sent_at": at(minute)}
        picture = server.verdict(server.post(text, files, **about))["alert_id"] or picture
    return told(spread(server, server["analyst"].get(f"/alerts/{picture}").json()["incident_id"]), rooms)

"""What an incident's spread depends on: what was sent and when, not who looked before, nor what came in later."""

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.incidents import copies, tracing
from fingerprints import kept
from tests.app.conftest import Server, fresh
from tests.app.console.test_console import signed_in
from tests.app.evidence.made import contents
from tests.app.evidence.test_evidence import pages
from tests.app.incidents.test_api import leak
from tests.app.pictures import jpeg

BEGIN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def at(minute: float) -> str:
    return (BEGIN + timedelta(minutes=minute)).isoformat()


def three(server: Server, seed: int, rooms: str) -> str:
    """The same file in three channels; the incident."""
    server.register({"a.jpg": jpeg(seed)}, title=f"Pump {seed}").raise_for_status()
    alerts = []
    for minute, room, who in ((0, "a", "p"), (20, "b", "q"), (60, "c", "r")):
        about: dict[str, Any] = {"channel": {"id": rooms + room}, "sender": {"id": rooms + who}, "sent_at": at(minute)}
        alerts.append(server.verdict(server.post("", {"a.jpg": jpeg(seed)}, **about))["alert_id"])
    return str(server["analyst"].get(f"/alerts/{alerts[0]}").json()["incident_id"])


def spread(server: Server, incident: str) -> dict[str, Any]:
    found: dict[str, Any] = server["analyst"].get(f"/incidents/{incident}/spread.json").raise_for_status().json()
    return found


def test_what_is_said_later_changes_nothing(server: Server) -> None:
    rooms = fresh("r")
    incident = three(server, 7310, rooms)
    before = spread(server, incident)
    assert len(before["edges"]) == 2
    server.verdict(server.post("hello", channel={"id": f"{rooms}a"}, sender={"id": f"{rooms}r"}, sent_at=at(61)))
    assert spread(server, incident) == before
    tracing._known.clear()
    assert spread(server, incident) == before


def test_what_was_said_before_counts_at_once_whoever_looked_already(server: Server) -> None:
    rooms = fresh("r")
    incident = three(server, 7311, rooms)
    before = spread(server, incident)
    server.verdict(server.post("hello", channel={"id": f"{rooms}a"}, sender={"id": f"{rooms}r"}, sent_at=at(-9)))
    after = spread(server, incident)
    assert "sender_was_there" not in before["edges"][1]["reasons"]
    assert "sender_was_there" in after["edges"][1]["reasons"]
    tracing._known.clear()
    assert spread(server, incident) == after


def test_of_too_many_those_posted_first_are_traced_and_the_others_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "MOST", 2)
    rooms, seed = fresh("r"), 7313
    incident = three(server, seed, rooms)
    told = spread(server, incident)
    assert ([one["channel"]["id"] for one in told["sightings"]], told["left_out"]) == ([f"{rooms}a", f"{rooms}b"], 1)
    for minute, room in ((-5, "z"), (90, "y")):
        about: dict[str, Any] = {"channel": {"id": rooms + room}, "sender": {"id": rooms + room}, "sent_at": at(minute)}
        server.verdict(server.post("", {"a.jpg": jpeg(seed)}, **about))
    told = spread(server, incident)
    assert ([one["channel"]["id"] for one in told["sightings"]], told["left_out"]) == ([f"{rooms}z", f"{rooms}a"], 3)
    says = "3 later messages are not among these"
    with signed_in(server, "analyst") as client:
        for page in ("", "/ways", "/drawing", "/drawing?lanes=all"):
            assert says in client.get(f"/incidents/{incident}{page}").text
    bundle = server["analyst"].get(f"/incidents/{incident}/evidence", params={"purpose": "evidence"}).raise_for_status()
    files = contents(bundle.content)
    assert says in " ".join(pages(files["report.pdf"]).split())
    assert any(one.startswith("spread: 3 messages") for one in json.loads(files["manifest.json"])["left_out"])


@pytest.mark.parametrize("pictures", [False, True])
def test_a_deleted_message_is_deleted_in_the_spread_whatever_it_held(server: Server, pictures: bool) -> None:
    incident = three(server, 7312, fresh("r")) if pictures else leak(server)[0]
    one = spread(server, incident)["sightings"][0]
    told = {"gateway": "g1", "message_id": one["message_id"], "deleted_at": "2026-03-02T11:00:00Z"}
    server["gateway"].post("/messages/deletions", json=told).raise_for_status()
    assert [one["deleted_at"] for one in spread(server, incident)["sightings"]][:2] == ["2026-03-02T11:00:00Z", None]


def test_fingerprints_are_decoded_beside_the_requests(server: Server) -> None:
    """Nobody else's request waits for it: in the thread of the requests no fingerprint is decoded."""
    incident = three(server, 7319, fresh("r"))
    tracing._known.clear()
    called: set[Any] = set()

    async def watched() -> None:
        sys.setprofile(lambda frame, event, arg: called.add(frame.f_code))
        try:
            await tracing.traced(server.house.database, incident)
        finally:
            sys.setprofile(None)

    server.run(watched())
    assert copies.loaded.__code__ in called
    assert kept.load.__code__ not in called


def test_the_same_words_are_copies_and_other_words_are_nobodys_for_certain(server: Server) -> None:
    rooms, word = fresh("r"), f"codeword{fresh('')}y"
    server.register(terms=[word], title=f"Pump {word}").raise_for_status()
    alert = ""
    for minute, room, text in ((0, "a", f"see {word} there"), (9, "b", f"See  {word} there"), (20, "c", f"about {word}")):
        about: dict[str, Any] = {"channel": {"id": rooms + room}, "sender": {"id": rooms + room}, "sent_at": at(minute)}
        alert = server.verdict(server.post(text, **about))["alert_id"]
    found = spread(server, str(server["analyst"].get(f"/alerts/{alert}").json()["incident_id"]))
    ids = {one["id"]: one["channel"]["id"].removeprefix(rooms) for one in found["sightings"]}
    assert [(ids[e["parent"]], ids[e["child"]], e["relation"]) for e in found["edges"]] == [("a", "b", "same")]
    assert [ids[one["seen"]] for one in found["firsts"]] == ["a", "c"]
    assert all(one["confidence"] <= 0.5 for one in found["firsts"])


def test_who_posted_a_false_alarm_is_named_nowhere_as_the_first(server: Server) -> None:
    rooms, word = fresh("r"), f"codeword{fresh('')}v"
    server.register(terms=[word], title=f"Pump {word}").raise_for_status()
    alerts = []
    for minute, room in ((0, "a"), (9, "b"), (20, "c")):
        about: dict[str, Any] = {
            "channel": {"id": rooms + room, "members": 5},
            "sender": {"id": rooms + room},
            "sent_at": at(minute),
        }
        alerts.append(server.verdict(server.post(f"see {word} there", **about))["alert_id"])
    incident = str(server["analyst"].get(f"/alerts/{alerts[0]}").json()["incident_id"])
    assert spread(server, incident)["firsts"][0]["sender_id"] == f"{rooms}a"
    change = {"status": "resolved", "resolution": "false_positive"}
    server["analyst"].patch(f"/alerts/{alerts[0]}", json=change).raise_for_status()
    found = spread(server, incident)
    assert [one["dismissed"] for one in found["sightings"]] == [True, False, False], "it stays"
    assert [one["sender_id"] for one in found["firsts"]] == [f"{rooms}b"]
    assert (found["reach"]["channels"], found["reach"]["members"], len(found["edges"])) == (2, 10, 1)

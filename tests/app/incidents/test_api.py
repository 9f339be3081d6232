"""Incidents over HTTP: from posted messages to what analysts do about them, and who may."""

from typing import Any

import pytest
from defusedxml import ElementTree as Xml

from tests.app.conftest import Server, fresh
from tests.app.ingest.test_messages import problem


def leak(server: Server, count: int = 2) -> tuple[str, list[str]]:
    """An incident, and its alerts: the same words in so many channels, forwarded from one to the next."""
    word = f"codeword{fresh('')}z"
    server.register(terms=[word], title=f"Pump {word}").raise_for_status()
    alerts: list[str] = []
    before: dict[str, Any] | None = None
    for number in range(count):
        channel = {"id": fresh("c"), "name": f"Group {number}", "members": 10 + number, "external": number > 0}
        about: dict[str, Any] = {
            "channel": channel,
            "sender": {"id": f"u{number}", "name": f"Person {number}"},
            "message_id": fresh(),
        }
        about |= {"forwarded_from": before} if before else {}
        posted = server.post(f"see {word}", **about)
        before = {"channel_id": channel["id"], "message_id": about["message_id"]}
        alerts.append(str(server.verdict(posted)["alert_id"]))
    return str(server["analyst"].get(f"/alerts/{alerts[0]}").json()["incident_id"]), alerts


def told(server: Server, incident: str) -> dict[str, Any]:
    found: dict[str, Any] = server["analyst"].get(f"/incidents/{incident}").raise_for_status().json()
    return found


def test_messages_about_one_thing_are_an_incident_with_its_spread(server: Server) -> None:
    incident, alerts = leak(server, 3)
    found = told(server, incident)
    assert [one["id"] for one in found["alerts"]] == alerts
    assert (found["alert_count"], found["status"], found["far"]) == (3, "open", {"channels": 3, "external": 2, "people": 3})
    assert found["title"].startswith("Pump ")
    assert found["spread"]
    assert [entry["action"] for entry in found["history"]] == ["opened"]


def test_it_is_changed_merged_split_and_restored(server: Server) -> None:
    one, mine = leak(server)
    other, theirs = leak(server)
    analyst = server["analyst"]
    changed = analyst.patch(f"/incidents/{one}", json={"commander": "ana", "status": "contained"}).raise_for_status().json()
    assert (changed["commander"], changed["status"], changed["version"]) == ("ana", "contained", 2)
    stale = analyst.patch(f"/incidents/{one}", json={"title": "Mine", "version": 1})
    assert (stale.status_code, stale.json()["code"], stale.json()["last_change"]["actor"]) == (409, "changed_meanwhile", "ana")
    analyst.post(f"/incidents/{one}/tasks", json={"text": "call them"}).raise_for_status()
    move = analyst.post(f"/incidents/{one}/merge", json={"into": other}).raise_for_status().json()
    assert (move["kind"], move["source"], move["target"], move["moved"]) == ("merge", one, other, 2)
    assert told(server, one)["merged_into"] == other
    assert [one["id"] for one in told(server, other)["alerts"]] == sorted(mine + theirs)
    assert analyst.get(f"/alerts/{mine[0]}").json()["incident_id"] == other
    analyst.post(f"/incidents/{other}/undo", json={"move": move["id"]}).raise_for_status()
    assert [alert["id"] for alert in told(server, one)["alerts"]] == mine
    split = analyst.post(f"/incidents/{one}/split", json={"alerts": mine[:1], "title": "Another"}).raise_for_status().json()
    assert (told(server, split["target"])["title"], told(server, one)["alert_count"]) == ("Another", 1)
    again = analyst.post(f"/incidents/{other}/undo", json={"move": move["id"]})
    assert (again.status_code, again.json()["code"]) == (409, "already_undone")


@pytest.mark.parametrize("form", ["svg", "json", "graphml"])
def test_the_spread_is_a_file(server: Server, form: str) -> None:
    incident, _ = leak(server)
    answer = server["analyst"].get(f"/incidents/{incident}/spread.{form}").raise_for_status()
    if form == "json":
        assert answer.json()
    else:
        assert Xml.fromstring(answer.text).tag.endswith({"svg": "svg", "graphml": "graphml"}[form])


def test_lists_are_filtered_and_paged(server: Server) -> None:
    incident, alerts = leak(server)
    asset = server["analyst"].get(f"/alerts/{alerts[0]}").json()["matches"][0]["asset_id"]
    listed = server["analyst"].get("/incidents", params={"asset": asset}).json()
    assert [one["id"] for one in listed["items"]] == [incident]
    seen: list[str] = []
    cursor = None
    while True:
        page = server["analyst"].get("/incidents", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert incident in seen
    assert len(seen) == len(set(seen))
    assert problem(server["analyst"].get("/incidents?colour=red"), 422)["code"] == "invalid"


def test_only_analysts(server: Server) -> None:
    for role in ("gateway", "owner", "auditor", "admin"):
        assert server[role].get("/incidents").status_code == 403
    assert problem(server["analyst"].get("/incidents/inc_nothing"), 404)["code"] == "unknown_incident"
    assert problem(server["analyst"].patch("/incidents/inc_nothing", json={"title": "x"}), 404)["code"] == "unknown_incident"


def test_everything_is_in_the_record_without_words(server: Server) -> None:
    incident, alerts = leak(server)
    analyst = server["analyst"]
    analyst.patch(f"/incidents/{incident}", json={"title": "hush-hush", "commander": "ana"}).raise_for_status()
    analyst.post(f"/incidents/{incident}/tasks", json={"text": "hush-hush"}).raise_for_status()
    task = told(server, incident)["tasks"][0]["id"]
    analyst.patch(f"/incidents/{incident}/tasks/{task}", json={"done": True}).raise_for_status()
    move = analyst.post(f"/incidents/{incident}/split", json={"alerts": alerts[:1]}).raise_for_status().json()
    analyst.post(f"/incidents/{incident}/undo", json={"move": move["id"]}).raise_for_status()
    found = server["auditor"].get("/audit", params={"object": incident}).raise_for_status().json()["items"][::-1]
    assert [entry["action"] for entry in found] == [
        "incident.changed",
        "incident.task",
        "incident.task",
        "incident.split",
        "incident.undone",
    ]
    assert found[0]["details"] == {"fields": ["commander", "title"], "change": {"commander": [None, "ana"]}}
    assert "hush" not in str(found)


def test_nobody_leads_whom_nobody_knows(server: Server) -> None:
    incident, _ = leak(server, 1)
    refused = server["analyst"].patch(f"/incidents/{incident}", json={"commander": "nobody-at-all"})
    assert problem(refused, 422)["code"] == "unknown_assignee"
    assert (told(server, incident)["commander"], told(server, incident)["version"]) == (None, 1)
    server["analyst"].patch(f"/incidents/{incident}", json={"commander": "ana"}).raise_for_status()
    server["analyst"].patch(f"/incidents/{incident}", json={"commander": None}).raise_for_status()


@pytest.mark.parametrize("form", ["svg", "json", "graphml"])
def test_that_the_spread_was_taken_out_is_written_down(server: Server, form: str) -> None:
    incident, _ = leak(server, 1)
    server["analyst"].get(f"/incidents/{incident}/spread.{form}").raise_for_status()
    [entry] = server["auditor"].get("/audit", params={"object": incident, "action": "spread.exported"}).json()["items"]
    assert (entry["actor"], entry["object_kind"], entry["details"]) == ("ana", "incident", {"form": form})


def test_nothing_is_given_to_whom_nobody_knows(server: Server) -> None:
    incident, _ = leak(server, 1)
    analyst, tasks = server["analyst"], f"/incidents/{incident}/tasks"
    refused = analyst.post(tasks, json={"text": "call them", "assignee": "nobody-at-all"})
    assert problem(refused, 422)["code"] == "unknown_assignee"
    assert told(server, incident)["tasks"] == []
    analyst.post(tasks, json={"text": "call them", "assignee": "ana"}).raise_for_status()
    [task] = told(server, incident)["tasks"]
    refused = analyst.patch(f"{tasks}/{task['id']}", json={"assignee": "nobody-at-all"})
    assert problem(refused, 422)["code"] == "unknown_assignee"
    analyst.patch(f"{tasks}/{task['id']}", json={"done": True}).raise_for_status()
    assert told(server, incident)["tasks"][0]["assignee"] == "ana"
    analyst.patch(f"{tasks}/{task['id']}", json={"assignee": None}).raise_for_status()
    assert told(server, incident)["tasks"][0]["assignee"] is None


@pytest.mark.parametrize("blank", ["", " ", "\n\t"])
def test_nobody_tells_nothing(server: Server, blank: str) -> None:
    incident, _ = leak(server, 1)
    analyst = server["analyst"]
    for field in ("narrative", "title"):
        problem(analyst.patch(f"/incidents/{incident}", json={field: blank}), 422)
    problem(analyst.post(f"/incidents/{incident}/tasks", json={"text": blank}), 422)
    assert (told(server, incident)["narrative"], told(server, incident)["version"]) == (None, 1)

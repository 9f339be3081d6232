"""``/alerts`` over HTTP: listed, decided, decided in bulk, undone; every step in the history."""

from typing import Any

import pytest
from rapidfuzz.fuzz import ratio

from app.demo import pages
from app.demo.camera import jpeg, png
from tests.app.conftest import Server, fresh
from tests.app.ingest.test_messages import problem


def patch(server: Server, alert: dict[str, Any], **change: Any) -> dict[str, Any]:
    told: dict[str, Any] = server["analyst"].patch(f"/alerts/{alert['id']}", json=change).raise_for_status().json()
    return told


def listed(server: Server, **query: Any) -> list[str]:
    return [one["id"] for one in server["analyst"].get("/alerts", params=query).raise_for_status().json()["items"]]


def test_an_alert_says_what_came_and_why(server: Server) -> None:
    channel = {"id": fresh("c"), "name": "Family", "external": True}
    alert = server.alert(channel=channel, forwarded_from={"channel_id": "x", "message_id": "y"})
    assert alert["message"]["channel"] | channel == alert["message"]["channel"]
    assert alert["message"]["forwarded_from"] == {"channel_id": "x", "message_id": "y"}
    assert alert["message"]["text"].startswith("hello codeword")
    assert alert["matches"][0]["detector"] == "watch_term"
    assert [(one["actor"], one["action"]) for one in alert["history"]] == [("leakwatch", "created")]
    assert (alert["status"], alert["resolution"], alert["incident_id"][:4]) == ("open", None, "inc_")


def test_filters(server: Server) -> None:
    channel = fresh("c")
    first, second = (server.alert(channel={"id": channel}) for _ in range(2))
    patch(server, first, status="acknowledged")
    assert listed(server, channel=channel) == [second["id"], first["id"]]
    assert listed(server, channel=channel, status="acknowledged") == [first["id"]]
    assert listed(server, asset=first["matches"][0]["asset_id"]) == [first["id"]]
    assert listed(server, channel=channel, severity=first["severity"]) == [second["id"], first["id"]]
    assert listed(server, channel=channel, since=second["created_at"]) == [second["id"]]
    assert listed(server, channel=channel, until=second["created_at"]) == [first["id"]]
    problem(server["analyst"].get("/alerts", params={"status": "nonsense"}), 422)
    assert "sevrity" in problem(server["analyst"].get("/alerts", params={"sevrity": "low"}), 422)["detail"]


def test_pages_neither_repeat_nor_skip(server: Server) -> None:
    channel = fresh("c")
    made = [server.alert(channel={"id": channel})["id"] for _ in range(5)]
    seen, cursor = [], None
    for _ in range(3):
        query: dict[str, Any] = {"channel": channel, "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = server["analyst"].get("/alerts", params=query).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == made[::-1]
    assert cursor is None


@pytest.mark.parametrize("cursor", ["zzzz", "", "%ff", "alr_", f"alr_{'u' * 26}", f"alr_{'0' * 26}\n"])
@pytest.mark.parametrize("path", ["/alerts", "/assets"])
def test_a_cursor_that_is_none_is_refused(server: Server, path: str, cursor: str) -> None:
    problem(server["analyst"].get(path, params={"cursor": cursor}), 422)


def test_what_could_not_be_inspected_is_told(server: Server) -> None:
    word = fresh("Dunnock")
    server.register(terms=[word]).raise_for_status()
    verdict = server.verdict(server.post(word, {"a.jpg": b"\xff\xd8\xff\xe0 no"}))
    assert verdict["unread"][0]["attachment"] == 0
    assert server["analyst"].get(f"/alerts/{verdict['alert_id']}").json()["unread"] == verdict["unread"]
    assert server.alert()["unread"] == []


def test_a_life_of_an_alert(server: Server) -> None:
    alert = server.alert()
    patch(server, alert, assignee="ana")
    patch(server, alert, status="acknowledged", note="looking")
    done = patch(server, alert, status="resolved", resolution="true_positive")
    assert (done["status"], done["resolution"], done["assignee"]) == ("resolved", "true_positive", "ana")
    again = patch(server, alert, status="open")
    assert again["resolution"] is None
    assert [one["action"] for one in again["history"]] == ["created", "assigned", "acknowledged", "resolved", "reopened"]
    assert [one["actor"] for one in again["history"][1:]] == ["ana"] * 4
    assert again["history"][2]["note"] == "looking"
    assert again["history"][3]["change"] == {"status": ["acknowledged", "resolved"], "resolution": [None, "true_positive"]}


def test_saying_it_twice_changes_nothing(server: Server) -> None:
    alert = server.alert()
    once = patch(server, alert, status="acknowledged")
    assert patch(server, alert, status="acknowledged") == once


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"status": "resolved"},
        {"resolution": "true_positive"},
        {"status": "open", "resolution": "true_positive"},
        {"status": "gone"},
        {"severity": "low"},
        {"note": ""},
    ],
)
def test_what_makes_no_sense_is_refused(server: Server, change: dict[str, Any]) -> None:
    alert = server.alert()
    problem(server["analyst"].patch(f"/alerts/{alert['id']}", json=change), 422)
    assert server["analyst"].get(f"/alerts/{alert['id']}").json() == alert


def test_bulk_and_back(server: Server) -> None:
    channel = fresh("c")
    first, second, third = (server.alert(channel={"id": channel}) for _ in range(3))
    patch(server, first, status="acknowledged", assignee="bo")
    change = {"status": "resolved", "resolution": "benign_positive", "note": "drill"}
    told = server["analyst"].post("/alerts/bulk", json={"filter": {"channel": channel}, "change": change}).json()
    assert told["changed"] == 3
    assert len(listed(server, channel=channel, status="resolved")) == 3
    patch(server, third, status="open", note="not this one")
    undone = server["analyst"].post("/alerts/bulk", json={"undo": told["bulk_id"]}).json()
    assert undone == {"bulk_id": told["bulk_id"], "changed": 2, "changed_meanwhile": [third["id"]]}
    states = {one["id"]: one for one in server["analyst"].get("/alerts", params={"channel": channel}).json()["items"]}
    assert (states[first["id"]]["status"], states[first["id"]]["assignee"]) == ("acknowledged", "bo")
    assert (states[second["id"]]["status"], states[second["id"]]["resolution"]) == ("open", None)
    assert states[second["id"]]["history"][-1]["action"] == "undone"
    assert states[third["id"]]["history"][-1]["action"] == "reopened"
    problem(server["analyst"].post("/alerts/bulk", json={"undo": told["bulk_id"]}), 409)


def test_bulk_is_all_or_nothing_and_never_everything(server: Server) -> None:
    server.alert()
    bulk = {"filter": {}, "change": {"status": "acknowledged"}}
    problem(server["analyst"].post("/alerts/bulk", json=bulk), 422)
    bulk = {"filter": {"status": "open"}, "change": {"status": "resolved"}}
    assert problem(server["analyst"].post("/alerts/bulk", json=bulk), 422)["code"] == "resolution_missing"
    problem(server["analyst"].post("/alerts/bulk", json={"undo": "blk_nope"}), 404)


def test_only_analysts_see_alerts(server: Server) -> None:
    alert = server.alert()
    for role in ("gateway", "owner", "auditor", "admin"):
        problem(server[role].get("/alerts"), 403)
        problem(server[role].patch(f"/alerts/{alert['id']}", json={"status": "open"}), 403)
    problem(server["analyst"].get("/alerts/nope"), 404)


def test_an_analyst_may_have_the_whole_picture_read(server: Server) -> None:
    """Inspecting read no further than it took; what stands on the page and was not needed is told when asked for."""
    page = pages.memo(90_311)
    server.register({"memo.png": png(page.pixels)}, kind="document").raise_for_status()
    alert_id = server.verdict(server.post("", {"IMG_2.jpg": jpeg(page.pixels, 80)}))["alert_id"]
    analyst = server["analyst"]
    lines = analyst.get(f"/alerts/{alert_id}/reading", params={"attachment": 0}).raise_for_status().json()["lines"]
    written = page.text.splitlines()
    assert len(lines) > 0.9 * len(written)
    assert ratio(" ".join(lines), " ".join(written)) > 95
    problem(analyst.get(f"/alerts/{alert_id}/reading", params={"attachment": 1}), 404)
    problem(analyst.get("/alerts/alr_nothing/reading"), 404)
    assert server["owner"].get(f"/alerts/{alert_id}/reading").status_code == 403

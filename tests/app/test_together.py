"""Many at once: each sees what those before it did, and nobody's word is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx

from tests.app.conftest import Server, fresh, message

FALSE = {"status": "resolved", "resolution": "false_positive"}
TRUE = {"status": "resolved", "resolution": "true_positive"}
OPEN = {"status": "open"}


def at_once(*calls: Callable[[], httpx.Response]) -> list[httpx.Response]:
    with ThreadPoolExecutor(len(calls)) as people:
        return [one.result(60) for one in [people.submit(call) for call in calls]]


def headers(server: Server, role: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {server.tokens[role]}"}, "timeout": 60}


def test_one_message_that_comes_many_times_is_one(server: Server) -> None:
    body = message("hello")
    url, who = f"{server.url}/api/v1/messages", headers(server, "gateway")
    answers = at_once(*[partial(httpx.post, url, json=body, **who)] * 12)
    assert sorted(one.status_code for one in answers) == [200] * 11 + [202]
    assert len({one.json()["id"] for one in answers}) == 1


def test_every_decision_about_an_alert_follows_the_one_before(server: Server) -> None:
    alert, who = server.alert()["id"], headers(server, "analyst")
    url = f"{server.url}/api/v1/alerts/{alert}"
    steps = [FALSE, OPEN, TRUE, {"assignee": "ana"}, {"assignee": "bo"}, {"note": "n"}] * 4
    answers = at_once(*[partial(httpx.patch, url, json=step, **who) for step in steps])
    assert {one.status_code for one in answers} <= {200, 422}, [one.text for one in answers]
    told = server["analyst"].get(f"/alerts/{alert}").json()
    now: dict[str, Any] = {"status": "open", "resolution": None, "assignee": None}
    for entry in told["history"]:
        for field, (before, after) in ((f, c) for f, c in entry["change"].items() if f in now):
            assert now[field] == before, f"{field} was {now[field]}, and {entry} says it was {before}"
            now[field] = after
    assert now == {field: told[field] for field in now}


def test_decisions_about_many_alerts_cross_without_harm(server: Server) -> None:
    channel, who = fresh("crossing"), headers(server, "analyst")
    alerts = [server.alert(channel={"id": channel})["id"] for _ in range(5)]
    url = f"{server.url}/api/v1/alerts"
    changes = [FALSE, TRUE, OPEN] * 2
    bodies = [{"filter": {"channel": channel}, "change": change} for change in changes]
    bulks = [partial(httpx.post, f"{url}/bulk", json=body, **who) for body in bodies]
    singles = [partial(httpx.patch, f"{url}/{alert}", json=step, **who) for alert in alerts for step in (FALSE, OPEN)]
    answers = at_once(*bulks, *singles)
    assert {one.status_code for one in answers} == {200}, [one.text for one in answers if one.status_code != 200]


def test_an_asset_changed_and_retired_at_once_is_gone(server: Server) -> None:
    who = headers(server, "owner")
    for _ in range(4):
        asset = server.register(terms=[f"codeword{fresh('')}x"]).json()["id"]
        url = f"{server.url}/api/v1/assets/{asset}"
        calls = [partial(httpx.patch, url, json={"title": f"t{n}"}, **who) for n in range(6)]
        answers = at_once(*calls, partial(httpx.delete, url, **who), *calls)
        assert {one.status_code for one in answers} <= {200, 204, 404}, [one.text for one in answers]
        assert httpx.get(url, **who).status_code == 404

"""The pages of incidents: what they say, that forms work with and without htmx, and that nothing is overwritten unseen."""

import html
import re
from collections.abc import Iterator

import httpx
import pytest

from app.console.incidents import drawn, spreading
from app.incidents import drawing
from detectors.spread.cascade import REASONS
from fingerprints.descent import Relation
from tests.app.alerts.conftest import Desk
from tests.app.conftest import Server, fresh
from tests.app.console.test_console import HTMX, csrf, signed_in


@pytest.fixture(scope="module")
def analyst(server: Server) -> Iterator[httpx.Client]:
    with signed_in(server, "analyst") as client:
        yield client


def leak(server: Server, count: int = 2) -> tuple[str, list[str]]:
    """An incident and its alerts, each from a channel of its own, the second one external."""
    desk, asset = Desk(server.house.database), fresh("ast_")
    alerts = []
    for number in range(count):
        channel = {"id": fresh("c"), "name": f"Group {number}", "members": 7, "external": number == 1}
        who = {"id": f"u{number}", "name": f"Zhang {number}"}
        alerts.append(server.run(desk.alert(asset, channel=channel, sender=who, asset_title=f"Crane {asset}", files=(fresh(),))))
    return str(server["analyst"].get(f"/alerts/{alerts[0]}").json()["incident_id"]), alerts


def send(client: httpx.Client, incident: str, step: str, htmx: bool = False, **form: object) -> httpx.Response:
    path = f"/incidents/{incident}"
    page = client.get(path).text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    fields = {"csrf": csrf(client, path), "version": version[1], **form}
    return client.post(f"{path}/{step}", data=fields, headers=HTMX if htmx else None)


def test_a_page_says_how_far_it_went_who_can_stop_it_and_what_happened(server: Server, analyst: httpx.Client) -> None:
    incident, alerts = leak(server)
    page = html.unescape(analyst.get(f"/incidents/{incident}").text)
    told = (
        "2 alerts",
        "1 external",
        "nobody leads",
        "First seen: Zhang 0 posted it in Group 0.",
        "As a table",
        "Who can still stop it",
    )
    for said in (*told, f"/alerts/{alerts[1]}", f"/incidents/{incident}/spread.graphml", "People outside the organisation"):
        assert said in page, said
    for word in ("guilt", "culprit", "offender", "suspect"):
        assert word not in page.lower()


def test_one_template_two_layouts(server: Server, analyst: httpx.Client) -> None:
    incident, _ = leak(server)
    for path in ("/incidents", f"/incidents/{incident}"):
        whole, fragment = analyst.get(path).text, analyst.get(path, headers=HTMX).text
        assert whole.startswith("<!doctype html>")
        assert "<html" not in fragment
        assert "<h1" in fragment
    assert 'id="candidates"' in analyst.get(f"/incidents/{incident}/candidates?find=crane", headers=HTMX).text
    assert analyst.get(f"/incidents/{incident}/candidates?find=crane").status_code == 303


@pytest.mark.parametrize("htmx", [False, True])
def test_every_form_works(server: Server, analyst: httpx.Client, htmx: bool) -> None:
    incident, alerts = leak(server, 3)
    code = 200 if htmx else 303
    for step, form in (
        ("lead", {"to": "me"}),
        ("contain", {}),
        ("close", {}),
        ("open", {}),
        ("rename", {"title": "The big one"}),
        ("tell", {"narrative": "So it was."}),
        ("tell-anew", {}),
        ("tasks", {"text": "call"}),
        ("split", {"one": alerts[2], "title": "Other"}),
    ):
        assert send(analyst, incident, step, htmx, **form).status_code == code, step
    found = server["analyst"].get(f"/incidents/{incident}").json()
    assert (found["commander"], found["status"], found["title"], found["narrative"]) == ("ana", "open", "The big one", None)
    assert (found["alert_count"], [task["text"] for task in found["tasks"]]) == (2, ["call"])
    other = server["analyst"].get(f"/alerts/{alerts[2]}").json()["incident_id"]
    merged = send(analyst, incident, "merge", htmx, into=other)
    assert (merged.status_code, merged.headers["HX-Redirect" if htmx else "location"].partition("?")[0]) == (
        204 if htmx else 303,
        f"/incidents/{other}",
    )
    assert analyst.get(f"/incidents/{incident}").headers["location"] == f"/incidents/{other}"
    assert send(analyst, other, "undo", htmx, move=found["moves"][0]["id"]).status_code == (200 if htmx else 409)


@pytest.mark.parametrize("htmx", [False, True])
def test_what_is_refused_keeps_the_words_and_says_why(server: Server, analyst: httpx.Client, htmx: bool) -> None:
    incident, alerts = leak(server)
    for step, form, why in (
        ("split", {"title": "kept words"}, "Choose the alerts that are another leak."),
        ("split", {"title": "kept words", "one": alerts}, "Leave at least one alert"),
        ("tasks", {"text": " ", "assignee": "kept words"}, "Write what is to be done."),
        ("merge", {}, "Choose the incident that this one belongs to."),
        ("rename", {"title": "kept words", "version": "99"}, "Nothing was overwritten: look again."),
        ("tell", {"narrative": "kept words", "version": "99"}, "Nothing was overwritten: look again."),
    ):
        answer = send(analyst, incident, step, htmx, **form)
        assert answer.status_code == (200 if htmx else 409 if "version" in form else 422), step
        assert why in html.unescape(answer.text)
        assert "kept words" in answer.text or step == "merge"


def test_the_list_is_filtered_by_its_address(server: Server, analyst: httpx.Client) -> None:
    incident, _ = leak(server)
    title = server["analyst"].get(f"/incidents/{incident}").json()["title"]
    assert f'id="{incident}"' in analyst.get(f"/incidents?q={title}").text
    assert f'id="{incident}"' not in analyst.get(f"/incidents?q={title}&status=closed").text
    assert "Nothing matches these filters." in analyst.get("/incidents?q=nothing+like+it").text
    assert analyst.get("/incidents?colour=red").status_code == 422


def test_the_queue_and_an_alert_lead_to_the_incident(server: Server, analyst: httpx.Client) -> None:
    incident, alerts = leak(server)
    assert "incident of 2" in analyst.get("/alerts?order=newest").text
    assert f'href="/incidents/{incident}"' in analyst.get(f"/alerts/{alerts[0]}").text


def test_it_is_for_analysts(server: Server) -> None:
    incident, _ = leak(server)
    with signed_in(server, "owner") as owner:
        for path in ("/incidents", f"/incidents/{incident}", "/incidents/events", f"/incidents/{incident}/spread.svg"):
            assert owner.get(path).status_code == 403


def test_titles_and_words_are_escaped(server: Server, analyst: httpx.Client) -> None:
    incident, _ = leak(server)
    evil = "<script>alert(1)</script>"
    send(analyst, incident, "rename", title=evil)
    send(analyst, incident, "tasks", text=evil)
    send(analyst, incident, "tell", narrative=evil)
    for path in ("/incidents", f"/incidents/{incident}"):
        assert evil not in analyst.get(path).text


def test_whatever_a_spread_may_say_is_translated() -> None:
    assert drawn.WORDS == drawing.WORDS
    assert spreading.RELATIONS.keys() == set(Relation)
    assert spreading.REASONS.keys() == set(REASONS)

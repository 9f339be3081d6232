"""The pages of incidents: what they say, that forms work with and without htmx, and that nothing is overwritten unseen."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.console.incidents import drawn, spreading, ways
from app.console.incidents.narrative import narrative, written
from app.console.incidents.parting import PART
from app.console.rendering import STATIC as FOLDER
from app.console.speech import language
from app.incidents import drawing
from app.incidents.schemas import IncidentOut
from detectors.spread.cascade import REASONS, Seen
from detectors.spread.tracing import trace
from fingerprints.descent import Relation
from fingerprints.types import Fingerprints
from tests.app.alerts.conftest import Desk
from tests.app.conftest import Server, fresh
from tests.app.console.test_console import HTMX, csrf, signed_in

STATIC = sum((FOLDER / name).stat().st_size for name in ("console.css", "console.js", "htmx.min.js", "incident.js", "mark.svg"))
"""Bytes that come with a page."""


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
        "Zhang 0 posted it in Group 0.",
        "It has several beginnings, 2, that nothing links",
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
        assert send(analyst, incident, step, htmx, **form).status_code == (204 if htmx and step == "tell" else code), step
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


def test_a_long_story_is_written_part_by_part(server: Server, analyst: httpx.Client) -> None:
    incident, _ = leak(server)
    lines = [f"{number} {'.' * 900}" for number in range(12)]
    send(analyst, incident, "tell", narrative="\r\n".join(lines))
    page = html.unescape(analyst.get(f"/incidents/{incident}").text)
    assert "0 ..." in page
    assert "11 ..." not in page
    assert "characters of it" in page
    story = html.unescape(analyst.get(f"/incidents/{incident}/story?part=2").text)
    assert ("5 ..." in story, "4 ..." in story, "Part 2 of 3" in story) == (True, False, True)
    assert send(analyst, incident, "tell", part="2", narrative="five to nine").status_code == 303
    send(analyst, incident, "tell", part="99", narrative="and more")
    told = server["analyst"].get(f"/incidents/{incident}").json()["narrative"]["text"]
    assert told == "\n".join([*lines[:5], "five to nine", *lines[10:]]) + "\n\nand more"
    wrongs: list[dict[str, Any]] = [{"part": "0"}, {"part": "x"}, {"part": "1", "version": ""}]
    for wrong in wrongs:
        refused = send(analyst, incident, "tell", narrative="kept words", **wrong)
        assert (refused.status_code, "kept words" in refused.text) == (422, True)
    assert server["analyst"].get(f"/incidents/{incident}").json()["narrative"]["text"] == told


def test_every_task_is_on_pages_of_their_own_and_can_be_done_there(server: Server, analyst: httpx.Client) -> None:
    incident, _ = leak(server)
    for number in range(9):
        server["analyst"].post(f"/incidents/{incident}/tasks", json={"text": f"call {number}"}).raise_for_status()
    assert "All 9 tasks in full" in analyst.get(f"/incidents/{incident}").text
    tasks = analyst.get(f"/incidents/{incident}/tasks").text
    first = re.findall(r'id="(tsk_\w+)"', tasks)[0]
    form = {"csrf": csrf(analyst, f"/incidents/{incident}/tasks"), "done": "yes", "page": "1"}
    done = analyst.post(f"/incidents/{incident}/tasks/{first}", data=form)
    assert done.headers["location"] == f"/incidents/{incident}/tasks?page=1#{first}"
    assert analyst.get(f"/incidents/{incident}/tasks").text.count("done by ana") == 1
    page = analyst.get(f"/incidents/{incident}").text
    assert ("call 0" in page.split('id="part-history"')[0].split('id="part-tasks"')[1], "call 8" in page) == (False, True)


def test_pages_of_an_incident_lead_to_the_one_it_was_merged_into(server: Server, analyst: httpx.Client) -> None:
    one, other = leak(server)[0], leak(server)[0]
    send(analyst, one, "merge", into=other)
    for step in ("story", "tasks"):
        assert analyst.get(f"/incidents/{one}/{step}").headers["location"] == f"/incidents/{other}/{step}"
    assert "merged it into another" in analyst.get(f"/incidents/{one}/history").text
    for step in ("story", "tasks", "history"):
        assert analyst.get(f"/incidents/nothing/{step}").status_code == 404


def test_it_is_for_analysts(server: Server) -> None:
    incident, _ = leak(server)
    steps = ("", "/story", "/tasks", "/history", "/spread.svg")
    with signed_in(server, "owner") as owner:
        for path in ("/incidents", "/incidents/events", *(f"/incidents/{incident}{step}" for step in steps)):
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
    assert ways.RELATIONS.keys() == set(Relation)
    assert ways.REASONS.keys() == set(REASONS)


def copy(number: int, channel: str, **more: Any) -> Seen:
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC) + timedelta(minutes=number)
    about: dict[str, Any] = {"channel_id": channel, "channel_name": channel, "sender_id": f"u{number}"}
    about |= {"sender_name": f"Person {number}", "digest": "d", "prints": Fingerprints("d"), **more}
    return Seen(f"m{number}/0", at, "g", message_id=f"m{number}", **about)


def nothing_done() -> IncidentOut:
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    nothing = dict.fromkeys(("closing", "commander", "closed_at", "earlier", "merged_into", "narrative"))
    empty: dict[str, list[Any]] = {name: [] for name in ("assets", "alerts", "tasks", "moves", "history")}
    about = {"id": "inc_1", "title": "Crane", "status": "open", "severity": "high", "alert_count": 1, "version": 1}
    far = {"channels": 1, "external": 0, "people": 1}
    return IncidentOut.model_validate({**nothing, **empty, **about, "far": far, "opened_at": at, "last_at": at})


def test_the_story_names_who_posted_and_who_forwarded_where_and_nothing_else() -> None:
    seen = [
        copy(0, "Family", members=17, external=True, deleted_at=datetime(2026, 3, 2, 10, tzinfo=UTC)),
        copy(1, "Work", forwarded_from=("Family", "m0")),
        copy(2, "Work", forwarded_from=("Family", "m0")),
        *(copy(number, f"Group {number}", digest=f"{number}", prints=Fingerprints(f"{number}")) for number in range(3, 20)),
    ]
    said = [sentence for _, sentence in narrative(nothing_done(), trace(seen), language("en"))]
    assert said[:4] == [
        "Person 0 posted it in Family.",
        "People outside the organisation could see it from then on: a channel of 17.",
        "Person 1 forwarded it from Family to Work.",
        "Person 3 posted it in Group 3.",
    ]
    assert "It reached 7 more channels." in said
    assert said[-1] == "The message of Person 0 in Family was deleted; what was seen of it stays here."
    assert narrative(nothing_done(), trace(seen[::-1]), language("en")) == narrative(nothing_done(), trace(seen), language("en"))


def test_of_many_deleted_messages_some_are_told_and_the_rest_are_counted() -> None:
    gone = datetime(2026, 3, 2, 12, tzinfo=UTC)
    long = "群" * 1000
    seen = [
        copy(number, f"{number}{long}", sender_name=long, deleted_at=gone + timedelta(minutes=number)) for number in range(40)
    ]
    told = narrative(nothing_done(), trace(seen), language("en"))
    said = [sentence for _, sentence in told]
    assert sum("what was seen of it stays here" in one for one in said) == 8
    assert said[-1] == "32 more messages were deleted."
    assert told == sorted(told, key=lambda one: one[0])
    assert len(written(told, language("en"))) <= PART


def test_nobody_is_called_first_who_forwarded_it_from_a_message_that_was_not_seen() -> None:
    cascade = trace([copy(0, "Family", forwarded_from=("Elsewhere", "m9")), copy(1, "Work", forwarded_from=("Elsewhere", "m9"))])
    says = spreading.spread_view(cascade, {}, language("en"))["first"]
    assert says == "What was seen first Person 0 had forwarded from a message that was not seen."
    said = [sentence for _, sentence in narrative(nothing_done(), cascade, language("en"))]
    assert said == [
        "First seen: Person 0 forwarded it to Family from a message that was not seen.",
        "Person 1 forwarded it to Work from a message that was not seen.",
    ]
    assert f">{drawing.WORDS['first']}<" not in drawing.draw(cascade)


def test_of_two_in_the_same_second_neither_is_called_first_unless_one_forwarded() -> None:
    seen = [copy(0, "Family"), replace(copy(1, "Work"), at=copy(0, "").at)]
    said = spreading.spread_view(trace(seen), {}, language("en"))["first"]
    assert said == "Person 0 and somebody else posted it in the same second: who was first is not known."
    stated = trace([seen[0], replace(seen[1], forwarded_from=("Family", "m0"))])
    assert spreading.spread_view(stated, {}, language("en"))["first"] == "Person 0 was the first seen to post it."


def test_as_many_channels_are_promised_as_are_drawn() -> None:
    seen = [copy(0, "Family"), copy(1, "Work", dismissed=True), copy(2, "Work", dismissed=True)]
    view = spreading.spread_view(trace(seen), {}, language("en"))
    assert (view["channels"], view["lanes"]) == (1, 2)
    assert f">{drawing.WORDS['dismissed']}<" in drawing.draw(trace(seen))
    assert f">{drawing.WORDS['deleted']}<" not in drawing.draw(trace(seen))


def test_channels_from_which_it_can_be_taken_come_external_and_large_ones_first() -> None:
    seen = [
        copy(0, "Work", members=90),
        copy(1, "Family", members=17, external=True),
        copy(2, "Town", members=400, external=True),
    ]
    seen.append(copy(3, "Family", external=True, members=17, deleted_at=datetime(2026, 3, 3, tzinfo=UTC)))
    found = spreading.places(trace(seen))
    assert [(place["name"], place["messages"], place["left"]) for place in found] == [
        ("Town", 1, 1),
        ("Family", 2, 1),
        ("Work", 1, 1),
    ]


def test_a_page_of_many_alerts_is_light_and_leads_to_the_earlier_ones(server: Server, analyst: httpx.Client) -> None:
    incident, alerts = leak(server, 90)
    page = analyst.get(f"/incidents/{incident}")
    assert len(page.content) < 150_000 - STATIC
    assert f'id="member-{alerts[-1]}"' in page.text
    assert f'id="member-{alerts[0]}"' not in page.text
    seen = set(re.findall(r'id="member-(alr_\w+)"', page.text))
    while earlier := re.search(r'href="(/incidents/\w+\?before=alr_\w+)"', page.text):
        page = analyst.get(earlier[1])
        seen |= set(re.findall(r'id="member-(alr_\w+)"', page.text))
    assert seen == set(alerts)


def test_the_story_takes_back_what_was_taken_back(server: Server, analyst: httpx.Client) -> None:
    """What it says of tasks and decisions is never what no longer holds, without saying so."""
    incident, alerts = leak(server)
    api = server["analyst"]
    task = api.post(f"/incidents/{incident}/tasks", json={"text": "call them"}).raise_for_status().json()["tasks"][0]["id"]
    for done in (True, False):
        api.patch(f"/incidents/{incident}/tasks/{task}", json={"done": done}).raise_for_status()
    decided = {"status": "resolved", "resolution": "true_positive", "note": "seen"}
    api.patch(f"/alerts/{alerts[0]}", json=decided).raise_for_status()
    api.patch(f"/alerts/{alerts[0]}", json={"status": "open"}).raise_for_status()
    page = html.unescape(analyst.get(f"/incidents/{incident}").text)
    told = [
        page.index(said) for said in ("ana did: call them.", "it is not done after all: call them.", "ana opened 1 alert again.")
    ]
    assert told == sorted(told)

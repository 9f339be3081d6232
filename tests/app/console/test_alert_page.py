"""One alert's page, with and without htmx: veiled until revealed, decided once, and on to the next."""

import html
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import cv2
import httpx
import numpy as np
import pytest
from PIL import Image

from app.alerts.schemas import HistoryOut
from app.console.alerts.deciding import tomorrow
from app.console.alerts.history import happened
from app.console.alerts.routes import LAST
from app.console.speech import language
from fingerprints.overlay import VEIL
from tests.app.alerts.conftest import Desk
from tests.app.conftest import Server, fresh
from tests.app.console.test_console import HTMX, csrf, reveal, signed_in
from tests.app.pictures import encoded, jpeg, scene

BOTH = pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])


@pytest.fixture(scope="module")
def kept(server: Server) -> dict[str, Any]:
    """An asset whose pictures are kept."""
    asset: dict[str, Any] = server.register(
        {"left side.jpg": jpeg(7301)}, title="Workshop 3", kind="equipment", keep_originals=True
    ).json()
    return asset


def leak(server: Server, mirrored: bool = False) -> dict[str, Any]:
    """A new alert about it."""
    image = scene(7301).transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else scene(7301)
    verdict = server.verdict(
        server.post("look", {f"{fresh('i')}.jpg": encoded(image, "JPEG", quality=50)}, sender={"id": fresh("u")})
    )
    found: dict[str, Any] = server["analyst"].get(f"/alerts/{verdict['alert_id']}").json()
    return found


def sources(client: httpx.Client, alert: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'<img[^>]* src="(/pictures/[^"]+)"', client.get(f"/alerts/{alert}").text)]


def size(picture: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(picture)).size


def detail(picture: bytes) -> float:
    grey = cv2.cvtColor(np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")), cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(cv2.resize(grey, (400, 300), interpolation=cv2.INTER_AREA), cv2.CV_64F).var())


def test_before_a_reveal_no_address_gives_the_picture(server: Server, analyst: httpx.Client, kept: dict[str, Any]) -> None:
    alert, reference = leak(server)["id"], kept["references"][0]["id"]
    addresses = [
        f"/pictures/alerts/{alert}/0",
        f"/pictures/alerts/{alert}/0?until=99999999999",
        f"/pictures/alerts/{alert}/references/{reference}",
        f"/pictures/alerts/{alert}/aligned/0",
        f"/pictures/references/{reference}",
    ]
    for address in addresses:
        answer = analyst.get(address)
        assert answer.headers["cache-control"] == "no-store"
        assert max(size(answer.content)) == VEIL
        assert detail(answer.content) < 60, address
    assert sources(analyst, alert) == addresses[:1] + addresses[2:3]
    assert detail(jpeg(7301)) > 200
    assert analyst.get(f"/alerts/{alert}/reading/0").status_code == 403
    with signed_in(server, "owner") as owner:
        assert detail(owner.get(f"/pictures/references/{reference}").content) > 200, "owners see their own"


@BOTH
def test_a_reveal_shows_all_of_it_to_one_person(
    server: Server, analyst: httpx.Client, kept: dict[str, Any], headers: dict[str, str]
) -> None:
    alert = leak(server, mirrored=True)["id"]
    before = sources(analyst, alert)
    fields = {"csrf": csrf(analyst, f"/alerts/{alert}"), "purpose": "investigation"}
    answer = analyst.post(f"/alerts/{alert}/reveal", data=fields, headers=headers)
    assert answer.status_code == (200 if headers else 303)
    after = sources(analyst, alert)
    assert not set(before) & set(after), "a browser that has the veiled ones must not show them"
    posted, registered, again, laid = (analyst.get(one).content for one in after)
    assert registered == again
    assert min(detail(one) for one in (posted, registered, laid)) > 200
    small = [np.asarray(Image.open(io.BytesIO(one)).convert("L").resize((70, 52)), int) for one in (registered, laid, posted)]
    assert np.abs(small[0] - small[1]).mean() < 8 < np.abs(small[0] - small[2]).mean(), "mirrored, and laid straight"
    shown = html.unescape(analyst.get(f"/alerts/{alert}").text)
    assert "You see the pictures until" in shown
    assert "saw the pictures, for an investigation" in shown
    assert server["analyst"].get(f"/alerts/{alert}").json()["history"][-1]["action"] == "revealed"
    other = leak(server)["id"]
    assert detail(analyst.get(f"/pictures/alerts/{other}/0").content) < 60, "another alert about the same asset"


@BOTH
def test_a_reveal_without_a_purpose_is_refused(
    server: Server, analyst: httpx.Client, kept: dict[str, Any], headers: dict[str, str]
) -> None:
    alert = leak(server)["id"]
    fields = {"csrf": csrf(analyst, f"/alerts/{alert}"), "purpose": "other", "words": " "}
    answer = analyst.post(f"/alerts/{alert}/reveal", data=fields, headers=headers)
    assert (answer.status_code, "Say in words what for." in answer.text) == (200 if headers else 422, True)
    assert detail(analyst.get(f"/pictures/alerts/{alert}/0").content) < 60


def test_pictures_of_other_things_are_no_way_round(server: Server, analyst: httpx.Client, kept: dict[str, Any]) -> None:
    other = server.register({"b.jpg": jpeg(7302)}, title="Other", kind="equipment", keep_originals=True).json()
    alert = leak(server)["id"]
    reveal(analyst, alert)
    assert analyst.get(f"/pictures/alerts/{alert}/references/{other['references'][0]['id']}").status_code == 404
    for number in (1, 999, -1):
        assert analyst.get(f"/pictures/alerts/{alert}/aligned/{number}").status_code == 404
    word = server.alert()["id"]
    assert analyst.get(f"/pictures/alerts/{word}/aligned/0").status_code == 404
    assert analyst.get("/pictures/alerts/alr_x/aligned/0").status_code == 404
    assert analyst.get("/pictures/alerts/alr_x/references/ref_x").status_code == 404


def test_registered_text_is_shown_for_a_purpose_wherever_it_stands(server: Server, analyst: httpx.Client) -> None:
    text = " ".join(f"clause {i * 7919 % 9973} binds signatory {i * 104729 % 7907} to silence." for i in range(20))
    server.register({"t.txt": text.encode()}, title="Treaty", kind="text", keep_originals=True).raise_for_status()
    filed = server.verdict(server.post("", {"note.txt": f"they said {text[:500]}".encode()}))["alert_id"]
    said = server.verdict(server.post(f"they said {text[:500]}"))["alert_id"]
    whole = server.verdict(server.post(text))["alert_id"]
    for alert in (filed, said, whole):
        hidden = analyst.get(f"/alerts/{alert}").text
        assert ("signatory" in hidden, "Reveal for triage" in hidden) == (False, True)
        assert "shown once you say what for" in hidden
        reveal(analyst, alert)
        shown = analyst.get(f"/alerts/{alert}").text
        assert ("signatory" in shown, "shown once you say what for" in shown) == (True, False)
        assert shown.count("<mark>") >= 2 or alert == whole, "in both texts"


def test_what_somebody_wrote_around_a_code_name_is_no_registered_text(server: Server, analyst: httpx.Client) -> None:
    alert = server.alert()
    assert html.escape(alert["message"]["text"]) in analyst.get(f"/alerts/{alert['id']}").text


def queued(server: Server, number: int) -> tuple[str, list[str]]:
    """A channel of its own and its alerts, as the queue of that channel has them."""
    channel = fresh("q")
    ids = [server.alert(channel={"id": channel})["id"] for _ in range(number)]
    return f"channel={channel}&order=newest", ids[::-1]


def links(page: str) -> dict[str, str]:
    return {rel: html.unescape(href) for rel, href in re.findall(r'<a rel="(prev|next)" href="([^"]+)"', page)}


def test_next_and_previous_keep_the_look_at_the_queue(server: Server, analyst: httpx.Client) -> None:
    look, ids = queued(server, 3)
    listed = [html.unescape(one) for one in re.findall(r'class="what" href="([^"]+)"', analyst.get(f"/alerts?{look}").text)]
    assert [urlsplit(one).path for one in listed] == [f"/alerts/{one}" for one in ids]
    page = analyst.get(listed[1]).text
    assert {rel: urlsplit(href).path for rel, href in links(page).items()} == {
        "prev": f"/alerts/{ids[0]}",
        "next": f"/alerts/{ids[2]}",
    }
    assert [parse_qs(urlsplit(href).query)["queue"] for href in links(page).values()] == [[look]] * 2
    assert "prev" not in links(analyst.get(listed[0]).text)
    assert "next" not in links(analyst.get(listed[2]).text)
    assert analyst.get(f"/alerts/{ids[0]}", params={"queue": "status=nonsense&x=1"}).status_code == 200


@BOTH
@pytest.mark.parametrize("step", ["resolve", "snooze"])
def test_what_is_done_with_leads_on_and_can_be_undone(
    server: Server, analyst: httpx.Client, step: str, headers: dict[str, str]
) -> None:
    look, ids = queued(server, 2)
    fields = {
        "resolution": "true_positive",
        "note": "ours",
        "for": "1h",
        "queue": look,
        "csrf": csrf(analyst, f"/alerts/{ids[0]}"),
    }
    answer = analyst.post(f"/alerts/{ids[0]}/{step}", data=fields, headers=headers)
    there = answer.headers["hx-redirect" if headers else "location"]
    assert urlsplit(there).path == f"/alerts/{ids[1]}"
    shown = analyst.get(there).text
    assert f"1 alert {step}" in shown
    [action] = re.findall(r'class="toast" method="post" action="([^"]+)"', shown)
    [bulk] = re.findall(r'name="bulk" value="([^"]+)"', shown)
    back = analyst.post(action, data={"csrf": fields["csrf"], "bulk": bulk, "queue": look}, headers=headers)
    assert back.status_code == (200 if headers else 303)
    now = server["analyst"].get(f"/alerts/{ids[0]}").json()
    assert (now["status"], now["snoozed_until"]) == ("open", None)
    twice = analyst.post(action, data={"csrf": fields["csrf"], "bulk": bulk, "queue": look}, headers=headers)
    assert "was undone already" in twice.text


def test_after_the_last_one_comes_the_first_and_then_the_queue(server: Server, analyst: httpx.Client) -> None:
    look, ids = queued(server, 2)
    fields = {"resolution": "true_positive", "note": "ours", "queue": look, "csrf": csrf(analyst, f"/alerts/{ids[0]}")}
    first = analyst.post(f"/alerts/{ids[1]}/resolve", data=fields).headers["location"]
    assert urlsplit(first).path == f"/alerts/{ids[0]}"
    last = analyst.post(f"/alerts/{ids[0]}/resolve", data=fields).headers["location"]
    assert urlsplit(last).path == "/alerts"
    assert look.split("&")[0] in last
    assert "1 alert resolved" in analyst.get(last).text


def test_without_a_queue_one_stays(server: Server, analyst: httpx.Client) -> None:
    alert = server.alert()["id"]
    fields = {"resolution": "true_positive", "note": "ours", "csrf": csrf(analyst, f"/alerts/{alert}")}
    there = analyst.post(f"/alerts/{alert}/resolve", data=fields).headers["location"]
    assert urlsplit(there).path == f"/alerts/{alert}"
    assert "1 alert resolved" in analyst.get(there).text


@BOTH
def test_whoever_comes_second_overwrites_nothing_and_keeps_their_words(
    server: Server, analyst: httpx.Client, headers: dict[str, str]
) -> None:
    alert = server.alert()["id"]
    page = analyst.get(f"/alerts/{alert}").text
    [version] = set(re.findall(r'name="version" value="(\d+)"', page))
    server["analyst"].patch(f"/alerts/{alert}", json={"assignee": "bo"}).raise_for_status()
    fields = {
        "resolution": "benign_positive",
        "note": "my own words",
        "version": version,
        "csrf": csrf(analyst, f"/alerts/{alert}"),
    }
    answer = analyst.post(f"/alerts/{alert}/resolve", data=fields | {"queue": ""}, headers=headers)
    assert answer.status_code == (200 if headers else 409)
    assert "ana assigned it meanwhile. Nothing was overwritten: look again." in answer.text
    assert "my own words</textarea>" in answer.text
    assert re.search(r'value="benign_positive"[^>]*checked', answer.text)
    assert server["analyst"].get(f"/alerts/{alert}").json()["status"] == "open"
    [newer] = set(re.findall(r'name="version" value="(\d+)"', answer.text))
    again = analyst.post(f"/alerts/{alert}/resolve", data=fields | {"version": newer}, headers=headers)
    assert again.status_code == (200 if headers else 303)
    assert server["analyst"].get(f"/alerts/{alert}").json()["resolution"] == "benign_positive"


@BOTH
def test_every_decision(server: Server, analyst: httpx.Client, headers: dict[str, str]) -> None:
    alert = server.alert()["id"]
    secret = csrf(analyst, f"/alerts/{alert}")

    def step(name: str, **fields: str) -> dict[str, Any]:
        answer = analyst.post(f"/alerts/{alert}/{name}", data={"csrf": secret, **fields}, headers=headers)
        assert answer.status_code == (200 if headers else 303), answer.text
        now: dict[str, Any] = server["analyst"].get(f"/alerts/{alert}").json()
        return now

    assert step("assign", to="me")["assignee"] == "ana"
    assert step("assign", assignee="bo", to="")["assignee"] == "bo"
    assert step("assign", to="nobody")["assignee"] is None
    assert step("acknowledge")["assignee"] == "ana"
    assert step("note", note="looked at it")["history"][-1]["note"] == "looked at it"
    for how_long, hours in (("1h", 1), ("1d", 24), ("7d", 168)):
        until = datetime.fromisoformat(step("snooze", **{"for": how_long})["snoozed_until"])
        assert abs(until - datetime.now(UTC) - timedelta(hours=hours)) < timedelta(minutes=1)
    morning = datetime.fromisoformat(step("snooze", **{"for": "morning", "ahead": "120"})["snoozed_until"])
    assert (morning + timedelta(hours=2)).strftime("%H:%M") == "08:00"
    assert step("wake")["snoozed_until"] is None
    assert step("resolve", resolution="true_positive", note="ours")["status"] == "resolved"
    assert step("reopen")["status"] == "open"


@pytest.mark.parametrize(
    ("step", "fields", "says", "status"),
    [
        ("note", {"note": " "}, "Write a note.", 422),
        ("assign", {"assignee": " "}, "Say to whom.", 422),
        ("snooze", {"for": "ever"}, "Say for how long.", 422),
        ("resolve", {"version": "x", "resolution": "true_positive", "note": "y"}, "Reload the page", 422),
        ("eat", {}, "That cannot be done with an alert.", 404),
    ],
)
def test_what_a_form_lacks_is_said(
    server: Server, analyst: httpx.Client, step: str, fields: dict[str, str], says: str, status: int
) -> None:
    alert = server.alert()["id"]
    answer = analyst.post(f"/alerts/{alert}/{step}", data={"csrf": csrf(analyst, f"/alerts/{alert}"), **fields})
    assert (answer.status_code, says in html.unescape(answer.text)) == (status, True)
    unknown = analyst.post("/alerts/alr_x/note", data={"csrf": csrf(analyst, f"/alerts/{alert}"), "note": "x"})
    assert unknown.status_code == 404


def test_what_others_did_since_is_told_and_what_one_did_oneself_is_not(server: Server, analyst: httpx.Client) -> None:
    alert, desk = server.alert()["id"], Desk(server.house.database)
    drawn = analyst.get(f"/alerts/{alert}").text
    [again] = [html.unescape(one) for one in re.findall(r'data-again="([^"]+)"', drawn)]
    assert "Changed while you were looking" not in drawn
    server.run(desk.change(alert, "ana", note="mine"))
    assert "Changed while you were looking" not in analyst.get(again, headers=HTMX).text
    server.run(desk.change(alert, "bo", status="resolved", resolution="false_positive", note="not <b>ours</b>"))
    told = analyst.get(again, headers=HTMX).text
    assert re.search(r"<strong>bo</strong> resolved it as a false alarm <q>not &lt;b&gt;ours&lt;/b&gt;</q>", told)
    assert "mine" not in told[: told.index('id="about"')]
    assert re.findall(r'data-again="([^"]+)"', told) == re.findall(r'data-again="([^"]+)"', drawn), "until the page is drawn anew"
    assert re.findall(r'data-last="(\d+)"', told) != re.findall(r'data-last="(\d+)"', drawn)
    assert analyst.get(f"/alerts/{alert}?since=x").status_code == 422


def test_a_note_is_added_and_whose_decision_was_replaced_is_told(server: Server, analyst: httpx.Client) -> None:
    alert, desk = server.alert()["id"], Desk(server.house.database)
    form = {"csrf": csrf(analyst, f"/alerts/{alert}"), "version": "1"}
    server.run(desk.change(alert, "bo", assignee="bo"))
    assert analyst.post(f"/alerts/{alert}/acknowledge", data=form).status_code == 409
    assert analyst.post(f"/alerts/{alert}/note", data=form | {"note": "from the gate"}).status_code == 303
    server["analyst"].patch(f"/alerts/{alert}", json={"assignee": "ana"}).raise_for_status()
    page = html.unescape(analyst.get(f"/alerts/{alert}").text)
    assert "from the gate" in page
    assert "assigned it to ana, without saying that they had seen what bo decided" in page


def test_of_a_long_history_the_end_is_shown_and_a_way_to_all_of_it(server: Server, analyst: httpx.Client) -> None:
    alert, desk = server.alert()["id"], Desk(server.house.database)
    for number in range(60):
        server.run(desk.change(alert, "bo", note=f"note {number}."))
    page = analyst.get(f"/alerts/{alert}?queue=status%3Dopen").text
    history = page[page.index('<ol class="history">') :]
    assert history.count('<li id="entry-') == LAST
    assert ("note 59." in history, "note 9." in history) == (True, False)
    [way] = [html.unescape(one) for one in re.findall(r'href="(/alerts/[^"]+/history[^"]*)"', page)]
    seen: list[int] = []
    while way:
        past = analyst.get(way).text
        seen = [int(one) for one in re.findall(r"note (\d+)\.", past)] + seen
        assert "queue=status" in past
        way = html.unescape(next(iter(re.findall(r'rel="prev" href="([^"]+)"', past)), ""))
    assert seen == list(range(60))
    assert "raised the alert" in past
    assert len(server["analyst"].get(f"/alerts/{alert}").json()["history"]) == 61


@BOTH
def test_nobody_who_is_not_there_is_given_an_alert(server: Server, analyst: httpx.Client, headers: dict[str, str]) -> None:
    alert = server.alert()["id"]
    fields = {"csrf": csrf(analyst, f"/alerts/{alert}"), "assignee": "nobody I know", "to": ""}
    answer = analyst.post(f"/alerts/{alert}/assign", data=fields, headers=headers)
    assert answer.status_code == (200 if headers else 422)
    assert "Nobody of that name may decide about alerts: choose somebody who has a token or an account." in answer.text
    assert 'value="nobody I know"' in answer.text
    refused = server["analyst"].patch(f"/alerts/{alert}", json={"assignee": "nobody I know"})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_assignee")
    bulk = {"ids": [alert], "change": {"assignee": "gateway"}}
    assert server["analyst"].post("/alerts/bulk", json=bulk).json()["code"] == "unknown_assignee"


def test_alerts_like_it_are_listed_with_what_became_of_them(server: Server, analyst: httpx.Client, kept: dict[str, Any]) -> None:
    first, second = leak(server)["id"], leak(server)["id"]
    server["analyst"].patch(f"/alerts/{first}", json={"status": "resolved", "resolution": "benign_positive"}).raise_for_status()
    shown = html.unescape(analyst.get(f"/alerts/{second}").text)
    assert f'<a href="/alerts/{first}">Workshop 3</a>' in shown
    assert re.search(r"\d+ others? like this: .*1 was resolved as harmless", shown)
    assert "Harmless (ana)" in shown


def test_tomorrow_morning_is_eight_where_somebody_is() -> None:
    at = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert tomorrow(at) == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert tomorrow(at, 480) == datetime(2026, 3, 3, 0, tzinfo=UTC)
    assert tomorrow(at, -300) == datetime(2026, 3, 2, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("action", "change", "says", "changes"),
    [
        (
            "resolved",
            {"resolution": [None, "false_positive"], "status": ["open", "resolved"]},
            "resolved it as a false alarm",
            [],
        ),
        ("assigned", {"assignee": [None, "bo"]}, "assigned it to bo", []),
        ("snoozed", {"snoozed_until": [None, "2026-03-02T08:00:00+00:00"]}, "snoozed it until 2 Mar 08:00:00 UTC", []),
        (
            "acknowledged",
            {"assignee": ["bo", "ana"], "status": ["open", "acknowledged"]},
            "is looking at it",
            [("Assignee", "bo", "ana")],
        ),
        ("undone", {"resolution": ["true_positive", None]}, "took a change back", [("Resolution", "a leak", "–")]),
        ("something new", {"else": [1, 2]}, "something new", []),
    ],
)
def test_a_history_is_readable(action: str, change: dict[str, Any], says: str, changes: list[Any]) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    entry = HistoryOut(at=at, actor="ana", action=action, change=change, note=None, bulk_id=None)
    told = happened(language("en"), entry.model_dump())
    assert (told["says"], told["changes"]) == (says, changes)


def test_of_a_very_long_text_the_beginning_is_shown(server: Server, analyst: httpx.Client) -> None:
    desk = Desk(server.house.database)
    alert = server.run(desk.alert(text="long " * 20_000 + "end"))
    page = analyst.get(f"/alerts/{alert}").text
    assert "The first 4,000 of 100,003 characters" in page
    assert page.count("long ") == 800
    assert len(page) < 40_000

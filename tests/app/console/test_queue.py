"""The queue's page: what it says, that everything of it works without JavaScript, and that nothing is overwritten unseen."""

import html
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.alerts.live import MOST, Listener
from app.alerts.schemas import AlertFilter
from app.console.queue.asking import Asked
from app.console.queue.views import SAID
from app.console.routes import PAGE
from app.console.wording import DETECTORS
from tests.app.alerts.conftest import Desk
from tests.app.alerts.test_alerts import patch
from tests.app.conftest import Server, fresh
from tests.app.console.test_console import BROWSER, HTMX, csrf, signed_in

HEAVIEST = 150_000


def filed(server: Server, count: int = 1, **more: Any) -> tuple[str, list[dict[str, Any]]]:
    """A channel, and so many alerts from it."""
    channel, desk = fresh("channel"), Desk(server.house.database)
    made = [server.run(desk.alert(channel, channel={"id": channel, **more})) for _ in range(count)]
    return channel, [server["analyst"].get(f"/alerts/{alert}").json() for alert in made]


def line(page: str, alert: dict[str, Any]) -> str:
    return page[page.index(f'<li class="line" id="{alert["id"]}"') :].split("</li>", maxsplit=1)[0]


def ticks(page: str) -> list[str]:
    return re.findall(r'name="one" value="([^"]+)"', page)


def known(page: str) -> dict[str, str]:
    """What a page says that it knows."""
    return {name: re.findall(rf'name="{name}" value="([^"]*)"', page)[0] for name in ("newest", "happened")}


def send(client: httpx.Client, path: str, headers: dict[str, str] | None = None, **form: Any) -> httpx.Response:
    """What the form of the page at ``path`` sends."""
    fields = {"csrf": csrf(client, path), "filter": urlsplit(path).query, **known(client.get(path).text), **form}
    return client.post("/alerts/act", data=fields, headers=headers)


def test_a_line_says_what_where_who_how_sure_how_far_and_since_when(server: Server, analyst: httpx.Client) -> None:
    word = fresh("Dunlin")
    server.register(terms=[word], title=f"Pump {word}").raise_for_status()
    family = {"id": fresh("c"), "name": "Family", "members": 17, "external": True}
    first = server.verdict(server.post(word, channel=family, sender={"id": "u", "name": "Zhang"}))["alert_id"]
    server.verdict(server.post(word, channel={"id": fresh("c"), "name": "Work"}))
    says = html.unescape(line(analyst.get(f"/alerts?q=pump+{word}+family").text, {"id": first}))
    told = ("code name", "Family", "external", "17 members", "Zhang · g1", "2 channels", "incident of 2", ">Open<", ">now<")
    for said in (f"Pump {word}", *told):
        assert said in says, said
    assert re.search(r'<time datetime="20[^"]+\+00:00" title="[^"]+UTC">', says)
    assert re.search(r'class="sure">[0-9]+%<', says)
    assert re.search(r'class="grave (low|medium|high|critical)">(Low|Medium|High|Critical)<', says)


def test_filters_live_in_the_address(server: Server, analyst: httpx.Client) -> None:
    channel, [one, other] = filed(server, 2)
    patch(server, one, assignee="bo")
    for query, found in (
        (f"channel={channel}", [other, one]),
        (f"channel={channel}&assignee=bo", [one]),
        (f"channel={channel}&assignee=nobody", [other]),
    ):
        page = analyst.get(f"/alerts?{query}&q=&severity=").text
        assert [tick.partition(".")[0] for tick in ticks(page)] == [alert["id"] for alert in found], query
    assert "Channel: " in page
    for link in re.findall(r'<a id="tab-[a-z]+" href="([^"]+)"', page):
        kept = parse_qs(urlsplit(html.unescape(link)).query)
        assert (kept["channel"], kept["assignee"]) == ([channel], ["nobody"])
    patch(server, other, status="acknowledged")
    assert ticks(analyst.get(f"/alerts?channel={channel}&status=acknowledged&assignee=me").text) == [f"{other['id']}.2"]
    none = analyst.get(f"/alerts?channel={channel}&detector=marking").text
    assert "Nothing matches these filters." in none
    assert "Clear all filters" in none


def test_a_filter_and_its_address_are_one() -> None:
    asked = Asked.model_validate(
        {"status": "all", "q": "a b&c", "assignee": "me", "external": "yes", "order": "newest", "cursor": None}
    )
    assert Asked.model_validate({name: one[0] for name, one in parse_qs(asked.query()).items()}) == asked
    assert asked.filter("ana") == AlertFilter(q="a b&c", assignee="ana", external=True)
    assert Asked().address() == "/alerts"
    assert Asked.model_validate({"cursor": f"alr_{'0' * 26}", "done": "blk_1"}).address(severity="low") == "/alerts?severity=low"


def test_pages_of_the_queue(server: Server, analyst: httpx.Client) -> None:
    channel, alerts = filed(server, 3)
    page = analyst.get(f"/alerts?channel={channel}&cursor={alerts[2]['id']}").text
    assert [tick.partition(".")[0] for tick in ticks(page)] == [alerts[1]["id"], alerts[0]["id"]]
    assert "First page" in page
    assert link(page, "prev") == [], "that is the first"


def test_pages_lead_back_the_way_they_came(server: Server, analyst: httpx.Client) -> None:
    channel, desk = fresh("pages"), Desk(server.house.database)
    server.run(desk.alerts(2 * PAGE + 5, channel))
    for order in ("urgent", "newest"):
        walked, address = [], f"/alerts?asset={channel}&order={order}"
        while address:
            page = analyst.get(address).text
            walked.append((address, ticks(page)))
            address = next(iter(link(page, "next")), "")
        assert [len(found) for _, found in walked] == [PAGE, PAGE, 5]
        [back] = link(analyst.get(walked[2][0]).text, "prev")
        assert ticks(analyst.get(back).text) == walked[1][1]
        assert link(analyst.get(back).text, "prev") == []


def link(page: str, rel: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(rf'rel="{rel}" href="([^"]+)"', page)]


def test_only_people_there_are_are_offered_and_taken(server: Server, analyst: httpx.Client) -> None:
    channel, [alert] = filed(server)
    here = f"/alerts?channel={channel}"
    page = analyst.get(here).text
    offered = re.findall(r'<option value="([^"]+)">', page[page.index("<datalist") : page.index("</datalist")])
    assert {"ana", "bo"} <= set(offered)
    assert "otto" not in offered
    for headers in ({}, HTMX):
        answer = send(analyst, here, headers, one=f"{alert['id']}.1", do="assign", assignee="otto")
        assert (answer.status_code, "Nobody of that name may decide about alerts" in answer.text) == (422, True)
    assert server["analyst"].get(f"/alerts/{alert['id']}").json() == alert


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_one_alert_from_open_to_resolved_and_back(server: Server, analyst: httpx.Client, headers: dict[str, str]) -> None:
    channel, [alert] = filed(server)
    here = f"/alerts?channel={channel}"

    def act(path: str, **form: str) -> dict[str, Any]:
        [tick] = ticks(analyst.get(path).text)
        answer = send(analyst, path, headers, one=tick, **form)
        assert answer.status_code == (200 if headers else 303), answer.text
        now: dict[str, Any] = server["analyst"].get(f"/alerts/{alert['id']}").json()
        return now

    assert act(here, do="acknowledge")["assignee"] == "ana"
    assert act(f"{here}&status=acknowledged", do="assign", assignee="bo")["assignee"] == "bo"
    assert act(f"{here}&status=acknowledged", do="assign:nobody")["assignee"] is None
    assert act(f"{here}&status=acknowledged", do="note", note="seen it")["history"][-1]["note"] == "seen it"
    assert act(f"{here}&status=acknowledged", do="snooze:4h")["snoozed_until"]
    woken = act(f"{here}&status=snoozed", do="reopen")
    assert (woken["status"], woken["snoozed_until"]) == ("open", None)
    done = act(here, resolution="benign_positive", reason=" an old photo ")
    assert (done["status"], done["resolution"], done["history"][-1]["note"]) == ("resolved", "benign_positive", "an old photo")
    assert act(f"{here}&status=resolved", do="reopen")["status"] == "open"


def test_undo_stands_on_the_page_it_leads_back_to(server: Server, analyst: httpx.Client) -> None:
    channel, alerts = filed(server, 2)
    here = f"/alerts?channel={channel}"
    answer = send(analyst, here, one=ticks(analyst.get(here).text), do="acknowledge")
    page = analyst.get(answer.headers["location"]).text
    assert "2 alerts acknowledged" in page
    assert not ticks(page)
    [bulk] = re.findall(r'name="bulk" value="([^"]+)"', page)
    form = {"csrf": csrf(analyst, here), "filter": urlsplit(here).query, "bulk": bulk}
    back = analyst.post("/alerts/undo", data=form)
    page = analyst.get(back.headers["location"]).text
    assert "Taken back for 2 alerts" in page
    assert "<button>Undo" not in page
    assert len(ticks(page)) == len(alerts)
    assert analyst.post("/alerts/undo", data=form).status_code == 409
    assert analyst.post("/alerts/undo", data=form | {"csrf": "0" * 64}).status_code == 403


def test_who_takes_back_what_another_changed_since_is_told_that_nothing_was(server: Server, analyst: httpx.Client) -> None:
    channel, [alert] = filed(server, 1)
    here = f"/alerts?channel={channel}"
    answer = send(analyst, here, one=ticks(analyst.get(here).text), do="acknowledge")
    [bulk] = re.findall(r'name="bulk" value="([^"]+)"', analyst.get(answer.headers["location"]).text)
    patch(server, alert, status="resolved", resolution="benign_positive", note="mine")
    form = {"csrf": csrf(analyst, here), "filter": urlsplit(here).query, "bulk": bulk, "queue": ""}
    for address in ("/alerts/undo", f"/alerts/{alert['id']}/undo"):
        refused = analyst.post(address, data=form)
        assert (refused.status_code, "Nothing was taken back" in refused.text) == (409, True)
    assert server["analyst"].get(f"/alerts/{alert['id']}").json()["status"] == "resolved"


def test_everything_that_a_filter_matches(server: Server, analyst: httpx.Client) -> None:
    channel, alerts = filed(server, 3)
    outside = server.alert()
    here = f"/alerts?channel={channel}"
    assert "all 3 that match" in analyst.get(here).text
    answer = send(analyst, here, all="1", resolution="false_positive", reason="drill", do="resolve")
    assert "3 alerts resolved" in analyst.get(answer.headers["location"]).text
    states = [server["analyst"].get(f"/alerts/{one['id']}").json()["status"] for one in (*alerts, outside)]
    assert states == ["resolved"] * 3 + ["open"]
    refused = send(analyst, "/alerts?status=all", all="1", do="acknowledge")
    assert (refused.status_code, "not everything at once" in refused.text) == (422, True)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_everything_is_what_matched_when_the_page_was_drawn(
    server: Server, analyst: httpx.Client, headers: dict[str, str]
) -> None:
    """What came, came back or was changed by a colleague since is left alone; the last is told."""
    channel, [one, theirs, back] = filed(server, 3)
    desk, here = Desk(server.house.database), f"/alerts?channel={channel}"
    patch(server, back, snoozed_until=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    drawn = known(analyst.get(here).text)
    new = server.run(desk.alert(channel, channel={"id": channel}))
    server.run(desk.change(theirs["id"], "bo", assignee="bo"))
    server.run(desk.change(back["id"], "bo", snoozed_until=None))
    answer = send(analyst, here, headers, all="1", do="acknowledge", **drawn)
    page = answer.text if headers else analyst.get(answer.headers["location"]).text
    assert "1 alert acknowledged. 2 were changed by somebody meanwhile, and left as they are" in page
    now = {alert: server["analyst"].get(f"/alerts/{alert}").json() for alert in (one["id"], theirs["id"], back["id"], new)}
    assert [found["status"] for found in now.values()] == ["acknowledged", "open", "open", "open"]
    assert now[theirs["id"]]["assignee"] == "bo"


def test_everything_of_a_page_that_does_not_say_when_is_refused(server: Server, analyst: httpx.Client) -> None:
    channel, [alert] = filed(server)
    here = f"/alerts?channel={channel}"
    for wrong in ("x", "9" * 30):
        assert "Reload the page and choose again." in send(analyst, here, all="1", do="acknowledge", happened=wrong).text
    fields = {"csrf": csrf(analyst, here), "filter": urlsplit(here).query, "all": "1", "do": "acknowledge"}
    assert analyst.post("/alerts/act", data=fields).status_code == 422
    assert server["analyst"].get(f"/alerts/{alert['id']}").json() == alert


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_two_analysts_collide(server: Server, analyst: httpx.Client, headers: dict[str, str]) -> None:
    """The page says who changed what, shows what is so now, and keeps the words typed."""
    channel, [alert] = filed(server)
    here = f"/alerts?channel={channel}&status=all"
    [tick] = ticks(analyst.get(here).text)
    patch(server, alert, status="acknowledged", assignee="bo", note="on it")
    answer = send(analyst, here, headers, one=tick, do="resolve", resolution="true_positive", reason="that is ours")
    assert answer.status_code == 409
    said = html.unescape(answer.text)
    assert "ana acknowledged it meanwhile. “on it” Nothing was overwritten" in said
    assert "Acknowledged<small>bo" in line(said, alert)
    if not headers:
        assert 'value="that is ours"' in said
        assert re.search(r'value="true_positive"[^>]* checked', said)
        assert re.search(rf'value="{alert["id"]}.2"[^>]* checked', said)
    again = send(analyst, here, headers, one=f"{alert['id']}.2", do="resolve", resolution="true_positive", reason="that is ours")
    assert again.status_code < 400
    assert server["analyst"].get(f"/alerts/{alert['id']}").json()["resolution"] == "true_positive"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_note_on_several_is_taken_back_and_stands_in_their_histories(
    server: Server, analyst: httpx.Client, headers: dict[str, str]
) -> None:
    channel, alerts = filed(server, 2)
    here = f"/alerts?channel={channel}"
    done = send(analyst, here, headers, one=[f"{one['id']}.1" for one in alerts], do="note", note="ask Li")
    page = done.text if headers else analyst.get(done.headers["location"]).text
    assert "2 alerts noted on" in page
    [bulk] = re.findall(r'name="bulk" value="(blk_\w+)"', page)
    form = {"csrf": csrf(analyst, here), "filter": urlsplit(here).query, "bulk": bulk}
    done = analyst.post("/alerts/undo", data=form, headers=headers)
    page = done.text if headers else analyst.get(done.headers["location"]).text
    assert ("Note taken back on 2 alerts" in page, "<button>Undo" in page) == (True, False)
    for one in alerts:
        past = analyst.get(f"/alerts/{one['id']}/history", headers=headers).text
        for shown in (past, analyst.get(f"/alerts/{one['id']}", headers=headers).text):
            assert re.search(r"<q><s>ask Li</s></q>\s*<small[^>]*>taken back by ana, ", shown)
            assert "took a note back" in shown
        assert past.count(f">{bulk}</a></small>") == 2, "the note and its taking back"


def test_of_a_selection_what_was_changed_meanwhile_is_left_and_told(server: Server, analyst: httpx.Client) -> None:
    channel, [one, other] = filed(server, 2)
    here = f"/alerts?channel={channel}"
    seen = ticks(analyst.get(here).text)
    patch(server, other, assignee="bo")
    answer = send(analyst, here, one=seen, do="acknowledge")
    page = analyst.get(answer.headers["location"]).text
    assert "1 alert acknowledged. 1 was changed by somebody meanwhile, and left as it is" in page
    assert ticks(page) == [f"{other['id']}.2"]
    assert one["id"] not in page


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"do": "resolve", "resolution": "true_positive", "reason": "  "}, "Give a reason."),
        ({"do": "resolve", "reason": "kept words"}, "Say what it is."),
        ({"do": "resolve", "reason": "kept words", "resolution": "nonsense"}, "resolution"),
        ({"do": "note", "note": " "}, "Write a note."),
        ({"do": "assign", "assignee": ""}, "Say to whom."),
        ({"do": "snooze:9h"}, "Choose what to do."),
        ({"do": ""}, "Choose what to do."),
    ],
)
def test_what_is_missing_is_said_with_the_words_still_there(
    server: Server, analyst: httpx.Client, form: dict[str, str], says: str
) -> None:
    channel, [alert] = filed(server)
    here = f"/alerts?channel={channel}"
    for headers in ({}, HTMX):
        answer = send(analyst, here, headers, one=f"{alert['id']}.1", **form)
        assert (answer.status_code, says in answer.text, 'role="alert"' in answer.text) == (422, True, True)
        if not headers:
            assert (form.get("reason", "").strip() in answer.text, f"{alert['id']}.1" in answer.text) == (True, True)
    assert server["analyst"].get(f"/alerts/{alert['id']}").json() == alert


def test_a_form_that_chooses_nothing_or_nonsense_is_refused(analyst: httpx.Client) -> None:
    assert "Choose at least one" in send(analyst, "/alerts", do="acknowledge").text
    for wrong in ("alr_x", "alr_x.", "alr_x.99999999999999999999", ".x"):
        assert send(analyst, "/alerts", one=wrong, do="acknowledge").status_code == 422
    fields = {"csrf": csrf(analyst, "/alerts"), "filter": "status=nonsense", "one": "alr_x.1", "do": "acknowledge"}
    assert analyst.post("/alerts/act", data=fields).status_code == 422
    assert analyst.post("/alerts/act", data=fields | {"csrf": ""}).status_code == 403


def test_lines_as_they_are_now_and_how_many_are_new(server: Server, analyst: httpx.Client) -> None:
    channel, [one, other] = filed(server, 2)
    patch(server, one, status="acknowledged")
    about = {"newest": one["id"], "happened": known(analyst.get("/alerts").text)["happened"]}
    query = {"look": f"channel={channel}", "shown": f"{one['id']},{other['id']},alr_gone", **about}
    told = analyst.get("/alerts/rows", params=query, headers=HTMX).text
    assert f'<li class="line gone" id="{one["id"]}"' in told
    assert f'<li class="line" id="{other["id"]}"' in told
    assert 'data-count="1"' in told
    assert "1 new: show" in told
    assert "<html" not in told


@pytest.mark.parametrize("how", ["woken", "reopened", "undone", "given to me"])
def test_what_comes_back_is_new_and_what_was_there_is_not(server: Server, analyst: httpx.Client, how: str) -> None:
    channel, [alert, there] = filed(server, 2)
    desk, ident = Desk(server.house.database), alert["id"]
    status = "all&assignee=me" if how == "given to me" else "open"
    look, bulk = f"channel={channel}&status={status}", ""
    before: dict[str, Any] = {
        "woken": {"snoozed_until": datetime.now(UTC) + timedelta(hours=1)},
        "given to me": {"assignee": "bo"},
    }
    after: dict[str, Any] = {"woken": {"snoozed_until": None}, "given to me": {"assignee": "ana"}}
    if how == "undone":
        bulk = server.run(desk.change_all([ident], status="acknowledged")).bulk_id
    else:
        server.run(desk.change(ident, "bo", **before.get(how, {"status": "resolved", "resolution": "true_positive"})))
    drawn = known(analyst.get(f"/alerts?{look}").text)
    server.run(desk.change(there["id"], "bo", note="on page two, as it was before"))

    def news(**more: str) -> str:
        told = analyst.get("/alerts/rows", params={"look": look, "shown": "", **drawn, **more}, headers=HTMX).text
        return str(re.findall(r'data-count="(\d+)"', told)[0])

    assert news() == "0"
    server.run(desk.undo(bulk, "bo") if bulk else desk.change(ident, "bo", **after.get(how, {"status": "open"})))
    assert news() == "1"
    assert news(shown=ident) == "0", "it is on the page already"
    server.run(desk.change(there["id"], "bo", assignee="bo"))
    assert news() == "1"


def test_events_tell_what_changed_and_end_with_the_session(server: Server) -> None:
    alert = server.alert()
    with signed_in(server, "analyst") as mine, signed_in(server, "analyst") as leaving:
        with leaving.stream("GET", "/alerts/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            told = _events(stream)
            patch(server, alert, status="acknowledged")
            ident, kind, data = next(told)
            assert (kind, data["changed"], data["created"], data["many"]) == ("alerts", [alert["id"]], False, False)
            leaving_cookie = dict(leaving.cookies)
            mine.get("/alerts")
            with httpx.Client(base_url=server.url, cookies=leaving_cookie) as same:
                same.post("/sign-out", data={"csrf": csrf(same, "/alerts")})
            patch(server, alert, status="open")
            assert next(told)[1] == "over"
        patch(server, alert, assignee="bo")
        with mine.stream("GET", "/alerts/events", headers={"Last-Event-ID": ident}) as stream:
            assert next(_events(stream))[2]["changed"] == [alert["id"]]


def _events(stream: httpx.Response) -> Iterator[tuple[str, str, dict[str, Any]]]:
    fields: dict[str, str] = {}
    for said in stream.iter_lines():
        name, _, value = said.partition(": ")
        fields[name] = value
        if not said:
            if fields.get("event") in ("alerts", "over"):
                yield fields.get("id", ""), fields["event"], json.loads(fields["data"])
            fields = {}


def test_only_so_many_may_listen(server: Server, analyst: httpx.Client) -> None:
    with _filled(server):
        answer = analyst.get("/alerts/events", headers=BROWSER)
        assert (answer.status_code, "Too many pages are listening" in answer.text) == (429, True)
    assert httpx.get(f"{server.url}/alerts/events").status_code == 303


@contextmanager
def _filled(server: Server) -> Iterator[None]:
    live, most = server.house.live, {Listener() for _ in range(MOST)}
    live._listeners |= most
    yield
    live._listeners -= most


def test_every_detector_and_everything_that_is_done_has_its_words() -> None:
    assert set(DETECTORS) == {"page_copy", "equipment_photo", "document_text", "watch_term", "asset_tag", "marking"}
    done = {"open", "acknowledged", "reopened", "resolved", "snoozed", "woken", "assigned", "unassigned", "noted", "undone"}
    assert set(SAID) == done | {"withdrawn"}


def test_help_lists_every_key_and_every_key_does_something(analyst: httpx.Client) -> None:
    page, script = analyst.get("/alerts").text, analyst.get("/static/queue.js").text
    does = set(re.findall(r'data-keys="[^"]+" data-do="([a-z]*)', page))
    assert {"older", "newer", "grave", "everything", "mine", "menu"} <= does
    done = script[script.index("const doing = {") : script.index("let before = ")]
    assert does - {""} == set(re.findall(r"([a-z]+): \(\w*\) =>", done)) | {"leave"}


def test_a_page_of_the_queue_is_light(server: Server, analyst: httpx.Client) -> None:
    """A page has fifty lines at most: as many as are missing are counted as heavy as the heaviest."""
    channel, _ = filed(server, 2, name="A family group with quite a long name", members=250, external=True)
    page = analyst.get(f"/alerts?channel={channel}").text
    lines = [one.split("</li>")[0] for one in page.split('<li class="line"')[1:]]
    whole = len(page.encode()) + (50 - len(lines)) * max(len(one.encode()) + 30 for one in lines)
    files = set(re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css))"', page))
    assert whole + sum(len(analyst.get(file).content) for file in files) < HEAVIEST

"""However much there is to tell, a page stays light, and what it leaves out has an address that works without JavaScript."""

import gzip
import html
import re
from typing import Any

import httpx
import pytest

from app.console.rendering import STATIC
from app.incidents import service as incidents
from app.incidents.schemas import IncidentChange, TaskChange, TaskIn
from tests.app.alerts.conftest import Desk, match
from tests.app.conftest import Server, fresh
from tests.app.console.test_console import HTMX, csrf, reveal

MOST = 150_000
"""Bytes of a page before its pictures, as they are sent: pages as they are, what is static compressed."""


def weight(page: httpx.Response) -> int:
    """With its style sheet and scripts."""
    static = re.findall(r'(?:src|href)="/static/([\w.]+\.(?:js|css))"', page.text)
    return len(page.content) + sum(len(gzip.compress((STATIC / name).read_bytes())) for name in static)


def plain(page: httpx.Response) -> int:
    """The same with nothing compressed."""
    static = re.findall(r'(?:src|href)="/static/([\w.]+\.(?:js|css))"', page.text)
    return len(page.content) + sum(len((STATIC / name).read_bytes()) for name in static)


def text(page: httpx.Response) -> str:
    return html.unescape(page.text)


def passage(start: int, words: str) -> dict[str, Any]:
    """One of six hundred characters on both sides, as the detector keeps it."""
    about = {"start": start, "end": start + 600, "reference_start": start, "reference_end": start + 600, "score": 0.9}
    boxes = [[[0.1, y / 20], [0.9, y / 20], [0.9, (y + 1) / 20], [0.1, (y + 1) / 20]] for y in range(12)]
    return {**about, "text": words[:600], "reference_text": words[:600].replace("7", "8"), "boxes": boxes}


def heavy(number: int) -> dict[str, Any]:
    """A match with as much evidence as detectors give."""
    words = " ".join(f"第{n * 7919 % 997}条 the {n * 104729 % 997}th gate" for n in range(number, number + 60))
    points = [[round((n * k % 97) / 97, 4) for k in (3, 5, 7, 11)] for n in range(1, 81)]
    geometry = {"points": points, "inliers": 214, "expected": 12, "outline": [[0, 0], [1, 0], [1, 1], [0, 1]]}
    geometry |= {"reference_outline": geometry["outline"], "reference_aspect": 0.75, "coverage": 0.9, "threshold": 12}
    evidence = {"geometry": geometry, "text": {"passages": [passage(n * 600, words) for n in range(8)], "more_passages": 31}}
    return {
        "asset_id": f"ast_{number}",
        "asset_title": f"Plan {number}",
        "detector": "page_copy",
        "part": "",
        "evidence": evidence,
    }


def raised(server: Server, first: dict[str, Any], *also: dict[str, Any], **more: Any) -> str:
    """An alert with these matches."""
    about = {name: value for name, value in first.items() if name != "asset_id"}
    return server.run(
        Desk(server.house.database).alert(first["asset_id"], also=tuple(match(**one) for one in also), **about, **more)
    )


def test_an_alert_with_fifty_long_notes_is_light(server: Server, analyst: httpx.Client) -> None:
    alert, desk = server.alert()["id"], Desk(server.house.database)
    for number in range(50):
        server.run(desk.change(alert, "bo", note=f"note {number}: " + "条" * 8500))
    for address in (f"/alerts/{alert}", f"/alerts/{alert}/history", f"/alerts/{alert}?since=0"):
        assert weight(analyst.get(address)) < 0.6 * MOST
    page = text(analyst.get(f"/alerts/{alert}?queue=order%3Dnewest"))
    way = re.findall(r'href="([^"]+)">All 8,5\d\d characters of it', page)[-1]
    one = analyst.get(way)
    assert "note 49: " + "条" * 8500 + "</q>" in text(one)
    assert weight(one) < MOST / 2
    assert f"/alerts/{alert}?queue=order" in text(one), "back to where one was"
    other = server.alert()["id"]
    assert analyst.get(way.replace(alert, other)).status_code == 404, "of another alert"
    assert analyst.get(f"/alerts/{alert}/history/999999").status_code == 404


def test_a_long_note_in_the_way_is_told_in_brief(server: Server, analyst: httpx.Client) -> None:
    alert, desk = server.alert()["id"], Desk(server.house.database)
    secret = csrf(analyst, f"/alerts/{alert}")
    server.run(desk.change(alert, "bo", status="resolved", resolution="false_positive", note="条" * 10_000))
    refused = analyst.post(f"/alerts/{alert}/acknowledge", data={"csrf": secret, "version": "1"})
    assert refused.status_code == 409
    assert "bo resolved it meanwhile" in text(refused)
    assert weight(refused) < MOST / 2


def test_an_alert_with_six_heavy_matches_is_light_and_shows_them_all(server: Server, analyst: httpx.Client) -> None:
    alert = raised(server, *(heavy(number) for number in range(6)), text="条" * 100_000)
    for _ in range(2):
        page = analyst.get(f"/alerts/{alert}?queue=status%3Dopen")
        assert weight(page) < MOST
        assert [f"Plan {number}" in page.text for number in range(6)] == [True] * 6
        further = sorted(set(re.findall(r'href="(/alerts/\w+/matches/\d+\?queue=[^"]+)"', page.text)))
        assert [one for one in further if "/matches/6" in one]
        for headers in ({}, HTMX):
            own = analyst.get(html.unescape(further[-1]), headers=headers)
            assert ("<html" in own.text, own.text.count("data-match")) == (not headers, 1)
            assert ("Match 6 of 6" in own.text) == (not headers)
            assert weight(own) < MOST
            assert "queue=status" in own.text or headers
        reveal(analyst, alert)
    assert own.text.count('class="passages"') == 8, "all that are kept"
    assert analyst.get(f"/alerts/{alert}/matches/7").status_code == 404
    assert analyst.get(f"/alerts/{alert}/matches/0").status_code == 422


def test_how_many_of_the_details_are_drawn_is_said(server: Server, analyst: httpx.Client) -> None:
    found = heavy(1)
    alert = raised(server, found)
    assert "80 of the 214 details that agree are drawn." in text(analyst.get(f"/alerts/{alert}"))
    found["evidence"]["geometry"]["inliers"] = 80
    alert = raised(server, found)
    assert "details that agree are drawn" not in text(analyst.get(f"/alerts/{alert}"))


def test_an_alert_about_many_files_is_light(server: Server, analyst: httpx.Client) -> None:
    files = tuple({"attachment": number, "part": "", "reason": "条" * 100} for number in range(64))
    alert = server.run(Desk(server.house.database).alert(None, unread=files, files=tuple(f"{n:064x}" for n in range(64))))
    page = analyst.get(f"/alerts/{alert}")
    assert "and 44 more" in page.text
    assert weight(page) < MOST / 2


def told_of(server: Server, *assets: dict[str, Any]) -> str:
    """An alert about a message that names a code name of each."""
    words = [fresh("Codename") + "x" for _ in assets]
    for word, about in zip(words, assets, strict=True):
        server.register(role="admin", terms=[word], kind="text", **about).raise_for_status()
    return str(server.verdict(server.post(", ".join(words)))["alert_id"])


@pytest.mark.parametrize(("count", "title", "unit"), [(420, "计" * 40, ""), (40, "划" * 499, "部" * 150)], ids=["many", "long"])
def test_an_alert_about_many_assets_is_light_and_says_whom_to_call_for_each(
    server: Server, analyst: httpx.Client, count: int, title: str, unit: str
) -> None:
    about = [{"title": f"{n}-{title}"[: max(len(title), 43)], "unit": unit, "owner": f"{n}".ljust(9, "人")} for n in range(count)]
    alert = told_of(server, *about)
    for way in ("", "?queue=", "/matches/1", f"/matches/{count}"):
        page = analyst.get(f"/alerts/{alert}{way}", headers={"Accept-Language": "zh"})
        assert (page.status_code, 'lang="zh"' in page.text) == (200, True)
        assert weight(page) < MOST, f"{way}: {weight(page):,}"
    page = analyst.get(f"/alerts/{alert}?queue=order%3Dnewest")
    assert len(re.findall(r"<dd>\d+人+", page.text)) == 10
    [way] = re.findall(rf'href="([^"]+)">{count - 10} more to call', page.text)
    named = every(analyst, html.unescape(way), r"<dd>(\d+)人+")
    assert sorted(named, key=int) == [str(n) for n in range(count)]
    assert set(every(analyst, html.unescape(way), "For “(.*?)”")) == {one["title"] for one in about}
    assert "order%3Dnewest" in analyst.get(html.unescape(way)).text, "back to where one was"
    first = server["analyst"].get(f"/alerts/{alert}").json()["matches"]
    assert first[0]["asset_title"] in text(page), "as a whole once"
    assert first[1]["asset_title"] in text(analyst.get(f"/alerts/{alert}/matches/2"))


def edited(server: Server, times: int) -> str:
    """An asset with two hundred code names, of which each edit changes some."""
    words = [f"{'鹰' * 20} codeword {number}" for number in range(200)]
    asset = server.register(terms=words, title=fresh("Plan "), note="注" * 9000).raise_for_status().json()["id"]
    for number in range(times):
        words = [f"{'鹰' * 20} {number} codeword {n}" if n < 50 else word for n, word in enumerate(words)]
        change = {"terms": words, "title": f"{'计划' * 200} {number}"}
        server["owner"].patch(f"/assets/{asset}", json=change).raise_for_status()
    return str(asset)


def test_an_asset_of_two_hundred_code_names_that_was_often_edited_is_light(server: Server, owner: httpx.Client) -> None:
    asset = edited(server, 30)
    page = owner.get(f"/assets/{asset}")
    assert weight(page) < MOST
    about = owner.get(re.findall(r'href="(/assets/\w+/about)"', page.text)[0])
    seen = set(re.findall(r"<code>(.*?)</code>", about.text))
    assert "注" * 9000 in about.text
    while later := re.findall(r'rel="next" href="([^"]+)"', about.text):
        assert weight(about) < MOST
        about = owner.get(later[0])
        seen |= set(re.findall(r"<code>(.*?)</code>", about.text))
    assert len(seen) == 200
    past, events = owner.get(f"/assets/{asset}/history"), list[str]()
    while True:
        assert weight(past) < MOST
        events += re.findall(r'id="event-(\d+)"', past.text)
        earlier = re.findall(r'rel="prev" href="([^"]+)"', past.text)
        if not earlier:
            break
        past = owner.get(earlier[0])
    assert len(set(events)) == len(events) == 31
    entry = owner.get(f"/assets/{asset}/history/{events[0]}")
    assert weight(entry) < MOST
    assert f"“{'鹰' * 20} 29 codeword 49”" in text(entry)
    assert f"“{'鹰' * 20} 28 codeword 49” taken out" in text(entry)
    assert "codeword 50”" not in text(entry), "what did not change"
    other = server.register(terms=[fresh("other")]).json()["id"]
    assert owner.get(f"/assets/{other}/history/{events[0]}").status_code == 404


def test_anothers_asset_has_no_history_for_an_owner(server: Server, owner: httpx.Client) -> None:
    asset = server.register(role="admin", terms=[fresh("theirs")], owner="somebody").json()["id"]
    for path in ("about", "history", "history/1"):
        assert owner.get(f"/assets/{asset}/{path}").status_code == 404


def test_a_record_of_many_bulk_changes_is_light(server: Server, auditor: httpx.Client) -> None:
    desk = Desk(server.house.database)
    alerts = [server.run(desk.alert()) for _ in range(20)]
    for number in range(50):
        body = {"ids": alerts, "change": {"assignee": "ana" if number % 2 else None}}
        server["analyst"].post("/alerts/bulk", json=body).raise_for_status()
    page = auditor.get("/audit?action=alerts.changed")
    assert page.text.count('<tr id="entry-') >= 49
    assert weight(page) < MOST
    entry = auditor.get(re.findall(r'href="(/audit/\d+)"', page.text)[0])
    assert [one in entry.text for one in alerts] == [True] * 20
    assert auditor.get("/audit/99999999").status_code == 404


def test_a_drawing_of_very_many_channels_comes_after_its_page(server: Server, analyst: httpx.Client) -> None:
    desk, asset, file = Desk(server.house.database), fresh("ast_"), fresh()
    for number in range(160):
        channel = {"id": f"{file}-{number}", "name": f"群 {number} " + "聊" * 30, "members": number, "external": True}
        alert = server.run(
            desk.alert(asset, channel=channel, sender={"id": f"{file}-{number}", "name": "发" * 30}, files=(file,))
        )
    incident = server["analyst"].get(f"/alerts/{alert}").json()["incident_id"]
    for address in (f"/incidents/{incident}", f"/incidents/{incident}/drawing", f"/incidents/{incident}/drawing?lanes=all"):
        assert weight(analyst.get(address)) < MOST, address
    for lanes, named in (("", 20), ("&lanes=all", 160)):
        page = text(analyst.get(f"/incidents/{incident}/drawing?{lanes}"))
        alone = re.findall(r'hx-get="([^"]+alone=true[^"]*)"', page)
        assert alone == [f"/incidents/{incident}/drawing?alone=true{lanes}"]
        assert f'<a href="{alone[0]}">Show the drawing' in page, "without JavaScript"
        for headers in ({}, HTMX):
            assert len(set(re.findall(r"群 (\d+)", analyst.get(alone[0], headers=headers).text))) >= named


# --- as much of everything as is taken


async def worst(server: Server, incident: str, character: str) -> None:
    """The longest words about an incident, many of them, and much that was done about it."""
    named = character * 200
    async with server.house.database.writing() as session:
        for number in range(120):
            words = TaskIn(text=f"{number} ".ljust(1000, character), assignee=named)
            task = await incidents.add_task(session, incident, words, named)
            if number % 2:
                await incidents.change_task(session, incident, task, TaskChange(done=True), named)
        for number in range(4):
            await incidents.change(session, incident, IncidentChange(title=f"{number} ".ljust(300, character)), named)
            await incidents.change(session, incident, IncidentChange(commander=f"{number} ".ljust(200, character)), named)


@pytest.mark.parametrize("character", ["密", "&"])
def test_an_incident_of_as_much_as_is_taken_is_light(server: Server, analyst: httpx.Client, character: str) -> None:
    desk, file = Desk(server.house.database), fresh()
    for number in range(27):
        where = {"id": f"{file}{number}".ljust(500, "c"), "name": f"{number} ".ljust(1000, character), "external": True}
        who = {"id": f"{file}u{number}", "name": character * 1000}
        also = tuple(match(asset_id=f"{file}{n}", asset_title=character * 500, detector="page_copy") for n in range(30))
        about: dict[str, Any] = {"channel": where | {"members": 17}, "sender": who, "files": (file,), "also": also}
        alert = server.run(desk.alert(file, "critical", asset_title=character * 500, **about))
        server.run(desk.change(alert, character * 200, assignee=character * 200))
    known = server["analyst"].get(f"/alerts/{alert}").json()
    incident, message = known["incident_id"], known["message"]["id"]
    server.run(worst(server, incident, character))
    here, story = f"/incidents/{incident}", "".join(f"{number:05d} ".ljust(100, character) for number in range(480))
    light = [here, f"{here}/drawing", f"{here}/drawing?lanes=all", f"{here}/ways", f"{here}/evidence", f"{here}/candidates"]
    light.append(f"/sightings?message={message}")
    for own in (None, story):
        if own:
            server["analyst"].patch(here, json={"narrative": own}).raise_for_status()
        for address in light:
            assert weight(analyst.get(address)) < MOST, f"{address}: {weight(analyst.get(address)):,}"
        every(analyst, f"{here}/story", "nothing")
    told = "".join(html.unescape(one) for one in every(analyst, f"{here}/story", '(?s)<p class="own">(.*?)</p>'))
    assert told == story
    tasks = every(analyst, f"{here}/tasks", r'<li class="\w*" id="(tsk_\w+)"')
    assert len(set(tasks)) == len(tasks) == 120
    happened = every(analyst, f"{here}/history", r'id="entry-(\d+)"', "prev")
    assert len(set(happened)) == len(happened) >= 120 + 60 + 8
    form = {"csrf": csrf(analyst, here), "version": "1", "part": "2", "narrative": character * 7000}
    refused = analyst.post(f"{here}/tell", data=form)
    assert (refused.status_code, weight(refused) < MOST) == (409, True), weight(refused)
    assert html.escape(form["narrative"]) in refused.text


def most(character: str, number: int = 0) -> dict[str, Any]:
    """An asset as large as one may be registered."""
    words = {name: [f"{number}{name}{n:03d}".ljust(200, character) for n in range(200)] for name in ("terms", "tags")}
    return {"title": f"{number} ".ljust(500, character), "unit": character * 200, "note": character * 10_000, **words}


def every(client: httpx.Client, address: str, found: str, onward: str = "next") -> list[str]:
    """What is found on a page and on all that follow it; each of them is light."""
    page, seen = client.get(address), list[str]()
    while True:
        assert page.status_code == 200, address
        assert weight(page) < MOST, f"{address}: {weight(page):,}"
        seen += re.findall(found, page.text)
        after = re.findall(rf'rel="{onward}" href="([^"]+)"', page.text)
        if not after:
            return seen
        page = client.get(html.unescape(after[0]))


@pytest.mark.parametrize("character", ["密", "&"])
def test_an_asset_of_as_many_and_as_long_words_as_are_taken_is_light(server: Server, owner: httpx.Client, character: str) -> None:
    asset = server.register(**most(character)).raise_for_status().json()["id"]
    for number in range(1, 12):
        change = most(character, number)
        server["owner"].patch(f"/assets/{asset}", json=change).raise_for_status()
    for step in ("", "/edit", "/edition", "/retire", "/gallery", "/history"):
        assert weight(owner.get(f"/assets/{asset}{step}")) < MOST, step
    words = [html.unescape(one) for one in every(owner, f"/assets/{asset}/about", "<code>(.*?)</code>")]
    assert words == change["terms"] + change["tags"], "each of them once"
    entry = re.findall(rf'"(/assets/{asset}/history/\d+)"', owner.get(f"/assets/{asset}/history").text)[0]
    named = {html.unescape(one) for one in every(owner, entry, "“(.*?)”")}
    before = most(character, 10)
    assert named >= {*before["terms"], *before["tags"], *change["terms"], *change["tags"], change["title"]}


def test_what_is_taken_out_or_added_leaves_the_words_that_are_not_shown(server: Server, owner: httpx.Client) -> None:
    asset = server.register(**most("密")).raise_for_status().json()["id"]
    chosen = re.findall(r'name="(take\.\w+)"', owner.get(f"/assets/{asset}/about?page=2").text)
    form = {"csrf": csrf(owner, f"/assets/{asset}/edit")}
    owner.post(f"/assets/{asset}/words", data=form | dict.fromkeys(chosen, "on"))
    owner.post(f"/assets/{asset}/words", data=form | {"terms": "Kite"})
    owner.post(f"/assets/{asset}/edit", data=form | {"title": "Plan", "level": "secret"})
    told = server["owner"].get(f"/assets/{asset}").json()
    assert (told["title"], len(told["terms"]), len(told["tags"])) == ("Plan", 201 - len(chosen), 200)
    assert told["terms"][-1] == "Kite"
    assert 20 < len(chosen) <= 100


def test_a_refused_form_is_light_and_gives_back_what_a_field_takes(server: Server, owner: httpx.Client) -> None:
    about = most("密") | {"level": "cosmic", "kind": "text"}
    typed = {name: ", ".join(value) if isinstance(value, list) else value for name, value in about.items()}
    form = typed | {"csrf": csrf(owner, "/assets/new"), "terms": "x, " + typed["terms"]}
    asset = server.register(**most("密")).json()["id"]
    refused = [
        owner.post("/assets", data=form, files={"files": ("", b"")}),
        owner.post(f"/assets/{asset}/words", data=form),
        owner.post(f"/assets/{asset}/edit", data=form),
    ]
    for page in refused:
        assert (page.status_code, weight(page) < MOST) == (422, True), weight(page)
    assert [one.text.count(form["terms"][:6000]) for one in refused] == [1, 1, 0]
    assert [one.text.count(form["note"]) for one in refused] == [1, 0, 1]


def test_lists_of_the_longest_titles_and_names_are_light(
    server: Server, analyst: httpx.Client, admin: httpx.Client, auditor: httpx.Client
) -> None:
    desk = Desk(server.house.database)
    for number in range(52):
        about = most("密", number) | {"owner": f"{number}".ljust(200, "人")}
        assert server.register(role="admin", **about).status_code == 201
        where = {"id": f"{number}".ljust(500, "c"), "name": "群" * 1000, "external": True, "members": 17}
        posted: dict[str, Any] = {
            "channel": where,
            "files": (f"{number:064x}",),
            "sender": {"id": f"u{number}", "name": "发" * 1000},
            "gateway": "long-names",
        }
        found: dict[str, Any] = {"asset_title": f"{number}".ljust(500, "图"), "reference": "第" * 900}
        alert = server.run(desk.alert(f"ast_{number}", "critical", **posted, **found))
        server.run(desk.change(alert, "人" * 200, assignee="人" * 200))
    incident = server["analyst"].get(f"/alerts/{alert}").json()["incident_id"]
    heavy = []
    for client, addresses in (
        (analyst, ["/alerts", "/alerts?status=all&order=newest", "/alerts?status=acknowledged", f"/alerts/{alert}", "/assets"]),
        (analyst, ["/incidents", f"/incidents/{incident}", f"/incidents/{incident}/ways", "/mistakes"]),
        (analyst, [f"/incidents/{incident}/drawing", f"/incidents/{incident}/drawing?lanes=all", "/numbers"]),
        (admin, ["/assets", "/assets?sort=newest", "/assets?sort=title", "/numbers", "/audit"]),
        (auditor, ["/audit", "/numbers"]),
    ):
        for address in addresses:
            page = client.get(address)
            assert page.status_code == 200
            if weight(page) >= MOST:
                heavy.append(f"{address}: {weight(page):,}")
    assert heavy == []
    queue = analyst.get("/alerts?gateway=long-names&status=all")
    assert queue.text.count('<li class="line') == 50
    menus = sum(len(one.encode()) for one in re.findall(r"<option[^>]*>[^<]*", queue.text))  # name whom other tests made
    assert plain(queue) - menus < MOST, (plain(queue), menus)

"""Every page comes whole, and without its frame for htmx; those for people who are signed in show their keys.

No key means two things, and each leads to something.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from tests import screenshots
from tests.app.conftest import Server, fresh
from tests.app.console.addresses import pages, route_of
from tests.app.console.test_console import HTMX, signed_in
from tests.app.pictures import jpeg

PAGES = [
    ("analyst", "/alerts"),
    ("analyst", "/alerts/{alert}"),
    ("analyst", "/alerts/{alert}/evidence"),
    ("analyst", "/alerts/{alert}/calling"),
    ("analyst", "/alerts/{alert}/history"),
    ("analyst", "/alerts/{alert}/history/{entry}"),
    ("analyst", "/alerts/{alert}/matches/1"),
    ("analyst", "/incidents"),
    ("analyst", "/incidents/{incident}"),
    ("analyst", "/incidents/{incident}/drawing"),
    ("analyst", "/incidents/{incident}/drawing?lanes=all"),
    ("analyst", "/incidents/{incident}/ways"),
    ("analyst", "/incidents/{incident}/story"),
    ("analyst", "/incidents/{incident}/tasks"),
    ("analyst", "/incidents/{incident}/history"),
    ("analyst", "/incidents/{incident}/evidence"),
    ("analyst", "/sightings"),
    ("analyst", "/sightings?message={message}"),
    ("analyst", "/mistakes"),
    ("analyst", "/assets/{asset}"),
    ("owner", "/assets"),
    ("owner", "/assets/new"),
    ("owner", "/assets/test"),
    ("owner", "/assets/{asset}"),
    ("owner", "/assets/{asset}/about"),
    ("owner", "/assets/{asset}/history"),
    ("owner", "/assets/{asset}/history/{event}"),
    ("owner", "/assets/{asset}/edit"),
    ("owner", "/assets/{asset}/edition"),
    ("owner", "/assets/{asset}/retire"),
    ("owner", "/assets/{asset}/gallery"),
    ("owner", "/assets/{asset}/gallery?reference={reference}"),
    ("auditor", "/audit"),
    ("auditor", "/audit/check"),
    ("auditor", "/audit/1"),
    ("auditor", "/audit/{bulk}/alerts"),
    ("auditor", "/numbers"),
    ("auditor", "/account"),
    ("owner", "/api/docs"),
    ("admin", "/directory"),
]
FAILURES = [
    ("owner", "/nowhere", 404),
    ("analyst", "/alerts/nothing", 404),
    ("owner", "/alerts", 403),
    ("analyst", "/sign-out", 405),
]
"""Who, where, and how it is answered."""
CARDS = [
    ("analyst", "/assets/{asset}/hunts", "/assets/{asset}#hunt"),
    ("owner", "/assets/{asset}/hunts", "/assets/{asset}#hunt"),
    ("analyst", "/incidents/{incident}/candidates?find=crane", "/incidents/{incident}?find=crane"),
    ("analyst", "/numbers/rerun", "/numbers#rerun"),
]
"""Parts of pages, and where they stand for whom nothing puts them there."""
MATCH = ("analyst", "/alerts/{alert}/matches/1")
"""For htmx it takes its place on its alert's page, which ``test_light`` tries."""
READ = "/alerts/{alert}/reading/{index}"
"""Has a test of its own: reading takes long, and is for whom the pictures were revealed."""
BUILT = {"next", "previous", "open", "search", "keys", "leave"}
"""What the script does by itself; all else is something on the page."""
SOMETIMES = {"older", "newer", "back", "mistakes", "password", "weak", "hunt", "rerun"}
"""What a page need not have."""


@pytest.fixture(scope="module")
def clients(server: Server) -> Iterator[dict[str, httpx.Client]]:
    with ExitStack() as stack:
        people = {role: stack.enter_context(signed_in(server, role)) for role in sorted({role for role, _ in PAGES})}
        yield people | {"stranger": stack.enter_context(httpx.Client(base_url=server.url))}


@pytest.fixture(scope="module")
def things(server: Server) -> dict[str, Any]:
    asset = (
        server.register({"a.jpg": jpeg(951)}, title=fresh("Keyed "), kind="equipment", keep_originals=True)
        .raise_for_status()
        .json()
    )
    alert = server.verdict(server.post("look", {"b.jpg": jpeg(951, 40)}))["alert_id"]
    server.verdict(server.post("look again", {"c.jpg": jpeg(951, 40)}))
    told = server["analyst"].get(f"/alerts/{alert}").json()
    about = {"incident": told["incident_id"], "message": told["message"]["id"]}
    bulk = server["analyst"].post("/alerts/bulk", json={"ids": [alert], "change": {"note": "a crane"}}).json()["bulk_id"]
    server["analyst"].post("/alerts/bulk", json={"undo": bulk}).raise_for_status()
    with signed_in(server, "analyst") as analyst, signed_in(server, "owner") as owner:
        about["entry"] = re.findall(r'id="entry-(\d+)"', analyst.get(f"/alerts/{alert}/history").text)[0]
        about["event"] = re.findall(r'id="event-(\d+)"', owner.get(f"/assets/{asset['id']}/history").text)[0]
    about["bulk"] = server["auditor"].get("/audit", params={"object": bulk}).json()["items"][0]["seq"]
    return {"asset": asset["id"], "reference": asset["references"][0]["id"], "alert": alert, **about}


@pytest.mark.parametrize(("role", "address"), PAGES)
def test_a_page_shows_its_keys(clients: dict[str, httpx.Client], things: dict[str, Any], role: str, address: str) -> None:
    shows_keys(clients[role].get(address.format(**things)), 200)


@pytest.mark.parametrize(("role", "address"), [*(one for one in PAGES if one != MATCH), ("stranger", "/sign-in")])
def test_a_page_comes_whole_and_for_htmx_without_its_frame(
    clients: dict[str, httpx.Client], things: dict[str, Any], role: str, address: str
) -> None:
    whole, part = (clients[role].get(address.format(**things), headers=headers) for headers in ({}, HTMX))
    assert (whole.status_code, part.status_code) == (200, 200)
    assert ("<html" in whole.text, "<html" in part.text, 'class="bar"' in part.text) == (True, False, False)
    said = [re.findall(r"<h([12])[^>]*>(.*?)</h", page.text, re.DOTALL) for page in (whole, part)]
    assert said[0] == said[1] != []


@pytest.mark.parametrize(("role", "address", "stands"), CARDS)
def test_a_card_comes_for_htmx_alone_and_leads_to_its_page_otherwise(
    clients: dict[str, httpx.Client], things: dict[str, Any], role: str, address: str, stands: str
) -> None:
    whole, part = (clients[role].get(address.format(**things), headers=headers) for headers in ({}, HTMX))
    assert (whole.status_code, whole.headers["location"]) == (303, stands.format(**things))
    assert (part.status_code, "<html" in part.text, part.text.strip() != "") == (200, False, True)


def test_no_page_is_missing_here_and_among_the_pictures() -> None:
    assert {route_of(address) for _, address in PAGES} == pages() - {READ, "/sign-in"}
    drawn = [address for named in screenshots.PAGES.values() for address in named.values()]
    assert {route_of(address) for address in drawn} == pages()


@pytest.mark.parametrize(("role", "address", "status"), FAILURES)
def test_a_page_that_tells_of_a_failure_is_one_of_the_console(
    clients: dict[str, httpx.Client], role: str, address: str, status: int
) -> None:
    cookies = "; ".join([*(f"{name}={value}" for name, value in clients[role].cookies.items()), "leakwatch_theme=dark"])
    page = clients[role].get(address, headers={"accept": "text/html", "accept-language": "zh", "cookie": cookies})
    shows_keys(page, status)
    assert '<html lang="zh" data-theme="dark">' in page.text
    assert ('class="bar"' in page.text, "/sign-out" in page.text) == (True, True)
    assert '<h1 tabindex="-1">操作未成功</h1>' in page.text
    stranger = httpx.get(str(page.url), headers={"accept": "text/html"}, follow_redirects=False)
    assert 'class="bar"' not in stranger.text


def test_in_chinese_nothing_stands_between_two_sentences(clients: dict[str, httpx.Client], things: dict[str, Any]) -> None:
    apart = []
    for role, address in PAGES:
        page = clients[role].get(address.format(**things), headers={"accept-language": "zh"}).text
        page = re.sub(r"<textarea.*?</textarea>", "", page, flags=re.DOTALL)  # people's own lines
        apart += [(address, found) for found in re.findall(r".{9}[。；](?: |\s*\n\s*)[^\s<].{9}", page)]
    assert apart == []


def shows_keys(page: httpx.Response, status: int) -> None:
    assert page.status_code == status
    assert page.text.count('<dialog id="keys"') == 1
    assert page.text.count('id="show-keys"') == 1
    assert re.search(r'<script src="/static/(keys|queue|alert|incident)\.js"', page.text)
    shown = re.search(r'<dl class="keys">.*?</dl>', page.text, re.DOTALL)
    assert shown
    assert "<kbd>?</kbd>" in shown[0]
    listed = re.findall(r'data-keys="([^"]*)" data-do="([^"]*)"', shown[0])
    keys = [key for names, _ in listed for key in names.split("|")]
    assert len(keys) == len(set(keys)), "no key means two things"
    if "/static/keys.js" in page.text:
        there = set(re.findall(r'data-key="(\w\w[^"]*)"', page.text))
        assert {does for _, does in listed} - BUILT - SOMETIMES <= there
        assert there <= {does for _, does in listed}, "whatever has a key is told to have it"


def test_every_tab_of_the_queue_has_a_key(clients: dict[str, httpx.Client]) -> None:
    page = clients["analyst"].get("/alerts").text
    tabs = {found or "open" for found in re.findall(r'id="tab-(\w*)"', page)}
    keyed = set(re.findall(r'data-do="go:status=(\w+)"', page))
    assert tabs <= keyed | {"mine"}, "mine is a filter of all"

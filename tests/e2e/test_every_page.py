"""What holds for every page, in every language and theme: axe-core finds nothing, it is light, and it fits a phone."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Response

from app.console.rendering import THEMES
from app.console.routes import LANGUAGE, THEME
from app.console.sightings.asking import written
from app.console.speech import LANGUAGES
from app.ingest.trials import Like
from tests.app.conftest import Server, fresh
from tests.app.pictures import jpeg

PAGES = [
    ("stranger", "/sign-in"),
    ("stranger", "/api/docs"),
    ("analyst", "/alerts"),
    ("analyst", "/alerts?status=resolved"),
    ("analyst", "/alerts/{alert}"),
    ("analyst", "/alerts/{resolved}"),
    ("analyst", "/alerts/{text}"),
    ("stranger", "/sign-in?next=%2Falerts"),
    ("analyst", "/alerts/{alert}/evidence"),
    ("analyst", "/alerts/{alert}/calling"),
    ("analyst", "/alerts/{alert}/history"),
    ("analyst", "/alerts/nothing"),
    ("analyst", "/incidents"),
    ("analyst", "/incidents?status=closed&q=nothing"),
    ("analyst", "/incidents/{incident}"),
    ("analyst", "/incidents/{incident}/drawing"),
    ("analyst", "/incidents/{incident}/drawing?lanes=all"),
    ("analyst", "/incidents/{incident}/ways"),
    ("analyst", "/incidents/{incident}/story"),
    ("analyst", "/incidents/{incident}/tasks"),
    ("analyst", "/incidents/{incident}/history"),
    ("analyst", "/incidents/{incident}/ways?only=deleted&q=mill"),
    ("analyst", "/sightings"),
    ("analyst", "/sightings?message={message}"),
    ("analyst", "/sightings?message={message}&only=clear&q=nobody"),
    ("analyst", "/sightings?message={words}&days=all"),
    ("analyst", "/sightings?like={like}&days=1"),
    ("analyst", "/mistakes"),
    ("analyst", "/assets"),
    ("owner", "/assets"),
    ("owner", "/assets/new"),
    ("owner", "/assets/{asset}"),
    ("owner", "/assets/{asset}/about"),
    ("analyst", "/assets/{asset}/about"),
    ("owner", "/assets/{asset}/history"),
    ("owner", "/assets/{asset}/edit"),
    ("owner", "/assets/{asset}/edition"),
    ("owner", "/assets/{asset}/retire"),
    ("owner", "/assets/{asset}/gallery"),
    ("owner", "/assets/{asset}/gallery?reference={reference}"),
    ("owner", "/assets/test"),
    ("analyst", "/account"),
    ("analyst", "/numbers"),
    ("auditor", "/numbers?days=7&least=60"),
    ("admin", "/directory"),
    ("auditor", "/audit"),
    ("auditor", "/audit?actor=nobody"),
    ("auditor", "/audit?since=never"),
    ("auditor", "/audit/check"),
    ("auditor", "/audit/{bulk}"),
    ("auditor", "/audit/{bulk}/alerts"),
    ("admin", "/assets"),
    ("admin", "/assets?weak=1"),
    ("admin", "/assets/new"),
    ("admin", "/assets/{asset}"),
    ("admin", "/assets/{asset}/edit"),
    ("admin", "/assets/{asset}/gallery"),
    ("admin", "/audit"),
    ("admin", "/account"),
    ("admin", "/alerts"),
    ("auditor", "/audit/check?expect=99999:0000000000000000000000000000000000000000000000000000000000000000"),
]
OPENED = [
    ("analyst", "/alerts", "?", "#keys"),
    ("analyst", "/alerts", "j s", "details[data-act=snooze][open]"),
    ("analyst", "/alerts", "j r", "details[data-act=resolve][open]"),
    ("analyst", "/alerts", "j t", "details[data-act=assign][open]"),
    ("analyst", "/alerts", "j n", "details[data-act=note][open]"),
    ("analyst", "/alerts/{alert}", "?", "#keys"),
    ("analyst", "/alerts/{alert}", "s", "details[open] form"),
    ("analyst", "/alerts/{alert}", "t", "details[open] #assignee"),
    ("analyst", "/alerts/{alert}", "n", "details[open] #remark"),
    ("analyst", "/alerts/{text}", "v", ".veil.open"),
    ("analyst", "/alerts/{alert}", "v", ".veil.open"),
    ("analyst", "/alerts/{alert}", "l", "[data-look=slide] .slider"),
    ("analyst", "/incidents/{incident}/drawing?lanes=all", "?", "#keys"),
    ("analyst", "/incidents/{incident}/ways", "?", "#keys"),
    ("analyst", "/sightings?message={message}", "?", "#keys"),
    ("analyst", "/sightings?message={message}", "j", "[data-rows] a:focus"),
    ("analyst", "/mistakes", "?", "#keys"),
    ("analyst", "/assets/{asset}", "?", "#keys"),
    ("owner", "/assets", "?", "#keys"),
    ("owner", "/assets", "j", "[data-rows] a:focus"),
    ("owner", "/assets/{asset}", "?", "#keys"),
    ("auditor", "/audit", "?", "#keys"),
    ("auditor", "/audit", "j o", "[data-rows] details[open]"),
    ("admin", "/assets", "?", "#keys"),
]
"""Who, where, which keys, and what is open then."""
LOOKS = list(zip(LANGUAGES, [theme for theme in THEMES if theme != "auto"], strict=True))
"""Every language and every theme once: words do not depend on colours, nor colours on words."""
MOST = 150_000
"""Bytes of a page before its pictures, as they are sent."""
NARROW = 390
TALL = 110
"""Pixels of the header of a phone: its first row, and the sections in another."""


@pytest.fixture(scope="module")
def things(server: Server) -> dict[str, str]:
    """Something to show: an asset with a picture, and an alert about it in an outside channel."""
    asset = server.register(
        {"mill.jpg": jpeg(3301)}, title=fresh("Mill "), kind="equipment", level="secret", keep_originals=True, terms=["Nightjar"]
    )
    channel = {"id": "fam", "name": "Family", "external": True, "members": 17}
    verdict = server.verdict(server.post("look at this", {"IMG_7.jpg": jpeg(3301, 45)}, channel=channel))
    told = asset.raise_for_status().json()
    again = server.verdict(server.post("again", {"IMG_8.jpg": jpeg(3301, 40)}, channel=channel))["alert_id"]
    reason = {"status": "resolved", "resolution": "true_positive", "note": "It is the mill."}
    server["analyst"].patch(f"/alerts/{again}", json=reason).raise_for_status()
    clauses = " ".join(f"clause {n * 7919 % 9973} keeps the {n * 104729 % 7907}th gate of the mill" for n in range(30))
    server.register({"gates.txt": clauses.encode()}, title=fresh("Gates "), kind="text", keep_originals=True).raise_for_status()
    text = server.verdict(server.post(f"read this: {clauses[:600]}"))["alert_id"]
    noted = {"ids": [verdict["alert_id"], text], "change": {"note": "Is it the mill?"}}
    bulk = server["analyst"].post("/alerts/bulk", json=noted).raise_for_status().json()["bulk_id"]
    server["analyst"].post("/alerts/bulk", json={"undo": bulk}).raise_for_status()
    entry = server["auditor"].get("/audit", params={"object": bulk}).json()["items"][0]["seq"]
    about = {one: server["analyst"].get(f"/alerts/{one}").json() for one in (verdict["alert_id"], text)}
    message, words = (one["message"]["id"] for one in about.values())
    sought = {"message": message, "words": words, "like": written([Like("0" * 64)])}
    incident = about[verdict["alert_id"]]["incident_id"]
    found = {"alert": verdict["alert_id"], "resolved": again, "text": text, "incident": incident, "bulk": str(entry), **sought}
    return {"asset": told["id"], "reference": told["references"][0]["id"], **found}


@pytest.fixture(scope="module", params=["stranger", "analyst", "owner", "auditor", "admin"])
def context(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[tuple[str, BrowserContext]]:
    context = browser.new_context(base_url=server.url, locale="en-GB")
    if request.param != "stranger":
        context.request.post("/sign-in", form={"token": server.tokens[request.param]}, max_redirects=0)
    yield request.param, context
    context.close()


def pages(role: str, things: dict[str, str]) -> list[str]:
    return [address.format(**things) for who, address in PAGES if who == role]


def sent(answer: Response) -> int:
    """Bytes of its body as they come."""
    return answer.request.sizes()["responseBodySize"]


def violations(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:200]} {node['failureSummary']}" for one in found for node in one["nodes"]]


def loaded(page: Page, address: str) -> list[Response]:
    """Everything that came with a page."""
    answers: list[Response] = []

    def came(answer: Response) -> None:
        if answer.headers.get("content-type", "").partition(";")[0] != "text/event-stream":  # which does not end
            answers.append(answer)

    page.on("response", came)
    page.goto(address)
    return answers


def test_axe_finds_nothing(context: tuple[str, BrowserContext], server: Server, things: dict[str, str]) -> None:
    role, browser = context
    for language, theme in LOOKS:
        browser.add_cookies([{"name": n, "value": v, "url": server.url} for n, v in ((LANGUAGE, language), (THEME, theme))])
        page = browser.new_page()
        for address in pages(role, things):
            page.goto(address)
            assert page.locator("html").get_attribute("lang") == language
            assert page.locator("h1").count() == 1, address
            assert violations(page) == [], f"{address} in {language}, {theme}"
        page.close()


def test_axe_finds_nothing_in_what_opens(context: tuple[str, BrowserContext], server: Server, things: dict[str, str]) -> None:
    role, browser = context
    opened = [(address.format(**things), keys, shown) for who, address, keys, shown in OPENED if who == role]
    for language, theme in LOOKS:
        browser.add_cookies([{"name": n, "value": v, "url": server.url} for n, v in ((LANGUAGE, language), (THEME, theme))])
        page = browser.new_page()
        for address, keys, shown in opened:
            page.goto(address)
            for key in keys.split():
                page.keyboard.press(key)
            page.locator(shown).first.wait_for()
            assert violations(page) == [], f"{address}, {keys}, in {language}, {theme}"
        page.close()


def test_a_page_is_light_and_fits_a_phone(context: tuple[str, BrowserContext], things: dict[str, str]) -> None:
    role, browser = context
    for address in pages(role, things):
        page = browser.new_page()
        page.set_viewport_size({"width": NARROW, "height": 844})
        weight = sum(sent(one) for one in loaded(page, address) if "image" not in one.headers.get("content-type", ""))
        assert weight <= MOST, f"{address}: {weight:,} bytes"
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW, f"{address} is wider than a phone"
        if page.locator(".scroll").count():  # what scrolls on a phone need not on a desk
            assert violations(page) == [], f"{address} on a phone"
        page.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_header_leaves_a_phone_to_the_page(context: tuple[str, BrowserContext], server: Server, language: str) -> None:
    role, browser = context
    if role == "stranger":
        return
    browser.add_cookies([{"name": LANGUAGE, "value": language, "url": server.url}])
    page = browser.new_page()
    page.set_viewport_size({"width": NARROW, "height": 844})
    page.goto("/account")
    assert page.locator(".bar").evaluate("bar => bar.offsetHeight") <= TALL
    assert page.locator(".bar nav a").evaluate_all("all => all.every(one => one.offsetHeight < 40)"), "a word is one line"
    page.close()

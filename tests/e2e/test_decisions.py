"""Deciding with htmx: what fails is shown, and the focus never falls off the page."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from app.console.signed_in import COOKIE
from tests.app.alerts.conftest import Desk, match
from tests.app.conftest import Server, fresh
from tests.app.console.test_console import csrf
from tests.app.pictures import encoded, scene
from tests.e2e.test_journeys import sign_in

FITS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture
def analyst(browser: Browser, server: Server) -> Iterator[Page]:
    """Signed in, with JavaScript; failures may be logged, since they are what is looked at."""
    context = browser.new_context(base_url=server.url)
    page = context.new_page()
    sign_in(page, server, "analyst")
    yield page
    context.close()


def other_session(page: Page, server: Server) -> None:
    """As if the same browser had signed in anew in another tab."""
    cookie = httpx.post(f"{server.url}/sign-in", data={"token": server.tokens["analyst"]}).cookies[COOKIE]
    page.context.add_cookies([{"name": COOKIE, "value": cookie, "url": server.url}])


def test_a_stale_form_is_explained_and_the_explanation_goes_with_the_next_success(analyst: Page, server: Server) -> None:
    analyst.goto(f"/alerts/{server.alert()['id']}")
    mine = analyst.context.cookies()
    other_session(analyst, server)
    analyst.get_by_role("button", name="Acknowledge").click()
    expect(analyst.get_by_role("alert")).to_contain_text("This form is from another session")
    expect(analyst.locator("#alert")).to_be_visible()
    expect(analyst.get_by_role("button", name="Acknowledge")).to_be_focused()
    analyst.context.clear_cookies()
    analyst.context.add_cookies([{"name": COOKIE, "value": mine[0]["value"], "url": server.url}])
    analyst.get_by_role("button", name="Acknowledge").click()
    expect(analyst.locator(".state")).to_have_text("Acknowledged")
    expect(analyst.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("where", ["queue", "alert"])
def test_a_session_that_ended_takes_the_whole_page_to_sign_in(analyst: Page, server: Server, where: str) -> None:
    analyst.goto("/alerts" if where == "queue" else f"/alerts/{server.alert()['id']}")
    if where == "alert":
        analyst.get_by_label("Reason").fill("half a sen")  # nobody is thrown out of it
    analyst.context.clear_cookies()
    if where == "alert":
        analyst.get_by_role("button", name="Acknowledge").click()
    else:
        server.alert()
    analyst.wait_for_url(lambda url: "/sign-in?next=%2Falerts" in url)
    expect(analyst.locator("header.bar")).to_have_count(0)
    expect(analyst.get_by_label("Name")).to_be_focused()


def test_an_alert_that_lies_open_without_a_session_leaves_by_itself(analyst: Page, server: Server) -> None:
    analyst.goto(f"/alerts/{server.alert()['id']}")
    cookie = next(one["value"] for one in analyst.context.cookies() if one["name"] == COOKIE)
    with httpx.Client(base_url=server.url, cookies={COOKIE: cookie}) as same:
        same.post("/sign-out", data={"csrf": csrf(same, "/alerts")})
    server.alert()  # news, at which it is looked whether they are still signed in
    analyst.wait_for_url("**/sign-in?next=%2Falerts%2F*")


def test_what_comes_live_leaves_the_focus_where_it_was(analyst: Page, server: Server) -> None:
    server.alert()
    analyst.goto("/alerts")
    tab = analyst.get_by_role("link", name="Resolved")
    tab.focus()
    with analyst.expect_response(lambda answer: "/alerts/rows" in answer.url):
        server.alert()
    expect(analyst.locator("#tab-open small")).not_to_have_text("0")
    expect(tab).to_be_focused()


def test_deciding_leaves_the_focus_at_the_decision(analyst: Page, server: Server) -> None:
    analyst.goto(f"/alerts/{server.alert()['id']}")
    for button, state in (("Acknowledge", "Acknowledged"), ("Resolve", "Resolved: a leak"), ("Reopen", "Open")):
        if button == "Resolve":
            analyst.get_by_label("A leak").check()
            analyst.get_by_label("Reason").fill("ours")
        analyst.get_by_role("button", name=button).focus()
        analyst.keyboard.press("Enter")
        expect(analyst.locator(".state")).to_have_text(state)
        expect(analyst.locator("#decide h2")).to_be_focused()


def test_a_blank_reason_keeps_the_choice_and_asks_for_it(analyst: Page, server: Server) -> None:
    analyst.goto(f"/alerts/{server.alert()['id']}")
    analyst.get_by_label("Harmless").check()
    analyst.get_by_label("Reason").fill("   ")
    analyst.get_by_role("button", name="Resolve").click()
    expect(analyst.get_by_role("alert")).to_have_text("Give a reason.")
    expect(analyst.get_by_label("Harmless")).to_be_checked()
    expect(analyst.get_by_label("Reason")).to_be_focused()
    expect(analyst.get_by_label("Reason")).to_have_value("   ")


def of_two(server: Server) -> str:
    """An alert with two matches that have text to reveal."""
    passage = {"start": 0, "end": 5, "reference_start": 0, "reference_end": 5, "text": "fence", "reference_text": "fence"}
    found: dict[str, Any] = {
        "detector": "document_text",
        "evidence": {"text": {"passages": [passage | {"score": 0.9, "boxes": []}]}},
    }
    return server.run(Desk(server.house.database).alert(also=(match(asset_id="ast_2", **found),), **found))


def settled(page: Page) -> None:
    """Until htmx has taken over what it put there: what is sent before that loads the whole page."""
    expect(page.locator(".htmx-settling")).to_have_count(0)


def test_among_several_matches_too_the_focus_goes_where_the_answer_belongs(analyst: Page, server: Server) -> None:
    analyst.goto(f"/alerts/{of_two(server)}")
    expect(analyst.locator("[data-match]")).to_have_count(2)
    analyst.keyboard.press("v")
    expect(analyst.locator(".veil.open")).to_be_focused()
    settled(analyst)
    analyst.keyboard.press("n")
    analyst.keyboard.type("asked the owner")
    analyst.keyboard.press("Enter")
    expect(analyst.locator(".history")).to_contain_text("asked the owner")
    expect(analyst.locator("#decide h2")).to_be_focused()
    settled(analyst)
    analyst.keyboard.press("t")
    analyst.keyboard.press("1")
    expect(analyst.locator(".about")).to_contain_text("ana has it")
    expect(analyst.locator("#decide h2")).to_be_focused()


def test_what_is_typed_after_a_refusal_goes_on_in_the_reason_among_several_matches(analyst: Page, server: Server) -> None:
    alert = of_two(server)
    analyst.goto(f"/alerts/{alert}")
    analyst.keyboard.press("1")
    analyst.keyboard.type("first words")
    server["analyst"].patch(f"/alerts/{alert}", json={"assignee": "bo"}).raise_for_status()
    analyst.keyboard.press("Enter")
    expect(analyst.locator("#refused")).to_contain_text("assigned it meanwhile")
    analyst.keyboard.type(" and more words")
    expect(analyst.get_by_label("Reason")).to_have_value("first words and more words")
    assert server["analyst"].get(f"/alerts/{alert}").json()["status"] == "open"


@pytest.mark.parametrize("width", [390, 1280])
def test_long_names_stay_in_their_columns(analyst: Page, server: Server, width: int) -> None:
    word = fresh("Yellowhammer")
    server.register(terms=[word], title="W" * 300).raise_for_status()
    who = {"id": "long", "name": "S" * 200}
    for channel in ("elsewhere", "long"):
        told = server.verdict(server.post(f"about {word}", channel={"id": channel, "name": "x" * 300}, sender=who))
    alert = told["alert_id"]
    incident = server["analyst"].get(f"/alerts/{alert}").json()["incident_id"]
    analyst.set_viewport_size({"width": width, "height": 800})
    one, whole = f"/alerts/{alert}", f"/incidents/{incident}"
    parts = (one, f"{one}/evidence", whole, f"{whole}/ways", f"{whole}/drawing", f"{whole}/evidence")
    for path in ("/alerts?channel=long", "/assets", *parts):
        analyst.goto(path)
        assert analyst.evaluate(FITS), path
    analyst.goto("/alerts?channel=long&order=newest")
    row = analyst.locator(f"li#{alert}")
    ends = row.locator("> *").evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")
    assert max(ends) <= row.evaluate("row => row.getBoundingClientRect().right")
    assert row.locator(".what, .where").evaluate_all(
        "all => all.every(one => one.scrollWidth <= one.clientWidth || !one.clientWidth)"
    )


def test_a_long_title_stays_on_a_phone_where_an_asset_is_changed(browser: Browser, server: Server) -> None:
    asset = server.register(terms=[fresh("Nightjar")], title="W" * 300).json()["id"]
    context = browser.new_context(base_url=server.url, viewport={"width": 390, "height": 800})
    page = context.new_page()
    sign_in(page, server, "owner")
    for more in ("", "/edit", "/edition", "/retire", "/gallery"):
        page.goto(f"/assets/{asset}{more}")
        assert page.get_by_text("W" * 50).count(), "the title is there"
        assert page.evaluate(FITS), more
    context.close()


def test_a_reference_not_kept_is_drawn_in_its_own_proportions(analyst: Page, server: Server) -> None:
    wide = encoded(scene(973, 900, 400), "JPEG")
    server.register({"wide.jpg": wide}, title="Gantry", kind="equipment").raise_for_status()
    verdict = server.verdict(server.post("", {"w.jpg": encoded(scene(973, 900, 400), "JPEG", quality=40)}))
    analyst.goto(f"/alerts/{verdict['alert_id']}")
    drawing, note = analyst.locator(".withheld svg").first.bounding_box(), analyst.locator(".note").bounding_box()
    assert drawing is not None
    assert note is not None
    aspect = verdict["matches"][0]["evidence"]["geometry"].get("reference_aspect", 3 / 4)
    assert drawing["width"] / drawing["height"] == pytest.approx(aspect, rel=0.02)
    assert note["y"] >= drawing["y"] + drawing["height"], "nothing lies over the drawing"


def test_a_silent_server_is_told_until_it_answers_again(analyst: Page) -> None:
    analyst.goto("/alerts")
    analyst.context.set_offline(True)
    expect(analyst.get_by_role("alert")).to_contain_text("does not answer")
    analyst.context.set_offline(False)
    expect(analyst.get_by_role("alert")).to_have_count(0)

"""A false alarm, from the decision to taking it back, in a real browser."""

from itertools import count

from playwright.sync_api import Page, expect

from tests.app.conftest import Server
from tests.app.mistakes.test_mistakes import Case
from tests.e2e.test_journeys import sign_in

BASES = count(30_000, 10)


def test_an_analyst_lets_a_false_alarm_be_remembered_and_takes_it_back(page: Page, server: Server) -> None:
    case = Case(server, next(BASES))
    sign_in(page, server, "analyst")
    page.goto(f"/alerts/{case.alert['id']}")
    page.get_by_label("False alarm").check()
    page.get_by_label("Reason").fill("another one of the same make")
    page.get_by_role("button", name="Resolve").click()
    expect(page.locator(".state")).to_have_text("Resolved: a false alarm")
    expect(page.locator(".remembered")).to_contain_text(f"x.jpg and its copies will not alarm again for {case.asset['title']}")
    assert not case.alarms(case.copy())
    page.get_by_role("link", name="Mistakes", exact=True).click()
    row = page.get_by_role("row").filter(has_text=case.asset["title"])
    picture = row.get_by_role("img")
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("p => p.naturalWidth") > 100
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "a narrow table scrolls by itself"
    row.get_by_role("button", name="Let it alarm again").focus()
    page.keyboard.press("Enter")
    expect(row).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mistakes")
    assert case.alarms(case.copy())


def test_an_alert_s_own_page_takes_it_back(page: Page, server: Server) -> None:
    case = Case(server, next(BASES))
    change = {"status": "resolved", "resolution": "false_positive"}
    server["analyst"].patch(f"/alerts/{case.alert['id']}", json=change).raise_for_status()
    sign_in(page, server, "analyst")
    page.goto(f"/alerts/{case.alert['id']}")
    page.get_by_role("button", name="Let them alarm again").click()
    expect(page.locator(".remembered")).to_have_count(0)
    expect(page.locator("#decide")).to_contain_text("Will alarm again all the same")
    expect(page.locator(".history")).to_contain_text("let copies of it alarm again")

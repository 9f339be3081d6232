"""Pages that tell the rest of something: axe finds nothing, they fit a phone, and a match that came later has its keys too."""

import pytest
from playwright.sync_api import Browser, Page, expect

from app.console.routes import THEME
from tests.app.alerts.conftest import Desk
from tests.app.conftest import Server
from tests.app.console.test_light import edited, heavy, raised
from tests.e2e.test_every_page import NARROW, violations


def signed(browser: Browser, server: Server, role: str, theme: str = "light") -> Page:
    context = browser.new_context(base_url=server.url)
    context.request.post("/sign-in", form={"token": server.tokens[role]}, max_redirects=0)
    context.add_cookies([{"name": THEME, "value": theme, "url": server.url}])
    return context.new_page()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_tells_the_rest_is_for_everybody(browser: Browser, server: Server, theme: str) -> None:
    alert, asset = raised(server, *(heavy(number) for number in range(6))), edited(server, 12)
    server.run(Desk(server.house.database).change(alert, "bo", note="note " * 300))
    server["analyst"].patch(f"/alerts/{alert}", json={"assignee": "ana"}).raise_for_status()
    pages = [("analyst", f"/alerts/{alert}"), ("analyst", f"/alerts/{alert}/history"), ("analyst", f"/alerts/{alert}/matches/2")]
    pages += [("owner", f"/assets/{asset}{more}") for more in ("", "/about", "/history")] + [("auditor", "/audit/1")]
    for role, address in pages:
        page = signed(browser, server, role, theme)
        page.goto(address)
        assert violations(page) == [], address
        page.set_viewport_size({"width": NARROW, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW, address
        page.context.close()


def test_a_match_comes_in_its_place(browser: Browser, server: Server) -> None:
    alert = raised(server, *(heavy(number) for number in range(6)))
    page = signed(browser, server, "analyst")
    page.goto(f"/alerts/{alert}")
    last = page.locator("#match-6")
    expect(last).not_to_have_attribute("data-match", "")
    last.get_by_role("link", name="Show what speaks for it").click()
    expect(last).to_have_attribute("data-match", "")
    expect(last).to_be_focused()
    page.keyboard.press("d")
    expect(last.locator(".pointing output")).to_contain_text("1")
    assert page.url.endswith(f"/alerts/{alert}")
    page.context.close()

"""What a lower bar would show, asked on the page of numbers in a real browser."""

from playwright.sync_api import Page, expect

from app.demo.camera import jpeg
from app.demo.equipment import photograph
from tests.app.conftest import Server, fresh
from tests.detectors.test_leniency import TAKEN, near_miss
from tests.e2e.test_journeys import sign_in


def test_an_analyst_asks_what_a_lower_bar_would_show(page: Page, server: Server) -> None:
    title = fresh("Press ")
    data = jpeg(photograph(TAKEN), 92)
    server.register({"it.jpg": data}, kind="equipment", title=title).raise_for_status()
    server.verdict(server.post("", {"a.jpg": jpeg(near_miss(), 60)}, channel={"id": "fam", "name": title}))
    sign_in(page, server, "analyst")
    page.goto("/numbers")
    page.get_by_role("link", name="what a lower bar would bring is found out below.").click()
    card = page.get_by_role("region", name="What if less evidence were enough?")
    card.get_by_label("Ask for so much less evidence").select_option("40%")
    card.get_by_label("of messages of the last").select_option("7 days")
    again, is_still = card.get_by_role("button", name="Run again"), page.evaluate("typeof htmx === 'undefined'")
    again.click()
    if not is_still:
        expect(again).to_have_count(0)
    for _ in range(600):
        if again.count():
            break
        if is_still:
            page.reload()
        page.wait_for_timeout(300)
    expect(card).to_contain_text("in 7 days")
    expect(card.get_by_role("row", name=title)).to_be_visible()
    card.get_by_text("that would be shown besides").click()
    expect(card.get_by_role("listitem").filter(has_text=title).first).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

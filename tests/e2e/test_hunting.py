"""An asset registered too late, in a real browser: it was seen before, and the page says so, the queue too."""

from itertools import count

from playwright.sync_api import Page, expect

from tests.app.conftest import Server, fresh
from tests.app.derived.test_derived import Case
from tests.app.hunts.test_hunts import attacked, clear, found, registered
from tests.app.mistakes.test_mistakes import TRUE
from tests.e2e.test_journeys import sign_in

SEEDS = count(60_000, 10)


def test_an_analyst_asks_whether_an_asset_was_seen_before(page: Page, server: Server) -> None:
    seed, name = next(SEEDS), fresh("Family ")
    channel = {"id": fresh("fam"), "name": name, "members": 17, "external": True}
    clear(server, {"a.jpg": attacked(seed, "crop40")}, channel=channel, sent_at="2025-03-03T09:31:00Z")
    asset = registered(server, seed)
    found(server, asset["id"], 1)
    sign_in(page, server, "analyst")
    page.goto(f"/assets/{asset['id']}")
    card = page.get_by_role("region", name="Was it seen before?")
    expect(card).to_contain_text("1 message was found that nobody knew of")
    expect(card.get_by_role("listitem")).to_contain_text("leaked on 3 March 2025")
    card.get_by_role("button", name="Look again").click()
    for _ in range(30):
        if card.get_by_role("button", name="Look again").count():
            break
        if page.evaluate("typeof htmx === 'undefined'"):
            page.reload()
        page.wait_for_timeout(300)
    expect(card).to_contain_text("no message was found that nobody knew of")
    card.get_by_role("link", name=name).click()
    expect(page.locator(".about")).to_contain_text("historic: leaked on 3 March 2025")
    expect(page.locator(".evidence")).to_contain_text("no file of this message is kept")
    page.goto(f"/alerts?asset={asset['id']}")
    expect(page.locator(".line")).to_contain_text("historic: leaked on 3 March 2025")
    page.set_viewport_size({"width": 390, "height": 800})
    for address in (f"/alerts?asset={asset['id']}", f"/assets/{asset['id']}"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_owner_hears_how_many_and_not_which(page: Page, server: Server) -> None:
    seed = next(SEEDS)
    clear(server, {"a.jpg": attacked(seed, "crop40")})
    asset = registered(server, seed)
    found(server, asset["id"], 1)
    sign_in(page, server, "owner")
    page.goto(f"/assets/{asset['id']}")
    card = page.get_by_role("region", name="Was it seen before?")
    expect(card).to_contain_text("1 message was found that nobody knew of")
    expect(card.get_by_role("link")).to_have_count(0)


def test_a_confirmed_leak_is_shown_among_the_references_until_it_is_reopened(page: Page, server: Server) -> None:
    case = Case(server)
    server["analyst"].patch(f"/alerts/{case.alert['id']}", json=TRUE).raise_for_status()
    sign_in(page, server, "analyst")
    page.goto(f"/assets/{case.asset['id']}")
    derived = page.locator("section", has=page.get_by_role("heading", name="Derived from confirmed leaks"))
    expect(derived.locator(".references > li")).to_have_count(1)
    derived.get_by_role("link", name="The alert that says so").click()
    expect(page.locator(".history")).to_contain_text("let copies of it be recognised at once")
    server["analyst"].patch(f"/alerts/{case.alert['id']}", json={"status": "open"}).raise_for_status()
    page.goto(f"/assets/{case.asset['id']}")
    expect(derived).to_have_count(0)

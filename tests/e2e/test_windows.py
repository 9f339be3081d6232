"""Many windows of one browser share a connection: all of them see what happens, and another one still loads."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.app.conftest import Server
from tests.e2e.test_journeys import sign_in
from tests.e2e.test_queue import one, raised, seen

WINDOWS = 8
"""More than a browser has connections to one server."""
MUTABLE = """window.BroadcastChannel = class extends BroadcastChannel {
  postMessage(said) { if (!window.mute) super.postMessage(said); }
};"""
ALONE = "delete Navigator.prototype.locks;"


@pytest.fixture
def context(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    context, problems = browser.new_context(base_url=server.url), list[str]()
    context.on("weberror", lambda error: problems.append(str(error.error)))
    page = context.new_page()
    sign_in(page, server, "analyst")
    page.close()
    until(context.new_page(), lambda: listeners(server) == 0)  # it takes the server a moment to see that nobody listens
    context.pages[0].close()
    yield context
    context.close()
    assert problems == []


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Within some seconds."""
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(100)
    assert holds()


def listeners(server: Server) -> int:
    return len(server.house.live._listeners)


def opened(context: BrowserContext, server: Server, channel: str, count: int) -> list[Page]:
    """Windows that lie open with the queue of a channel."""
    pages = [context.new_page() for _ in range(count)]
    for page in pages:
        seen(page, server, channel)
    return pages


def again(server: Server, channel: str) -> str:
    """One more alert in that channel."""
    alert: str = server.alert(channel={"id": channel})["id"]
    return alert


def test_eight_windows_hold_one_connection_and_all_see_what_comes(server: Server, context: BrowserContext) -> None:
    channel, _ = raised(server)
    pages = opened(context, server, channel, WINDOWS)
    until(pages[0], lambda: listeners(server) == 1)
    new = again(server, channel)
    for page in pages:
        expect(one(page, new)).to_be_visible()
    ninth = context.new_page()
    ninth.goto(f"/alerts/{new}")
    expect(ninth.locator("#alert")).to_be_visible()
    assert listeners(server) == 1


def test_when_the_one_that_holds_it_closes_another_takes_over(server: Server, context: BrowserContext) -> None:
    channel, _ = raised(server)
    pages = opened(context, server, channel, 4)
    while len(pages) > 1:
        pages.pop(0).close()  # the first is the one that holds it
        new = again(server, channel)
        for page in pages:
            expect(one(page, new)).to_be_visible()
        until(pages[0], lambda: listeners(server) == 1)


def test_what_happened_before_a_window_listened_is_not_missed(server: Server, context: BrowserContext) -> None:
    channel, _ = raised(server)
    [first] = opened(context, server, channel, 1)
    late, news = context.new_page(), list[str]()

    def meanwhile(route: Route) -> None:
        news.append(again(server, channel))
        expect(one(first, news[-1])).to_be_visible()
        route.continue_()

    late.route("**/static/live.js", meanwhile)
    late.goto(f"/alerts?channel={channel}")
    assert len(news) == 1
    expect(one(late, news[0])).to_be_visible()


def test_one_that_says_nothing_any_more_is_taken_over_from(server: Server, context: BrowserContext) -> None:
    channel, _ = raised(server)
    context.add_init_script(MUTABLE)
    holder, other = opened(context, server, channel, 2)
    until(holder, lambda: listeners(server) == 1)
    holder.evaluate("window.mute = true")
    other.evaluate("{ const now = Date.now, from = now(); Date.now = () => now() + (now() - from) * 10; }")
    new = again(server, channel)
    expect(one(other, new)).to_be_visible()


def test_a_browser_that_cannot_share_holds_a_connection_for_each(server: Server, context: BrowserContext) -> None:
    channel, _ = raised(server)
    context.add_init_script(ALONE)
    pages = opened(context, server, channel, 2)
    until(pages[0], lambda: listeners(server) == 2)
    new = again(server, channel)
    for page in pages:
        expect(one(page, new)).to_be_visible()


def test_signing_out_in_one_window_is_told_to_all(server: Server, context: BrowserContext) -> None:
    channel, _ = raised(server)
    pages = opened(context, server, channel, 3)
    pages[1].locator("details.who summary").click()
    pages[1].get_by_role("button", name="Sign out").click()
    for page in pages:
        page.wait_for_url("**/sign-in**")

"""Triage in a real browser: by keyboard alone, live, beside a colleague, of hundreds at once, and without JavaScript."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from app import offline
from app.db.models import now
from tests.app.alerts.conftest import Desk
from tests.app.alerts.test_alerts import patch
from tests.app.conftest import Server, fresh
from tests.e2e.test_journeys import sign_in

Line = Callable[[str], Locator]
BOXES = "all => all.map(one => one.getBoundingClientRect()).map(box => [box.left, box.top, box.right, box.bottom])"


@contextmanager
def analyst(browser: Browser, server: Server, **options: Any) -> Iterator[Page]:
    """Signed in, in a profile of their own."""
    context = browser.new_context(base_url=server.url, **options)
    page, problems = context.new_page(), list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    sign_in(page, server, "analyst")
    yield page
    context.close()
    assert problems == []


@pytest.fixture
def ana(browser: Browser, server: Server) -> Iterator[Page]:
    with analyst(browser, server) as page:
        yield page


@pytest.fixture
def bo(browser: Browser, server: Server) -> Iterator[Page]:
    """Another analyst."""
    token = server.run(offline.create_token(server.settings, "bo", "analyst", None))
    other = Server(server.settings, server.url, {"analyst": token}, server.loop, server.house)
    with analyst(browser, other) as page:
        yield page


def raised(server: Server, count: int = 1, **channel: Any) -> tuple[str, list[str]]:
    """A channel, and the alerts from it, the last one first, as the queue has them."""
    ident = fresh("e2e-")
    desk, about = Desk(server.house.database), {"id": ident, "name": f"Group {ident}", **channel}
    return ident, [server.run(desk.alert(ident, channel=about)) for _ in range(count)][::-1]


def one(page: Page, alert: str) -> Locator:
    return page.locator(f"li#{alert}")


def over(one: list[float], other: list[float]) -> bool:
    """Whether two boxes (left, top, right, bottom) lie over each other."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def state(server: Server, alert: str) -> dict[str, Any]:
    told: dict[str, Any] = server["analyst"].get(f"/alerts/{alert}").json()
    return told


def seen(page: Page, server: Server, channel: str, more: str = "") -> None:
    """The queue of one channel, listening."""
    page.goto(f"/alerts?channel={channel}{more}")
    expect(page.locator("#queue.scripted")).to_be_attached()


def test_ten_alerts_by_keyboard_alone(ana: Page, server: Server) -> None:
    channel, alerts = raised(server, 10)
    seen(ana, server, channel)
    press = ana.keyboard.press
    press("j")
    expect(one(ana, alerts[0]).locator("a.what")).to_be_focused()
    for key, words in (("1", "that is our crane"), ("2", "the owner posted it"), ("3", "another make")):  # one by one, at once
        press("r")
        press(key)
        ana.keyboard.type(words)
        press("Enter")
    expect(ana.locator("#lines > li")).to_have_count(7)
    expect(ana.get_by_role("status")).to_contain_text("1 alert resolved")
    expect(one(ana, alerts[3]).locator("a.what")).to_be_focused()
    press("a")  # mine
    expect(one(ana, alerts[3])).to_have_count(0)
    expect(one(ana, alerts[4]).locator("a.what")).to_be_focused()
    press("s")  # for four hours
    press("2")
    expect(one(ana, alerts[4])).to_have_count(0)
    press("n")
    ana.keyboard.type("ask Li, j k r a")
    press("Enter")
    expect(ana.get_by_role("status")).to_contain_text("1 alert noted on")
    press("r")
    press("2")
    ana.keyboard.type("Li says it may")
    press("Enter")
    expect(one(ana, alerts[5])).to_have_count(0)
    press("x")  # two together, to a colleague
    press("j")
    press("x")
    expect(ana.locator("#chosen")).to_have_text("2 chosen")
    press("t")
    ana.keyboard.type("bo")
    press("Enter")
    expect(one(ana, alerts[7]).locator(".stands")).to_contain_text("bo")
    press("j")
    press("m")
    expect(one(ana, alerts[8]).locator(".stands")).to_contain_text("ana")
    press("j")
    expect(one(ana, alerts[9]).locator("a.what")).to_be_focused()
    press("e")  # a change of mind, and back
    press("1")
    expect(one(ana, alerts[9])).to_have_count(0)
    press("u")
    expect(one(ana, alerts[9])).to_be_visible()
    expect(ana.get_by_role("status")).to_contain_text("Taken back for 1 alert")
    press("j")
    expect(one(ana, alerts[9]).locator("a.what")).to_be_focused()
    press("r")
    press("1")
    ana.keyboard.type("the very crane")
    press("Enter")
    expect(one(ana, alerts[9])).to_have_count(0)
    press("Shift+A")  # whatever is left
    expect(ana.get_by_label("all 3 that match")).to_be_checked()
    press("r")
    press("3")
    ana.keyboard.type("scaffolding")
    press("Enter")
    expect(ana.get_by_role("status")).to_contain_text("3 alerts resolved")
    expect(ana.get_by_text("Nothing matches these filters.")).to_be_visible()
    found = [state(server, alert) for alert in alerts]
    leak, harmless, false = "true_positive", "benign_positive", "false_positive"
    assert [each["resolution"] for each in found] == [leak, harmless, false, None, None, harmless, false, false, false, leak]
    assert (found[3]["status"], found[3]["assignee"]) == ("acknowledged", "ana")
    assert found[4]["snoozed_until"]
    assert found[5]["history"][-2]["note"] == "ask Li, j k r a"
    assert [each["assignee"] for each in found[6:9]] == ["bo", "bo", "ana"]
    assert found[9]["history"][-1]["note"] == "the very crane"


def test_help_shows_the_keys_and_keys_never_fire_while_typing(ana: Page, server: Server) -> None:
    channel, [alert] = raised(server)
    seen(ana, server, channel)
    ana.keyboard.press("?")
    expect(ana.get_by_role("dialog")).to_contain_text("Acknowledge: it becomes yours")
    ana.keyboard.press("a")
    ana.keyboard.press("Escape")
    expect(ana.get_by_role("dialog")).to_be_hidden()
    ana.keyboard.press("/")
    expect(ana.get_by_label("Search")).to_be_focused()
    ana.keyboard.type("jaxru?")
    expect(ana.get_by_label("Search")).to_have_value("jaxru?")
    assert state(server, alert)["status"] == "open"
    ana.keyboard.press("Escape")
    ana.keyboard.press("g")
    ana.keyboard.press("a")
    ana.wait_for_url("**/alerts?status=acknowledged")
    expect(ana.locator("#tab-acknowledged")).to_have_attribute("aria-current", "page")


def test_an_alert_arrives_without_reloading(ana: Page, server: Server) -> None:
    channel, [first] = raised(server)
    seen(ana, server, channel)
    ana.evaluate("window.same = true")
    second = server.run(Desk(server.house.database).alert(channel, channel={"id": channel}))
    expect(one(ana, second)).to_be_visible()
    expect(ana.locator("#lines > li").first).to_have_id(second)
    ana.keyboard.press("j")  # from here on somebody is at work: nothing may move
    third = server.run(Desk(server.house.database).alert(channel, channel={"id": channel}))
    expect(ana.locator("#news")).to_have_text("1 new: show")
    expect(one(ana, third)).to_have_count(0)
    expect(one(ana, second).locator("a.what")).to_be_focused()
    ana.keyboard.press("l")
    expect(ana.locator("#lines > li")).to_have_count(3)
    expect(one(ana, second).locator("a.what")).to_be_focused()
    assert ana.evaluate("window.same")
    assert first


def test_what_wakes_or_is_reopened_appears_without_reloading(ana: Page, server: Server) -> None:
    channel, [woken, reopened, _] = raised(server, 3)
    desk = Desk(server.house.database)
    server.run(desk.change(woken, "bo", snoozed_until=now() + timedelta(hours=1)))
    server.run(desk.change(reopened, "bo", status="resolved", resolution="true_positive"))
    seen(ana, server, channel)
    expect(ana.locator("#lines > li")).to_have_count(1)
    server.run(desk.change(woken, "leakwatch", snoozed_until=None))
    expect(one(ana, woken)).to_be_visible()
    ana.keyboard.press("j")  # from here on somebody is at work: nothing may move
    server.run(desk.change(reopened, "bo", status="open"))
    expect(ana.locator("#news")).to_have_text("1 new: show")
    expect(one(ana, reopened)).to_have_count(0)
    ana.keyboard.press("l")
    expect(one(ana, reopened)).to_be_visible()
    expect(ana.locator("#news")).to_have_text("")


def test_all_that_match_are_those_that_matched_when_it_was_drawn(ana: Page, server: Server) -> None:
    channel, [first, theirs] = raised(server, 2)
    desk = Desk(server.house.database)
    seen(ana, server, channel)
    ana.keyboard.press("j")
    new = server.run(desk.alert(channel, channel={"id": channel}))
    server.run(desk.change(theirs, "bo", assignee="bo"))
    expect(ana.locator("#news")).to_have_text("1 new: show")
    ana.keyboard.press("Shift+A")
    expect(ana.get_by_label("the 1 that matches")).to_be_checked()
    ana.keyboard.press("a")
    expect(ana.get_by_role("status")).to_contain_text("1 alert acknowledged. 1 was changed by somebody meanwhile")
    assert [state(server, alert)["status"] for alert in (first, theirs, new)] == ["acknowledged", "open", "open"]
    expect(one(ana, new)).to_be_visible()


def test_pages_and_severities_have_keys(ana: Page, server: Server) -> None:
    asset = fresh("e2e-")
    server.run(Desk(server.house.database).alerts(55, asset))
    ana.goto(f"/alerts?asset={asset}")
    expect(ana.locator("#queue.scripted")).to_be_attached()
    for key, count in (("]", 5), ("[", 50)):
        ana.keyboard.press(key)
        expect(ana.locator("#lines > li")).to_have_count(count)
        expect(ana.locator("#queue.scripted")).to_be_attached()
    for key, address in (("h", f"?asset={asset}&severity=high"), ("h", f"?asset={asset}"), ("x", "?status=open")):
        ana.keyboard.press("f")
        ana.keyboard.press(key)
        ana.wait_for_url(f"**/alerts{address}")
        expect(ana.locator("#queue.scripted")).to_be_attached()


def test_what_a_colleague_does_appears_in_its_line(ana: Page, server: Server) -> None:
    channel, alerts = raised(server, 3)
    seen(ana, server, channel)
    ana.keyboard.press("j")
    ana.keyboard.press("j")
    ana.keyboard.press("x")
    patch(server, {"id": alerts[1]}, assignee="bo")
    expect(one(ana, alerts[1]).locator(".stands")).to_contain_text("bo")
    expect(one(ana, alerts[1]).locator("a.what")).to_be_focused()
    expect(one(ana, alerts[1]).get_by_role("checkbox")).to_be_checked()
    patch(server, {"id": alerts[0]}, status="resolved", resolution="true_positive")
    expect(one(ana, alerts[0]).locator(".stands")).to_contain_text("A leak")
    assert ana.locator("#lines > li").evaluate_all("all => all.map(one => one.id)") == alerts, (
        "nothing moves under anybody's hands"
    )


def test_two_analysts_collide(ana: Page, bo: Page, server: Server) -> None:
    channel, [alert] = raised(server)
    for page in (ana, bo):
        seen(page, server, channel)
        page.keyboard.press("j")
    ana.keyboard.press("r")
    ana.keyboard.press("1")
    ana.keyboard.type("that is our crane")
    bo.keyboard.press("r")
    bo.keyboard.press("3")
    bo.keyboard.type("not ours")
    bo.keyboard.press("Enter")
    expect(bo.get_by_role("status")).to_contain_text("1 alert resolved")
    expect(one(ana, alert).locator(".stands")).to_contain_text("False alarm")
    ana.keyboard.press("Enter")
    expect(ana.get_by_role("alert")).to_contain_text("bo resolved it meanwhile. “not ours” Nothing was overwritten")
    expect(ana.locator("[name=reason]")).to_have_value("that is our crane")
    assert state(server, alert)["resolution"] == "false_positive"
    ana.locator("[name=reason]").press("Enter")  # having read that, all the same
    expect(ana.get_by_role("status")).to_contain_text("1 alert resolved")
    assert (state(server, alert)["resolution"], state(server, alert)["history"][-1]["actor"]) == ("true_positive", "ana")


def test_what_is_taken_back_is_the_last_decision_however_late_its_answer(ana: Page, server: Server) -> None:
    channel, (first, second) = raised(server, 2)
    seen(ana, server, channel, "&status=all")
    press, held = ana.keyboard.press, list[Route]()
    press("j")
    press("m")
    expect(ana.get_by_role("status")).to_contain_text("1 alert assigned")
    ana.route("**/alerts/act", lambda route: held.append(route))  # noqa: PLW0108 (a builtin method takes no mark)
    press("j")
    with ana.expect_request("**/alerts/act"):
        press("m")
    press("u")
    expect(ana.locator("#toast")).not_to_contain_text("assigned")
    held[0].continue_()
    expect(ana.get_by_role("status")).to_contain_text("Taken back")
    assert [state(server, one)["assignee"] for one in (first, second)] == ["ana", None]


def test_whose_it_is_already_is_said(ana: Page, bo: Page, server: Server) -> None:
    channel, (alert, nobodys) = raised(server, 2)
    patch(server, {"id": alert}, status="acknowledged")
    patch(server, {"id": nobodys}, status="acknowledged", assignee=None)
    seen(bo, server, channel, "&status=all")
    for here, says, whose in ((alert, "Nothing changed: it was so already.", "ana"), (nobodys, "1 alert assigned", "bo")):
        one(bo, here).locator("a.what").focus()
        bo.keyboard.press("a")
        expect(bo.get_by_role("status")).to_contain_text(says)
        assert state(server, here)["assignee"] == whose


def test_all_of_a_filter_and_back(ana: Page, server: Server) -> None:
    channel, alerts = raised(server, 4)
    _, [other] = raised(server)
    seen(ana, server, channel)
    one(ana, alerts[0]).get_by_role("checkbox").check()
    ana.get_by_label("all 4 that match").check()
    ana.get_by_role("button", name="Acknowledge").click()
    expect(ana.get_by_role("status")).to_contain_text("4 alerts acknowledged")
    expect(ana.locator("#lines > li")).to_have_count(0)
    expect(ana.get_by_text("Nothing matches these filters.")).to_be_visible()
    ana.get_by_role("button", name="Undo").click()
    expect(ana.locator("#lines > li")).to_have_count(4)
    assert {state(server, alert)["status"] for alert in (*alerts, other)} == {"open"}


def test_a_menu_of_the_filter_becomes_the_address(ana: Page, server: Server) -> None:
    channel, [mine, other] = raised(server, 2)
    patch(server, {"id": mine}, assignee="ana")
    seen(ana, server, channel)
    ana.get_by_label("Assignee").select_option("me")
    ana.wait_for_url(f"**/alerts?channel={channel}&assignee=me")
    expect(one(ana, mine)).to_be_visible()
    expect(one(ana, other)).to_have_count(0)


def test_a_menu_of_the_filter_is_gone_through_by_keys(ana: Page, server: Server) -> None:
    """What is passed by is not asked for."""
    channel, [mine, _] = raised(server, 2)
    patch(server, {"id": mine}, assignee="ana")
    seen(ana, server, channel)
    there, menu = ana.url, ana.get_by_label("Assignee")
    for key in ("f", "a"):
        ana.keyboard.press(key)
    expect(menu).to_be_focused()
    values = [str(option.get_attribute("value")) for option in menu.locator("option").all()]
    for value in values[1 : values.index("me") + 1]:
        ana.keyboard.press("ArrowDown")
        expect(menu).to_have_value(value)
    assert ana.url == there
    ana.keyboard.press("Enter")
    ana.wait_for_url(f"**/alerts?channel={channel}&assignee=me")
    expect(menu).to_be_focused()
    for _ in values[1 : values.index("me") + 1]:
        ana.keyboard.press("ArrowUp")
    ana.keyboard.press("Tab")
    ana.wait_for_url(f"**/alerts?channel={channel}")


@pytest.mark.parametrize("width", [390, 800, 1024, 1280])
def test_a_line_says_everything_at_every_width(ana: Page, server: Server, width: int) -> None:
    """What, where, who, how sure, how far it went, and whose it is: smaller on a phone, never left out."""
    channel, alerts = raised(server, members=40)
    ana.set_viewport_size({"width": width, "height": 800})
    seen(ana, server, channel)
    for part in (".grave", ".what", ".where", ".far", ".sure", ".stands", ".stands small", "time"):
        expect(one(ana, alerts[0]).locator(part).first).to_be_visible()
    boxes = one(ana, alerts[0]).locator("> *").evaluate_all(BOXES)
    assert [(a, b) for n, a in enumerate(boxes) for b in boxes[:n] if over(a, b)] == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_page(ana: Page, server: Server, width: int) -> None:
    channel, _ = raised(server, 2, external=True, members=100_000)
    ana.set_viewport_size({"width": width, "height": 800})
    for more in ("", "&status=all"):
        seen(ana, server, channel, more)
        ana.keyboard.press("j")
        ana.keyboard.press("x")
        ana.keyboard.press("r")
        assert ana.evaluate("document.documentElement.scrollWidth <= innerWidth")
        box = ana.locator("details[open] .pop").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_everything_without_javascript(browser: Browser, server: Server) -> None:
    channel, alerts = raised(server, 3)
    with analyst(browser, server, java_script_enabled=False) as page:
        page.goto(f"/alerts?channel={channel}")
        one(page, alerts[0]).get_by_role("checkbox").check()
        page.locator("summary", has_text="Resolve").click()
        page.get_by_label("False alarm").check()
        page.get_by_role("button", name="Resolve").click()
        expect(page.get_by_role("alert")).to_have_text("Give a reason.")
        expect(page.get_by_label("False alarm")).to_be_checked()
        page.get_by_label("Reason").fill("another make")
        page.get_by_label("Reason").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("1 alert resolved")
        page.get_by_label("all 2 that match").check()
        page.locator("summary", has_text="Snooze").click()
        page.get_by_role("button", name="1 day").click()
        expect(page.get_by_role("status")).to_contain_text("2 alerts snoozed")
        page.locator("#tab-snoozed").click()
        expect(page.locator("#lines > li")).to_have_count(2)
        page.go_back()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("status")).to_contain_text("Taken back for 2 alerts")
        page.get_by_label("Search").fill("no such thing")
        page.get_by_role("button", name="Filter").click()
        expect(page.get_by_text("Nothing matches these filters.")).to_be_visible()
        page.get_by_role("link", name="Clear all filters").first.click()
        expect(page.get_by_role("link", name="Reload")).to_be_visible()
    assert state(server, alerts[0])["resolution"] == "false_positive"


def test_tabs_nobody_looks_at_keep_no_connection(browser: Browser, server: Server) -> None:
    """A browser has six; what lies in a tab in the background hears what happened when it is looked at."""
    context = browser.new_context(base_url=server.url)
    context.request.post("/sign-in", form={"token": server.tokens["analyst"]}, max_redirects=0)
    context.add_init_script(
        "let away = true; Object.defineProperty(document, 'hidden', {get: () => away});"
        "window.look = (is) => { away = !is; document.dispatchEvent(new Event('visibilitychange')); }"
    )
    title = fresh("Press ")
    tabs = [context.new_page() for _ in range(8)]
    for tab in tabs:
        tab.goto(f"/alerts?q={title}")
    server.run(Desk(server.house.database).alert(asset_title=title))
    tabs[0].evaluate("look(true)")
    expect(tabs[0].get_by_role("link", name=title)).to_be_visible()
    context.close()

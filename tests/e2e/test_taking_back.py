"""What was done can be taken back: from the page loaded anew, from an alert's history, and once however often it is asked for."""

from playwright.sync_api import Page, Route, expect

from tests.app.alerts.test_alerts import patch
from tests.app.conftest import Server
from tests.e2e.test_queue import ana, one, raised, seen, state  # noqa: F401 (a fixture)


def acknowledged(page: Page, server: Server, count: int) -> list[str]:
    """All alerts of a channel."""
    channel, alerts = raised(server, count)
    seen(page, server, channel)
    page.keyboard.press("Shift+A")
    page.keyboard.press("a")
    expect(page.get_by_role("status")).to_contain_text(f"{count} alerts acknowledged")
    return alerts


def test_after_the_page_was_loaded_anew(ana: Page, server: Server) -> None:  # noqa: F811
    alerts = acknowledged(ana, server, 3)
    ana.reload()
    expect(ana.get_by_role("status")).to_contain_text("3 alerts acknowledged")
    expect(ana.locator("#queue.scripted")).to_be_attached()
    ana.keyboard.press("u")
    expect(ana.get_by_role("status")).to_contain_text("Taken back for 3 alerts")
    expect(ana.locator("#lines > li")).to_have_count(3)
    ana.reload()
    expect(ana.get_by_role("status")).to_contain_text("Taken back for 3 alerts")
    expect(ana.get_by_role("button", name="Undo")).to_have_count(0)
    assert {state(server, alert)["status"] for alert in alerts} == {"open"}


def test_from_the_history_of_one_of_them_and_what_others_decided_is_told(ana: Page, server: Server) -> None:  # noqa: F811
    alerts = acknowledged(ana, server, 3)
    patch(server, {"id": alerts[1]}, status="resolved", resolution="benign_positive", note="a drill")
    ana.goto(f"/alerts/{alerts[0]}/history")
    ana.get_by_role("link", name="blk_").click()
    expect(ana.get_by_role("status")).to_contain_text("3 alerts acknowledged")
    ana.get_by_role("button", name="Undo").click()
    expect(ana.get_by_role("status")).to_contain_text("Taken back for 2 alerts")
    expect(ana.get_by_role("status")).to_contain_text("1 was changed by somebody meanwhile, and left as it is")
    assert [state(server, alert)["status"] for alert in alerts] == ["open", "resolved", "open"]


def test_what_takes_long_says_so_and_is_asked_for_once(ana: Page, server: Server) -> None:  # noqa: F811
    held: list[Route] = []
    ana.route("**/alerts/act", lambda route: held.append(route))  # noqa: PLW0108 (a builtin method takes no mark)
    channel, [alert] = raised(server)
    seen(ana, server, channel)
    ana.keyboard.press("j")
    ana.keyboard.press("a")
    expect(ana.get_by_role("status")).to_contain_text("Being done …")
    held[0].continue_()
    expect(ana.get_by_role("status")).to_contain_text("1 alert acknowledged")
    ana.route("**/alerts/undo", lambda route: held.append(route))  # noqa: PLW0108
    for _ in range(3):
        ana.keyboard.press("u")
    expect(ana.get_by_role("status")).to_contain_text("Being taken back …")
    for route in held[1:]:
        route.continue_()
    expect(ana.get_by_role("status")).to_contain_text("Taken back for 1 alert")
    expect(one(ana, alert)).to_be_visible()
    assert (len(held), ana.locator("#refused").is_hidden()) == (2, True)

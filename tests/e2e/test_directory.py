"""The directory in a real browser: whoever keeps it replaces it by a table, and an analyst sees whom to call."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.conftest import Server, fresh
from tests.e2e.test_journeys import sign_in

HEADER = "sender,kind,name,unit,ends_on,responsible\n"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def desk(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page on which a table may be refused: Chromium logs that as an error."""
    context = browser.new_context(base_url=server.url, java_script_enabled=request.param)
    page, problems = context.new_page(), list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


def choose(page: Page, folder: Path, table: str) -> None:
    file = folder / "people.csv"
    file.write_bytes(table.encode("gb18030"))
    page.get_by_label("A table (CSV, in UTF-8 or GB18030)").set_input_files(file)
    page.get_by_role("button", name="Replace", exact=True).click()


def other(page: Page, server: Server, role: str) -> None:
    """Sign in as somebody else."""
    page.context.clear_cookies()
    sign_in(page, server, role)


def test_whom_to_call_is_imported_and_seen_on_an_alert_and_its_incident(desk: Page, server: Server, tmp_path: Path) -> None:
    sender, word = fresh("u"), f"codeword{fresh('')}x"
    sign_in(desk, server, "admin")
    desk.goto("/directory")
    choose(desk, tmp_path, f"{HEADER}{sender},temporary,张三,三号厂房,2026-1-31,陈主任\n,king,李四,,,\n")
    wrong = desk.get_by_role("alert")
    expect(wrong).to_contain_text("Nothing was changed: 3 things are wrong")
    rows = [row.inner_text().split() for row in wrong.locator("tbody tr").all()]
    assert [row[:2] for row in rows] == [["2", "ends_on"], ["3", "sender"], ["3", "kind"]]
    choose(desk, tmp_path, f"{HEADER}{sender},temporary,张三,三号厂房,2026-01-31,陈主任\n")
    expect(desk.get_by_role("status")).to_have_text("The directory was replaced.")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("1 person")

    server.register(title="Turbine", terms=[word], unit="Design").raise_for_status()
    verdict = server.verdict(server.post(f"see {word}", sender={"id": sender}, sent_at="2026-03-02T09:31:00Z"))
    other(desk, server, "analyst")
    desk.goto(f"/alerts/{verdict['alert_id']}")
    call = desk.get_by_role("region", name="Whom to call")
    expect(call).to_contain_text("For “Turbine”otto Design")
    expect(call).to_contain_text("陈主任 三号厂房")
    expect(call).to_contain_text("because the sender’s access ended on")
    desk.get_by_role("link", name="its incident").click()
    stop = desk.get_by_role("region", name="Who can still stop it")
    expect(stop).to_contain_text("Turbine")
    expect(stop).to_contain_text("Owner: otto · Unit: Design")
    expect(stop).to_contain_text("三号厂房Answerable for the unit: 陈主任")
    expect(desk.locator("main")).not_to_contain_text("张三")
    desk.set_viewport_size({"width": 390, "height": 800})
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")

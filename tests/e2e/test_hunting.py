"""An asset registered too late, in a real browser: it was seen before, and the page says so, the queue too."""

import asyncio
import re
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app import offline
from app.hunts import hunter
from app.hunts import service as hunts
from app.ingest.jobs import Priority
from app.settings import Settings
from tests.app.conftest import Server, fresh, running, until
from tests.app.derived.test_derived import Case
from tests.app.hunts.test_hunts import attacked, clear, found, registered
from tests.app.ingest.test_lanes import Wait
from tests.app.mistakes.test_mistakes import TRUE
from tests.app.pictures import encoded, jpeg, scene
from tests.e2e.test_journeys import sign_in
from tests.e2e.test_queue import analyst

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


def test_the_bar_of_a_search_advances_and_what_it_finds_appears(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One part is read at a time, and the detection process is kept busy: first with all, then when there is one to be judged."""
    monkeypatch.setattr(hunter, "CHUNK", 1)
    monkeypatch.setattr(hunter, "GROUP", 1)
    (tmp_path / "it.jpg").write_bytes(encoded(scene(61_000, 1100, 800), "JPEG", quality=92))
    with running(Settings(data_dir=tmp_path / "data", workers=1)) as server:
        posted = jpeg(61_100), attacked(61_000, "crop40"), jpeg(61_101), attacked(61_000, "recompressed")
        for number, file in enumerate(posted):
            clear(
                server, {"a.jpg": file}, channel={"id": f"c{number}", "name": f"Family {number}"}, sent_at="2025-03-03T09:31:00Z"
            )
        everything, first, second = (tmp_path / name for name in ("everything", "first", "second"))
        busy(server, everything, Priority.CHECK)
        until(Path(f"{everything}.begun").exists)
        spec = {"title": "Engine", "kind": "equipment"}
        asset = server.run(offline.register(server.settings, spec, [tmp_path / "it.jpg"]))["id"]
        with analyst(browser, server) as page:
            page.goto(f"/assets/{asset}")
            page.evaluate("window.left = false")
            card = page.get_by_role("region", name="Was it seen before?")
            bar = card.get_by_role("progressbar", name="Looked at so far")
            expect(card.get_by_role("status")).to_have_text("Waiting for its turn.")
            expect(bar).to_have_attribute("max", "100")
            expect(bar).not_to_have_attribute("value", re.compile(""))
            until(lambda: status(server, asset) == "running")
            busy(server, first, Priority.REHEARSAL)
            everything.touch()
            expect(card.get_by_role("status")).to_have_text("1 of 4 pictures and texts looked at.")
            expect(bar).to_have_attribute("value", "25")
            busy(server, second, Priority.REHEARSAL)
            first.touch()
            expect(card.get_by_role("status")).to_have_text("3 of 4 pictures and texts looked at. 1 message showed it so far.")
            expect(bar).to_have_attribute("value", "75")
            second.touch()
            expect(card).to_contain_text("4 pictures and texts looked at: 2 messages were found that nobody knew of.")
            expect(bar).to_have_count(0)
            for name in ("Family 1", "Family 3"):
                line = card.get_by_role("listitem").filter(has_text=name)
                expect(line).to_contain_text("leaked on 3 March 2025")
            expect(card.get_by_role("listitem")).to_have_count(2)
            assert page.evaluate("window.left") is False, "the page was never left"


def busy(server: Server, gate: Path, priority: Priority) -> None:
    """Keep the one detection process from other work, once it comes to it, until there is a file of that name."""
    asyncio.run_coroutine_threadsafe(server.house.lanes.run(Wait(str(gate)), priority), server.loop)


def status(server: Server, asset: str) -> str:
    """Of an asset's last hunt."""

    async def told() -> str:
        async with server.house.database.reading() as session:
            [last] = await hunts.last(session, asset)
            return last.status

    return server.run(told())


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

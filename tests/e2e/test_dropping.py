"""What is dropped, in a real browser: while something else is on its way, as a folder, and gone before it was sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.app.conftest import Server, fresh
from tests.e2e.test_assets import DROP, SEEDS, carried, payload, small
from tests.e2e.test_journeys import sign_in


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """With JavaScript, an owner's. The console may tell of requests that failed: some are meant to."""
    with browser.new_context(base_url=server.url) as context:
        page, problems = context.new_page(), list[str]()
        page.on("pageerror", lambda error: problems.append(str(error)))
        sign_in(page, server, "owner")
        yield page
        assert problems == []


def trial(page: Page) -> None:
    page.goto("/assets/test")
    expect(page.get_by_role("button", name="Try it")).to_be_enabled()


def dropped(page: Page, *paths: Path) -> None:
    """As from a file manager."""
    zone = page.locator(".drop-zone").bounding_box()
    assert zone is not None
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        where = {"x": zone["x"] + zone["width"] / 2, "y": zone["y"] + 12}
        session.send("Input.dispatchDragEvent", {"type": kind, "data": data, **where})
    session.detach()


def held(page: Page) -> list[Route]:
    """The first files that are tried wait until they are let go."""
    waiting = list[Route]()

    def hold(route: Route) -> None:
        if route.request.method == "POST" and not waiting:
            waiting.append(route)
        else:
            route.continue_()

    page.route("**/assets/test", hold)
    return waiting


def folder(place: Path, count: int) -> Path:
    place.mkdir(parents=True)
    for number in range(count):
        (place / f"IMG_{number}.jpg").write_bytes(small(next(SEEDS)))
    return place


def test_what_is_dropped_while_another_is_tried_is_tried_after_it(page: Page, server: Server) -> None:
    trial(page)
    waiting = held(page)
    zone, results = page.locator(".drop-zone"), page.locator(".tried h2")
    zone.evaluate(DROP, carried({"first.jpg": small(next(SEEDS))}))
    expect(page.locator("form[data-upload]")).to_have_attribute("aria-busy", "true")
    zone.evaluate(DROP, carried({"second.jpg": small(next(SEEDS)), "empty.jpg": b""}))
    expect(page.locator(".drop-files li")).to_have_count(3)
    expect(page.locator(".drop-files li").nth(1)).to_contain_text("waits for its turn")
    expect(page.locator("[data-sum]")).to_contain_text("2 files")
    waiting[0].continue_()
    expect(results).to_have_count(2)
    expect(results.nth(0)).to_contain_text("first.jpg")
    expect(results.nth(1)).to_contain_text("second.jpg")
    expect(page.locator(".drop-files li")).to_have_count(1)
    expect(page.locator(".drop-files .wrong")).to_contain_text("empty")
    zone.evaluate(DROP, carried({"third.jpg": small(next(SEEDS))}))
    expect(results).to_have_count(1)
    expect(results).to_contain_text("third.jpg")
    expect(page.locator(".drop-files li")).to_have_count(0)


def test_more_than_are_tried_at_a_time_are_tried_one_lot_after_the_other(page: Page, server: Server) -> None:
    trial(page)
    waiting = held(page)
    files = {f"{number}.jpg": small(next(SEEDS)) for number in range(6)}  # of which four fit into one request
    page.get_by_label("Anything somebody might post").set_input_files(payload(files))
    states = page.locator(".drop-state")
    expect(states).to_have_count(6)
    expect(states.nth(5)).to_have_text("waits for its turn")
    expect(page.locator("form[data-upload]")).to_have_attribute("aria-busy", "true")
    waiting[0].continue_()
    expect(page.locator(".tried h2")).to_contain_text(list(files))


def test_trying_nothing_keeps_the_results_and_says_what_to_do(page: Page, server: Server) -> None:
    trial(page)
    page.locator(".drop-zone").evaluate(DROP, carried({"lunch.jpg": small(next(SEEDS))}))
    results = page.locator(".tried h2")
    expect(results).to_contain_text("lunch.jpg")
    for key in ("Enter", "s"):
        page.get_by_role("button", name="Try it").press(key)
        expect(page.get_by_role("alert")).to_contain_text("drop, paste or choose a file first")
        expect(results).to_contain_text("lunch.jpg")
    page.locator(".drop-zone").evaluate(DROP, carried({"dinner.jpg": small(next(SEEDS))}))
    expect(results).to_contain_text("dinner.jpg")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_files_of_a_dropped_folder_are_registered(page: Page, server: Server, tmp_path: Path) -> None:
    photos, title = folder(tmp_path / "photos", 11), fresh("Folder ")
    folder(photos / "inner", 1)
    (photos / ".DS_Store").write_bytes(b"of the file manager")
    single = folder(tmp_path / "beside", 1) / "IMG_0.jpg"
    page.goto("/assets/new")
    dropped(page, photos, single)
    expect(page.locator(".drop-files li")).to_have_count(13)
    names = [f"photos/IMG_{number}.jpg" for number in range(11)]
    expect(page.locator(".drop-name")).to_have_text(["IMG_0.jpg", *names, "photos/inner/IMG_0.jpg"])
    expect(page.locator("[data-sum]")).to_contain_text("13 files")
    expect(page.locator(".drop-left")).to_have_text("Hidden files and folders left out: 1.")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Kind").select_option("equipment")
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    asset = server["owner"].get(page.url.removeprefix(server.url)).json()
    assert asset["progress"]["total"] == 13


def test_all_files_of_a_large_folder_are_there(page: Page, server: Server, tmp_path: Path) -> None:
    for number in range(230):  # browsers tell of a hundred at a time
        (tmp_path / f"note {number}.txt").write_text(f"note {number}")
    page.goto("/assets/new")
    dropped(page, tmp_path)
    expect(page.locator(".drop-files li")).to_have_count(230)
    expect(page.locator(".drop-name").nth(9)).to_have_text(f"{tmp_path.name}/note 9.txt")
    expect(page.locator(".drop-left")).to_be_hidden()


def test_what_of_folders_is_left_out_is_said(page: Page, server: Server, tmp_path: Path) -> None:
    many, deep, empty = folder(tmp_path / "many", 6), tmp_path / "deep", tmp_path / "empty"
    folder(deep / "/".join("abcdefgh"), 1)
    empty.mkdir()
    trial(page)
    waiting = held(page)
    dropped(page, many, deep, empty)
    left = page.locator(".drop-left")
    expect(left).to_contain_text("Of “many” only the first 4 files are taken.")
    expect(left).to_contain_text("Folders more than 8 levels deep in “deep” are left out.")
    expect(left).to_contain_text("No files are in “empty”.")
    expect(page.locator(".drop-files li")).to_have_count(4)
    waiting[0].continue_()
    expect(page.locator(".tried h2")).to_have_count(4)


def test_a_file_that_is_gone_is_told_from_a_server_that_does_not_answer(page: Page, server: Server, tmp_path: Path) -> None:
    photos, title = folder(tmp_path / "photos", 3), fresh("Gone ")
    page.goto("/assets/new")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Kind").select_option("equipment")
    dropped(page, photos)
    expect(page.locator(".drop-files li")).to_have_count(3)
    (photos / "IMG_1.jpg").unlink()
    send = page.get_by_role("button", name="Register", exact=True)
    send.click()
    expect(page.get_by_role("alert")).to_contain_text("a file can no longer be read")
    expect(page.locator(".drop-files .wrong")).to_have_count(1)
    expect(page.locator(".drop-files .wrong")).to_contain_text("photos/IMG_1.jpg")
    page.route("**/assets", lambda route: route.abort("connectionrefused"), times=1)
    send.click()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    send.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    assert server["owner"].get(page.url.removeprefix(server.url)).json()["progress"]["total"] == 2

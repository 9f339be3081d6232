"""Lists of assets, entries and mistakes by keyboard only; the list that help shows is the list that counts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.conftest import Server, fresh
from tests.app.pictures import jpeg


@pytest.fixture
def signed(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of somebody of the role that is asked for; nothing it logs may be an error."""
    context = browser.new_context(base_url=server.url)
    context.request.post("/sign-in", form={"token": server.tokens[request.param]}, max_redirects=0)
    page, problems = context.new_page(), list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


def pressed(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.closest('[data-rows] > *')?.textContent ?? ''"))


@pytest.mark.parametrize("signed", ["owner"], indirect=True)
def test_an_owner_walks_opens_searches_and_registers(signed: Page, server: Server) -> None:
    word = fresh("keyed")
    titles = [f"{word} {name}" for name in ("Ash", "Birch", "Cedar")]
    for title in titles:
        server.register(title=title, terms=[fresh("term")]).raise_for_status()
    signed.goto(f"/assets?q={word}&sort=title")
    pressed(signed, "j")
    assert "Ash" in focused(signed)
    pressed(signed, "j", "ArrowDown", "j")
    assert "Cedar" in focused(signed), "the last stays the last"
    pressed(signed, "k")
    assert "Birch" in focused(signed)
    pressed(signed, "o")
    expect(signed.get_by_role("heading", name=titles[1])).to_be_visible()
    pressed(signed, "e")
    signed.wait_for_url("**/edit")
    signed.goto("/assets")
    pressed(signed, "/")
    signed.keyboard.type(f"{word} Cedar")
    expect(signed.locator("[data-rows] > *")).to_have_count(1)
    pressed(signed, "n", "j")
    assert signed.locator("#q").input_value() == f"{word} Cedarnj", "what is typed is no key"
    pressed(signed, "Escape", "n")
    signed.wait_for_url("**/assets/new")


@pytest.mark.parametrize("signed", ["auditor"], indirect=True)
def test_an_auditor_opens_an_entry_and_closes_it(signed: Page, server: Server) -> None:
    server.register(title=fresh("Audited "), terms=[fresh("term")]).raise_for_status()
    signed.goto("/audit?action=asset.registered")
    pressed(signed, "j", "o")
    expect(signed.locator("[data-rows] details").first).to_have_attribute("open", "")
    pressed(signed, "Enter")
    expect(signed.locator("[data-rows] details").first).not_to_have_attribute("open", "")
    pressed(signed, "/")
    expect(signed.get_by_label("Who", exact=True)).to_be_focused()


@pytest.mark.parametrize("signed", ["owner", "auditor", "analyst"], indirect=True)
def test_help_lists_the_keys_and_every_key_of_it_does_something(signed: Page) -> None:
    address = signed.context.request.get("/").url
    signed.goto("/mistakes" if address.endswith("/alerts") else address)
    pressed(signed, "?")
    help = signed.get_by_role("dialog", name="Keys")
    expect(help).to_be_visible()
    does = help.locator("[data-do]").evaluate_all("all => all.map(one => one.dataset.do)")
    built = {"next", "previous", "open", "search", "keys", "leave"}
    assert {"next", "previous", "open", "leave", "keys"} <= set(does)
    on_page = set(signed.locator("[data-key]").evaluate_all("all => all.map(one => one.dataset.key)"))
    assert set(does) - built - on_page <= {"older"}, "but for a page that is the last"
    pressed(signed, "j")
    assert focused(signed) == "", "nothing moves behind help"
    pressed(signed, "Escape")
    expect(help).to_be_hidden()


@pytest.mark.parametrize("signed", ["owner"], indirect=True)
def test_forms_have_keys_and_nothing_is_retired_by_one(signed: Page, server: Server) -> None:
    asset = server.register(title=fresh("Kept "), terms=[fresh("term")]).raise_for_status().json()
    signed.on("filechooser", lambda _: None)  # before the page comes: a browser that is told late shows a window of its own
    signed.goto("/assets/new")
    pressed(signed, "?")
    expect(signed.get_by_role("dialog", name="Keys")).to_be_visible()
    pressed(signed, "Escape", "t")
    signed.keyboard.type("so? t")
    assert signed.locator("#title").input_value() == "so? t", "what is typed is no key"
    with signed.expect_file_chooser():
        pressed(signed, "Escape", "f")
    pressed(signed, "g")
    signed.wait_for_url("**/assets")
    signed.goto(f"/assets/{asset['id']}")
    pressed(signed, "r")
    signed.wait_for_url("**/retire")
    pressed(signed, "r")
    expect(signed.locator("button.destroy")).to_be_focused()
    pressed(signed, "g")
    expect(signed.get_by_role("heading", name=asset["title"])).to_be_visible()


@pytest.mark.parametrize("signed", ["analyst"], indirect=True)
def test_every_tab_of_the_queue_is_reached(signed: Page) -> None:
    signed.goto("/alerts")
    for key, status in (("r", "resolved"), ("e", "all"), ("s", "snoozed"), ("a", "acknowledged"), ("o", "open")):
        pressed(signed, "g", key)
        signed.wait_for_url(f"**/alerts?status={status}")


@pytest.mark.parametrize("signed", ["analyst"], indirect=True)
def test_a_mistake_is_taken_back_by_the_key_of_its_own_row(signed: Page, server: Server) -> None:
    titles = [fresh("Mistaken ") for _ in range(2)]
    for seed, title in zip((7301, 7302), titles, strict=True):
        server.register({"a.jpg": jpeg(seed)}, title=title, kind="equipment").raise_for_status()
        alert = server.verdict(server.post("look", {"b.jpg": jpeg(seed, 40)}))["alert_id"]
        said = {"status": "resolved", "resolution": "false_positive", "note": "another machine"}
        server["analyst"].patch(f"/alerts/{alert}", json=said).raise_for_status()
    signed.goto("/mistakes")
    rows = signed.locator("[data-rows] > *")
    before = rows.count()
    pressed(signed, "f")
    expect(rows).to_have_count(before)
    pressed(signed, "j", "j", "f")
    expect(rows).to_have_count(before - 1)
    assert titles[1] in rows.first.inner_text(), "the first row stays"

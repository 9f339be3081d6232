"""Lists of assets, entries and mistakes by keyboard only; the list that help shows is the list that counts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.conftest import Server, fresh


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

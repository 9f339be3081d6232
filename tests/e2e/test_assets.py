"""What owners do with their assets, in a real browser: drop, watch, try, be refused. With and without JavaScript."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from app.console.routes import LANGUAGE
from tests.app.conftest import Server, fresh
from tests.app.pictures import encoded, jpeg, scene
from tests.e2e.test_journeys import sign_in

SEEDS = count(2600)
"""A picture nobody else registered."""
DROP = """(zone, files) => {
  const carried = new DataTransfer();
  for (const [name, data] of files) {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    carried.items.add(new File([bytes], name, { type: "image/jpeg" }));
  }
  for (const kind of ["dragenter", "dragover", "drop"])
    zone.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""
PASTE = """(files) => {
  const carried = new DataTransfer();
  for (const [name, data] of files)
    carried.items.add(new File([Uint8Array.from(atob(data), (one) => one.charCodeAt(0))], name, { type: "image/jpeg" }));
  document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: carried }));
}"""


def scripted(page: Page) -> bool:
    page.wait_for_load_state()  # its scripts are among what is loaded
    return bool(page.evaluate("typeof htmx !== 'undefined'"))


def small(seed: int) -> bytes:
    """A photo of little weight."""
    return encoded(scene(seed, 420, 320), "JPEG", quality=80)


def carried(files: dict[str, bytes]) -> list[list[str]]:
    return [[name, base64.b64encode(data).decode()] for name, data in files.items()]


def payload(files: dict[str, bytes]) -> list[FilePayload]:
    return [{"name": name, "mimeType": "image/jpeg", "buffer": data} for name, data in files.items()]


def test_twenty_photos_are_dropped_and_an_attacked_one_is_caught(page: Page, server: Server, browser: Browser) -> None:
    title, first = fresh("Workshop "), next(SEEDS)
    sign_in(page, server, "owner")
    page.get_by_role("link", name="Register an asset").click()
    many = scripted(page)
    seeds = [first, *(next(SEEDS) for _ in range(19 if many else 1))]
    photos = {f"IMG_{n}.jpg": small(seed) for n, seed in enumerate(seeds)} | {"broken.jpg": b"\xff\xd8\xff\xe0 no picture"}
    if many:
        page.locator(".drop-zone").evaluate(DROP, carried(photos))
        expect(page.locator(".drop-files li")).to_have_count(21)
        expect(page.locator("[data-sum]")).to_contain_text("21 files")
        page.get_by_role("button", name="Leave out IMG_19.jpg").press("Enter")
        expect(page.locator(".drop-files li")).to_have_count(20)
        page.locator(".drop-zone").evaluate(DROP, carried({"IMG_19.jpg": photos["IMG_19.jpg"], "empty.jpg": b""}))
        expect(page.locator(".drop-files .wrong")).to_contain_text("empty")
    else:
        page.get_by_label("Pictures, pages or texts").set_input_files(payload(photos))
    page.get_by_label("Title").fill(title)
    page.get_by_label("Kind").select_option("equipment")
    page.get_by_label("Code names to watch for").fill("Heron, Stork")
    page.get_by_label("Keep the originals").check()
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    if many:
        expect(page.locator("#progress progress")).to_be_visible()
        expect(page.locator("#coming li").first).to_contain_text("recognisable")
    expect(page.get_by_role("heading", name=f"{len(seeds)} recognisable references")).to_be_visible(timeout=120_000)
    expect(page.locator("#progress")).to_contain_text("Not read: broken.jpg")
    expect(page.get_by_text("Stork")).to_be_visible()
    expect(page.locator(".references img")).to_have_count(len(seeds))
    with signed_in(browser, server) as watching:
        watching.goto("/alerts?order=newest")
        expect(watching.locator("#queue")).to_be_visible()
        verdict = server.verdict(server.post("", {"x.jpg": jpeg_cut(seeds[-1])}))
        assert verdict["matches"][0]["asset_title"] == title
        expect(watching.locator(f"#{verdict['alert_id']}")).to_contain_text(title)


LINES = """(cell) => {
  const within = document.createRange();
  within.selectNodeContents(cell);
  return new Set([...within.getClientRects()].map((one) => Math.round(one.top))).size;
}"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_short_words_stand_on_one_line_beside_a_very_long_title(page: Page, server: Server, language: str) -> None:
    title = fresh("长") + "第三车间冲压生产线数控改造工程总体方案" * 9
    server.register({"a.jpg": small(next(SEEDS))}, kind="equipment", title=title, terms=["苍鹭计划", "信天翁"]).raise_for_status()
    sign_in(page, server, "owner")
    page.context.add_cookies([{"name": LANGUAGE, "value": language, "url": server.url}])
    page.goto(f"/assets?q={title[:8]}")
    row = page.locator("tbody tr", has_text=title[:100])
    cells = row.locator("td")
    for number in (0, 1):
        assert cells.nth(number).evaluate(LINES) == 1, cells.nth(number).inner_text()
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


@contextmanager
def signed_in(browser: Browser, server: Server) -> Iterator[Page]:
    """An analyst's page beside the owner's."""
    context = browser.new_context(base_url=server.url)
    context.request.post("/sign-in", form={"token": server.tokens["analyst"]}, max_redirects=0)
    yield context.new_page()
    context.close()


def jpeg_cut(seed: int) -> bytes:
    """Cropped and saved anew."""
    return encoded(scene(seed, 420, 320).crop((40, 30, 380, 300)), "JPEG", quality=50)


def test_would_this_be_caught(page: Page, server: Server) -> None:
    title, seed = fresh("Press "), next(SEEDS)
    server.register({"press.jpg": small(seed)}, kind="equipment", title=title).raise_for_status()
    files = {"leak.jpg": jpeg_cut(seed), "lunch.jpg": small(next(SEEDS))}
    sign_in(page, server, "owner")
    page.get_by_role("link", name="Would this be caught?").click()
    page.wait_for_url("**/assets/test")  # loaded, its script too
    if scripted(page):
        page.evaluate(PASTE, carried(files))
    else:
        page.get_by_label("Anything somebody might post").set_input_files(payload(files))
        page.get_by_role("button", name="Try it").press("Enter")
    found = page.locator(".tried")
    expect(found).to_have_count(2)
    expect(found.nth(0)).to_contain_text("caught")
    expect(found.nth(0).get_by_role("link", name=title)).to_be_visible()
    expect(found.nth(0)).to_contain_text("details lie exactly where they lie")
    expect(found.nth(1)).to_contain_text("not caught")


def test_attacks_are_tried_while_one_looks(page: Page, server: Server) -> None:
    title = fresh("Boom ")
    photo = {"boom.jpg": jpeg(next(SEEDS))}
    asset = server.register(photo, kind="equipment", title=title, keep_originals=True).json()["id"]
    sign_in(page, server, "owner")
    page.goto(f"/assets/{asset}")
    held = list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/gallery/recompressed*", hold, times=1)
    page.get_by_role("link", name="Try attacks", exact=True).click()
    tiles = page.locator(".attack")
    expect(tiles).to_have_count(14)
    expect(page.get_by_text("being tried …")).to_have_count(1 if scripted(page) else 0)
    expect(page.get_by_text("not tried yet")).to_have_count(13 if scripted(page) else 14)
    if scripted(page):
        expect(tiles.first).to_have_attribute("aria-busy", "true")
        held[0].continue_()
        expect(page.locator(".attack.found").nth(4)).to_be_visible(timeout=60_000)
        expect(page.locator("#tried")).to_contain_text("of 14 attacks tried")
    else:
        page.get_by_role("link", name="Try the next ones").click(timeout=60_000)
    done = page.locator("#attack-recompressed")
    expect(done).to_contain_text("found")
    expect(done).to_contain_text("photo of the equipment")
    assert done.locator("img").evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 100


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_owner_is_refused_anothers_asset(browser: Browser, server: Server, scripts: bool) -> None:
    other = server.register({"a.jpg": small(next(SEEDS))}, "admin", title="Of others", owner="somebody").json()["id"]
    context = browser.new_context(base_url=server.url, java_script_enabled=scripts)
    page = context.new_page()
    sign_in(page, server, "owner")
    for path in ("", "/edit", "/retire", "/gallery"):
        page.goto(f"/assets/{other}{path}")
        expect(page.get_by_role("heading", level=1)).to_have_text("That did not work")
        expect(page.locator("body")).not_to_contain_text("Of others")
    context.close()


def test_code_names_come_and_go_by_keyboard(page: Page, server: Server) -> None:
    asset = server.register(terms=["Buzzard", "Kestrel"], title=fresh("Plan ")).json()["id"]
    sign_in(page, server, "owner")
    page.goto(f"/assets/{asset}")
    page.get_by_role("link", name="Change the words").press("Enter")
    page.wait_for_url("**/about**")  # and its scripts: keys pressed before are the other page's
    names = page.get_by_label("Code names to watch for")
    if scripted(page):
        page.keyboard.press("c")
        expect(names).to_be_focused()
        page.keyboard.type("Merlin,Hoby,")
        page.get_by_role("button", name="Remove Hoby").press("Enter")
        expect(names).to_be_focused()
        page.keyboard.type("Hobby")
        page.keyboard.press("Enter")
        expect(page.locator(".chips > span")).to_have_text(["Merlin×", "Hobby×"])
    else:
        names.fill("Merlin, Hobby")
    page.get_by_role("button", name="Watch for them").press("Enter")
    expect(page.get_by_role("status")).to_have_text("2 words more are watched for.")
    page.get_by_role("checkbox", name="Buzzard").press("Space")
    if scripted(page):
        page.keyboard.press("t")
        page.keyboard.press("Enter")
    else:
        page.get_by_role("button", name="Watch for the chosen ones no longer").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1 word is no longer watched for")
    assert server["owner"].get(f"/assets/{asset}").json()["terms"] == ["Kestrel", "Merlin", "Hobby"]
    page.goto(f"/assets/{asset}")
    expect(page.locator(".history").first).to_contain_text("“Buzzard” taken out")


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_word_that_is_no_good_is_said_and_nothing_typed_is_lost(browser: Browser, server: Server, script: bool) -> None:
    asset = server.register(terms=["Buzzard"], title=fresh("Plan ")).json()["id"]
    with browser.new_context(base_url=server.url, java_script_enabled=script) as context:  # whose console tells of the refusal
        page = context.new_page()
        sign_in(page, server, "owner")
        page.goto(f"/assets/{asset}/about")
        page.get_by_label("Code names to watch for").fill("x, Merlin")
        page.get_by_role("button", name="Watch for them").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("“x” is too short")
        assert page.locator("input[name=terms]").input_value() == "x, Merlin"


def test_all_words_that_are_found_are_taken_out_at_once(page: Page, server: Server) -> None:
    birds = [f"{bird} {n}" for n in range(60) for bird in ("Owl", "Jay")]
    asset = server.register(terms=birds, title=fresh("Plan ")).json()["id"]
    sign_in(page, server, "owner")
    page.goto(f"/assets/{asset}/about")
    if not scripted(page):
        page.get_by_role("searchbox").fill("owl")
        page.get_by_role("button", name="Show").click()
        expect(page.locator(".words-list li")).to_have_count(60)
        return
    page.keyboard.press("/")
    page.keyboard.type("owl")
    expect(page.locator(".words-list li")).to_have_count(60)
    page.get_by_label("All on this page").check()
    page.get_by_role("button", name="Watch for the chosen ones no longer").click()
    expect(page.get_by_role("status")).to_contain_text("60 words are no longer watched for")
    assert server["owner"].get(f"/assets/{asset}").json()["terms"] == [f"Jay {n}" for n in range(60)]


def test_the_list_is_narrowed_while_one_types(page: Page, server: Server) -> None:
    word = fresh("Narrow")
    for name in ("crane", "mast"):
        server.register(terms=[fresh("Falcon")], title=f"{word} {name}").raise_for_status()
    sign_in(page, server, "owner")
    page.goto("/assets?sort=title")
    page.get_by_label("Search").fill(f"{word} mast")
    if scripted(page):
        expect(page).to_have_url(f"{server.url}/assets?q={word}+mast&sort=title")
    else:
        page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=f"{word} mast")).to_be_visible()
    expect(page.get_by_role("link", name=f"{word} crane")).to_have_count(0)

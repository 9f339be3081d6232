"""What an owner and an analyst do, in a real browser, by keyboard where they would."""

from itertools import count

from playwright.sync_api import Page, expect

from app.demo import pages
from app.demo.camera import jpeg as encode
from app.demo.camera import png
from tests.app.conftest import Server, fresh
from tests.app.pictures import jpeg

SEEDS = count(911)
"""A picture nobody else registered, for each run of a journey."""


def sign_in(page: Page, server: Server, role: str) -> None:
    page.goto("/")
    expect(page.get_by_label("Name")).to_be_focused()  # the browser gives autofocus a moment after loading
    page.get_by_label("Token").focus()
    page.keyboard.type(server.tokens[role])
    page.keyboard.press("Enter")
    page.wait_for_url("**/a*s*")


def test_an_analyst_sees_compares_and_resolves(page: Page, server: Server) -> None:
    title, seed = fresh("Crane "), next(SEEDS)
    server.alert()  # the next one, once this is decided
    server.register(
        {"crane.jpg": jpeg(seed)}, title=title, kind="equipment", level="secret", keep_originals=True
    ).raise_for_status()
    server.verdict(
        server.post("new toy", {"IMG_1.jpg": jpeg(seed, 45)}, channel={"id": "fam", "name": "Family", "external": True})
    )
    sign_in(page, server, "analyst")
    page.goto("/alerts?order=newest")
    row = page.get_by_role("link", name=title)
    row.first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    pictures = page.locator(".picture img")
    expect(pictures).to_have_count(2)
    for picture in pictures.all():
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("p => p.naturalWidth") > 100
    page.get_by_label("A leak").check()
    page.get_by_label("Reason").fill("that is our crane")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=**")  # the next one
    expect(page.locator("#toast")).to_contain_text("1 alert resolved")
    page.get_by_role("link", name="back to it").click()
    expect(page.locator(".state")).to_have_text("Resolved: a leak")
    expect(page.locator(".history")).to_contain_text("that is our crane")


def test_an_analyst_has_a_page_read_in_full(page: Page, server: Server) -> None:
    memo = pages.memo(next(SEEDS))
    server.register({"memo.png": png(memo.pixels)}, kind="document").raise_for_status()
    alert = server.verdict(server.post("", {"IMG_3.jpg": encode(memo.pixels, 80)}))["alert_id"]
    sign_in(page, server, "analyst")
    page.goto(f"/alerts/{alert}")
    page.get_by_role("button", name="Reveal for triage").click()
    page.get_by_role("button", name="Read all of it").focus()
    page.keyboard.press("Enter")
    said = page.get_by_role("region", name="What the picture says")
    expect(said).to_contain_text("MEMORANDUM")
    expect(said).to_contain_text("Page 1")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


def test_an_owner_registers_and_is_told_how_recognisable_it_is(page: Page, server: Server) -> None:
    title, seed = fresh("Mast "), next(SEEDS)
    sign_in(page, server, "owner")
    page.get_by_role("link", name="Register an asset").click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Kind").select_option("equipment")
    page.get_by_label("Pictures, pages or texts").set_input_files(
        {"name": "mast.jpg", "mimeType": "image/jpeg", "buffer": jpeg(seed)}
    )
    page.get_by_label("Keep the originals").check()
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator(".references")).to_contain_text("recognisable")
    verdict = server.verdict(server.post("", {"x.jpg": jpeg(seed, 50)}))
    assert verdict["matches"][0]["asset_title"] == title


def test_the_queue_fills_without_reloading(page: Page, server: Server) -> None:
    sign_in(page, server, "analyst")
    page.goto("/alerts?order=newest")
    word = fresh("Falconry")
    server.register(terms=[word], title=f"About {word}").raise_for_status()
    server.verdict(server.post(f"have you heard of {word}?"))
    if not page.locator("#queue.scripted").count():
        page.reload()
    expect(page.get_by_role("link", name=f"About {word}")).to_be_visible()

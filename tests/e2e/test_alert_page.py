"""One alert in a real browser: revealed, compared, decided and left behind, by keys where there is JavaScript."""

from collections.abc import Iterator
from itertools import count

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.app.alerts.conftest import Desk
from tests.app.conftest import Server, fresh
from tests.app.pictures import encoded, jpeg, scene
from tests.e2e.test_every_page import violations
from tests.e2e.test_journeys import sign_in

SEEDS = count(8401)


@pytest.fixture
def scripted(browser: Browser, server: Server) -> Iterator[Page]:
    """Signed in as an analyst, with JavaScript; nothing may go wrong."""
    context = browser.new_context(base_url=server.url, viewport={"width": 1440, "height": 900}, timezone_id="Asia/Shanghai")
    page, problems = context.new_page(), list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    sign_in(page, server, "analyst")
    yield page
    context.close()
    assert problems == []


@pytest.fixture(scope="module")
def workshop(server: Server) -> str:
    """An asset whose photo is kept; its title."""
    title = fresh("Workshop ")
    server.register(
        {"left.jpg": jpeg(8400)}, title=title, kind="equipment", level="secret", keep_originals=True
    ).raise_for_status()
    return title


def leaks(server: Server, number: int) -> tuple[str, list[str]]:
    """A look at the queue, and the alerts about the workshop in it, in order."""
    channel = fresh("c")
    photo = encoded(scene(8400).transpose(Image.Transpose.FLIP_LEFT_RIGHT), "JPEG", quality=50)
    photo += channel.encode()  # another file each time: those of confirmed leaks are known by their bytes
    ids = [server.verdict(server.post("", {"m.jpg": photo}, channel={"id": channel}))["alert_id"] for _ in range(number)]
    return f"channel={channel}&order=newest", ids[::-1]


def address(look: str, alert: str) -> str:
    return f"/alerts/{alert}?queue={look.replace('=', '%3D').replace('&', '%26')}"


def sharpness(page: Page, which: str) -> float:
    """How much a shown picture's neighbouring pixels differ."""
    expect(page.locator(which)).to_have_js_property("complete", value=True)
    found: float = page.locator(which).evaluate(
        """image => {
            const canvas = document.createElement("canvas"), width = canvas.width = 200, height = canvas.height = 150;
            const drawn = canvas.getContext("2d");
            drawn.drawImage(image, 0, 0, width, height);
            const data = drawn.getImageData(0, 0, width, height).data;
            let sum = 0;
            for (let at = 4; at < data.length; at += 4) sum += Math.abs(data[at] - data[at - 4]);
            return sum / data.length * 4;
        }"""
    )
    return found


def test_a_reveal_with_a_purpose_in_words(page: Page, server: Server, workshop: str) -> None:
    look, [alert] = leaks(server, 1)
    sign_in(page, server, "analyst")
    page.goto(address(look, alert))
    veiled = sharpness(page, ".pair figure:first-child img")
    page.get_by_text("For something else").click()
    page.get_by_label("What for").select_option("other")
    page.get_by_label("In words").fill("the owner asked me to look")
    page.get_by_role("button", name="Reveal", exact=True).click()
    expect(page.locator(".veil.open")).to_contain_text("You see the pictures until")
    assert sharpness(page, ".pair figure:first-child img") > 3 * veiled
    expect(page.locator(".history")).to_contain_text("the owner asked me to look")
    overlaid = page.locator(".overlaid")
    if page.evaluate("typeof htmx === 'undefined'"):
        expect(overlaid.locator(".over")).to_be_visible()
        expect(overlaid.get_by_role("slider")).to_be_hidden()
        expect(page.get_by_role("button", name="Blink")).to_be_hidden()
    else:
        expect(overlaid).to_be_hidden()
        expect(page.get_by_role("button", name="Blink")).to_be_visible()


def test_what_matters_is_seen_without_scrolling(scripted: Page, server: Server, workshop: str) -> None:
    look, [alert] = leaks(server, 1)
    scripted.goto(address(look, alert))
    scripted.keyboard.press("v")
    expect(scripted.locator(".veil.open")).to_be_visible()
    for what in (".summary", ".pair img >> nth=0", ".pair img >> nth=1", "#decide"):
        box = scripted.locator(what).first.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900, what


def test_the_slider_is_moved_by_keys(scripted: Page, server: Server, workshop: str) -> None:
    look, [alert] = leaks(server, 1)
    scripted.goto(address(look, alert))
    scripted.keyboard.press("v")
    expect(scripted.locator(".veil.open")).to_be_visible()
    scripted.wait_for_load_state("networkidle")  # the pictures come anew
    scripted.keyboard.press("l")
    slider, stack = scripted.get_by_role("slider"), scripted.locator(".stack")
    expect(slider).to_be_focused()
    assert stack.evaluate("one => one.style.getPropertyValue('--cut')") == "50%"
    for _ in range(3):
        scripted.keyboard.press("ArrowRight")
    assert stack.evaluate("one => one.style.getPropertyValue('--cut')") == "53%"
    assert "53%" in scripted.locator(".over").evaluate("one => getComputedStyle(one).clipPath")
    scripted.keyboard.press("Home")
    assert stack.evaluate("one => one.style.getPropertyValue('--cut')") == "0%"
    scripted.keyboard.press("c")
    expect(scripted.locator(".pair")).to_be_visible()
    expect(stack).to_be_hidden()


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_blinking_is_slow_or_by_hand(scripted: Page, server: Server, workshop: str, motion: str) -> None:
    look, [alert] = leaks(server, 1)
    scripted.emulate_media(reduced_motion="reduce" if motion == "reduce" else "no-preference")
    scripted.goto(address(look, alert))
    scripted.keyboard.press("v")
    expect(scripted.locator(".veil.open")).to_be_visible()
    scripted.keyboard.press("b")
    which = scripted.locator(".which")
    expect(which).to_have_text("Posted")
    if motion == "reduce":
        scripted.wait_for_timeout(1000)
        expect(which).to_have_text("Posted")
        scripted.keyboard.press("b")
        expect(which).to_have_text("Registered")
        expect(scripted.locator(".over")).to_be_hidden()
        scripted.keyboard.press("b")
        expect(which).to_have_text("Posted")
        return
    turns = scripted.evaluate(
        """() => new Promise(done => {
            const at = [], which = document.querySelector(".which");
            new MutationObserver(() => { at.push(performance.now()); if (at.length === 3) done(at); })
                .observe(which, { childList: true, characterData: true, subtree: true });
        })"""
    )
    assert turns[2] - turns[0] > 1000 / 3, "two changes are a flash: fewer than three a second"
    scripted.keyboard.press("b")
    expect(scripted.locator(".pair")).to_be_visible()


def test_triage_by_keys_alone(scripted: Page, server: Server, workshop: str) -> None:
    look, ids = leaks(server, 4)
    scripted.goto(address(look, ids[0]))
    scripted.keyboard.press("]")
    scripted.wait_for_url(f"**/alerts/{ids[1]}**")
    scripted.keyboard.press("k")
    scripted.wait_for_url(f"**/alerts/{ids[0]}**")
    scripted.keyboard.press("v")
    expect(scripted.locator(".veil.open")).to_be_visible()
    scripted.keyboard.press("1")
    expect(scripted.get_by_label("Reason")).to_be_focused()
    scripted.keyboard.type("our own workshop")
    scripted.keyboard.press("Enter")
    scripted.wait_for_url(f"**/alerts/{ids[1]}**")
    expect(scripted.locator("#toast")).to_contain_text("1 alert resolved")
    scripted.keyboard.press("s")
    scripted.get_by_role("button", name="Until tomorrow, 08:00").focus()
    scripted.keyboard.press("Enter")
    scripted.wait_for_url(f"**/alerts/{ids[2]}**")
    expect(scripted.locator("#toast")).to_contain_text("1 alert snoozed")
    snoozed = server["analyst"].get(f"/alerts/{ids[1]}").json()["snoozed_until"]
    assert "T00:00:00" in snoozed, "eight in Shanghai"
    scripted.keyboard.press("u")
    scripted.wait_for_url(f"**/alerts/{ids[1]}**")
    expect(scripted.locator("#toast")).to_contain_text("Taken back")
    assert server["analyst"].get(f"/alerts/{ids[1]}").json()["snoozed_until"] is None
    scripted.goto(address(look, ids[2]))
    scripted.keyboard.press("a")
    expect(scripted.locator(".state")).to_have_text("Acknowledged")
    expect(scripted.locator("#decide h2")).to_be_focused()
    scripted.keyboard.press("n")
    expect(scripted.get_by_role("textbox", name="Note")).to_be_focused()
    scripted.keyboard.type("asked v the owner")
    scripted.keyboard.press("Enter")
    expect(scripted.locator(".history")).to_contain_text("asked v the owner")
    assert server["analyst"].get(f"/alerts/{ids[0]}").json()["resolution"] == "true_positive"


def test_two_analysts_collide_and_no_word_is_lost(scripted: Page, server: Server, workshop: str) -> None:
    look, [alert] = leaks(server, 1)
    scripted.goto(address(look, alert))
    scripted.keyboard.press("2")
    scripted.keyboard.type("only a poster")
    server["analyst"].patch(f"/alerts/{alert}", json={"assignee": "bo"}).raise_for_status()
    scripted.keyboard.press("Enter")
    expect(scripted.get_by_role("alert")).to_contain_text("assigned it meanwhile")
    expect(scripted.get_by_label("Reason")).to_have_value("only a poster")
    expect(scripted.get_by_label("Harmless")).to_be_checked()
    scripted.get_by_label("Reason").press("Enter")
    scripted.wait_for_url("**/alerts?**")
    assert server["analyst"].get(f"/alerts/{alert}").json()["resolution"] == "benign_positive"


def test_what_a_colleague_decides_is_told_and_nothing_typed_is_lost(scripted: Page, server: Server, workshop: str) -> None:
    look, [alert] = leaks(server, 1)
    desk = Desk(server.house.database)
    scripted.goto(address(look, alert))
    server.run(desk.change(alert, "bo", status="acknowledged", note="looks like ours"))
    expect(scripted.locator("#meanwhile")).to_contain_text("bo is looking at it")
    expect(scripted.locator("#meanwhile q")).to_have_text("looks like ours")
    expect(scripted.locator(".state")).to_have_text("Acknowledged")
    expect(scripted.locator(".history")).to_contain_text("looks like ours")
    expect(scripted.get_by_role("button", name="Acknowledge")).to_have_count(0)
    scripted.keyboard.press("2")
    scripted.keyboard.type("only a poster")
    server.run(desk.change(alert, "cy", status="resolved", resolution="true_positive"))
    expect(scripted.locator("#meanwhile")).to_contain_text("cy resolved it as a leak")
    expect(scripted.locator(".state")).to_have_text("Resolved: a leak")
    expect(scripted.get_by_label("Reason")).to_have_value("only a poster")
    expect(scripted.get_by_label("Reason")).to_be_focused()
    scripted.keyboard.press("Enter")
    expect(scripted.get_by_role("alert")).to_contain_text("cy resolved it meanwhile")
    assert server["analyst"].get(f"/alerts/{alert}").json()["resolution"] == "true_positive"


def test_in_an_open_panel_digits_choose_there(scripted: Page, server: Server, workshop: str) -> None:
    look, [alert, _] = leaks(server, 2)
    scripted.goto(address(look, alert))
    scripted.keyboard.press("s")
    expect(scripted.get_by_role("button", name="1 hour")).to_be_focused()
    for key in ("a", "n", "]"):
        scripted.keyboard.press(key)
    expect(scripted.get_by_role("button", name="1 hour")).to_be_visible()
    scripted.keyboard.press("3")
    scripted.wait_for_url("**done=**")
    found = server["analyst"].get(f"/alerts/{alert}").json()
    assert (found["status"], found["resolution"], [one["action"] for one in found["history"][1:]]) == ("open", None, ["snoozed"])
    scripted.goto(address(look, alert))
    scripted.keyboard.press("w")
    expect(scripted.locator(".state")).to_have_text("Open")
    scripted.keyboard.press("t")
    scripted.keyboard.press("1")
    expect(scripted.locator(".about")).to_contain_text("ana has it")
    scripted.keyboard.press("t")
    scripted.keyboard.press("2")
    expect(scripted.locator(".about")).not_to_contain_text("ana has it")


def test_keys_are_shown_and_do_nothing_while_somebody_writes(scripted: Page, server: Server, workshop: str) -> None:
    look, ids = leaks(server, 2)
    scripted.goto(address(look, ids[0]))
    scripted.keyboard.press("?")
    keys = scripted.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    scripted.keyboard.press("]")
    scripted.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    scripted.get_by_label("Reason").focus()
    scripted.keyboard.type("]jvab?")
    expect(scripted.get_by_label("Reason")).to_have_value("]jvab?")
    expect(scripted.locator(".state")).to_have_text("Open")
    assert scripted.url.startswith(f"{server.url}/alerts/{ids[0]}")


def test_a_detail_is_pointed_out_on_both_pictures(scripted: Page, server: Server, workshop: str) -> None:
    look, [alert] = leaks(server, 1)
    scripted.goto(address(look, alert))
    scripted.locator(".pair figure:first-child .dots path").nth(4).hover(force=True)
    lit = scripted.locator(".dots .lit")
    expect(lit).to_have_count(2)
    colours = lit.evaluate_all("both => both.map(one => one.getAttribute('stroke'))")
    assert colours[0] == colours[1]


def test_details_are_pointed_out_one_after_the_other_by_a_key(scripted: Page, server: Server, workshop: str) -> None:
    look, [alert] = leaks(server, 1)
    scripted.goto(address(look, alert))
    seen = []
    for number in (1, 2):
        scripted.keyboard.press("d")
        expect(scripted.locator(".pointing output")).to_contain_text(f"Detail {number} of")
        lit = scripted.locator(".dots .lit")
        expect(lit).to_have_count(2)
        seen.append(lit.evaluate_all("both => both.map(one => one.getAttribute('stroke'))"))
    assert seen[0][0] == seen[0][1] != seen[1][0] == seen[1][1]


def test_a_phone_shows_it_all(page: Page, server: Server, workshop: str) -> None:
    look, [alert] = leaks(server, 1)
    sign_in(page, server, "analyst")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address(look, alert))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Reveal for triage").click()
    expect(page.locator(".veil.open")).to_be_visible()
    page.locator("summary").filter(has_text="Snooze").click()
    expect(page.get_by_role("button", name="1 week")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_axe_finds_nothing_when_all_is_shown(scripted: Page, server: Server, workshop: str) -> None:
    look, [alert] = leaks(server, 1)
    scripted.goto(address(look, alert))
    scripted.keyboard.press("v")
    expect(scripted.locator(".veil.open")).to_be_visible()
    for key in ("l", "b", "s", "t", "n"):
        scripted.keyboard.press(key)
        assert violations(scripted) == [], key
        scripted.keyboard.press("Escape")


def test_what_comes_in_place_is_as_the_page_was(scripted: Page, server: Server, workshop: str) -> None:
    look, [alert] = leaks(server, 1)
    scripted.goto(address(look, alert))
    scripted.keyboard.press("v")
    expect(scripted.locator(".veil.open")).to_be_focused()
    expect(scripted.locator("#decide kbd").first).to_be_visible()
    scripted.keyboard.press("s")
    panel = scripted.locator("details[open] .pop")
    expect(panel).to_have_css("position", "absolute")

"""Where was it seen? A picture that is brought, and an alert's own, in a real browser, with and without JavaScript."""

from itertools import count

from playwright.sync_api import FilePayload, Page, expect

from tests.app.conftest import Server, fresh
from tests.app.pictures import encoded, jpeg, scene
from tests.e2e.test_journeys import sign_in

SEEDS = count(70_000, 10)


def test_an_analyst_brings_a_picture_and_follows_it_to_its_alert(page: Page, server: Server) -> None:
    seed, name = next(SEEDS), fresh("Family ")
    picture, stranger = scene(seed), fresh("Elsewhere ")
    clear = server.post("", {"a.jpg": encoded(picture, "JPEG", quality=50)}, channel={"id": stranger, "name": stranger})
    assert server.verdict(clear)["verdict"] == "clear"
    word = f"codeword{fresh('')}e"
    server.register(terms=[word]).raise_for_status()
    channel = {"id": name, "name": name, "members": 17, "external": True}
    alert = server.verdict(server.post(word, {"b.jpg": jpeg(seed, 60)}, channel=channel))["alert_id"]
    sign_in(page, server, "analyst")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Sightings").click()
    plain = page.evaluate("typeof htmx === 'undefined'")
    page.get_by_label("A picture, or another file").set_input_files(
        FilePayload(name="c.jpg", mimeType="image/jpeg", buffer=encoded(picture, "JPEG", quality=75))
    )
    if plain:  # with a script it is sent as soon as it is chosen
        page.get_by_role("button", name="Look where it was seen").click()
    page.wait_for_url("**/sightings?like=*")
    first = page.get_by_role("listitem").filter(has_text=stranger)
    expect(first).to_contain_text("the same picture, saved again")
    expect(first).to_contain_text("no alert")
    second = page.get_by_role("listitem").filter(has_text=name)
    expect(second).to_contain_text("external")
    page.get_by_role("combobox", name="Which of them").select_option("What led to an alert")
    page.get_by_role("button", name="Filter").click()
    expect(first).to_have_count(0)
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    second.get_by_role("link", name="Its alert").click()
    page.wait_for_url(f"**/alerts/{alert}")
    page.get_by_role("link", name="where else was it seen?").click()
    expect(page.get_by_role("listitem").filter(has_text=stranger)).to_have_count(1)
    expect(page.get_by_role("listitem").filter(has_text=name)).to_have_count(0)
    page.get_by_role("link", name="Its alert", exact=True).first.click()
    page.wait_for_url(f"**/alerts/{alert}")

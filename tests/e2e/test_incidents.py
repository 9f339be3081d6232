"""An incident in a real browser: watching a leak grow, splitting and merging by hand, and taking it back."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from app.demo.camera import jpeg
from app.demo.cascades import Habits, Post, play
from app.demo.equipment import photograph
from tests.app.alerts.conftest import Desk
from tests.app.conftest import Server, fresh
from tests.e2e.test_journeys import sign_in
from tests.e2e.test_queue import analyst

BEGIN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PATIENCE = 30_000
"""Milliseconds: tracing pictures is work, and other tests work as well."""


@pytest.fixture
def ana(browser: Browser, server: Server) -> Iterator[Page]:
    with analyst(browser, server) as page:
        yield page


def leak(server: Server, count: int = 3, asset: str | None = None) -> tuple[str, str, list[str]]:
    """An asset, its incident, and the alerts in it, each from a channel of its own."""
    asset = asset or fresh("ast_")
    alerts = [posted(server, asset, f"Group {number}") for number in range(count)]
    return asset, incident_of(server, alerts[0]), alerts


def posted(server: Server, asset: str, channel: str, **more: bool) -> str:
    desk, name = Desk(server.house.database), fresh()
    about = {"id": fresh("c"), "name": channel, "members": 12, **more}
    raised = desk.alert(
        asset, channel=about, sender={"id": name, "name": f"Person {name}"}, asset_title=f"Crane {asset}", files=(name,)
    )
    return str(server.run(raised))


def incident_of(server: Server, alert: str) -> str:
    return str(server["analyst"].get(f"/alerts/{alert}").json()["incident_id"])


def watch(page: Page, incident: str) -> None:
    page.goto(f"/incidents/{incident}")
    expect(page.locator("#incident.scripted")).to_be_attached()


def test_a_deletion_is_seen_by_whoever_looks(ana: Page, server: Server) -> None:
    _, incident, alerts = leak(server, 2)
    watch(ana, incident)
    expect(ana.locator("#part-places")).to_contain_text("1 message is still there")
    delete(server, alerts[0])
    expect(ana.locator("#part-places")).to_contain_text("all deleted")
    expect(ana.locator("#drawing path.deleted")).to_have_count(1)
    ana.goto(f"/alerts/{alerts[1]}")
    delete(server, alerts[1])
    expect(ana.locator("#alert")).to_contain_text("told that the message was deleted in its chat")


def delete(server: Server, alert: str) -> None:
    message = server["analyst"].get(f"/alerts/{alert}").json()["message"]
    told = {"gateway": message["gateway"], "message_id": message["message_id"], "deleted_at": "2026-03-02T09:41:00Z"}
    server["gateway"].post("/messages/deletions", json=told).raise_for_status()


def test_a_cascade_of_pictures_grows_before_ones_eyes_and_nothing_typed_is_lost(ana: Page, server: Server) -> None:
    """One photo, passed on, cut, stuck over: as it is posted it is drawn."""
    photo, run = jpeg(photograph(9713, 10.0, 15, 5.0), 85), fresh("-")
    posts = play([photo], 8, 5, Habits(stated=1.0, deleted=0.0))[:6]
    server.register({"it.jpg": photo}, kind="equipment", title=f"Press {run}").raise_for_status()
    alerts = [pictured(server, posts, 0, run)]
    watch(ana, incident_of(server, alerts[0]))
    ana.evaluate("window.left = false")
    drawing, about, ways = ana.locator("#drawing svg"), ana.locator("#part-about"), ana.locator("#part-ways table tbody tr")
    marks, threads = drawing.locator("a[href^='/alerts/']"), drawing.locator("path:is(.stated, .inferred, .unconfirmed)")
    expect(marks).to_have_count(1)
    expect(threads).to_have_count(0)
    expect(about).to_contain_text("1 alert")
    ana.locator("summary[data-key=r]").click()
    ana.get_by_label("Title", exact=True).fill("The fitter’s picture of")
    ana.locator(f"#member-{alerts[0]} input").check()
    ana.get_by_label("To be done").fill("call the gro")

    alerts += [pictured(server, posts, number, run) for number in (1, 2)]
    expect(ana.locator("#part-members > li")).to_have_count(3, timeout=PATIENCE)
    expect(marks).to_have_count(3, timeout=PATIENCE)
    expect(drawing.locator("path.stated")).to_have_count(1)
    expect(drawing.locator("path:is(.inferred, .unconfirmed)")).to_have_count(1)
    expect(ana.get_by_label("To be done")).to_be_focused()
    ana.keyboard.type("up")

    alerts += [pictured(server, posts, number, run) for number in range(3, len(posts))]
    expect(ways).to_have_count(len(posts), timeout=PATIENCE)
    reached = {post.room.id: post.room for post in posts}
    expect(about).to_contain_text(f"{len(posts)} alerts")
    expect(about).to_contain_text(f"{sum(room.external for room in reached.values())} external")
    expect(about.locator("dl.reach dd").nth(0)).to_have_text(str(len(posts)))
    expect(about.locator("dl.reach dd").nth(1)).to_have_text(re.compile(rf"^{len(reached)}\b"))
    for room in reached.values():
        expect(ana.locator("#part-places")).to_contain_text(room.name)
        expect(drawing).to_contain_text(room.name)
    expect(ana.locator("#part-story")).to_contain_text("People outside the organisation could see it from then on")
    expect(drawing.locator("path.stated").first).to_be_attached()
    expect(ana.get_by_label("To be done")).to_be_focused()
    expect(ana.get_by_label("To be done")).to_have_value("call the group")
    expect(ana.get_by_label("Title", exact=True)).to_have_value("The fitter’s picture of")
    expect(ana.locator(f"#member-{alerts[0]} input")).to_be_checked()
    assert ana.evaluate("window.left") is False, "the page was never left"


def pictured(server: Server, posts: Sequence[Post], number: int, run: str) -> str:
    """Post one of a cascade; the alert it raises. ``run``: ends the ids of its messages and channels."""
    post = posts[number]
    parent = next((one for one in posts if one.id == post.parent), None)
    told = post.message((BEGIN + timedelta(seconds=post.at)).isoformat(), parent)
    channel = {"id": f"{post.room.id}{run}", "name": post.room.name, "members": post.room.members, "external": post.room.external}
    stated = None
    if post.stated and parent is not None:
        stated = {"channel_id": f"{parent.room.id}{run}", "message_id": f"{parent.id}{run}"}
    about = {"message_id": f"{post.id}{run}", "channel": channel, "sender": told["sender"], "sent_at": told["sent_at"]}
    return str(server.verdict(server.post("", {f"{post.id}.jpg": post.data}, **about, forwarded_from=stated))["alert_id"])


def test_a_large_drawing_comes_after_its_page(page: Page, server: Server) -> None:
    _, incident, _ = leak(server, 45)
    sign_in(page, server, "analyst")
    page.goto(f"/incidents/{incident}")
    if not page.locator("#incident.scripted").count():
        page.get_by_role("link", name="Show the drawing").click()
    expect(page.locator(".drawing svg .lane").first).to_be_attached()


def crowd(server: Server, count: int) -> tuple[str, str]:
    """The same file in so many channels, every third external; the incident, and the file's name."""
    desk, asset, file = Desk(server.house.database), fresh("ast_"), fresh()
    alerts = [spotted(server, desk, asset, file, number) for number in range(count)]
    return incident_of(server, alerts[0]), file


def spotted(server: Server, desk: Desk, asset: str, file: str, number: int) -> str:
    channel = {"id": f"{file}-{number}", "name": f"Room {number}", "members": 10 + number, "external": number % 3 == 0}
    who = {"id": f"{file}-p{number}", "name": f"Person {number}"}
    return str(server.run(desk.alert(asset, channel=channel, sender=who, asset_title=f"Crane {asset}", files=(file,))))


def test_every_channel_and_every_way_is_reached(page: Page, server: Server) -> None:
    """From the overview to one channel among many, and to who posted there; on a phone, and also without JavaScript."""
    incident, _ = crowd(server, 64)
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, server, "analyst")
    page.goto(f"/incidents/{incident}")
    page.get_by_role("link", name="The drawing with all 64 channels").click()
    drawing = page.locator("#drawing")
    expect(drawing.locator(".beside text", has_text=re.compile(r"^Room \d+$"))).to_have_count(64)
    assert drawing.evaluate("it => it.scrollHeight > it.clientHeight && it.scrollWidth > it.clientWidth"), "it scrolls on its own"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    drawing.evaluate("it => it.scrollTo(400, 600)")
    area, names, time = (page.locator(one).bounding_box() for one in ("#drawing", ".beside", ".over"))
    assert area is not None
    assert names is not None
    assert time is not None
    assert abs(names["x"] - area["x"]) <= 2, "names stay while one scrolls aside"
    assert abs(time["y"] - area["y"]) <= 2, "time stays while one scrolls down"
    page.get_by_role("link", name="Overview").click()
    expect(drawing).to_contain_text("more external channels")
    drawing.get_by_role("link", name="Show every channel").first.click()
    drawing.locator(".beside").get_by_role("link", name="Room 63").click()
    table = page.locator("#part-ways tbody tr")
    expect(table.first).to_contain_text("Person 63")
    page.get_by_role("link", name="Clear all filters").click()
    expect(table).to_have_count(50)
    expect(page.locator("#part-ways")).to_contain_text("1–50 of 64")
    page.get_by_role("link", name="Older ones").click()
    expect(page.locator("#part-ways")).to_contain_text("51–64 of 64")
    expect(table.last).to_contain_text("Person 0")
    page.get_by_role("link", name="Newer ones").click()
    expect(page.locator("#part-ways")).to_contain_text("1–50 of 64")
    page.get_by_role("navigation", name="Which of them").get_by_role("link", name="In external channels").click()
    expect(page.locator("#part-ways")).to_contain_text("1–22 of 22")
    page.get_by_role("searchbox").fill("room 63")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url("**only=external&q=room+63")
    expect(table).to_have_count(1)


def test_what_is_pointed_at_by_keyboard_or_pointer_stands_out_with_its_way(ana: Page, server: Server) -> None:
    incident, file = crowd(server, 40)
    ana.goto(f"/incidents/{incident}/drawing?lanes=all")
    expect(ana.locator("#incident.scripted")).to_be_attached()
    drawing, pointed = ana.locator("#drawing"), ana.locator("#pointed")
    expect(pointed).to_contain_text("Point at a mark")
    drawing.focus()
    for key in ("Enter", "ArrowRight", "ArrowRight"):
        ana.keyboard.press(key)
    expect(pointed).to_contain_text("Room 2 · Person 2")
    expect(pointed).to_contain_text("→ Room 2, Person 2: inferred")
    expect(drawing.locator("a.on:focus")).to_have_count(1)
    assert drawing.locator("path.on").count() >= 1
    ana.keyboard.press("Escape")
    expect(drawing).to_be_focused()
    expect(drawing.locator("path.on")).to_have_count(0)
    drawing.locator("a[data-m]").nth(1).hover()
    expect(pointed).to_contain_text("Room 1 · Person 1")
    asset = server["analyst"].get(f"/incidents/{incident}").json()["assets"][0]
    spotted(server, Desk(server.house.database), asset, file, 40)
    expect(drawing.locator(".beside")).to_contain_text("Room 40", timeout=PATIENCE)
    ana.keyboard.press("v")
    ana.wait_for_url("**/ways")
    ana.keyboard.press("m")
    ana.keyboard.press("j")
    expect(ana.locator("#part-ways a[data-step]").first).to_be_focused()
    ana.keyboard.press("g")
    ana.wait_for_url(f"**/incidents/{incident}")


def test_the_list_grows_too(ana: Page, server: Server) -> None:
    _, incident, _ = leak(server, 1)
    ana.goto("/incidents")
    expect(ana.locator("#incidents.scripted")).to_be_attached()
    expect(ana.locator(f"#{incident}")).to_be_visible()
    _, other, _ = leak(server, 2)
    expect(ana.locator(f"#{other}")).to_contain_text("2 alerts")


def test_splitting_and_merging_by_hand_and_back(page: Page, server: Server) -> None:
    _, incident, alerts = leak(server, 3)
    title = fresh("The other crane ")
    sign_in(page, server, "analyst")
    page.goto(f"/incidents/{incident}")
    page.locator(f"#member-{alerts[1]} input").check()
    page.get_by_text("Split the chosen ones off").click()
    page.get_by_label("Title of the new incident").fill(title)
    page.get_by_role("button", name="Split them off").click()
    expect(page.locator("#toast")).to_contain_text("1 alert is an incident of its own now.")
    expect(page.locator("#toast").get_by_role("button", name="Undo")).to_be_visible()
    expect(page.locator("#part-members > li")).to_have_count(2)
    other = incident_of(server, alerts[1])
    assert other != incident
    page.locator("summary", has_text="Merge it into another").click()
    page.get_by_role("radio", name=title).check()
    page.get_by_role("button", name="Merge", exact=True).click()
    page.wait_for_url(f"**/incidents/{other}**")
    expect(page.locator("#toast")).to_contain_text("Merged: 2 alerts came here.")
    expect(page.locator("#toast").get_by_role("button", name="Undo")).to_be_visible()
    assert [incident_of(server, alert) for alert in alerts] == [other] * 3
    page.goto(f"/incidents/{incident}")
    page.wait_for_url(f"**/incidents/{other}**")
    page.locator("#part-moves").get_by_role("button", name="Undo").first.click()
    expect(page.locator("#part-members > li")).to_have_count(1)
    assert [incident_of(server, alert) for alert in alerts] == [incident, other, incident]
    page.goto(f"/incidents/{incident}")
    page.locator("#part-moves").get_by_role("button", name="Undo").click()
    expect(page.locator("#part-members > li")).to_have_count(3)
    assert {incident_of(server, alert) for alert in alerts} == {incident}


def test_deciding_with_and_without_javascript(page: Page, server: Server) -> None:
    _, incident, _ = leak(server, 2)
    sign_in(page, server, "analyst")
    page.goto(f"/incidents/{incident}")
    page.get_by_role("button", name="Take the lead").click()
    expect(page.locator("#part-about")).to_contain_text("ana leads")
    page.get_by_label("To be done").fill("ask for deletion")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#part-tasks")).to_contain_text("ask for deletion")
    page.get_by_role("button", name="Done: ask for deletion").click()
    expect(page.locator("#part-tasks")).to_contain_text("done by ana")
    page.get_by_text("Write it yourself").click()
    page.get_by_label("What happened, in your words").fill("It was a test.")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#part-story")).to_contain_text("It was a test.")
    expect(page.locator("#part-story")).to_contain_text("Written by ana")
    page.get_by_role("button", name="Contained").click()
    expect(page.locator("#part-about .state")).to_have_text("Contained")
    expect(page.locator("#part-story")).to_contain_text("Since then")
    page.get_by_role("button", name="Let it write itself again").click()
    expect(page.locator("#part-story")).to_contain_text(" posted it in ")
    page.get_by_role("button", name="Close").first.click()
    expect(page.locator("#part-about .state")).to_have_text("Closed")


def test_everything_has_a_key(ana: Page, server: Server) -> None:
    _, incident, alerts = leak(server, 2)
    watch(ana, incident)
    press = ana.keyboard.press
    press("l")
    expect(ana.locator("#part-about")).to_contain_text("ana leads")
    press("t")
    ana.keyboard.type("tell the press office")
    press("Enter")
    expect(ana.locator("#part-tasks")).to_contain_text("tell the press office")
    press("Escape")
    press("j")
    expect(ana.locator(f"#member-{alerts[0]} a")).to_be_focused()
    press("y")
    expect(ana.locator(f"#member-{alerts[0]} input")).to_be_checked()
    press("s")
    press("Enter")
    expect(ana.locator("#toast")).to_contain_text("an incident of its own")
    press("u")
    expect(ana.locator("#toast")).to_contain_text("Taken back")
    expect(ana.locator("#part-members > li")).to_have_count(2)
    press("?")
    expect(ana.locator("#keys")).to_be_visible()
    press("Escape")
    press("c")
    expect(ana.locator("#part-about .state")).to_have_text("Contained")
    press("w")
    ana.wait_for_url("**/story")
    expect(ana.get_by_label("What happened, in your words")).to_be_focused()
    press("Escape")
    press("g")
    ana.wait_for_url(f"**/incidents/{incident}")
    press("g")
    ana.wait_for_url("**/incidents")

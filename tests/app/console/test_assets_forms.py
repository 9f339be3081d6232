"""The forms about assets with and without htmx, lists that end, and trials that one person cannot have for themselves alone."""

import re
from typing import Any

import httpx
import pytest

from app.assets.schemas import AssetOut, ReferenceOut, UnreadPart
from app.console.assets.views import COMING, MOST_UNREAD, SHOWN, asset_view, coming_view, shown_references
from app.console.mistakes.views import MOST_ALERTS, mistake_view
from app.console.speech import language
from app.console.trials import routes as trials
from app.db.models import now
from app.mistakes.schemas import MistakeOut
from app.people.turns import AT_ONCE
from tests.app.conftest import Server, fresh
from tests.app.console.test_assets_pages import BROKEN, fields, files, text
from tests.app.console.test_console import HTMX, csrf
from tests.app.pictures import jpeg

BOTH = pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
EN = language("en")


@pytest.fixture(scope="module")
def mine(server: Server) -> dict[str, Any]:
    told = server.register(
        {"a.jpg": jpeg(1301)}, kind="equipment", title=fresh("Form "), terms=[fresh("Term")], keep_originals=True
    )
    found: dict[str, Any] = told.raise_for_status().json()
    return found


def led(answer: httpx.Response, headers: dict[str, str]) -> str:
    """Where to: htmx is told to go there, everybody else is sent."""
    assert answer.status_code == (204 if headers else 303), answer.text
    return answer.headers["HX-Redirect" if headers else "location"]


@BOTH
@pytest.mark.parametrize(
    "step", ["new", "{id}", "{id}/about", "{id}/edit", "{id}/edition", "{id}/retire", "{id}/gallery", "test"]
)
def test_every_form_is_a_page_and_a_fragment(
    owner: httpx.Client, mine: dict[str, Any], step: str, headers: dict[str, str]
) -> None:
    answer = owner.get(f"/assets/{step.format(**mine)}", headers=headers)
    assert (answer.status_code, "<html" in answer.text, "<h1" in answer.text) == (200, not headers, True)


@BOTH
def test_registering(server: Server, owner: httpx.Client, headers: dict[str, str]) -> None:
    refused = owner.post("/assets", data=fields(owner, title="", note="typed"), files=files(("", b"")), headers=headers)
    assert (refused.status_code, "<html" in refused.text, 'value="typed"' in refused.text) == (422, not headers, True)
    assert "Title: is missing" in refused.text
    answer = owner.post("/assets", data=fields(owner, terms=fresh("Kite")), files=files(("", b"")), headers=headers)
    assert server["owner"].get(led(answer, headers)).status_code == 200


@BOTH
def test_changing(server: Server, owner: httpx.Client, headers: dict[str, str]) -> None:
    asset = server.register(terms=[fresh("Wren")], title=fresh("Before ")).json()["id"]
    form = {"csrf": csrf(owner, "/assets/new"), "title": "After", "level": "secret"}
    refused = owner.post(f"/assets/{asset}/edit", data=form | {"level": "cosmic", "note": "typed"}, headers=headers)
    assert (refused.status_code, "<html" in refused.text, "typed</textarea>" in refused.text) == (422, not headers, True)
    assert "Level: is none of the choices" in refused.text
    assert led(owner.post(f"/assets/{asset}/edit", data=form, headers=headers), headers) == f"/assets/{asset}"
    told = server["owner"].get(f"/assets/{asset}").json()
    assert (told["title"], len(told["terms"])) == ("After", 1), "words are not this form's to change"


@BOTH
def test_words_come_and_go_one_by_one(server: Server, owner: httpx.Client, headers: dict[str, str]) -> None:
    first, other = fresh("Wren"), fresh("Robin")
    asset = server.register(terms=[first, other], title=fresh("Words ")).json()["id"]
    secret, address = {"csrf": csrf(owner, "/assets/new")}, f"/assets/{asset}/words"
    short = owner.post(address, data=secret | {"terms": "x, typed"}, headers=headers)
    assert (short.status_code, "<html" in short.text, 'value="x, typed"' in short.text) == (422, not headers, True)
    assert "“x” is too short to be watched for" in text(short)
    shown = owner.get(f"/assets/{asset}/about", headers=headers)
    taken = re.findall(rf'name="(take\.\w+)"> <code>{first}<', shown.text)
    server["analyst"].get(f"/assets/{asset}").raise_for_status()
    server["owner"].patch(f"/assets/{asset}", json={"terms": [first, other, "Meanwhile"]}).raise_for_status()
    sent = secret | {"terms": "Hobby, 猎鹰，Hobby", "tags": "MX-99231"} | dict.fromkeys(taken, "on")
    where = led(owner.post(address, data=sent, headers=headers), headers)
    assert where == f"/assets/{asset}/about?added=3&taken=1"
    assert "3 words more are watched for." in owner.get(where).text
    told = server["owner"].get(f"/assets/{asset}").json()
    assert (told["terms"], told["tags"]) == ([other, "Meanwhile", "Hobby", "猎鹰"], ["MX-99231"])
    again = led(owner.post(address, data=sent, headers=headers), headers)
    assert again == f"/assets/{asset}/about", "they are there, and gone, already"
    assert len(server["owner"].get(f"/assets/{asset}").json()["terms"]) == 4
    page = text(owner.get(f"/assets/{asset}/history"))
    assert f"“{first}” taken out" in page
    assert page.count("changed it") == 2


def test_a_word_is_found_among_many(server: Server, owner: httpx.Client, analyst: httpx.Client) -> None:
    asset = server.register(terms=[f"Word {n:03d}" for n in range(150)], tags=["word-77"], title=fresh("Many ")).json()["id"]
    first = owner.get(f"/assets/{asset}/about")
    assert first.text.count('name="take.') == 100
    assert 'name="take.' not in analyst.get(f"/assets/{asset}/about").text
    for client in (owner, analyst):
        found = client.get(f"/assets/{asset}/about?q=WORD%2007").text
        assert re.findall(r"<code>(.*?)</code>", found) == [f"Word 07{n}" for n in range(10)]
        assert re.findall(r"<code>(.*?)</code>", client.get(f"/assets/{asset}/about?q=77").text) == ["Word 077", "word-77"]
        assert re.findall(r"<code>(.*?)</code>", client.get(f"/assets/{asset}/about?page=99").text)[-1] == "word-77"


@BOTH
def test_a_new_edition(server: Server, owner: httpx.Client, headers: dict[str, str]) -> None:
    asset = server.register({"one.jpg": jpeg(1302)}, kind="equipment", title=fresh("Mast ")).json()["id"]
    secret, address = {"csrf": csrf(owner, "/assets/new")}, f"/assets/{asset}/edition"
    for sent, status in (("", 422), ("x.jpg", 422)):
        refused = owner.post(address, data=secret, files=files((sent, BROKEN if sent else b"")), headers=headers)
        assert (refused.status_code, "<html" in refused.text, 'role="alert"' in refused.text) == (status, not headers, True)
    answer = owner.post(address, data=secret, files=files(("two.jpg", jpeg(1303))), headers=headers)
    assert led(answer, headers) == f"/assets/{asset}"
    busy = owner.post(address, data=secret, files=files(("three.jpg", jpeg(1304))), headers=headers)
    assert busy.status_code in (204, 303, 409), "it may be complete already"


@BOTH
def test_retiring(server: Server, owner: httpx.Client, headers: dict[str, str]) -> None:
    asset = server.register(terms=[fresh("Swift")], title=fresh("End ")).json()["id"]
    foreign = owner.post(f"/assets/{asset}/retire", data={"csrf": "0" * 64}, headers=headers)
    assert (foreign.status_code, server["owner"].get(f"/assets/{asset}").status_code) == (403, 200)
    answer = owner.post(f"/assets/{asset}/retire", data={"csrf": csrf(owner, "/assets/new")}, headers=headers)
    assert led(answer, headers) == "/assets"
    assert server["owner"].get(f"/assets/{asset}").status_code == 404


# --- lists that end


def large(server: Server, mine: dict[str, Any], number: int, **more: Any) -> AssetOut:
    """As if very much of it had been registered."""
    told = AssetOut.model_validate(server["owner"].get(f"/assets/{mine['id']}").json())
    one = told.references[0]
    many = [ReferenceOut.model_validate(one.model_dump() | {"id": f"ref_{n}", "label": f"page {n}"}) for n in range(number)]
    return told.model_copy(update={"references": many, **more})


def test_of_a_large_registration_the_latest_are_shown(server: Server, mine: dict[str, Any]) -> None:
    coming = large(server, mine, 3 * COMING, status="fingerprinting")
    shown = coming_view(EN, coming, set(), 0)
    assert [one["name"] for one in shown] == [f"page {n}" for n in range(2 * COMING, 3 * COMING)]
    assert len(coming_view(EN, coming, set(), 3 * COMING - 5)) == 5
    assert len(shown_references(coming, 0)) == COMING, "pictures are asked for of no more"
    ready = large(server, mine, 3 * COMING)
    view = asset_view(EN, ready, set(), [])
    assert (len(view["weak"]) + len(view["good"]), view["number"], "references" in view) == (SHOWN, 3 * COMING, False)


def test_of_very_many_parts_that_were_not_read_some_are_told(server: Server, mine: dict[str, Any]) -> None:
    parts = [UnreadPart(file="a.pdf", part=f"page {n}", reason="corrupt: It is damaged.") for n in range(MOST_UNREAD + 7)]
    view = asset_view(EN, large(server, mine, 1, unread=parts), set(), [])
    assert (len(view["unread"]), view["more_unread"]) == (MOST_UNREAD, 7)


def test_the_gallery_offers_some_and_whichever_was_chosen(
    server: Server, owner: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "MOST_CHOICES", 1)
    pictures = {f"{n}.jpg": jpeg(1310 + n) for n in range(3)}
    asset = server.register(pictures, kind="equipment", title=fresh("Many "), keep_originals=True).json()
    last = asset["references"][2]["id"]
    page = text(owner.get(f"/assets/{asset['id']}/gallery?reference={last}"))
    options = re.findall(r'<option value="(ref_\w+)"( selected)?', page)
    assert options == [(asset["references"][0]["id"], ""), (last, " selected")]
    assert "2 of its 3 pictures are listed" in page


def test_of_a_mistake_that_many_alerts_say_some_are_named() -> None:
    said = [{"alert_id": f"alr_{n}", "actor": "ana", "at": now(), "attachment": 0, "part": "", "name": "x.jpg"} for n in range(9)]
    about = {"asset_id": "ast_1", "asset_title": "Mill", "reference": "page 1", "reference_id": "ref_1", "digest": "0" * 64}
    mistake = MistakeOut.model_validate(
        {"id": "mis_1", **about, "fingerprints": [], "text": "known", "alerts": said, "created_at": now()}
    )
    view = mistake_view(EN, mistake, None)
    assert (len(view["alerts"]), view["more_alerts"]) == (MOST_ALERTS, 9 - MOST_ALERTS)


# --- trials


def identity(server: Server, role: str) -> str:
    return server.run(_identity(server, role))


async def _identity(server: Server, role: str) -> str:
    known = await server.house.recognition.who_holds(server.tokens[role])
    assert known is not None
    return known.id


@BOTH
def test_whoever_tries_too_much_at_once_waits_and_others_do_not(
    server: Server, owner: httpx.Client, headers: dict[str, str]
) -> None:
    sent, secret = files(("a.txt", b"hello there")), {"csrf": csrf(owner, "/assets/test")}
    turns, who = server.house.turns, identity(server, "owner")
    taken = [turns.one(who) for _ in range(AT_ONCE)]
    for turn in taken:
        turn.__enter__()
    try:
        page = owner.post("/assets/test", data=secret, files=sent, headers=headers)
        assert (page.status_code, "of your trials are running already" in page.text) == (429, True)
        assert int(page.headers["retry-after"]) >= 1
        api = server["owner"].post("/assets/test", files=sent)
        assert (api.status_code, api.json()["code"]) == (429, "trials_busy")
        assert int(api.headers["retry-after"]) >= 1
        assert server["analyst"].post("/assets/test", files=sent).status_code == 200
    finally:
        for turn in taken:
            turn.__exit__(None, None, None)
    assert owner.post("/assets/test", data=secret, files=sent, headers=headers).status_code == 200

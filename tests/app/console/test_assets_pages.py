"""The assets' room with and without htmx: the list, registering while one watches, what happened, trying what would be found."""

import html
import re
from typing import Any

import httpx
import pytest

from app.assets.gallery import ATTACKS
from app.console.assets.views import ADVICE, REASONS, SHOWN
from fingerprints import distinctiveness
from tests.app.assets.test_editions import became
from tests.app.conftest import Server, fresh
from tests.app.console.test_console import HTMX, csrf
from tests.app.pictures import encoded, jpeg, scene
from tests.fingerprints.contents.made import zipped

BROKEN = b"\xff\xd8\xff\xe0 this is no picture"
Files = list[tuple[str, tuple[str, bytes]]]


@pytest.fixture(scope="module")
def mine(server: Server) -> dict[str, Any]:
    """An asset of the owner's with a kept picture."""
    answer = server.register({"side.jpg": jpeg(1201)}, kind="equipment", title="Lathe 5", keep_originals=True, terms=["Falcon"])
    asset: dict[str, Any] = answer.raise_for_status().json()
    return asset


@pytest.fixture(scope="module")
def foreign(server: Server) -> dict[str, Any]:
    """Somebody else's."""
    spec = {"kind": "equipment", "title": "Torpedo of others", "owner": "somebody", "keep_originals": True, "terms": ["Osprey"]}
    asset: dict[str, Any] = server.register({"secret.jpg": jpeg(1202)}, "admin", **spec).raise_for_status().json()
    return asset


def files(*some: tuple[str, bytes]) -> Files:
    return [("files", one) for one in some]


def fields(client: httpx.Client, **more: str) -> dict[str, str]:
    return {"csrf": csrf(client, "/assets/new"), "title": fresh("Rig "), "kind": "equipment", "level": "secret", **more}


def text(answer: httpx.Response) -> str:
    return html.unescape(answer.text)


def titles(answer: httpx.Response) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/assets/ast_\w+">([^<]+)</a>', text(answer))


# --- the list


def test_the_list_whole_and_as_a_fragment_with_its_filters_in_the_address(owner: httpx.Client, mine: dict[str, Any]) -> None:
    address = f"/assets?q=falcon&kind=equipment&owner=somebody&sort=title&level={mine['level']}"
    whole, fragment = owner.get(address), owner.get(address, headers=HTMX)
    assert "<html" in whole.text
    assert "<html" not in fragment.text
    for answer in (whole, fragment):
        assert mine["title"] in titles(answer)
        assert re.search(r'<option value="title" selected', answer.text)
        assert 'value="falcon"' in answer.text
    assert fragment.headers["HX-Push-Url"].startswith("/assets?")
    assert mine["title"] not in titles(owner.get("/assets?q=falcon&kind=document"))
    assert "fits this" in text(owner.get(f"/assets?q={fresh('nothing')}"))


def test_what_no_filter_knows_is_passed_over(owner: httpx.Client) -> None:
    answer = owner.get("/assets?kind=submarine&level=cosmic&sort=random&weak=")
    assert answer.status_code == 200
    assert titles(answer)


def test_weak_ones_come_first_and_can_be_had_alone(server: Server, owner: httpx.Client) -> None:
    word = fresh("coverage")
    tiny = encoded(scene(1203).resize((120, 90)), "PNG")
    server.register({"t.png": tiny}, kind="equipment", title=f"{word} weak").raise_for_status()
    server.register({"g.jpg": jpeg(1213)}, kind="equipment", title=f"{word} good").raise_for_status()
    answer = owner.get(f"/assets?q={word}")
    assert titles(answer) == [f"{word} weak", f"{word} good"]
    assert "1 weak reference in 1 of them" in text(answer)
    assert titles(owner.get(f"/assets?q={word}&sort=newest")) == [f"{word} good", f"{word} weak"]
    assert titles(owner.get(f"/assets?q={word}&weak=1")) == [f"{word} weak"]


def test_an_owner_sees_their_own_and_others_can_ask_for_them(
    owner: httpx.Client, analyst: httpx.Client, mine: dict[str, Any], foreign: dict[str, Any]
) -> None:
    assert foreign["title"] not in titles(owner.get("/assets?q=Torpedo&owner=somebody"))
    assert foreign["title"] in titles(analyst.get("/assets?q=Torpedo&owner=somebody"))
    assert foreign["title"] not in titles(analyst.get("/assets?q=Torpedo&owner=otto"))
    assert 'id="owner"' not in owner.get("/assets").text


# --- who may


def test_an_owner_is_refused_anothers_asset_everywhere(owner: httpx.Client, foreign: dict[str, Any]) -> None:
    ident, reference = foreign["id"], foreign["references"][0]["id"]
    secret = {"csrf": csrf(owner, "/assets/new")}
    for path in ("", "/coming", "/about", "/edit", "/edition", "/retire", "/gallery", f"/gallery?reference={reference}"):
        answer = owner.get(f"/assets/{ident}{path}")
        assert answer.status_code == 404, path
        assert foreign["title"] not in answer.text
    for path in (
        f"/assets/{ident}/gallery/crop40?reference={reference}",
        f"/pictures/attacks/{ident}/crop40?reference={reference}",
    ):
        assert owner.get(path).status_code == 404
    assert owner.post(f"/assets/{ident}/edit", data=secret | {"title": "Mine now"}).status_code == 404
    assert owner.post(f"/assets/{ident}/words", data=secret | {"terms": "Mine now"}).status_code == 404
    assert owner.post(f"/assets/{ident}/retire", data=secret).status_code == 404
    assert owner.post(f"/assets/{ident}/edition", data=secret, files=files(("a.jpg", jpeg(1)))).status_code == 404
    assert owner.post(f"/assets/{ident}/gallery", data=secret, files=files(("a.jpg", jpeg(1)))).status_code == 404


def test_a_reference_of_another_asset_cannot_be_attacked_by_way_of_ones_own(
    owner: httpx.Client, mine: dict[str, Any], foreign: dict[str, Any]
) -> None:
    reference = foreign["references"][0]["id"]
    for path in (
        f"/assets/{mine['id']}/gallery",
        f"/assets/{mine['id']}/gallery/crop40",
        f"/pictures/attacks/{mine['id']}/crop40",
    ):
        assert owner.get(f"{path}?reference={reference}").status_code == 404


def test_analysts_see_all_and_change_nothing(analyst: httpx.Client, foreign: dict[str, Any]) -> None:
    page = analyst.get(f"/assets/{foreign['id']}")
    assert page.status_code == 200
    for step in ("edit", "edition", "retire"):
        assert f"/assets/{foreign['id']}/{step}" not in page.text
        assert analyst.get(f"/assets/{foreign['id']}/{step}").status_code == 403
    assert "/gallery" not in page.text
    for path in (f"/assets/{foreign['id']}/gallery", f"/pictures/attacks/{foreign['id']}/crop40"):
        assert analyst.get(path).status_code == 403, "it would show what is shown only for a purpose"
    for step in ("edit", "words", "edition", "retire"):
        assert analyst.post(f"/assets/{foreign['id']}/{step}", data={"csrf": csrf(analyst, "/assets/test")}).status_code == 403


def test_an_administrator_changes_and_gives_to_another_owner(server: Server, admin: httpx.Client) -> None:
    asset = server.register(terms=[fresh("Kestrel")], title=fresh("Gift ")).json()["id"]
    form = {"csrf": csrf(admin, "/assets/new"), "title": "Given", "level": "secret", "owner": "olga"}
    assert admin.post(f"/assets/{asset}/edit", data=form).status_code == 303
    assert server["owner"].get(f"/assets/{asset}").status_code == 404
    assert server["admin"].get(f"/assets/{asset}").json()["owner"] == "olga"


# --- registering


def test_the_bounds_are_told_before_anything_is_sent(owner: httpx.Client) -> None:
    page = text(owner.get("/assets/new"))
    assert "At most 500 files of 2 MB, 5 MB together." in page
    assert 'data-max-file="2000000"' in page


def test_of_several_files_one_that_cannot_be_read_is_told_and_the_others_registered(server: Server, owner: httpx.Client) -> None:
    sent = files(("good.jpg", jpeg(1204)), ("broken.jpg", BROKEN), ("other.jpg", jpeg(1205)))
    answer = owner.post("/assets", data=fields(owner), files=sent)
    assert answer.status_code == 303, answer.text
    page = text(owner.get(answer.headers["location"]))
    assert "Not read: broken.jpg: The picture is damaged" in page
    assert "2 recognisable references" in page
    told = server["owner"].get(f"{answer.headers['location']}").json()
    assert [one["file"] for one in told["references"]] == ["good.jpg", "other.jpg"]


def test_nothing_readable_is_said_above_the_form(owner: httpx.Client) -> None:
    answer = owner.post("/assets", data=fields(owner, title="Kept"), files=files(("a.jpg", BROKEN), ("b.jpg", BROKEN)))
    assert answer.status_code == 422
    assert "a.jpg" in answer.text
    assert 'value="Kept"' in answer.text


def test_scripts_are_sent_to_the_asset_at_once_and_told_what_comes(server: Server, owner: httpx.Client) -> None:
    pages = {f"{n:02}.txt": f"{fresh()} page {n} of what nobody has read yet, clause {n}".encode() for n in range(12)}
    answer = owner.post("/assets", data=fields(owner, kind="text"), files=files(("all.zip", zipped(pages))), headers=HTMX)
    assert answer.status_code == 204
    address = answer.headers["HX-Redirect"]
    whole = owner.get(address)
    if 'id="coming"' in whole.text:
        assert f'hx-get="{address}/coming?after=' in whole.text
        assert f'<noscript><p><a href="{address}">' in whole.text
    became(server, address.rpartition("/")[2])
    done = owner.get(f"{address}/coming?after=0", headers=HTMX)
    assert done.headers["HX-Refresh"] == "true"
    assert owner.get(f"{address}/coming").headers["location"] == address


def test_what_came_since_is_told_with_its_verdict(server: Server, owner: httpx.Client) -> None:
    files = {f"{n:03}.txt": f"{fresh()} clause {n} ".encode() * 20 for n in range(60)}
    asset = server.register({"all.zip": zipped(files)}, title=fresh("Book ")).json()["id"]
    for _ in range(400):
        answer = owner.get(f"/assets/{asset}/coming?after=2", headers=HTMX)
        if "HX-Refresh" in answer.headers or "recognisable" in answer.text:
            break
    assert "HX-Refresh" in answer.headers or 'hx-swap-oob="beforeend:#coming"' in answer.text
    became(server, asset)
    page = text(owner.get(f"/assets/{asset}"))
    assert len(re.findall(r'<li id="ref_', page)) == min(SHOWN, 60)


def test_references_come_in_pages(server: Server, owner: httpx.Client) -> None:
    files = {f"{n:03}.txt": f"{fresh()} clause {n} ".encode() * 20 for n in range(SHOWN + 5)}
    asset = server.register({"all.zip": zipped(files)}, title=fresh("Book ")).json()["id"]
    became(server, asset)
    first, second = (owner.get(f"/assets/{asset}{more}").text for more in ("", f"?start={SHOWN}"))
    seen = [re.findall(r'<li id="(ref_\w+)"', page) for page in (first, second)]
    assert [len(one) for one in seen] == [SHOWN, 5]
    assert len(set(seen[0]) | set(seen[1])) == SHOWN + 5
    assert f"?start={SHOWN}" in first
    assert "?start=0" in second


def test_our_words_for_advice_are_those_of_the_fingerprints() -> None:
    assert {flaw.value: advice for flaw, advice in distinctiveness.ADVICE.items()} == ADVICE
    assert set(ADVICE) < set(REASONS)


# --- what happened


def test_what_is_said_about_it_is_changed_and_its_history_tells(server: Server, owner: httpx.Client) -> None:
    asset = server.register(terms=["Buzzard"], title=fresh("Plan "), level="internal").json()
    form = owner.get(f"/assets/{asset['id']}/edit")
    assert f'value="{asset["title"]}"' in form.text
    change = {"csrf": csrf(owner, "/assets/new"), "title": "Plan B", "level": "top_secret"}
    change |= {"unit": "Depot", "note": "moved", "owner": "somebody"}
    answer = owner.post(f"/assets/{asset['id']}/edit", data=change)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/assets/{asset['id']}")
    told = server["owner"].get(f"/assets/{asset['id']}").json()
    assert (told["title"], told["level"], told["terms"], told["owner"]) == ("Plan B", "top_secret", ["Buzzard"], "otto")
    page = text(owner.get(f"/assets/{asset['id']}"))
    assert "Level: internal, now top secret" in page
    assert f"Title: “{asset['title']}”, now “Plan B”" in page
    assert re.search(r"<strong>otto</strong> changed it", page)
    assert re.search(r"<strong>otto</strong> registered it", page)
    assert "moved" not in page.partition('class="history"')[2]


def test_what_others_changed_meanwhile_is_not_overwritten_unseen(server: Server, owner: httpx.Client) -> None:
    asset = server.register(terms=[fresh("Swift")], title=fresh("Kiln ")).json()["id"]
    path, api = f"/assets/{asset}", server["owner"]
    shown = owner.get(f"{path}/edit")
    form = dict(re.findall(r'name="(csrf|version)" value="([^"]*)"', shown.text)) | {"title": "Mine", "note": "typed"}
    form |= {"level": "internal"}
    api.patch(path, json={"terms": [fresh("Heron")]}).raise_for_status()
    assert owner.post(f"{path}/edit", data=form).status_code == 303, "of words this form says nothing"
    server["admin"].patch(path, json={"level": "top_secret", "note": "theirs"}).raise_for_status()
    stale = dict(form, version=re.findall(r'name="version" value="(\d+)"', owner.get(f"{path}/edit").text)[0])
    server["admin"].patch(path, json={"unit": "Depot"}).raise_for_status()
    assert owner.post(f"{path}/edit", data=stale).status_code == 303, "of a unit neither, that this browser did not send"
    refused = owner.post(f"{path}/edit", data=form | {"title": "Mine again"})
    assert refused.status_code == 409
    page = text(refused)
    for said in ("changed this asset meanwhile. Nothing was overwritten: look again.", "typed</textarea>", 'value="Mine again"'):
        assert said in page
    assert "Level: internal, now top secret" in page
    assert api.get(path).json()["title"] == "Mine", "nothing of it"
    again = re.findall(r'name="version" value="(\d+)"', page)[0]
    assert owner.post(f"{path}/edit", data=form | {"title": "Mine again", "version": again}).status_code == 303
    assert api.get(path).json()["title"] == "Mine again"
    assert owner.post(f"{path}/edit", data=form | {"version": "x"}).status_code == 422


def test_a_change_that_cannot_be_made_is_said_above_the_form(owner: httpx.Client, mine: dict[str, Any]) -> None:
    form = {"csrf": csrf(owner, "/assets/new"), "title": "", "level": "secret", "note": "typed"}
    answer = owner.post(f"/assets/{mine['id']}/edit", data=form)
    assert (answer.status_code, "Title: " in answer.text, "typed</textarea>" in answer.text) == (422, True, True)


def test_a_new_edition_takes_the_place_of_the_old_and_its_history_tells(server: Server, owner: httpx.Client) -> None:
    asset = server.register({"one.jpg": jpeg(1206), "two.jpg": jpeg(1207)}, kind="equipment", title=fresh("Mast ")).json()["id"]
    assert "its present 2 references" in text(owner.get(f"/assets/{asset}/edition"))
    secret = {"csrf": csrf(owner, "/assets/new")}
    refused = owner.post(f"/assets/{asset}/edition", data=secret, files=files(("x.jpg", BROKEN)))
    assert (refused.status_code, "x.jpg" in refused.text) == (422, True)
    answer = owner.post(f"/assets/{asset}/edition", data=secret, files=files(("three.jpg", jpeg(1208))))
    assert answer.status_code == 303, answer.text
    page = text(owner.get(f"/assets/{asset}"))
    assert "three.jpg" in page
    assert "sent a new edition" in page
    assert "1 reference in place of 2" in page


def test_retiring_says_what_comes_of_it_first(server: Server, owner: httpx.Client) -> None:
    word = fresh("Harrier")
    asset = server.register(terms=[word], title=fresh("End ")).json()["id"]
    server.verdict(server.post(f"hello {word} there"))
    page = text(owner.get(f"/assets/{asset}/retire"))
    assert "1 of them nobody has resolved" in page
    assert word in page
    assert owner.get(f"/assets/{asset}").status_code == 200
    assert owner.post(f"/assets/{asset}/retire", data={"csrf": csrf(owner, f"/assets/{asset}/retire")}).status_code == 303
    assert owner.get(f"/assets/{asset}").status_code == 404


# --- would this be caught?


def tried(client: httpx.Client, *some: tuple[str, bytes], **headers: str) -> str:
    secret = {"csrf": csrf(client, "/assets/test")}
    answer = client.post("/assets/test", data=secret, files=files(*some), headers=headers)
    assert answer.status_code == 200, answer.text
    return text(answer)


def test_a_file_is_tried_and_nothing_is_recorded(server: Server, owner: httpx.Client, mine: dict[str, Any]) -> None:
    before = server["analyst"].get("/alerts").json()["items"]
    for headers in ({}, HTMX):
        page = tried(owner, ("leak.jpg", jpeg(1201, 45)), ("lunch.jpg", jpeg(1299)), **headers)
        assert ("<html" in page) == (not headers)
        assert f'<a href="/assets/{mine["id"]}">Lathe 5</a>' in page
        assert "lie exactly where they lie in “Lathe 5”, side.jpg" in page
        assert re.search(r"lunch\.jpg <span class=\"verdict\">not caught", page)
    assert server["analyst"].get("/alerts").json()["items"] == before


def test_others_assets_are_meant_but_not_named_and_their_words_not_told(
    owner: httpx.Client, analyst: httpx.Client, foreign: dict[str, Any]
) -> None:
    page = tried(owner, ("x.jpg", jpeg(1202, 45)), ("words.txt", b"the Osprey lands at dawn"))
    assert "Another owner’s asset" in page
    assert page.count("<article>") == 1, "a code name of others is not told: it could be guessed"
    for word in (foreign["title"], foreign["id"], "secret.jpg"):
        assert word not in page
    seen = tried(analyst, ("x.jpg", jpeg(1202, 45)), ("words.txt", b"the Osprey lands at dawn"))
    assert foreign["title"] in seen
    assert "The code name “Osprey”" in seen


def test_an_owner_is_told_what_resembles_theirs_though_it_is_anothers_very_file(server: Server, owner: httpx.Client) -> None:
    copy, title = jpeg(1206, 70), fresh("Crane ")
    server.register({"ph003.jpg": jpeg(1206)}, kind="equipment", title=title).raise_for_status()
    server.register({"copy.jpg": copy}, "admin", kind="equipment", title="Of Olga", owner="olga").raise_for_status()
    page = tried(owner, ("x.jpg", copy))
    assert f"lie exactly where they lie in “{title}”, ph003.jpg" in page
    assert re.search(r"Another owner’s asset.*100", page, re.DOTALL)
    assert "Of Olga" not in page
    answer = server["owner"].post("/assets/test", files=files(("x.jpg", copy))).raise_for_status().json()
    assert [match["asset_title"] for match in answer["results"][0]["matches"]] == [title]


def test_the_runner_up_of_another_owner_has_no_name(server: Server, owner: httpx.Client, foreign: dict[str, Any]) -> None:
    server.register({"copy.jpg": jpeg(1202, 70)}, kind="equipment", title=fresh("Copy ")).raise_for_status()
    page = tried(owner, ("x.jpg", jpeg(1202, 45)))
    assert "The nearest other asset, “another owner’s”, has" in page
    assert foreign["title"] not in page


def test_an_owner_reads_whose_asset_looks_the_same_and_cannot_go_there(
    server: Server, owner: httpx.Client, admin: httpx.Client
) -> None:
    theirs = {"kind": "equipment", "title": fresh("Winch "), "owner": "Zhang Wei", "keep_originals": True}
    foreign = server.register({"hidden.jpg": jpeg(1203)}, "admin", **theirs).raise_for_status().json()
    mine = server.register({"b.jpg": jpeg(1203, 60)}, kind="equipment", title=fresh("Winch, again ")).raise_for_status().json()
    page = text(owner.get(f"/assets/{mine['id']}"))
    assert f"It looks the same as “{foreign['title']}” of Zhang Wei, so that an alert may name that one" in page
    for word in (foreign["id"], foreign["references"][0]["id"], "hidden.jpg"):
        assert word not in page
    assert f'<a href="/assets/{foreign["id"]}">' in text(admin.get(f"/assets/{mine['id']}"))


def test_how_near_the_nearest_came_is_said(server: Server, owner: httpx.Client) -> None:
    clauses = " ".join(f"clause {n} of the nearly quoted treaty binds the {n}th depot" for n in range(30))
    server.register({"treaty.txt": clauses.encode()}, kind="text", title="Nearly quoted").raise_for_status()
    page = tried(owner, ("mail.txt", f"I read that {clauses[:40]} and then {'we had lunch together ' * 20}".encode()))
    assert "not caught" in page
    assert re.search(r"It shares some wording with “Nearly quoted”.*at least [0-9]+ is needed", page)


def test_what_cannot_be_read_is_said(owner: httpx.Client) -> None:
    assert "Not read: The picture is damaged" in tried(owner, ("x.jpg", BROKEN))


def test_trying_nothing_or_too_much_is_told(owner: httpx.Client) -> None:
    secret = {"csrf": csrf(owner, "/assets/test")}
    nothing = owner.post("/assets/test", data=secret, files=files(("", b"")))
    assert (nothing.status_code, "Choose at least one file." in nothing.text) == (422, True)
    many = owner.post("/assets/test", data=secret, files=files(*((f"{n}.txt", b"x") for n in range(5))))
    assert (many.status_code, "More than 4 files were sent at once." in many.text) == (413, True)
    assert owner.post("/assets/test", files=files(("a.txt", b"x"))).status_code == 403


# --- the gallery of attacks


def test_attacks_are_tried_one_after_the_other(owner: httpx.Client, mine: dict[str, Any]) -> None:
    reference = mine["references"][0]["id"]
    address = f"/assets/{mine['id']}/gallery"
    page = owner.get(f"{address}?reference={reference}").text
    assert re.findall(r'id="attack-(\w+)"', page) == list(ATTACKS)
    assert page.count('hx-trigger="load"') == 1, "the first begins"
    assert "aria-busy" not in page, "but for a browser with scripts nobody tries it"
    assert page.count('<p class="attack-says muted">not tried yet</p>') == 14
    tile = owner.get(f"{address}/recompressed?reference={reference}", headers=HTMX)
    assert "<html" not in tile.text
    assert re.search(r'id="attack-recompressed" class="attack found"', tile.text)
    assert re.search(r'id="attack-preview" hx-swap-oob="true".*hx-trigger="load"', tile.text)
    assert "1 of 14 attacks tried, 1 of them found." in tile.text
    again = owner.get(f"{address}?reference={reference}").text
    assert 'class="attack found"' in again
    [source] = re.findall(r'<img src="(/pictures/attacks/[^"]+)"', again)
    picture = owner.get(html.unescape(source))
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert picture.content.startswith(b"\xff\xd8")
    assert owner.get(f"{address}/unheard_of?reference={reference}").status_code == 404


def test_a_server_that_tried_nothing_draws_the_picture_all_the_same(owner: httpx.Client, mine: dict[str, Any]) -> None:
    reference = mine["references"][0]["id"]
    assert owner.get(f"/pictures/attacks/{mine['id']}/mirrored?reference={reference}").content.startswith(b"\xff\xd8")


def test_a_page_without_scripts_tries_some_and_is_asked_for_more(owner: httpx.Client, mine: dict[str, Any]) -> None:
    address = f"/assets/{mine['id']}/gallery?reference={mine['references'][0]['id']}"
    page = owner.get(f"{address}&go=1").text
    assert page.count('class="attack found"') >= 1
    assert html.escape(f"{address}&go=1") in page or page.count("not tried yet") == 0


def test_what_was_registered_since_makes_it_be_tried_anew(server: Server, owner: httpx.Client) -> None:
    asset = server.register({"a.jpg": jpeg(1209)}, kind="equipment", title=fresh("Kiln "), keep_originals=True).json()
    address = f"/assets/{asset['id']}/gallery"
    where = f"?reference={asset['references'][0]['id']}"
    owner.get(f"{address}/crop40{where}", headers=HTMX).raise_for_status()
    assert owner.get(address + where).text.count('class="attack found"') == 1
    server.register(terms=[fresh("Merlin")]).raise_for_status()
    tried(owner, ("any.txt", b"so that the lane has caught up"))
    assert owner.get(address + where).text.count('class="attack found"') == 0


def test_where_no_original_is_kept_a_photo_is_lent(server: Server, owner: httpx.Client, admin: httpx.Client) -> None:
    asset = server.register({"a.jpg": jpeg(1210)}, kind="equipment", title=fresh("Oven ")).json()["id"]
    assert "No original of this asset is kept" in text(owner.get(f"/assets/{asset}/gallery"))
    secret = {"csrf": csrf(owner, "/assets/new")}
    answer = owner.post(f"/assets/{asset}/gallery", data=secret, files=files(("mine.jpg", jpeg(1210, 70))))
    assert answer.status_code == 303, answer.text
    lent = answer.headers["location"]
    tile = owner.get(lent.replace("/gallery?", "/gallery/crop40?"), headers=HTMX)
    assert 'class="attack found"' in tile.text
    picture = lent.replace(f"/assets/{asset}/gallery?", f"/pictures/attacks/{asset}/crop40?")
    assert owner.get(picture).status_code == 200
    for client, path in ((admin, picture), (owner, picture[:-1] + ("0" if picture[-1] != "0" else "1"))):
        assert client.get(path).status_code == 404, "it is this session's alone, and only by its signature"
    none = owner.post(f"/assets/{asset}/gallery", data=secret, files=files(("a.txt", b"no picture in here")))
    assert (none.status_code, "There is no picture in" in none.text) == (422, True)


def test_an_attack_that_hides_it_says_how_near_it_came(server: Server, owner: httpx.Client) -> None:
    tiny = encoded(scene(1211).resize((70, 52)), "PNG")
    asset = server.register({"t.png": tiny}, kind="equipment", title=fresh("Bolt "), keep_originals=True).json()
    address = f"/assets/{asset['id']}/gallery/crop20?reference={asset['references'][0]['id']}"
    tile = text(owner.get(address, headers=HTMX))
    assert re.search(r'id="attack-crop20" class="attack missed"', tile)
    assert "Nothing registered is like it." in tile or asset["title"] in tile

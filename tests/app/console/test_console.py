"""Every page with and without htmx, for those it is for and nobody else."""

import html
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args
from urllib.parse import urlencode

import httpx
import pytest

from app.alerts.schemas import AlertOut
from app.assets.schemas import Reason
from app.console.alerts.views import alert_view
from app.console.assets.views import REASONS
from app.console.rendering import render
from app.console.signed_in import COOKIE
from app.console.speech import language
from app.db.models import now
from app.ingest.jobs import MAX_PICTURES
from tests.app.conftest import Server, fresh
from tests.app.pictures import encoded, jpeg, pdf, scene
from tests.fingerprints.contents.made import seven_zipped, zipped

HTMX = {"HX-Request": "true"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@contextmanager
def signed_in(server: Server, role: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        answer = client.post("/sign-in", data={"token": server.tokens[role]})
        assert answer.status_code == 303, answer.text
        yield client


@pytest.fixture(scope="module")
def leak(server: Server) -> dict[str, Any]:
    """An alert about a photo of an asset whose originals were kept."""
    server.register({"a.jpg": jpeg(901)}, title="Crane 4", kind="equipment", keep_originals=True).raise_for_status()
    verdict = server.verdict(server.post("look", {"leak.jpg": jpeg(901, 40)}))
    found: dict[str, Any] = server["analyst"].get(f"/alerts/{verdict['alert_id']}").json()
    return found


def reveal(client: httpx.Client, alert: str, purpose: str = "triage", **more: str) -> httpx.Response:
    """Have an alert's pictures shown."""
    fields = {"csrf": csrf(client, f"/alerts/{alert}"), "purpose": purpose}
    return client.post(f"/alerts/{alert}/reveal", data=fields | more)


def csrf(client: httpx.Client, path: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', client.get(path).text)
    assert found
    return found[1]


def test_a_stranger_is_sent_to_the_sign_in_page(server: Server) -> None:
    for path in (
        "/",
        "/alerts",
        "/alerts/x",
        "/assets",
        "/assets/new",
        "/alerts/x/reading/0",
        "/pictures/alerts/x/0",
        "/pictures/references/x",
    ):
        answer = httpx.get(server.url + path)
        leads = f"/sign-in?{urlencode({'next': path})}" if path != "/" else "/sign-in"
        assert (answer.status_code, answer.headers["location"]) == (303, leads), path
    assert "<form" in httpx.get(f"{server.url}/sign-in").text


def test_a_wrong_token_and_one_without_pages_are_told_so(server: Server) -> None:
    wrong = httpx.post(f"{server.url}/sign-in", data={"token": "lw_nonsense"})
    assert (wrong.status_code, "not known" in wrong.text) == (401, True)
    gateway = httpx.post(f"{server.url}/sign-in", data={"token": server.tokens["gateway"]})
    assert (gateway.status_code, "no pages" in gateway.text) == (403, True)


def test_the_cookie_is_for_this_site_and_no_script(server: Server) -> None:
    answer = httpx.post(f"{server.url}/sign-in", data={"token": server.tokens["analyst"]})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert server.tokens["analyst"] not in answer.headers["set-cookie"]


def test_signing_out_ends_the_session(server: Server) -> None:
    with signed_in(server, "analyst") as client:
        cookie = client.cookies[COOKIE]
        client.post("/sign-out", data={"csrf": csrf(client, "/alerts")})
    again = httpx.get(f"{server.url}/alerts", headers={"Cookie": f"{COOKIE}={cookie}"})
    assert again.status_code == 303


def test_the_queue_whole_and_as_a_fragment(analyst: httpx.Client, leak: dict[str, Any]) -> None:
    whole, fragment = analyst.get("/alerts?order=newest"), analyst.get("/alerts?order=newest", headers=HTMX)
    for answer in (whole, fragment):
        assert f"/alerts/{leak['id']}" in answer.text
        assert "Crane 4" in answer.text
    assert "<html" in whole.text
    assert "<html" not in fragment.text
    assert fragment.text.strip().startswith('<div id="queue"')


def test_an_alert_shows_both_pictures_and_what_matched(analyst: httpx.Client, leak: dict[str, Any]) -> None:
    whole, fragment = analyst.get(f"/alerts/{leak['id']}"), analyst.get(f"/alerts/{leak['id']}", headers=HTMX)
    assert "<html" not in fragment.text
    for answer in (whole, fragment):
        assert "Crane 4" in answer.text
        assert 'class="outline"' in answer.text
        for source in re.findall(r'<img src="(/pictures/[^"]+)"', answer.text):
            picture = analyst.get(source)
            assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
            assert picture.content.startswith(b"\xff\xd8")
        assert len(re.findall(r'<img src="/pictures/', answer.text)) == 2


def test_the_whole_reading_comes_in_its_place_or_on_a_page_of_its_own(analyst: httpx.Client, leak: dict[str, Any]) -> None:
    path = f"/alerts/{leak['id']}/reading/0"
    reveal(analyst, leak["id"])
    assert f'action="{path}"' in analyst.get(f"/alerts/{leak['id']}").text
    whole, fragment = analyst.get(path), analyst.get(path, headers=HTMX)
    assert f'href="/alerts/{leak["id"]}"' in whole.text
    assert "<html" in whole.text
    assert "<html" not in fragment.text
    assert "All that can be read" in whole.text
    assert "All that can be read" in fragment.text
    missing = analyst.get(f"/alerts/{leak['id']}/reading/7")
    assert (missing.status_code, "No picture of this part" in missing.text) == (404, True)


def test_a_reference_that_was_not_kept_is_not_shown(server: Server, analyst: httpx.Client) -> None:
    server.register({"a.jpg": jpeg(902)}, title="Mast 9", kind="equipment").raise_for_status()
    alert = server.verdict(server.post("", {"x.jpg": jpeg(902, 50)}))["alert_id"]
    shown = analyst.get(f"/alerts/{alert}").text
    assert "No original is kept" in shown
    assert len(re.findall(r'<img src="/pictures/', shown)) == 1


def test_every_page_of_a_posted_file_is_named_and_pictured(server: Server, analyst: httpx.Client) -> None:
    server.register({"both.pdf": pdf(905, 906)}, title="Plan 7", kind="document", keep_originals=True).raise_for_status()
    alert = server.verdict(server.post("", {"scan.pdf": pdf(906, 905)}))["alert_id"]
    shown = analyst.get(f"/alerts/{alert}").text
    assert [f"scan.pdf, page {page}" in shown for page in (1, 2)] == [True, True]
    sources = [html.unescape(one) for one in re.findall(r'<img src="(/pictures/[^"]+)"', shown)]
    pictures = {source: analyst.get(source) for source in sources}
    assert {answer.status_code for answer in pictures.values()} == {200}
    assert len(pictures) == 4
    assert len({answer.content for answer in pictures.values()}) == 2, "each page's own picture, twice: posted and registered"


def test_a_page_beyond_those_kept_as_pictures_says_so(server: Server, analyst: httpx.Client) -> None:
    seeds = range(920, 920 + MAX_PICTURES + 1)
    server.register({"all.pdf": pdf(*seeds)}, title="Atlas", kind="document", keep_originals=True).raise_for_status()
    alert = server.verdict(server.post("", {"atlas.pdf": pdf(*reversed(seeds))}))["alert_id"]
    page = analyst.get(f"/alerts/{alert}").text
    named = re.findall(r'href="(/alerts/\w+/matches/\d+)"', page)
    assert 1 < len(named) < MAX_PICTURES, "some are shown at once, the others have a page"
    shown = page + "".join(analyst.get(address, headers=HTMX).text for address in named)
    assert len(re.findall(r'src="/pictures/alerts/\w+/0\?', shown)) == MAX_PICTURES
    assert len(re.findall(r'src="/pictures/alerts/\w+/references/', shown)) == MAX_PICTURES + 1
    assert shown.count("No picture of this part was kept") == 1


def test_what_could_not_be_inspected_is_said_with_the_files_of_the_message(server: Server, analyst: httpx.Client) -> None:
    server.register(terms=["Brambling9"], title="Brambling").raise_for_status()
    verdict = server.verdict(server.post("Brambling9", {"fine.txt": b"nothing here", "bad.jpg": b"\xff\xd8\xff\xe0 no"}))
    shown = analyst.get(f"/alerts/{verdict['alert_id']}").text
    assert "fine.txt" in shown
    said = shown[shown.index("Not inspected") : shown.index("History")]
    assert "bad.jpg" in said
    assert "The picture is damaged" in said
    assert "corrupt:" not in said


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_nobody_could_look_into_waits_for_a_person_where_the_operator_wants_it(
    server: Server, analyst: httpx.Client, headers: dict[str, str]
) -> None:
    verdict = server.verdict(server.post("for you", {"plan.7z": seven_zipped({"a.txt": b"text"}, password="x")}))
    assert (verdict["verdict"], verdict["severity"], verdict["matches"]) == ("review", "low", [])
    assert server.verdict(server.post("", {"a.exe": b"MZ" + bytes(range(256))}))["verdict"] == "clear"
    page = f"/alerts/{verdict['alert_id']}"
    assert "Could not be inspected: plan.7z" in analyst.get("/alerts?order=newest").text
    assert "It asks for a password" in analyst.get(page).text
    form = {"csrf": csrf(analyst, page), "resolution": "false_positive", "note": "asked the sender"}
    assert analyst.post(f"{page}/resolve", data=form, headers=headers).status_code == (200 if headers else 303)
    assert server["analyst"].get(f"/alerts/{verdict['alert_id']}").json()["resolution"] == "false_positive"


def test_a_reference_not_kept_is_framed_in_its_own_proportions(leak: dict[str, Any]) -> None:
    def framed(aspect: float | None) -> str:
        told = AlertOut.model_validate(leak)
        told.matches[0].evidence["geometry"].pop("reference_aspect", None)
        if aspect:
            told.matches[0].evidence["geometry"]["reference_aspect"] = aspect
        return render("alerts/alert.html", alert=alert_view(language("en"), told), form={}, lived=0)

    assert 'width="840" height="420" viewBox="0 0 2.0 1"' in framed(2.0)
    assert 'viewBox="0 0 0.75 1"' in framed(None)


def test_passages_say_what_of_them_is_not_shown(server: Server, analyst: httpx.Client) -> None:
    text = " ".join(f"clause {i * 7919 % 9973} of the treaty binds signatory {i * 104729 % 7907}." for i in range(40))
    server.register({"long.txt": text.encode()}, title="Treaty", kind="text", keep_originals=True).raise_for_status()
    verdict = server.verdict(server.post(text))
    [passage] = verdict["matches"][0]["evidence"]["text"]["passages"]
    left = passage["end"] - passage["start"] - len(passage["text"])
    assert left > 0
    reveal(analyst, verdict["alert_id"])
    assert analyst.get(f"/alerts/{verdict['alert_id']}").text.count(f"({left} more characters)") == 2
    told = AlertOut.model_validate(server["analyst"].get(f"/alerts/{verdict['alert_id']}").json())
    told.matches[0].evidence["text"]["more_passages"] = 3
    shown = alert_view(language("en"), told, revealed=now())
    assert "and 3 more passages" in render("alerts/alert.html", alert=shown, form={}, lived=0)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_acknowledge_resolve_reopen(server: Server, analyst: httpx.Client, headers: dict[str, str]) -> None:
    alert = server.alert()["id"]
    secret = csrf(analyst, f"/alerts/{alert}")

    def step(name: str, **fields: str) -> dict[str, Any]:
        answer = analyst.post(f"/alerts/{alert}/{name}", data={"csrf": secret, **fields}, headers=headers)
        assert answer.status_code == (200 if headers else 303), answer.text
        now: dict[str, Any] = server["analyst"].get(f"/alerts/{alert}").json()
        return now

    assert (seen := step("acknowledge"))["status"] == "acknowledged"
    assert seen["assignee"] == "ana"
    done = step("resolve", resolution="false_positive", note="an old photo")
    assert (done["status"], done["resolution"]) == ("resolved", "false_positive")
    assert done["history"][-1]["note"] == "an old photo"
    assert step("reopen")["status"] == "open"


def test_resolving_needs_a_reason(server: Server, analyst: httpx.Client) -> None:
    alert = server.alert()["id"]
    fields = {"csrf": csrf(analyst, f"/alerts/{alert}"), "resolution": "benign_positive", "note": "  "}
    answer = analyst.post(f"/alerts/{alert}/resolve", data=fields)
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert "Give a reason." in answer.text
    assert re.search(r'value="benign_positive" required data-key="2"\s+checked', answer.text)
    without = analyst.post(f"/alerts/{alert}/resolve", data=fields | {"resolution": "", "note": "seen it"})
    assert (without.status_code, "Say what it is." in without.text, "seen it</textarea>" in without.text) == (422, True, True)
    assert server["analyst"].get(f"/alerts/{alert}").json()["status"] == "open"


def test_a_form_from_elsewhere_is_refused(server: Server, analyst: httpx.Client, owner: httpx.Client) -> None:
    alert = server.alert()["id"]
    for secret in ("", "0" * 64, csrf(owner, "/assets/new")):
        answer = analyst.post(f"/alerts/{alert}/acknowledge", data={"csrf": secret})
        assert answer.status_code == 403
    assert owner.post("/assets", data={"title": "x"}, files={"files": b""}).status_code == 403
    assert server["analyst"].get(f"/alerts/{alert}").json()["status"] == "open"


def test_registering_by_form(owner: httpx.Client) -> None:
    title, secret = fresh("Pump "), csrf(owner, "/assets/new")
    fields = {
        "csrf": secret,
        "title": title,
        "kind": "equipment",
        "level": "secret",
        "tags": "PX-770031, PX-770032",
        "keep_originals": "true",
    }
    answer = owner.post("/assets", data=fields, files=[("files", ("p.jpg", jpeg(903), "image/jpeg"))])
    assert answer.status_code == 303, answer.text
    page = owner.get(answer.headers["location"]).text
    assert title in page
    assert "PX-770032" in page
    [picture] = re.findall(r'<img src="(/pictures/references/[^"]+)"', page)
    assert owner.get(picture).status_code == 200
    assert title in owner.get("/assets").text
    assert title in owner.get("/assets", headers=HTMX).text
    owner.post(answer.headers["location"] + "/retire", data={"csrf": secret})
    assert owner.get(answer.headers["location"]).status_code == 404


def test_an_assets_page_tells_how_far_its_registration_is(server: Server, owner: httpx.Client) -> None:
    files = {f"{n:02}.txt": f"{fresh()} page {n} of the long report, which nobody has read".encode() for n in range(45)}
    asset = server.register({"all.zip": zipped(files | {"x.exe": b"MZ" + bytes(range(256))})}, title="Long report").json()["id"]
    assert re.search(r"[0-9]+ of 45 pages, photos and texts are registered", owner.get(f"/assets/{asset}").text)
    assert "registering" in owner.get("/assets").text
    for _ in range(600):
        if server["owner"].get(f"/assets/{asset}").json()["status"] == "ready":
            break
        time.sleep(0.1)
    done = owner.get(f"/assets/{asset}", headers=HTMX).text
    assert "are registered" not in done
    assert "Not read: all.zip, x.exe: This kind of file" in done


def test_an_assets_page_says_why_a_picture_is_hard_to_recognise(server: Server, owner: httpx.Client) -> None:
    foreign = server.register({"f.jpg": jpeg(904)}, role="admin", kind="equipment", title=fresh("Foreign "), owner="else").json()
    mine = server.register({"m.jpg": jpeg(905)}, kind="equipment", title=fresh("Mine ")).json()
    files = {"f.jpg": jpeg(904, 60), "m.jpg": jpeg(905, 60), "tiny.png": encoded(scene(906).resize((120, 90)), "PNG")}
    asset = server.register(files, kind="equipment", title=fresh("All ")).json()
    page = html.unescape(owner.get(f"/assets/{asset['id']}").text)
    for reference in asset["references"]:
        assert reference["distinctiveness"]["reasons"]
        for reason in reference["distinctiveness"]["reasons"]:
            assert reason["advice"] in page
    names = [reason["name"] for reference in asset["references"] for reason in reference["distinctiveness"]["reasons"]]
    assert [page.count(f">{says}<") for says in REASONS.values()] == [names.count(name) for name in REASONS]
    assert f'href="/assets/{mine["id"]}"' in page
    assert foreign["id"] not in page
    assert f"“{foreign['title']}” of else" in page
    assert set(REASONS) == set(get_args(Reason))


def test_what_is_wrong_with_a_registration_is_said_above_the_form(owner: httpx.Client) -> None:
    fields = {"csrf": csrf(owner, "/assets/new"), "title": "Kept title", "kind": "document", "level": "secret"}
    for files, says in (
        ([("files", ("bad.jpg", b"\xff\xd8\xff\xe0 no", "image/jpeg"))], "bad.jpg"),
        ([("files", ("", b""))], "at least one file"),
    ):
        answer = owner.post("/assets", data=fields, files=files)
        assert answer.status_code == 422
        assert says in answer.text
        assert 'value="Kept title"' in answer.text


def test_a_body_too_large_is_told_on_the_form_too(owner: httpx.Client) -> None:
    fields = {"csrf": csrf(owner, "/assets/new"), "title": "t", "kind": "document", "level": "secret"}
    many = [("files", (f"{i}.bin", bytes(1_900_000))) for i in range(3)]
    answer = owner.post("/assets", data=fields, files=many)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "text/html; charset=utf-8")
    assert "These files together are larger than 5 MB." in answer.text


def test_a_title_may_be_as_long_as_the_form_lets_it_be(owner: httpx.Client) -> None:
    page = owner.get("/assets/new").text
    fields = {"csrf": csrf(owner, "/assets/new"), "kind": "document", "level": "secret", "tags": "LT-4488120"}
    [most] = re.findall(r'name="title" required maxlength="(\d+)"', page)
    for length, status in ((int(most), 303), (int(most) + 1, 422)):
        answer = owner.post("/assets", data=fields | {"title": "t" * length}, files=[("files", ("", b""))])
        assert answer.status_code == status, answer.text
    assert f"Title: is longer than {most} characters" in answer.text
    assert "t" * (int(most) + 1) in answer.text


def test_each_role_has_its_pages(server: Server, analyst: httpx.Client, owner: httpx.Client, leak: dict[str, Any]) -> None:
    assert owner.get("/alerts").status_code == 403
    assert owner.get(f"/pictures/alerts/{leak['id']}/0").status_code == 403
    assert analyst.get("/assets").status_code == 200
    assert analyst.get("/assets/new").status_code == 403
    other = server.register({"a.jpg": jpeg(904)}, "admin", title="Somebody else's", owner="nobody", keep_originals=True).json()
    assert owner.get(f"/assets/{other['id']}").status_code == 404
    assert owner.get(f"/pictures/references/{other['references'][0]['id']}").status_code == 404
    assert analyst.get(f"/pictures/references/{other['references'][0]['id']}").status_code == 200


def test_what_people_wrote_is_text_and_pages_allow_no_foreign_script(server: Server, analyst: httpx.Client) -> None:
    alert = server.alert(sender={"id": "u", "name": "<script>alert(1)</script>"})["id"]
    answer = analyst.get(f"/alerts/{alert}")
    assert "<script>alert" not in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    script = httpx.get(f"{server.url}/static/htmx.min.js")
    assert (script.status_code, script.headers["content-encoding"]) == (200, "gzip")


def test_an_unknown_page_part_is_a_page_too(analyst: httpx.Client) -> None:
    answer = analyst.get("/alerts/nothing")
    assert (answer.status_code, "There is no such alert" in answer.text) == (404, True)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/alerts?status=bogus", 422),
        ("/alerts?cursor=zzzz", 422),
        ("/pictures/alerts/x/abc", 422),
        ("/nonexistent", 404),
        ("/sign-out", 405),
    ],
)
def test_a_wrong_address_is_answered_with_a_page(analyst: httpx.Client, path: str, status: int) -> None:
    answer = analyst.get(path, headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert 'role="alert"' in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_the_api_tells_browsers_too_with_problem_documents(analyst: httpx.Client) -> None:
    for path in ("/api/nonexistent", "/api/v1/alerts"):
        assert analyst.get(path, headers=BROWSER).headers["content-type"] == "application/problem+json"
    assert analyst.get("/nonexistent").headers["content-type"] == "application/problem+json"


def test_htmx_is_told_to_leave_for_the_sign_in_page(server: Server) -> None:
    for method, path in (("GET", "/alerts"), ("POST", "/alerts/x/acknowledge")):
        answer = httpx.request(method, server.url + path, headers=HTMX)
        assert (answer.status_code, answer.headers["hx-redirect"], answer.text) == (204, "/sign-in", "")


def test_words_fit_what_they_are_about(server: Server, analyst: httpx.Client) -> None:
    channel = {"id": "one", "members": 1}
    marked = server.verdict(server.post("", {"m.txt": b"TOP SECRET//NOFORN\nthe meeting is moved"}, channel=channel))
    shown = analyst.get(f"/alerts/{marked['alert_id']}").text
    assert "it is marked top secret, and it should not be here" in shown
    assert "registered thing" not in shown
    assert "1 member<" in shown
    registered = server.alert(channel=channel | {"members": 2})["id"]
    shown = analyst.get(f"/alerts/{registered}").text
    assert "it is the registered thing, and it should not be here" in shown
    assert "2 members<" in shown


def test_the_api_s_page_lists_every_call_and_loads_nothing_from_elsewhere(server: Server) -> None:
    page = httpx.get(f"{server.url}/api/docs").text
    description = httpx.get(f"{server.url}/api/openapi.json").json()
    assert all(path in page for path in description["paths"])
    assert "http://" not in page
    assert "https://" not in page
    failures = description["paths"]["/api/v1/messages"]["post"]["responses"]["422"]["content"]
    assert list(failures) == ["application/problem+json"]

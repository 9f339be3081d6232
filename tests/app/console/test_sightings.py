"""Where something was seen, on a page: of a picture that is brought, and of what a message held; with and without htmx."""

import html
import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.console.routes import PAGE
from app.console.sightings.asking import Asked, read, written
from app.console.sightings.views import likeness, row, summary, wanted
from app.console.speech import language
from app.ingest.trials import SAMPLE, Like
from app.sightings.repository import Raised
from app.sightings.seeking import PARTS, Alike
from app.sightings.service import Sighting
from tests.app.audit.test_everything import entries
from tests.app.conftest import Server, fresh
from tests.app.console.test_console import HTMX, csrf, signed_in
from tests.app.pictures import encoded, jpeg, scene
from tests.app.sightings.test_sightings import message, part, record

ENGLISH = language("en")
likes = st.builds(
    Like,
    st.binary(min_size=32, max_size=32).map(bytes.hex),
    st.sampled_from([b""]) | st.binary(min_size=64, max_size=64),
    st.lists(st.binary(min_size=4, max_size=4), max_size=SAMPLE).map(b"".join),
)


@given(st.lists(likes, min_size=1, max_size=PARTS))
def test_what_stands_in_an_address_is_read_again(some: list[Like]) -> None:
    told = written(some)
    assert re.fullmatch(r"[A-Za-z0-9_.~-]+", told)
    assert read(told) == some
    assert Asked(like=told).like == told, "so much is let in"


@pytest.mark.parametrize(
    "told",
    [
        "",
        "x",
        "a" * 44,
        "a" * 127,
        "a" * 43 + "." * 2,
        "a" * 43 + "~aaaaaaa",
        "a" * 43 + "~",
        ".".join(["a" * 43] * (PARTS + 1)),
        "é" * 43,
    ],
)
def test_what_was_not_written_by_us_is_not_read(told: str) -> None:
    with pytest.raises(ValueError, match="not written"):
        read(told)


def seen(distance: int = 0, exact: bool = False, raised: Raised | None = None, **more: Any) -> Alike:
    at = datetime(2026, 3, 2, 9, 31, tzinfo=UTC)
    channel = {"id": "fam-17", "name": "Family", "members": 17, "external": True} | more.pop("channel", {})
    head = {"channel": channel, "sender": {"id": "u-4711", "name": "Zhang"}}
    values: dict[str, Any] = {"id": "sgt_1", "message_id": "msg_1", "external_id": "m", "position": 0, "part": "page 2"}
    values |= {"digest": "d", "size": 1, "perceptual": 5, "gateway": "hq", "sent_at": at, "received_at": at, "head": head}
    return Alike(Sighting(**(values | {"deleted_at": None, "deleted_by": None} | more)), distance, exact, raised)


def test_likeness_is_said_in_words_and_the_doubtful_is_marked() -> None:
    said = [likeness(ENGLISH, one) for one in (seen(exact=True), seen(0), seen(4), seen(5), seen(10))]
    assert said == [
        "the same file",
        *["the same picture, saved again"] * 2,
        *["much like it as a whole: look before you rely on it"] * 2,
    ]
    assert [row(ENGLISH, seen(bits))["sure"] for bits in (0, 4, 5, 10)] == [True, True, False, False]
    assert [row(ENGLISH, one)["differs"] for one in (seen(exact=True), seen(0), seen(3))] == ["", "", "3 of 64 points differ"]


def test_of_a_text_it_is_said_how_much_of_it_agrees() -> None:
    some = [replace(seen(), distance=None, agrees=share) for share in (1.0, 0.5, 0.06)]
    said = [(told["like"], told["agrees"], told["sure"]) for told in (row(ENGLISH, one) for one in some)]
    assert said == [
        ("the same text", "100% of the text agrees", True),
        ("most of the text", "50% of the text agrees", True),
        ("a part of the text: look before you rely on it", "6% of the text agrees", False),
    ]


def test_a_line_says_where_who_and_what_became_of_it() -> None:
    told = row(ENGLISH, seen(raised=Raised("msg_1", "alr_1", "resolved", "true_positive")))
    assert (told["channel"], told["sender"], told["gateway"], told["part"]) == ("Family", "Zhang", "hq", "page 2")
    assert (told["alert"], told["stands"]) == ("alr_1", "Resolved: a leak")
    nameless = row(ENGLISH, seen(channel={"name": ""}))
    assert (nameless["channel"], nameless["alert"], nameless["stands"]) == ("fam-17", None, "")


def test_filters_leave_what_is_meant() -> None:
    raised = Raised("msg_1", "alr_1", "open", None)
    here, there = seen(raised=raised), seen(channel={"id": "office", "name": "Office", "external": False})
    both = [here, there]
    left = {only: wanted(both, Asked.model_validate({"only": only})) for only in ("", "alerts", "clear", "external")}
    assert left == {"": both, "alerts": [here], "clear": [there], "external": [here]}
    assert wanted(both, Asked(q="zhang OFF")) == [there]
    assert wanted(both, Asked(q="hq")) == both
    assert wanted(both, Asked(q="nobody")) == []
    later = seen(sent_at=datetime(2026, 3, 2, 10, tzinfo=UTC) + timedelta(hours=1), raised=raised)
    told = summary([here, there, later])
    assert told == {
        "seen": 3,
        "channels": 2,
        "external": 1,
        "people": 1,
        "first": here.sighting.at,
        "first_channel": "Family",
        "alerts": 1,
    }


@pytest.fixture(scope="module")
def analyst(server: Server) -> Iterator[httpx.Client]:
    with signed_in(server, "analyst") as client:
        yield client


def bring(client: httpx.Client, name: str, data: bytes, headers: dict[str, str], **more: str) -> httpx.Response:
    fields = {"csrf": csrf(client, "/sightings"), **more}
    return client.post("/sightings", data=fields, files=[("files", (name, data))], headers=headers)


def place(answer: httpx.Response) -> str:
    """Where it leads."""
    assert answer.status_code == (204 if "HX-Redirect" in answer.headers else 303), answer.text
    return answer.headers.get("HX-Redirect") or answer.headers["location"]


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_picture_is_brought_and_seen_where_it_was(server: Server, analyst: httpx.Client, headers: dict[str, str]) -> None:
    picture, room = scene(951 + bool(headers)), fresh("Family ")
    server.register({"it.jpg": encoded(picture, "JPEG", quality=95)}, kind="equipment").raise_for_status()
    where = {"id": room, "name": f"{room} <b>", "external": True, "members": 17}
    copy = {"a.jpg": encoded(picture.rotate(90, expand=True), "JPEG", quality=50)}
    alert = server.verdict(server.post("", copy, channel=where, sender={"id": "u", "name": "Zhang"}))["alert_id"]
    told = place(bring(analyst, "x.jpg", encoded(picture, "JPEG", quality=80), headers))
    assert told.startswith("/sightings?like=")
    page = analyst.get(told, headers=headers)
    assert ("<html" in page.text) is not bool(headers)
    line = page.text[page.text.index("<ol class") :].partition("</ol>")[0]
    assert f"{room} &lt;b&gt;" in line
    for said in ("external", "17 members", "Zhang", "the same picture, saved again", f'<a href="/alerts/{alert}">', "Open"):
        assert said in line, said
    assert "1 of them external" in page.text
    for filtered, there in (
        ("only=alerts", True),
        ("only=clear", False),
        ("q=zhang", True),
        ("q=nobody", False),
        ("days=all", True),
    ):
        shown = analyst.get(f"{told}&{filtered}", headers=headers).text
        assert (f"{room} &lt;b&gt;" in shown) is there, filtered
        assert ("Nothing matches these filters." in shown) is not there


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_nobody_saw_is_said_and_what_else_can_be_done(analyst: httpx.Client, headers: dict[str, str]) -> None:
    told = place(bring(analyst, "x.jpg", jpeg(953), headers))
    shown = analyst.get(told, headers=headers).text
    assert "Nothing like it was seen." in shown
    assert html.escape(f"{told}&days=all") in shown
    assert "Look as far back" not in analyst.get(f"{told}&days=all", headers=headers).text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_errors_say_what_to_do(analyst: httpx.Client, headers: dict[str, str]) -> None:
    for name, data, status, says in (
        ("", b"", 422, "Choose a file."),
        ("x.jpg", b"\xff\xd8\xff none", 422, "“x.jpg” cannot be used"),
        ("y.jpg", bytes(2_000_001), 413, "The file “y.jpg” is larger than 2 MB."),
    ):
        answer = bring(analyst, name, data, headers)
        [said] = re.findall(r'role="alert">([^<]+)', answer.text)
        assert (answer.status_code, says in said) == (status, True), said
        assert 'type="file"' in answer.text, "to be tried again"
    for address, status, says in (
        ("/sightings?message=msg_none", 404, "Nothing that this message held is remembered"),
        ("/sightings?like=abc", 422, "This address is not complete: choose the picture again."),
    ):
        answer = analyst.get(address, headers=headers)
        assert (answer.status_code, says in answer.text, 'type="file"' in answer.text) == (status, True, True)
    assert analyst.get("/sightings?days=soon", headers=headers).status_code == 422
    assert bring(analyst, "x.jpg", jpeg(953), headers, csrf="0" * 64).status_code == 403


def test_an_alert_leads_to_where_else_its_pictures_were_seen(server: Server, analyst: httpx.Client) -> None:
    picture, rooms = jpeg(955), [fresh("room"), fresh("room")]
    before = server.post("", {"a.jpg": picture}, channel={"id": rooms[0]})
    assert server.verdict(before)["verdict"] == "clear", "it was not registered yet"
    word = f"codeword{fresh('')}z"
    server.register(terms=[word]).raise_for_status()
    alert = server.verdict(server.post(word, {"b.jpg": picture}, channel={"id": rooms[1]}))["alert_id"]
    [link] = re.findall(r'<a href="(/sightings\?message=[^"]+)"', analyst.get(f"/alerts/{alert}").text)
    shown = analyst.get(link).text
    listed = shown[shown.index("<ol class") :].partition("</ol>")[0]
    assert f'<a href="/alerts/{alert}" data-key="back">' in shown
    assert (rooms[0] in listed, rooms[1] in listed) == (True, False), "not the message itself"
    assert "the same file" in listed
    assert "no alert" in listed
    [entry] = entries(server, object=link.partition("=")[2])
    assert (entry["actor"], entry["action"], entry["object_kind"]) == ("ana", "sightings.searched", "message")
    words = server.alert()["id"]
    assert "/sightings?message=" not in analyst.get(f"/alerts/{words}").text, "there is no file in it"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_pasted_text_is_found_in_a_document_that_was_seen(
    server: Server, analyst: httpx.Client, headers: dict[str, str]
) -> None:
    room, words = fresh("Family "), " ".join(secrets.token_hex(3) for _ in range(80))
    other = " ".join(secrets.token_hex(3) for _ in range(80))
    seen_in = {"id": room, "name": room}
    for text in (f"{words} {other}", other):
        assert server.verdict(server.post("", {"a.txt": text.encode()}, channel=seen_in))["verdict"] == "clear"
    fields = {"csrf": csrf(analyst, "/sightings"), "text": f"  {words.upper()}"}
    told = place(analyst.post("/sightings/text", data=fields, headers=headers))
    shown = analyst.get(told, headers=headers).text
    listed = shown[shown.index("<ol class") :].partition("</ol>")[0]
    assert (listed.count("<li"), room in listed, "the same text" in listed) == (1, True, True)
    assert words.split()[0] not in told, "no text stands in the address"
    for text, says in (("", "Paste a text."), ("a few", "Paste more of the text")):
        answer = analyst.post("/sightings/text", data={**fields, "text": text}, headers=headers)
        assert (answer.status_code, says in answer.text) == (422, True)


def test_many_sightings_come_in_pages(server: Server, analyst: httpx.Client) -> None:
    digest = secrets.token_hex(32)
    rows = [message((PAGE + 2 - number) / 1000) for number in range(PAGE + 1)]
    for one in rows:
        server.run(record(server.house.database, one, part(digest, whole=False)))
    told = Asked(like=written([Like(digest)])).address()
    first = analyst.get(told).text
    assert f"1–{PAGE} of {PAGE + 1}, the earliest first" in first
    assert first.count('<li id="sgt_') == PAGE
    assert "only the very same file is found" in first
    [later] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = analyst.get(html.unescape(later)).text
    assert second.count('<li id="sgt_') == 1
    assert 'rel="next"' not in second
    assert f'rel="prev" href="{html.escape(told)}"' in second


def test_sightings_are_for_analysts(server: Server) -> None:
    assert httpx.get(f"{server.url}/sightings").headers["location"] == "/sign-in?next=%2Fsightings"
    for role in ("owner", "auditor", "admin"):
        with signed_in(server, role) as client:
            assert client.get("/sightings").status_code == 403
            assert 'href="/sightings"' not in client.get("/account").text
    with signed_in(server, "analyst") as client:
        assert 'href="/sightings" aria-current="page"' in re.sub(r"\s+", " ", client.get("/sightings").text)

"""``/messages`` and ``/check`` over HTTP."""

import base64
import json
import random
from typing import Any

import httpx
import pytest

from tests.app.conftest import Server, fresh, message
from tests.app.pictures import ACCEPTED, REFUSED, TRUNCATED, jpeg
from tests.fingerprints.contents.made import mailed, seven_zipped, word, zipped
from tests.fingerprints.contents.test_archives import nested


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == status
    assert told["detail"]
    return told


def test_the_same_message_is_accepted_once(server: Server) -> None:
    name = fresh()
    first = server.post("hello", message_id=name)
    again = server.post("something else", message_id=name)
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["status"] == "queued"
    assert first.json()["id"] == again.json()["id"]


def test_a_clear_message_leaves_only_hashes(server: Server) -> None:
    answer = server.post("", {"a.jpg": jpeg(1)})
    assert server.verdict(answer) | {"elapsed_ms": 0} == {
        "verdict": "clear",
        "severity": "none",
        "matches": [],
        "alert_id": None,
        "unread": [],
        "excused": [],
        "elapsed_ms": 0,
    }

    async def kept() -> list[str | None]:
        from app.ingest import repository  # noqa: PLC0415

        async with server.house.database.reading() as session:
            return [row.blob for row in await repository.attachments(session, [answer.json()["id"]])]

    assert server.run(kept()) == [None]


def test_base64_and_multipart_are_the_same(server: Server) -> None:
    server.register({"a.jpg": jpeg(2)}, kind="equipment").raise_for_status()
    data = base64.b64encode(jpeg(2)).decode()
    body = message("", attachments=[{"name": "a.jpg", "content_type": "image/jpeg", "data": data}])
    inline = server.verdict(server["gateway"].post("/messages", json=body))
    beside = server.verdict(server.post("", {"a.jpg": jpeg(2)}))
    drop = {"alert_id": None, "elapsed_ms": 0}
    assert inline | drop == beside | drop
    assert inline["verdict"] == "leak"


def test_check_answers_with_the_verdict(server: Server) -> None:
    server.register(terms=["ORCHID-77"]).raise_for_status()
    body = message("the ORCHID-77 is here")
    told = server["gateway"].post("/check", params={"timeout_ms": 20000}, json=body).json()
    assert told["matches"][0]["detector"] == "watch_term"
    assert told["alert_id"]
    again = server["gateway"].post("/check", json=body).json()
    assert again == told


def test_check_that_runs_out_of_time_is_still_inspected(server: Server) -> None:
    attached = {"name": "a.jpg", "data": base64.b64encode(jpeg(41)).decode()}
    body = message("nothing to see") | {"attachments": [attached]}
    told = server["gateway"].post("/check", params={"timeout_ms": 0}, json=body).json()
    assert told["verdict"] == "pending"
    assert server.verdict(server["gateway"].get(f"/messages/{told['id']}"))["verdict"] == "clear"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"channel": None}, "channel"),
        ({"channel": {}}, "channel.id"),
        ({"sender": {"id": ""}}, "sender.id"),
        ({"text": "", "attachments": []}, "text"),
        ({"sent_at": "2026-03-02T09:31:00"}, "sent_at"),
        ({"text": "x" * 1_000_001}, "text"),
        ({"attachments": [{"name": "a.jpg"}]}, "attachments.0.data"),
        ({"attachments": [{"name": "a.jpg", "data": "not base64!"}]}, "attachments.0.data"),
    ],
)
def test_what_is_wrong_is_named(server: Server, change: dict[str, Any], says: str) -> None:
    told = problem(server["gateway"].post("/messages", json=message("hello") | change), 422)
    assert says in told["detail"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"text": "\\ud800"}', b"\xff\xfe"])
def test_what_is_no_message_is_refused(server: Server, body: bytes) -> None:
    problem(server["gateway"].post("/messages", content=body, headers={"content-type": "application/json"}), 422)


def test_lone_surrogates_are_refused(server: Server) -> None:
    body = json.dumps(message("broken \ud800 text"))
    problem(server["gateway"].post("/messages", content=body, headers={"content-type": "application/json"}), 422)


def test_other_bodies_are_refused(server: Server) -> None:
    problem(server["gateway"].post("/messages", content=b"hello", headers={"content-type": "text/plain"}), 415)
    cut_short = b'--b\r\nContent-Disposition: form-data; name="message"\r\n\r\n{"ga'
    headers = {"content-type": "multipart/form-data; boundary=b"}
    problem(server["gateway"].post("/messages", content=cut_short, headers=headers), 422)


def test_files_and_descriptions_must_fit(server: Server) -> None:
    told = problem(server.post("", {"a.jpg": jpeg(1)}, attachments=[{"name": "a"}, {"name": "b"}]), 422)
    assert told["code"] == "files_do_not_fit"


def test_limits_are_told(server: Server) -> None:
    assert problem(server.post("", {"big.bin": bytes(2_000_001)}), 413)["code"] == "file_too_large"
    assert problem(server.post("", {f"{i}.jpg": b"x" for i in range(5)}), 413)["code"] == "too_many_files"
    assert problem(server.post("", {f"{i}.bin": bytes(1_900_000) for i in range(3)}), 413)["code"] == "body_too_large"
    attachments = [{"name": "big.bin", "data": base64.b64encode(bytes(2_000_001)).decode()}]
    assert (
        problem(server["gateway"].post("/messages", json=message("", attachments=attachments)), 413)["code"] == "file_too_large"
    )


@pytest.mark.parametrize("name", [*ACCEPTED])
def test_odd_pictures_are_inspected(server: Server, name: str) -> None:
    verdict = server.verdict(server.post("", {name: ACCEPTED[name]()}))
    assert verdict["verdict"] == "clear"
    assert verdict["unread"] == []


@pytest.mark.parametrize("name", [*REFUSED, *TRUNCATED])
def test_what_cannot_be_read_is_told(server: Server, name: str) -> None:
    data = (REFUSED | TRUNCATED)[name]()
    verdict = server.verdict(server.post("look", {"fine.jpg": jpeg(3), name: data}))
    assert [one["attachment"] for one in verdict["unread"]] == [1]
    assert verdict["unread"][0]["reason"]


def test_a_message_belongs_to_its_gateway(server: Server) -> None:
    answer = server.post("mine")
    problem(server["gateway"].post("/messages", json=message("x", gateway="other")), 403)
    problem(server["analyst"].post("/messages", json=message("x")), 403)
    problem(server["gateway"].get("/messages/nope"), 404)
    problem(server["owner"].get(f"/messages/{answer.json()['id']}"), 403)
    assert server["analyst"].get(f"/messages/{answer.json()['id']}").status_code == 200
    with httpx.Client(base_url=f"{server.url}/api/v1") as nobody:
        told = nobody.post("/messages", json=message("x"))
        problem(told, 401)
        assert told.headers["www-authenticate"] == "Bearer"
        problem(nobody.get("/alerts", headers={"Authorization": "Bearer wrong"}), 401)


def test_times_come_back_in_utc(server: Server) -> None:
    alert = server.alert(sent_at="2026-03-02T17:31:00+08:00")
    assert alert["message"]["sent_at"] == "2026-03-02T09:31:00Z"
    assert alert["created_at"].endswith("Z")


def test_a_registered_picture_in_a_word_file_in_an_archive_in_a_mail(server: Server) -> None:
    """And a picture of the alert is shown as if it had been sent alone."""
    picture = jpeg(977, 80)
    asset = server.register({"a.jpg": picture}, title="Lathe", kind="equipment").raise_for_status().json()
    inside = word("nothing to see", picture=jpeg(977, 60))
    verdict = server.verdict(server.post("", {"mail.eml": mailed({"all.zip": zipped({"note.docx": inside, "x.txt": b"x"})})}))
    [match] = verdict["matches"]
    assert (match["asset_id"], match["detector"], match["attachment"]) == (asset["id"], "equipment_photo", 0)
    assert match["part"] == "all.zip: note.docx: image1.jpg"


@pytest.mark.parametrize(
    ("name", "says"),
    [("bomb.zip", "too_much"), ("deep.zip", "too_deep"), ("locked.7z", "encrypted"), ("old.doc", "unsupported")],
)
def test_what_of_an_archive_cannot_be_read_is_told_and_the_next_message_is_inspected(
    server: Server, name: str, says: str
) -> None:
    made = {
        "bomb.zip": lambda: zipped({f"{n}": bytes(1_900_000) for n in range(15)}),
        "deep.zip": lambda: nested(6),
        "locked.7z": lambda: seven_zipped({"a.txt": b"text"}, password="x"),
        "old.doc": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000),
    }
    verdict = server.verdict(server.post("", {name: made[name]()}))
    assert {one["attachment"] for one in verdict["unread"]} == {0}
    assert f"{says}: " in verdict["unread"][-1]["reason"]
    name = fresh("codeword")
    server.register(terms=[name]).raise_for_status()
    assert server.verdict(server.post(f"so {name} it is"))["verdict"] == "leak"


def test_an_archive_is_registered_page_by_page(server: Server) -> None:
    made = server.register({"all.zip": zipped({"a.jpg": jpeg(978), "b.txt": b"some text of the plan " * 9})}).raise_for_status()
    assert [one["label"] for one in made.json()["references"]] == ["a.jpg", "b.txt"]


def test_a_senders_messages_are_read_together_for_a_while(server: Server) -> None:
    drawn = random.Random(fresh("pact"))
    text = " ".join("".join(drawn.choices("etaoinshrdlu", k=drawn.randint(3, 9))) for _ in range(120))
    asset = server.register({"1.txt": text.encode()}).json()["id"]
    here: dict[str, Any] = {"channel": {"id": fresh("c")}, "sender": {"id": fresh("u")}}
    said = [text[at : at + 28] for at in range(0, 168, 28)]
    verdicts = [server.verdict(server.post(piece, **here)) for piece in said]
    assert verdicts[0]["verdict"] == "clear"
    [match] = verdicts[-1]["matches"]
    assert (match["asset_id"], match["part"]) == (asset, "with 5 messages before it")
    for other in ({"channel": {"id": fresh("c")}}, {"sender": {"id": fresh("u")}}):
        assert server.verdict(server.post(said[-1], **{**here, **other}))["verdict"] == "clear"

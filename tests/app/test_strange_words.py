"""Characters that databases do not keep, wherever somebody may write them: taken as they are, or refused, never a failure."""

import json
from typing import Any

import pytest

from app import offline
from tests.app.conftest import Server, fresh

NUL, LONE = "\0", "\\ud800"


def test_a_message_full_of_them_is_inspected_and_told_as_it_came(server: Server) -> None:
    word = f"codeword{fresh('')}x"
    server.register(terms=[word], title=f"Plan {NUL} {word}", note=f"a{NUL}b", unit=NUL).raise_for_status()
    ident = fresh(f"m{NUL}")
    about = {"message_id": ident, "channel": {"id": f"c{NUL}1", "name": NUL}, "sender": {"id": f"u{NUL}"}}
    files = [{"name": f"a{NUL}.txt", "content_type": f"text/{NUL}", "data": "aGVsbG8="}]
    body = {"gateway": "g1", "text": f"{NUL}{word} is{NUL}", "attachments": files, **about}
    accepted = server["gateway"].post("/messages", json=body)
    assert accepted.status_code == 202, accepted.text
    again = server["gateway"].post("/messages", json=body)
    assert (again.status_code, again.json()["id"]) == (200, accepted.json()["id"])
    other = server["gateway"].post("/messages", json={**body, "message_id": ident.replace(NUL, "")})
    assert other.status_code == 202, "another id is another message"
    verdict = server.verdict(accepted)
    assert verdict["verdict"] != "clear"
    alert = server["analyst"].get(f"/alerts/{verdict['alert_id']}").json()
    told = alert["message"]
    assert (told["text"], told["channel"]["id"], told["message_id"]) == (body["text"], f"c{NUL}1", ident)
    assert told["attachments"][0]["name"] == f"a{NUL}.txt"
    assert alert["matches"][0]["asset_title"] == f"Plan {NUL} {word}"
    found = server["analyst"].get("/alerts", params={"channel": f"c{NUL}1"}).json()["items"]
    assert alert["id"] in [one["id"] for one in found]
    server.run(offline.create_token(server.settings, f"ana{NUL}", "analyst", None))
    change = {"assignee": f"ana{NUL}", "note": f"who is {NUL}?"}
    changed = server["analyst"].patch(f"/alerts/{alert['id']}", json=change).raise_for_status().json()
    assert (changed["assignee"], changed["history"][-1]["note"]) == (change["assignee"], change["note"])


@pytest.mark.parametrize("path", ["/messages/%00", "/alerts/%00", "/assets/a%00b", "/alerts/%ED%A0%80", "/alerts/" + "x" * 3000])
def test_what_nobody_has_is_not_found(server: Server, path: str) -> None:
    assert server["analyst"].get(path).status_code == 404


@pytest.mark.parametrize("params", [{"asset": NUL}, {"channel": f"a{NUL}"}])
def test_filters_find_nothing(server: Server, params: dict[str, str]) -> None:
    assert server["analyst"].get("/alerts", params=params).json()["items"] == []


def test_half_a_character_is_refused(server: Server) -> None:
    def sent(path: str, body: dict[str, Any], role: str) -> int:
        content = json.dumps(body).replace("HERE", LONE)
        return server[role].post(path, content=content, headers={"content-type": "application/json"}).status_code

    whole = {"gateway": "g1", "message_id": fresh(), "channel": {"id": "c"}, "sender": {"id": "u"}, "text": "t"}
    for field in ({"text": "HERE"}, {"message_id": "HERE"}, {"channel": {"id": "HERE"}}):
        assert sent("/messages", {**whole, **field}, "gateway") == 422
    change = {"filter": {"channel": "HERE"}, "change": {"note": "HERE"}}
    assert sent("/alerts/bulk", change, "analyst") == 422
    asset = server["owner"].post("/assets", files=[("asset", (None, f'{{"title": "{LONE}", "terms": ["abcdef"]}}'))])
    assert asset.status_code == 422


def test_ids_of_any_script_are_taken_up_to_their_length(server: Server) -> None:
    """An index has room for so many bytes of a row."""
    signs = "".join(chr(0x4E00 + (n * 7919) % 20_000) for n in range(500))
    for ident, status in ((signs[:250], 202), ("x" * 500, 202), ("x" * 501, 422), (signs[:500], 422)):
        about: dict[str, Any] = {"channel": {"id": ident}, "sender": {"id": ident}, "message_id": fresh()[-4:] + ident[4:]}
        answer = server.post("hello", **about)
        assert answer.status_code == status, answer.text


def test_a_file_whose_name_has_them_is_registered(server: Server) -> None:
    about = json.dumps({"title": fresh(), "keep_originals": True}).encode()
    text = f"the harbour plan {fresh()} foresees four cranes on the northern quay, built in two steps".encode()
    form = [b"--b", b'Content-Disposition: form-data; name="asset"', b"", about]
    form += [b"--b", b'Content-Disposition: form-data; name="files"; filename="pl\xff\xedan.txt"', b"", text, b"--b--", b""]
    kind = {"content-type": "multipart/form-data; boundary=b"}
    answer = server["owner"].post("/assets", content=b"\r\n".join(form), headers=kind)
    assert answer.status_code == 201, answer.text
    assert answer.json()["references"][0]["file"] == "pl��an.txt"

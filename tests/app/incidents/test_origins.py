"""What is said of a message that a gateway names as an origin and that is not among an incident's: what is true of it."""

from typing import Any

import pytest

from app.db.models import MessageRow
from app.incidents import copies
from tests.app.conftest import Server, fresh
from tests.app.console.test_console import signed_in

ROOM: dict[str, Any] = {"channel": {"id": "c-origins"}, "sender": {"id": "u-origins"}}


def leak(server: Server, word: str, message_id: str, **about: Any) -> str:
    """The incident of a message about it."""
    alert = server.verdict(server.post(f"see {word} there", message_id=message_id, **ROOM, **about))["alert_id"]
    return str(server["analyst"].get(f"/alerts/{alert}").json()["incident_id"])


def from_(message_id: str) -> dict[str, Any]:
    return {"forwarded_from": {"channel_id": "c-origins", "message_id": message_id}}


def posted(server: Server, status: str) -> str:
    """A message that is not inspected, its id."""
    message = fresh()

    async def add() -> None:
        async with server.house.database.writing() as session:
            names = {"gateway": "g1", "message_id": message, "channel_id": "c-origins", "sender_id": "u"}
            session.add(MessageRow(id=fresh("msg"), **names, body={}, status=status))

    server.run(add())
    return message


def origins(server: Server, incident: str) -> dict[str, tuple[str, str]]:
    spread = server["analyst"].get(f"/incidents/{incident}/spread.json").raise_for_status().json()
    reasons = {edge["parent"]: edge["reasons"] for edge in spread["edges"]}
    for one in spread["unseen"]:
        assert reasons[one["id"]] == ["stated", f"stated_{one['standing']}"]
    return {one["message_id"]: (one["standing"], one["incident"]) for one in spread["unseen"]}


def test_an_origin_outside_the_incident_is_told_as_what_it_is(server: Server) -> None:
    word, another = (f"codeword{fresh('')}o" for _ in range(2))
    server.register(terms=[word], title=f"Pump {word}").raise_for_status()
    server.register(terms=[another], title=f"Valve {another}").raise_for_status()
    clear, elsewhere, unread, lost = fresh(), fresh(), posted(server, "failed"), fresh()
    assert server.verdict(server.post("look", message_id=clear, **ROOM))["verdict"] == "clear"
    other = leak(server, another, elsewhere)
    (incident,) = {leak(server, word, fresh(), **from_(origin)) for origin in (clear, elsewhere, unread, lost)}
    assert origins(server, incident) == {
        clear: ("clear", ""),
        elsewhere: ("elsewhere", other),
        unread: ("unread", ""),
        lost: ("unseen", ""),
    }
    with signed_in(server, "analyst") as client:
        page, ways = client.get(f"/incidents/{incident}").text, client.get(f"/incidents/{incident}/ways").text
        nowhere = client.get(f"/incidents/{incident}/ways?only=origins").text
    assert "1 message named as an origin was inspected and raised no alert." in page
    assert "1 message named as an origin was not seen." in page
    assert f'href="/incidents/{other}"' in ways
    assert nowhere.count("the gateway says so, of a message that") == 1
    server.verdict(server.post(f"see {word} there", message_id=lost, **ROOM))
    assert lost not in origins(server, incident), "it came late"


def test_an_origin_among_too_many_is_not_told_as_not_seen(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "MOST", 1)
    word, late = f"codeword{fresh('')}o", fresh()
    server.register(terms=[word], title=f"Pump {word}").raise_for_status()
    incident = leak(server, word, fresh(), **from_(late), sent_at="2026-03-02T09:00:00Z")
    assert leak(server, word, late, sent_at="2026-03-02T10:00:00Z") == incident
    assert origins(server, incident) == {late: ("left_out", "")}

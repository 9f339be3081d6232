"""Registered texts that are given over the API are written down: once an hour each, by the token that asked."""

from typing import Any

import httpx
import pytest

from app.alerts.reads import Reads
from app.alerts.reveals import LASTS
from app.alerts.schemas import AlertOut
from app.house import House
from app.people.service import Principal, Role
from tests.app.audit.test_everything import entries
from tests.app.conftest import Server

CLAUSES = " ".join(f"clause {i * 7919 % 9973} obliges courier {i * 104729 % 7907} to be brief." for i in range(20))


@pytest.fixture(scope="module")
def texts(server: Server) -> list[str]:
    """Two alerts about a registered text."""
    server.register({"t.txt": CLAUSES.encode()}, title="Couriers", kind="text", keep_originals=True).raise_for_status()
    found = [server.verdict(server.post(f"{start} {CLAUSES[:500]}"))["alert_id"] for start in ("look", "see")]
    assert all(found)
    return found


def reads(server: Server) -> list[dict[str, Any]]:
    return entries(server, action="text.read", limit=200)


def test_whoever_reads_a_registered_text_is_written_down_before_it_is_given(server: Server, texts: list[str]) -> None:
    before = len(reads(server))
    shown = server["analyst"].get(f"/alerts/{texts[0]}").json()
    assert "courier" in str(shown["matches"][0]["evidence"]["text"]), "the contract's evidence is all there"
    [entry, *_] = reads(server)
    assert (entry["actor"], entry["object_kind"], entry["object_id"]) == ("ana", "alert", texts[0])
    assert "courier" not in str(entry)
    for _ in range(3):
        server["analyst"].get(f"/alerts/{texts[0]}").raise_for_status()
    assert len(reads(server)) == before + 1, "once an hour"


def test_lists_and_changes_give_it_too(server: Server, texts: list[str]) -> None:
    fresh = server.run(_token(server))
    headers = {"Authorization": f"Bearer {fresh}"}
    listed = httpx.get(f"{server.url}/api/v1/alerts", headers=headers, params={"limit": 200}).json()["items"]
    assert {one["id"] for one in listed} >= set(texts)
    [entry, *_] = reads(server)
    assert set(entry["details"]["alerts"]) >= set(texts)
    another = {"Authorization": f"Bearer {server.run(_token(server))}"}
    httpx.patch(f"{server.url}/api/v1/alerts/{texts[1]}", headers=another, json={"note": "seen"}).raise_for_status()
    [entry, *_] = reads(server)
    assert entry["object_id"] == texts[1]


def test_the_message_gives_it_too_but_a_gateway_only_what_it_posted(server: Server, texts: list[str]) -> None:
    fresh = {"Authorization": f"Bearer {server.run(_token(server))}"}
    message = server["analyst"].get(f"/alerts/{texts[0]}").json()["message"]["id"]
    before = len(reads(server))
    server["gateway"].get(f"/messages/{message}").raise_for_status()
    assert len(reads(server)) == before
    told = httpx.get(f"{server.url}/api/v1/messages/{message}", headers=fresh).json()
    assert told["verdict"]["matches"][0]["evidence"]["text"]["passages"]
    [entry, *_] = reads(server)
    assert (entry["actor"], entry["object_id"]) == ("reader", texts[0])


async def _token(server: Server) -> str:
    from app.people.service import create_token  # noqa: PLC0415

    async with server.house.database.writing() as session:
        return await create_token(session, "reader", Role.ANALYST)


def test_what_holds_no_registered_text_is_no_read(server: Server) -> None:
    alert = server.alert()["id"]
    server["analyst"].get(f"/alerts/{alert}").raise_for_status()
    assert entries(server, object=alert) == []


def test_after_an_hour_it_is_written_down_anew(server: Server, texts: list[str]) -> None:
    told = AlertOut.model_validate(server["analyst"].get(f"/alerts/{texts[0]}").json())

    async def later(house: House) -> None:
        clock = [0.0]
        memory = Reads(house.database, lambda: clock[0])
        for seconds in (0.0, LASTS.total_seconds() - 1, 2.0):
            clock[0] += seconds
            await memory.wrote_down(Principal("tok_clock", "clock", Role.ANALYST), {told.id: told.matches})

    server.run(later(server.house))
    assert len(entries(server, actor="clock")) == 2

"""What a lower bar would show besides is told from fingerprints alone, of a server to which nobody else posts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app import chores
from app.db import Database
from app.db.ids import new_id
from app.db.models import SeenPartRow, SightingRow, now
from app.db.upgrading import bring_up_to_date
from app.demo.camera import jpeg as encode
from app.demo.equipment import photograph
from app.reruns import repository, rerunner
from app.settings import Settings
from tests.app.conftest import NAMES, Server, fresh, running, until
from tests.app.console.test_console import HTMX, signed_in
from tests.app.ingest.test_messages import problem
from tests.app.pictures import jpeg
from tests.databases import Databases
from tests.detectors.test_leniency import TAKEN, near_miss


@dataclass(frozen=True)
class Case:
    """A server that saw a registered machine once, what a lower bar takes for it twice, and something else."""

    server: Server
    asset: str
    near: frozenset[str]


def post(server: Server, data: bytes, name: str = "a.jpg") -> tuple[str, str]:
    """The message, and the verdict."""
    answer = server.post("", {name: data}, channel={"id": "fam", "name": "Family"})
    return answer.json()["id"], server.verdict(answer)["verdict"]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Case]:
    folder: Path = tmp_path_factory.mktemp("alone")
    with running(Settings(data_dir=folder, database_url=databases.fresh(), workers=1)) as server:
        machine = encode(photograph(TAKEN), 92)
        asset = server.register({"it.jpg": machine}, kind="equipment", title="Press 4").raise_for_status().json()["id"]
        assert post(server, encode(photograph(TAKEN), 60))[1] == "leak"
        assert post(server, jpeg(77))[1] == "clear"
        near = [post(server, encode(near_miss(), 60)) for _ in range(2)]
        assert [verdict for _, verdict in near] == ["clear", "clear"], "today nobody is shown it"
        yield Case(server, asset, frozenset(ident for ident, _ in near))


def rerun(server: Server, role: str = "analyst", **asked: Any) -> dict[str, Any]:
    answer = server[role].post("/numbers/reruns", json=asked)
    assert answer.status_code == 202, answer.text
    return ended(server, answer.json()["id"])


def ended(server: Server, ident: str) -> dict[str, Any]:
    def told() -> dict[str, Any]:
        answer: dict[str, Any] = server["auditor"].get(f"/numbers/reruns/{ident}").raise_for_status().json()
        return answer

    until(lambda: told()["status"] in ("done", "failed"), 180)
    return told()


def test_a_near_miss_is_more_and_what_is_shown_today_is_not(case: Case) -> None:
    told = rerun(case.server, days=7, less=0.4)
    assert (told["status"], told["total"], told["wanted"], told["looked"]) == ("done", 4, 4, 4)
    assert told["parts"] == 3, "the same file is looked at once"
    assert (told["alerted"], told["now"]["counted"], told["unknown"]) == (1, 1, 0)
    assert told["more"] == {"counted": 2, "about": 2, "low": 2, "high": 2}, "everything was looked at"
    assert told["detectors"] == [{"name": "equipment_photo", "title": None, "now": 1, "more": 2}]
    assert told["assets"] == [{"name": case.asset, "title": "Press 4", "now": 1, "more": 2}]
    assert {one["message_id"] for one in told["examples"]} == case.near
    assert {(one["channel"], one["asset_title"], one["gateway"]) for one in told["examples"]} == {("Family", "Press 4", "g1")}
    assert {"name": "inliers", "today": 12, "tried": 7} in told["points"]


def test_hardly_less_shows_hardly_more(case: Case) -> None:
    told = rerun(case.server, less=0.05)
    assert (told["now"]["counted"], told["more"]["counted"], told["examples"]) == (1, 0, [])


def test_nobody_is_alerted_by_it(case: Case) -> None:
    before = case.server["analyst"].get("/alerts").json()["items"]
    rerun(case.server, less=0.6)
    assert case.server["analyst"].get("/alerts").json()["items"] == before


def test_one_runs_at_a_time_and_takes_the_place_of_the_last(case: Case) -> None:
    first = case.server["analyst"].post("/numbers/reruns", json={}).json()["id"]
    refused = case.server["admin"].post("/numbers/reruns", json={})
    assert problem(refused, 409)["code"] == "rerun_running"
    ended(case.server, first)
    rerun(case.server, "admin")
    assert problem(case.server["analyst"].get(f"/numbers/reruns/{first}"), 404)["code"] == "unknown_rerun"


def test_that_it_was_asked_for_is_written_down(case: Case) -> None:
    ident = rerun(case.server, "auditor", days=3, less=0.1)["id"]
    [entry] = case.server["auditor"].get("/audit", params={"object": ident}).raise_for_status().json()["items"]
    assert (entry["action"], entry["actor"], entry["details"]) == ("rerun.begun", "aud", {"days": 3, "percent": 10})


@pytest.mark.parametrize("body", [{"less": 0}, {"less": 0.61}, {"days": 0}, {"days": 400}, {"lest": 0.2}])
def test_what_cannot_be_asked_is_refused(case: Case, body: dict[str, Any]) -> None:
    assert problem(case.server["analyst"].post("/numbers/reruns", json=body), 422)["code"] == "invalid"


@pytest.mark.parametrize("role", ["owner", "gateway"])
def test_others_may_not(case: Case, role: str) -> None:
    assert role in NAMES
    assert case.server[role].post("/numbers/reruns", json={}).status_code == 403
    assert case.server[role].get("/numbers/reruns/rer_1").status_code == 403


def test_when_time_is_over_what_was_looked_at_is_told(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerunner, "SECONDS", 0.0)
    told = rerun(case.server)
    assert (told["status"], told["looked"], told["more"], told["reason"]) == ("done", 0, None, None)


def test_what_goes_wrong_is_told_and_it_may_be_asked_for_again(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(rerunner, "GROUP", "eight")
        broken.setattr(chores, "AGAIN", 0.0)
        told = rerun(case.server)
    assert (told["status"], told["reason"]) == ("failed", repository.STUMBLED)
    assert rerun(case.server)["status"] == "done"


def test_of_a_sample_all_is_estimated(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerunner, "MESSAGES", 3)
    told = rerun(case.server, less=0.4)
    assert (told["total"], told["wanted"], told["looked"]) == (4, 3, 3)
    more = told["more"]
    assert more["counted"] in (1, 2), "two of four are near misses"
    assert more["counted"] <= more["low"] < more["about"] < more["high"] <= more["counted"] + 1


def test_its_card_asks_and_tells(case: Case) -> None:
    with signed_in(case.server, "analyst") as client:
        page = client.get("/numbers").text
        csrf = page.split('name="csrf" value="')[1].split('"')[0]
        form = {"csrf": csrf, "days": "7", "less": "40"}
        assert client.post("/numbers/rerun", data=form, follow_redirects=False).headers["location"] == "/numbers#rerun"
        until(lambda: "hx-trigger" not in client.get("/numbers/rerun", headers=HTMX).text, 180)
        card = client.get("/numbers/rerun", headers=HTMX).text
        assert "2 more alerts in 7 days" in card
        assert "Press 4" in card
        assert "Family" in card
        assert "style=" not in card, "the pages' own policy forbids it"
        assert "cannot be replayed" not in client.get("/numbers").text
        assert client.post("/numbers/rerun", data={**form, "csrf": "x"}).status_code == 403
        assert client.post("/numbers/rerun", data={**form, "less": "99"}).status_code == 422
    with signed_in(case.server, "auditor") as client:
        card = client.get("/numbers/rerun", headers=HTMX).text
        assert "2 more alerts" in card
        assert "Family" not in card, "messages are named to analysts alone"


def test_what_a_server_was_at_when_it_ended_is_told_as_ended_and_may_be_asked_for_again(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, workers=1)
    with running(settings) as server:
        for number in range(12):
            post(server, jpeg(800 + number))
        asked = server["analyst"].post("/numbers/reruns", json={}).json()["id"]
    with running(settings) as server:
        assert ended(server, asked)["status"] in ("done", "failed")
        assert rerun(server)["looked"] == 12


@pytest.fixture
async def database(tmp_path: Path) -> Any:
    database = Database(Settings(data_dir=tmp_path).database)
    await bring_up_to_date(database)
    yield database
    await database.close()


async def seen(database: Database, parts: int, days: float) -> str:
    """A message of so many days ago."""
    at = now() - timedelta(days=days)
    message = new_id("msg", at.timestamp())
    async with database.writing() as session:
        for number in range(parts):
            part = SeenPartRow(digest=fresh("digest"))
            session.add(part)
            await session.flush()
            about = {"gateway": "g1", "external_id": fresh(), "received_at": at, "head": {}, "size": 1, "part": ""}
            session.add(SightingRow(id=new_id("sgt"), message_id=message, position=number, seen=part.number, **about))
    return message


async def test_messages_are_chosen_by_chance_among_those_of_the_last_days(database: Database) -> None:
    recent = {await seen(database, parts, days) for parts, days in ((1, 0), (3, 1), (2, 6))}
    old = await seen(database, 1, 8)
    since = now() - timedelta(days=7)
    async with database.reading() as session:
        assert await repository.count_messages(session, since) == 3
        assert set(await repository.some_messages(session, since, 10)) == recent
        drawn = {frozenset(await repository.some_messages(session, since, 2)) for _ in range(60)}
        parts = await repository.parts_of(session, [*recent, old])
    assert {len(one) for one in drawn} == {2}
    assert len(drawn) == 3, "every pair comes up"
    assert sorted(len(numbers) for numbers in parts.values()) == [1, 1, 2, 3]


async def test_of_two_that_take_one_up_one_does(database: Database) -> None:
    async with database.writing() as session:
        row = await repository.begin(session, "ana", 7, 0.25)
        assert await repository.waiting(session) == row.id
        assert await repository.claim(session, row.id, 60) is not None
        assert await repository.claim(session, row.id, 60) is None
        assert not await repository.is_gone(session, row)
        await repository.begin(session, "bo", 7, 0.25)
        assert not await repository.advance(session, row.id, looked=1), "another took its place"

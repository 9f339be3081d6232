"""What is registered too late is found among what was posted, once, and says when that was."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.demo.rehearsal import ATTACKS
from app.hunts import hunter, service
from app.hunts.service import SEVERITIES
from app.settings import Settings
from tests.app.alerts.test_alerts import patch
from tests.app.conftest import Server, fresh, running, until
from tests.app.console.test_console import signed_in
from tests.app.ingest.test_messages import problem
from tests.app.pictures import encoded, scene

SENT = "2026-03-03T09:31:00Z"
SEEDS = iter(range(20_000, 30_000, 10))


def picture(seed: int) -> Any:
    return np.asarray(scene(seed, 1100, 800))


def attacked(seed: int, attack: str) -> bytes:
    return ATTACKS[attack](picture(seed))


def registered(server: Server, seed: int, **more: Any) -> dict[str, Any]:
    data = encoded(scene(seed, 1100, 800), "JPEG", quality=92)
    asset: dict[str, Any] = server.register({"it.jpg": data}, **{"kind": "equipment", "title": fresh("Engine "), **more}).json()
    return asset


def hunted(server: Server, hunt: str, role: str = "analyst") -> dict[str, Any]:
    """What became of a hunt, at its end."""

    def told() -> dict[str, Any]:
        answer: dict[str, Any] = server[role].get(f"/hunts/{hunt}").raise_for_status().json()
        return answer

    until(lambda: told()["status"] in ("done", "failed"), 180)
    return told()


def hunt(server: Server, asset: str, role: str = "analyst", **body: Any) -> dict[str, Any]:
    answer = server[role].post(f"/assets/{asset}/hunts", json=body)
    assert answer.status_code == 202, answer.text
    return hunted(server, answer.json()["id"], role)


def alerts(server: Server, asset: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = server["analyst"].get("/alerts", params={"asset": asset}).raise_for_status().json()["items"]
    return items


def found(server: Server, asset: str, count: int) -> list[dict[str, Any]]:
    """Its alerts, as soon as there are so many."""
    until(lambda: len(alerts(server, asset)) >= count, 180)
    return alerts(server, asset)


def clear(server: Server, files: dict[str, bytes], **more: Any) -> str:
    answer = server.post("", files, **more)
    assert server.verdict(answer)["verdict"] == "clear"
    ident: str = answer.json()["id"]
    return ident


@pytest.mark.parametrize("wrong", ["2126-03-03T09:31:00Z", "1970-01-01T00:00:00Z"])
def test_a_clock_that_cannot_be_dates_no_leak(server: Server, wrong: str) -> None:
    seed = next(SEEDS)
    clear(server, {"a.jpg": attacked(seed, "crop40")}, channel={"id": fresh("fam")}, sent_at=wrong)
    [alert] = found(server, registered(server, seed)["id"], 1)
    assert alert["historic"]
    assert alert["leaked_at"] == alert["message"]["received_at"]


def test_what_was_posted_before_it_was_registered_raises_an_alert_marked_historic(server: Server) -> None:
    seed, other = next(SEEDS), next(SEEDS)
    channel = {"id": fresh("fam"), "name": "Family", "members": 17, "external": True}
    ident = clear(server, {"a.jpg": attacked(seed, "crop40")}, channel=channel, sent_at=SENT)
    clear(server, {"a.jpg": attacked(other, "crop40")})
    asset = registered(server, seed)
    [alert] = found(server, asset["id"], 1)
    assert (alert["historic"], alert["leaked_at"], alert["verdict"]) == (True, SENT, "leak")
    assert (alert["message"]["id"], alert["message"]["channel"]["id"]) == (ident, channel["id"])
    assert alert["matches"][0]["detector"] == "equipment_photo"
    assert alert["severity"] in ("medium", "high", "critical")
    told = hunt(server, asset["id"])
    assert (told["status"], told["found"], told["done"]) == ("done", 0, told["total"]), "once is enough"
    assert len(alerts(server, asset["id"])) == 1


MANGLED = {"mirrored": 91_001, "turned": 91_002, "inset": 91_008, "screenshot": 91_007}
"""Pictures of their own, and the last two such as come through the sieve only by their reference's very details, not coded."""


@pytest.mark.parametrize("attack", MANGLED)
def test_it_is_found_however_it_was_mangled(server: Server, attack: str) -> None:
    seed = MANGLED[attack]
    clear(server, {"a.jpg": attacked(seed, attack)})
    assert found(server, registered(server, seed)["id"], 1)


def test_what_shows_something_else_raises_nothing(server: Server) -> None:
    for _ in range(3):
        clear(server, {"a.jpg": attacked(next(SEEDS), "recompressed")})
    asset = registered(server, next(SEEDS))
    told = hunt(server, asset["id"])
    assert (told["found"], alerts(server, asset["id"])) == (0, [])


def test_the_same_file_and_a_text_are_found(server: Server) -> None:
    data = encoded(scene(next(SEEDS), 900, 700), "JPEG", quality=92)
    text = " ".join(f"{fresh('word')} of the minutes" for _ in range(60)).encode()
    clear(server, {"a.jpg": data})
    clear(server, {"b.txt": text})
    for name, sent in (("a.jpg", data), ("b.txt", text)):
        asset = server.register({name: sent}, title=fresh("Same ")).json()
        [alert] = found(server, asset["id"], 1)
        assert alert["historic"]
        assert alert["matches"][0]["confidence"] == 1.0


def test_a_message_with_an_alert_already_gains_the_asset_and_no_second_alert(server: Server) -> None:
    word, seed = f"codeword{fresh('')}y", next(SEEDS)
    server.register(terms=[word]).raise_for_status()
    verdict = server.verdict(server.post(f"the {word} here", {"a.jpg": attacked(seed, "crop40")}))
    asset = registered(server, seed)
    [alert] = found(server, asset["id"], 1)
    assert alert["id"] == verdict["alert_id"]
    assert (alert["historic"], alert["status"]) == (True, "open")
    assert [entry["action"] for entry in alert["history"]] == ["created", "widened"]
    assert hunt(server, asset["id"])["found"] == 0, "once is enough"
    again = server["analyst"].get(f"/alerts/{alert['id']}").json()
    assert (again["matches"], len(again["history"])) == (alert["matches"], 2)


def test_a_message_that_somebody_had_decided_about_comes_before_them_again_and_counts(server: Server) -> None:
    word, seed = f"codeword{fresh('')}y", next(SEEDS)
    tea = server.register(terms=[word], level="internal", title="Tea list").json()["id"]
    verdict = server.verdict(server.post(f"my {word} corner", {"a.jpg": attacked(seed, "crop40")}, sent_at=SENT))
    first = server["analyst"].get(f"/alerts/{verdict['alert_id']}").json()
    patch(server, first, status="resolved", resolution="false_positive", note="tea")
    title = fresh("Machine ")
    asset = registered(server, seed, level="top_secret", title=title)
    until(lambda: _begun(server, asset["id"])["status"] == "done", 180)
    assert _begun(server, asset["id"])["found"] == 1
    alert = server["analyst"].get(f"/alerts/{first['id']}").json()
    assert (alert["status"], alert["resolution"], alert["historic"], alert["leaked_at"]) == ("open", None, True, SENT)
    assert SEVERITIES.index(alert["severity"]) > SEVERITIES.index(first["severity"])
    assert [entry["action"] for entry in alert["history"]][-2:] == ["widened", "reopened"]
    assert _counted(server, asset["id"]) == _counted(server, tea) == 0, "nothing is decided about either now"
    with signed_in(server, "analyst") as client:
        page = client.get(f"/alerts/{first['id']}").text
        assert "Something that was registered later was found in it." in page
        assert title in client.get(f"/assets/{asset['id']}").text
    again = hunt(server, asset["id"])
    assert (again["found"], server["analyst"].get(f"/alerts/{first['id']}").json()) == (0, alert)


def _begun(server: Server, asset: str) -> dict[str, Any]:
    """The hunt that began by itself."""

    async def last() -> dict[str, Any]:
        async with server.house.database.reading() as session:
            return (await service.last(session, asset))[-1].model_dump()

    return server.run(last())


def _counted(server: Server, asset: str) -> int:
    """Alerts about it that are counted as false alarms."""
    told = server["analyst"].get("/numbers").raise_for_status().json()["assets"]
    return sum(one["false_positive"] for one in told if one["name"] == asset)


def test_how_far_back_is_asked_for(server: Server) -> None:
    seed = next(SEEDS)
    clear(server, {"a.jpg": attacked(seed, "crop40")})
    asset = registered(server, seed)
    found(server, asset["id"], 1)
    assert hunt(server, asset["id"], days=3)["since"] is not None
    problem(server["analyst"].post(f"/assets/{asset['id']}/hunts", json={"days": 0}), 422)


def test_owners_ask_about_their_own_and_auditors_about_nothing(server: Server) -> None:
    asset = registered(server, next(SEEDS))
    told = hunt(server, asset["id"], "owner")
    assert told["by"] == "otto"
    other = server.register(terms=[f"{fresh('codeword')}q"], role="admin").json()["id"]
    assert problem(server["owner"].post(f"/assets/{other}/hunts"), 404)["code"] == "unknown_asset"
    theirs = server["admin"].post(f"/assets/{other}/hunts").json()["id"]
    assert problem(server["owner"].get(f"/hunts/{theirs}"), 404)["code"] == "unknown_asset"
    problem(server["auditor"].post(f"/assets/{asset['id']}/hunts"), 403)
    assert problem(server["analyst"].get("/hunts/hnt_nothing"), 404)["code"] == "unknown_hunt"


def test_a_false_historic_alert_is_a_mistake_like_any_other(server: Server) -> None:
    seed = next(SEEDS)
    data = attacked(seed, "crop40")
    clear(server, {"a.jpg": data})
    asset = registered(server, seed)
    [alert] = found(server, asset["id"], 1)
    patch(server, alert, status="resolved", resolution="false_positive")
    assert server.verdict(server.post("", {"b.jpg": data}))["verdict"] == "clear", "the very file alarms no longer"


def test_messages_that_are_not_kept_any_more_come_back_with_their_alert(tmp_path: Path) -> None:
    from app.retention.cleaner import clean_messages  # noqa: PLC0415

    seed, name = next(SEEDS), fresh()
    with running(Settings(data_dir=tmp_path, workers=1)) as server:
        clear(server, {"a.jpg": attacked(seed, "crop40")}, message_id=name, sent_at=SENT, channel={"id": "fam", "name": "Family"})
        assert server.run(clean_messages(server.house.database, datetime(2100, 1, 1, tzinfo=UTC))) == 1
        [alert] = found(server, registered(server, seed)["id"], 1)
        assert (alert["message"]["message_id"], alert["message"]["channel"]["name"]) == (name, "Family")
        assert alert["message"]["text"] == ""
        assert alert["leaked_at"] == SENT


def test_a_hunt_goes_on_where_a_server_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hunter, "CHUNK", 1)
    seed, settings = next(SEEDS), Settings(data_dir=tmp_path, workers=1)
    with running(settings) as server:
        for name in ("crop40", "recompressed"):
            clear(server, {"a.jpg": attacked(seed, name)})
        asset = server.register(terms=[f"{fresh('codeword')}q"], kind="equipment").json()
        asked = server["owner"].post(f"/assets/{asset['id']}/hunts").json()
    with running(settings) as server:
        assert hunted(server, asked["id"])["status"] == "done"


def test_what_there_was_no_room_for_is_told_and_found_when_there_is(server: Server) -> None:
    seed, hunts = next(SEEDS), server.house.hunter
    clear(server, {"a.jpg": attacked(seed, "crop40")})
    most, hunts._most = hunts._most, 0
    try:
        asset = registered(server, seed)
        told = hunt(server, asset["id"])
        assert (told["status"], told["found"]) == ("done", 0)
        assert told["left_out"] >= 1, "what came through the sieve, a stranger perhaps among it"
        assert alerts(server, asset["id"]) == []
        with signed_in(server, "analyst") as client:
            assert "little more than its form" in client.get(f"/assets/{asset['id']}").text
    finally:
        hunts._most = most
    told = hunt(server, asset["id"])
    assert (told["found"], told["left_out"]) == (1, 0)

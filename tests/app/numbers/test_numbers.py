"""The numbers of a real server: what people do to alerts is what they count."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.alerts import repository, service
from app.alerts.deciding import brought_back
from app.alerts.widening import FOUND
from app.db.ids import new_id
from app.db.models import AlertAssetRow, AlertHistoryRow, AlertRow, MessageRow, now
from app.numbers import service as numbers_service
from app.numbers.schemas import DeadOut, Operating
from app.numbers.service import died, simulate
from app.numbers.service import numbers as summed
from app.streams.kafka.stream import KafkaStream
from app.streams.memory import MemoryStream
from app.streams.types import DEAD_LETTERS, Record
from tests.app.alerts.conftest import Desk, desk, match
from tests.app.alerts.test_alerts import patch
from tests.app.conftest import NAMES, Server, fresh
from tests.app.console.test_console import HTMX, signed_in

__all__ = ["desk"]


def numbers(server: Server, role: str = "analyst", **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = server[role].get("/numbers", params=asked).raise_for_status().json()
    return found


def counted(server: Server, detector: str) -> dict[str, int]:
    """Resolutions of alerts found in this way."""
    told: dict[str, int] = next((one for one in numbers(server)["detectors"] if one["name"] == detector), {})
    return {name: told.get(name, 0) for name in ("true_positive", "benign_positive", "false_positive")}


def resolved(server: Server, resolution: str) -> dict[str, Any]:
    alert = server.alert()
    patch(server, alert, status="resolved", resolution=resolution, note="because")
    return alert


def test_what_people_decide_is_counted(server: Server) -> None:
    before, times = counted(server, "watch_term"), numbers(server)["times"]
    [asset] = {match["asset_id"] for match in resolved(server, "false_positive")["matches"]}
    resolved(server, "true_positive")
    patch(server, server.alert(), status="acknowledged")
    after, later = counted(server, "watch_term"), numbers(server)["times"]
    assert {name: after[name] - before[name] for name in after} == {"true_positive": 1, "benign_positive": 0, "false_positive": 1}
    assert [later[name]["count"] - times[name]["count"] for name in ("detect", "acknowledge", "resolve")] == [3, 3, 2]
    assert 0 <= later["acknowledge"]["p50"] <= later["acknowledge"]["p99"]
    mine = next(one for one in numbers(server)["assets"] if one["name"] == asset)
    assert (mine["title"], mine["false_positive"], mine["right"], mine["low"]) == ("Asset", 1, 0.0, 0.0)
    assert mine["high"] == pytest.approx(0.793, abs=0.001)


def test_a_gateway_whose_clock_is_wrong_makes_no_time_and_is_told(server: Server) -> None:
    before = numbers(server)["times"]
    server.alert(sent_at="0001-01-01T00:00:00Z")
    server.alert(sent_at="2999-01-01T00:00:00Z")
    after = numbers(server)["times"]
    assert (after["detect"]["count"], after["disbelieved"]) == (before["detect"]["count"], before["disbelieved"] + 2)
    with signed_in(server, "analyst") as client:
        assert "cannot have been sent when" in client.get("/numbers").text


def test_a_day_has_its_messages_and_alerts(server: Server) -> None:
    before = numbers(server, days=1)["daily"]
    server.alert()
    server.verdict(server.post("nothing of the kind"))
    after = numbers(server, days=1)["daily"]
    assert len(after) == 1
    if after[0]["day"] == before[0]["day"]:
        assert after[0]["messages"] - before[0]["messages"] == 2
        assert sum(after[0][kind] - before[0][kind] for kind in ("leak", "review")) == 1
    assert len(numbers(server, days=30)["daily"]) == 30


def test_what_could_not_be_read_is_told_with_its_reason(server: Server) -> None:
    def damaged() -> int:
        reasons = numbers(server)["uninspected"]["reasons"]
        return next((one["parts"] for one in reasons if one["code"] == "corrupt"), 0)

    before = damaged()
    server.verdict(server.post("", {"broken.png": b"\x89PNG\r\n\x1a\n" + fresh().encode()}))
    assert damaged() == before + 1


async def test_the_message_that_waits_longest_is_found_among_all(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers_service, "LOOKED_THROUGH", 1)
    at = now() - timedelta(days=9)

    async def oldest() -> datetime | None:
        async with desk.database.reading() as session:
            return (await summed(session, 1, 0, DeadOut(messages=0))).uninspected.oldest

    assert await oldest() is None
    async with desk.database.writing() as session:
        for days, status in ((0, "done"), (1, "queued"), (2, "queued"), (3, "failed"), (4, "done")):
            names = {"gateway": "g1", "message_id": fresh(), "channel_id": "c", "sender_id": "u", "body": {}}
            came = at - timedelta(days=days)
            ident = new_id("msg", came.timestamp())
            session.add(MessageRow(id=ident, **names, status=status, received_at=came))
    await desk.alert()
    assert await oldest() == at - timedelta(days=2)


def test_the_simulator_names_what_would_have_been_missed(server: Server) -> None:
    true, false = resolved(server, "true_positive")["id"], resolved(server, "false_positive")["id"]

    def replayed(**asked: Any) -> dict[str, Any]:
        found: dict[str, Any] = server["auditor"].get("/numbers/simulation", params=asked).raise_for_status().json()
        return found

    today = replayed()
    assert (today["missed"], today["spared"], today["eased"]) == ([], [], [])
    assert today["alerts"] == today["labelled"] >= 2
    strict = replayed(least=1.0, sure=1.0, detector="watch_term")
    sure = max(match["confidence"] for match in server["analyst"].get(f"/alerts/{true}").json()["matches"])
    assert (true in strict["missed"], false in strict["spared"]) == (sure < 1, sure < 1)
    assert [point["least"] for point in strict["curve"]] == [step / 20 for step in range(21)]
    assert replayed(days=1, least=0.0, sure=0.0)["accused"] == [one for one in replayed(days=1)["spared"] if one], (
        "a watched word is called a leak already"
    )


@pytest.mark.parametrize("asked", [{"days": 0}, {"least": 2}, {"least": "nan"}, {"detector": "luck"}, {"surely": 1}])
def test_what_is_no_operating_point_is_refused(server: Server, asked: dict[str, Any]) -> None:
    answer = server["analyst"].get("/numbers/simulation", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize(("role", "code"), [("analyst", 200), ("auditor", 200), ("admin", 200), ("owner", 403), ("gateway", 403)])
def test_who_may_see_them(server: Server, role: str, code: int) -> None:
    assert role in NAMES
    assert server[role].get("/numbers").status_code == code
    assert server[role].get("/numbers/simulation").status_code == code


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_page_says_the_same(server: Server, headers: dict[str, str]) -> None:
    resolved(server, "false_positive")
    with signed_in(server, "analyst") as client:
        page = client.get("/numbers", params={"days": 7, "least": 100, "sure": 70, "detector": ""}, headers=headers)
        refused = client.get("/numbers", params={"days": 8}, headers=headers)
    assert page.status_code == 200
    assert ("<html" in page.text) == (not headers)
    assert "<svg" in page.text
    assert 'value="100"' in page.text
    assert "False alarms there would not have been" in page.text
    assert "style=" not in page.text, "the pages' own policy forbids it"
    assert refused.status_code == 422


def test_in_chinese(server: Server) -> None:
    with signed_in(server, "auditor") as client:
        page = client.get("/numbers", headers={"Accept-Language": "zh"}).text
    assert 'lang="zh"' in page


def test_an_alert_that_was_reopened_counts_as_neither_until_it_is_again(server: Server) -> None:
    def counts() -> list[int]:
        times = numbers(server)["times"]
        return [times[name]["count"] for name in ("detect", "acknowledge", "resolve")]

    before = counts()
    alert = resolved(server, "true_positive")
    assert [late - early for late, early in zip(counts(), before, strict=True)] == [1, 1, 1]
    patch(server, alert, status="open")
    assert [late - early for late, early in zip(counts(), before, strict=True)] == [1, 0, 0]
    patch(server, alert, status="acknowledged")
    assert [late - early for late, early in zip(counts(), before, strict=True)] == [1, 1, 0]


async def test_a_hunt_that_brings_a_live_alert_back_takes_no_time_away(desk: Desk) -> None:
    alert, late = [await desk.alert(f"ast_{number}", reference_id=f"ref_{number}") for number in (1, 2)]
    await desk.change(alert, status="resolved", resolution="false_positive")
    async with desk.database.writing() as session:
        rows = [await session.get_one(AlertRow, one) for one in (alert, late)]
        for row in rows:
            row.historic = True
        grown = {"assets": [None, "ast_9"], "historic": [False, True]}
        session.add(AlertHistoryRow(alert_id=alert, actor="leakwatch", action="widened", change=grown))
        step = brought_back((await repository.states(session, [alert]))[0])
        await service.bring_back(session, step, FOUND, {"found": [None, ["ast_9"]]})
    assert await counts(desk) == [1, 1, 1], "the other was found later: nobody could have been quicker"
    for one in (alert, late):
        await desk.change(one, status="resolved", resolution="true_positive")
    assert await counts(desk) == [1, 3, 3]


async def counts(desk: Desk) -> list[int]:
    """How often it was detected, acknowledged and resolved."""
    async with desk.database.reading() as session:
        told = (await summed(session, 30, 0, DeadOut(messages=None))).times
    return [told.detect.count, told.acknowledge.count, told.resolve.count]


async def test_of_many_dead_letters_it_is_said_that_there_are_more() -> None:
    stream = MemoryStream()
    for number in range(4):
        about = {"code": "inspection_failed", "reason": "timeout: one part took longer"} if number else {"code": "invalid"}
        await stream.publish(DEAD_LETTERS, Record("g/c", b"", about))
    told = await died(stream, 30, most=3)
    assert (told.messages, told.more, [(one.code, one.messages) for one in told.reasons]) == (3, True, [("timeout", 3)])
    told = await died(stream, 30, most=4)
    assert (told.messages, told.more, told.reasons[1].code) == (4, False, "invalid")


async def test_a_stream_that_is_away_is_not_told_as_nothing_dead() -> None:
    async with KafkaStream("kafka://127.0.0.1:1/gone") as stream:
        assert (await died(stream, 30)).messages is None


async def test_a_resolution_says_nothing_of_what_was_found_after_it(desk: Desk) -> None:
    """As earlier versions left it: an alert stayed resolved when a hunt added to it."""
    alert = await desk.alert("ast_1", reference_id="ref_1")
    await desk.change(alert, status="resolved", resolution="false_positive")
    async with desk.database.writing() as session:
        row = await session.get_one(AlertRow, alert)
        row.matches = [*row.matches, match(asset_id="ast_2", confidence=0.2)]
        session.add(AlertAssetRow(alert_id=alert, asset_id="ast_2"))
        session.add(AlertHistoryRow(alert_id=alert, actor="leakwatch", action="widened", change={"assets": [None, "ast_2"]}))
    assert await counted_assets(desk) == {"ast_1": 1}
    async with desk.database.reading() as session:
        assert (await simulate(session, Operating(least=0.5))).spared == [], "its only match is sure"
        assert (await simulate(session, Operating(least=0.95))).spared == [alert]
    await desk.change(alert, status="open")
    await desk.change(alert, status="resolved", resolution="true_positive")
    assert await counted_assets(desk) == {"ast_1": 0, "ast_2": 0}, "now somebody decided about both"


async def counted_assets(desk: Desk) -> dict[str, int]:
    """False alarms of each asset that is told of."""
    async with desk.database.reading() as session:
        told = await summed(session, 30, 0, DeadOut(messages=None))
    return {one.name: one.false_positive for one in told.assets}

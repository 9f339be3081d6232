"""Who may see an alert's pictures: whoever said what for, for an hour, of that alert alone."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.alerts import reveals
from app.alerts.reveals import LASTS, PURPOSES
from app.audit import service as audit
from app.audit.schemas import AuditFilter
from app.db.models import AlertHistoryRow, now
from app.errors import Invalid, NotFound
from app.people.service import Principal, Role
from tests.app.alerts.conftest import Desk

ANA, BO = Principal("tok_1", "ana", Role.ANALYST), Principal("tok_2", "bo", Role.ANALYST)


async def reveal(desk: Desk, alert: str, who: Principal = ANA, purpose: str = "triage", words: str = "") -> None:
    async with desk.database.writing() as session:
        await reveals.reveal(session, alert, who, purpose, words)


async def may(desk: Desk, alert: str, who: Principal = ANA) -> bool:
    async with desk.database.reading() as session:
        return await reveals.until(session, alert, who) is not None


async def test_a_reveal_is_one_persons_and_of_one_alert(desk: Desk) -> None:
    one, other = [await desk.alert(asset) for asset in ("ast_a", "ast_a")]
    assert not await may(desk, one)
    await reveal(desk, one)
    assert [await may(desk, alert, who) for alert in (one, other) for who in (ANA, BO)] == [True, False, False, False]


async def test_who_is_only_called_the_same_sees_nothing(desk: Desk) -> None:
    alert = await desk.alert()
    await reveal(desk, alert)
    assert not await may(desk, alert, Principal("tok_9", ANA.name, Role.ANALYST))
    await reveal(desk, alert, Principal("acc_1", ANA.name, Role.ANALYST))
    assert [row.actor for row in await desk.history(alert) if row.action == "revealed"] == ["ana", "ana"], "each says what for"


async def test_it_is_a_row_of_the_history_and_changes_nothing_else(desk: Desk) -> None:
    alert = await desk.alert()
    before = await desk.state(alert)
    await reveal(desk, alert, purpose="other", words="  the owner asked  ")
    row = (await desk.history(alert))[-1]
    assert (row.actor, row.action, row.note) == ("ana", "revealed", "the owner asked")
    assert row.change["purpose"] == [None, "other"]
    assert row.change["revealed_until"] == [None, (row.at + LASTS).isoformat()]
    assert await desk.state(alert) == before, "whoever decides now is not told that somebody changed it"


async def test_it_ends_by_itself_and_is_asked_for_anew(desk: Desk) -> None:
    alert = await desk.alert()
    await reveal(desk, alert)
    await reveal(desk, alert)
    assert [row.action for row in await desk.history(alert)].count("revealed") == 1, "while it lasts nothing is added"
    async with desk.database.writing() as session:
        await session.execute(update(AlertHistoryRow).values(at=now() - LASTS - timedelta(seconds=1)))
    assert not await may(desk, alert)
    await reveal(desk, alert)
    assert await may(desk, alert)
    assert [row.action for row in await desk.history(alert)].count("revealed") == 2


async def test_other_things_that_somebody_did_reveal_nothing(desk: Desk) -> None:
    alert = await desk.alert()
    await desk.change(alert, status="acknowledged", note="revealed")
    assert not await may(desk, alert)


@pytest.mark.parametrize(("purpose", "words"), [("", ""), ("fun", "because"), ("other", ""), ("other", "  ")])
async def test_without_a_purpose_nothing_is_revealed(desk: Desk, purpose: str, words: str) -> None:
    alert = await desk.alert()
    with pytest.raises(Invalid, match="what for"):
        await reveal(desk, alert, purpose=purpose, words=words)
    assert not await may(desk, alert)


@pytest.mark.parametrize("purpose", [one for one in PURPOSES if one != "other"])
async def test_a_purpose_of_the_list_needs_no_words(desk: Desk, purpose: str) -> None:
    alert = await desk.alert()
    await reveal(desk, alert, purpose=purpose)
    assert await may(desk, alert)


async def test_what_is_no_alert_is_said(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await reveal(desk, "alr_nothing")


async def test_a_reveal_leaves_its_entry_and_one_that_adds_nothing_leaves_none(desk: Desk) -> None:
    alert = await desk.alert()
    for _ in range(2):
        await reveal(desk, alert, purpose="other", words="the owner asked")
    async with desk.database.reading() as session:
        found = await audit.page(session, AuditFilter(action="picture.revealed"), None, 10)
    [entry] = found.items
    assert (entry.actor, entry.object_id, entry.details["purpose"]) == ("ana", alert, "other")
    assert "the owner asked" not in str(entry.details), "what people write stands in the history alone"


async def test_every_purpose_stated_within_the_hour_is_written_down_once(desk: Desk) -> None:
    alert = await desk.alert()
    said = [
        ("triage", ""),
        ("evidence", ""),
        ("triage", ""),
        ("other", "the owner asked"),
        ("other", "training"),
        ("evidence", ""),
    ]
    for purpose, words in said:
        await reveal(desk, alert, purpose=purpose, words=words)
    told = [(row.change["purpose"][1], row.note) for row in await desk.history(alert) if row.action == "revealed"]
    assert told == [("triage", None), ("evidence", None), ("other", "the owner asked"), ("other", "training")]
    async with desk.database.reading() as session:
        found = await audit.page(session, AuditFilter(action="picture.revealed"), None, 10)
    assert [entry.details["purpose"] for entry in found.items[::-1]] == ["triage", "evidence", "other", "other"]

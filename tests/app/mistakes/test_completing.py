"""A page is accused as soon as it is proved; that it was a mistake is remembered with its text, which is read then."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select

from app.db.models import RegistryChangeRow
from app.ingest import repository as ingest
from app.ingest.jobs import UNREAD
from app.mistakes.completing import complete
from detectors.thresholds import DEFAULT
from tests.app.alerts.test_alerts import patch
from tests.app.conftest import Server, fresh, until
from tests.app.console.test_console import signed_in
from tests.app.evidence.made import checked, contents
from tests.app.evidence.test_evidence import taken
from tests.app.mistakes.test_mistakes import FALSE
from tests.app.mistakes.test_mistakes import Case as Photo
from tests.detectors.scenes import jpeg, page, png, sentences

SEEDS = iter([*(70_000, 70_100, 70_600, 71_500, 72_200, 73_300, 73_400, 73_700, 75_000), *range(80_000, 90_000, 100)])
"""Of these first ones the second edition is taken for the first: no others need to be tried, each of which is inspected."""


def edition(seed: int, number: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A page of which one line in eighteen is another in each edition."""
    text = sentences(seed)
    text[number * 5 % 18] = sentences(seed + number, 1)[0]
    return page(text)


def last(server: Server) -> int:
    """The last change of the registry."""

    async def found() -> int:
        async with server.house.database.reading() as session:
            return await session.scalar(select(func.max(RegistryChangeRow.seq))) or 0

    return server.run(found())


class Case:
    """A registered page, and another edition of it that was proved to be it."""

    def __init__(self, server: Server) -> None:
        self.server, self.seed = server, next(SEEDS)
        registered = {"it.png": png(edition(self.seed, 1))}
        self.asset: dict[str, Any] = server.register(registered, kind="document", title=fresh("Order ")).json()
        self.number, self.alert = next(self._proved())
        self.posted = self.drawn(self.number, 85)

    def drawn(self, number: int, quality: int) -> bytes:
        return jpeg(edition(self.seed, number), quality)

    def _proved(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Editions that are taken for it by the lines that are looked at: of others all is read anyway."""
        for number in range(2, 20):
            verdict = self.verdict(self.drawn(number, 85))
            [first, *_] = verdict["matches"] or [{"detector": None}]
            if first["detector"] == "page_copy" and first["confidence"] >= DEFAULT.leak_confidence:
                alert = self.told(verdict)
                if UNREAD in self.kinds(alert):
                    yield number, alert

    def told(self, verdict: dict[str, Any]) -> dict[str, Any]:
        """The alert."""
        told: dict[str, Any] = self.server["analyst"].get(f"/alerts/{verdict['alert_id']}").raise_for_status().json()
        return told

    def verdict(self, data: bytes) -> dict[str, Any]:
        return self.server.verdict(self.server.post("", {"x.jpg": data}))

    def alarms(self, data: bytes) -> bool:
        return self.asset["id"] in [match["asset_id"] for match in self.verdict(data)["matches"]]

    def kinds(self, alert: dict[str, Any]) -> set[str]:
        """Of fingerprints that were kept when it was accused."""

        async def stored() -> set[str]:
            async with self.server.house.database.reading() as session:
                [kinds] = (await ingest.accused_fingerprints(session, [alert["message"]["id"]])).values()
            return set(kinds)

        return self.server.run(stored())

    def mistakes(self) -> list[dict[str, Any]]:
        told = self.server["analyst"].get("/mistakes", params={"asset": self.asset["id"]}).raise_for_status()
        items: list[dict[str, Any]] = told.json()["items"]
        return items

    def text(self) -> str:
        [mistake] = self.mistakes()
        return str(mistake["text"])

    def settled(self) -> str:
        """Whether its text is known, once nothing waits any more, and the lanes know what is stored."""
        until(lambda: self.text() != "waiting", 60)
        until(lambda: self.server.house.lanes.checkpoint == last(self.server))
        return self.text()

    def complete(self, mistake: str, kinds: dict[str, bytes] | None) -> None:
        """What another server has read."""

        async def stored() -> None:
            async with self.server.house.database.writing() as session:
                await complete(session, {mistake: kinds})

        self.server.run(stored())

    def lose(self) -> None:
        """The posted file."""
        folder = self.server.settings.blob_folder
        assert folder is not None
        next(folder.rglob(self.alert["message"]["attachments"][0]["sha256"])).unlink()


@pytest.fixture
def case(server: Server) -> Case:
    return Case(server)


def test_a_mistaken_page_is_read_when_it_is_found_to_be_one_and_its_copies_are_excused(case: Case) -> None:
    assert case.kinds(case.alert) == {"keypoints", "perceptual", "unread"}, "nothing was read for the alert"
    patch(case.server, case.alert, **FALSE)
    assert case.settled() == "known"
    [mistake] = case.mistakes()
    assert mistake["fingerprints"] == ["keypoints", "perceptual", "shingles"]
    assert not case.alarms(case.posted)
    assert not case.alarms(case.drawn(case.number, 60)), "a copy"
    assert case.alarms(case.drawn(1, 60)), "the registered one"
    assert case.alarms(case.drawn(case.number + 1, 85)), "another edition"


def test_where_its_file_is_gone_it_is_told_and_the_same_file_alarms_no_longer(case: Case) -> None:
    case.lose()
    patch(case.server, case.alert, **FALSE)
    assert case.settled() == "missing"
    assert case.mistakes()[0]["fingerprints"] == ["keypoints", "perceptual"]
    assert not case.alarms(case.posted), "somebody looked at this very file"
    assert case.alarms(case.drawn(1, 60)), "the registered one"
    assert case.alarms(case.drawn(case.number + 1, 85)), "another edition"
    said = "Its text cannot be read any more, so copies of it may alarm."
    with signed_in(case.server, "analyst") as browser:
        assert said in browser.get("/mistakes", params={"asset": case.asset["id"]}).text
        shown = browser.get(f"/alerts/{case.alert['id']}").text
    assert said in shown
    assert "and its copies will not alarm" not in shown


def test_another_alert_with_the_file_is_asked_too(case: Case) -> None:
    other = case.told(case.verdict(case.posted))
    patch(case.server, case.alert, **FALSE)
    patch(case.server, other, **FALSE)
    assert case.settled() == "known"
    assert len(case.mistakes()[0]["alerts"]) == 2


def test_taken_back_it_is_read_for_nobody_and_alarms(case: Case) -> None:
    alert = patch(case.server, case.alert, **FALSE)
    [mistake] = alert["mistakes"]
    patch(case.server, alert, status="open")
    before = last(case.server)
    case.complete(mistake["id"], {"shingles": b""})
    assert (case.mistakes(), last(case.server)) == ([], before), "what was read meanwhile is of no use"
    assert case.alarms(case.posted)
    assert case.alarms(case.drawn(case.number, 60))
    patch(case.server, case.alert, **FALSE)
    assert case.settled() == "known", "found out again it is read again"
    assert not case.alarms(case.drawn(case.number, 60))


def test_of_two_that_read_it_the_second_changes_nothing(case: Case) -> None:
    [mistake] = patch(case.server, case.alert, **FALSE)["mistakes"]
    assert case.settled() == "known"
    before = case.mistakes(), last(case.server)
    for late in ({"shingles": b"damaged"}, None):
        case.complete(mistake["id"], late)
    assert (case.mistakes(), last(case.server)) == before


def test_a_photo_on_which_nothing_is_written_is_known_and_no_lane_is_told_again(server: Server) -> None:
    case = Photo(server, next(SEEDS))
    patch(server, case.alert, **FALSE)
    before = last(server)
    until(lambda: case.mistakes()[0]["text"] != "waiting", 60)
    assert (case.mistakes()[0]["text"], case.mistakes()[0]["fingerprints"]) == ("known", ["keypoints", "perceptual"])
    assert last(server) == before
    assert not case.alarms(case.copy())


def test_evidence_has_what_was_kept_and_says_what_was_not_read(case: Case, tmp_path: Path) -> None:
    data = taken(case.server, case.alert["id"]).raise_for_status().content
    found = checked(data, tmp_path)
    assert found.holds
    prints = [path for path in contents(data) if "/fingerprints/" in path]
    assert sorted(path.rsplit("-", 1)[-1] for path in prints) == ["keypoints.bin", "perceptual.bin"]
    assert any("recognised before all of it was read" in one for one in found.manifest["left_out"])

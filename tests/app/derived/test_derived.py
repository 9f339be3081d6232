"""A confirmed leak teaches: its copies are recognised by it, and everything is taken back with the confirmation."""

import re
from typing import Any

import numpy as np
import pytest

from app.db.models import AlertRow
from app.demo.rehearsal import ATTACKS
from app.derived import following
from fingerprints.images import decode
from fingerprints.types import Limits
from tests.app.alerts.test_alerts import patch
from tests.app.conftest import Server, fresh
from tests.app.console.test_console import signed_in
from tests.app.mistakes.test_mistakes import FALSE, TRUE, actions
from tests.app.pictures import encoded, scene
from tests.detectors.scenes import jpeg as shot

SEEDS = iter(range(40_000, 50_000, 10))
Picture = Any


class Case:
    """Registered equipment, and an alert about a crop of its photo."""

    def __init__(self, server: Server, **more: Any) -> None:
        self.server, self.seed = server, next(SEEDS)
        data = encoded(scene(self.seed, 1100, 800), "JPEG", quality=92)
        spec = {"kind": "equipment", "title": fresh("Engine "), **more}
        self.asset: dict[str, Any] = server.register({"it.jpg": data}, **spec).json()
        self.crop = ATTACKS["crop40"](np.asarray(scene(self.seed, 1100, 800)))
        self.alert = self.posted(self.crop)

    def posted(self, data: bytes) -> dict[str, Any]:
        verdict = self.server.verdict(self.server.post("", {"x.jpg": data}))
        told: dict[str, Any] = self.server["analyst"].get(f"/alerts/{verdict['alert_id']}").raise_for_status().json()
        return told

    def derived(self, role: str = "analyst") -> list[dict[str, Any]]:
        told = self.server[role].get(f"/assets/{self.asset['id']}").raise_for_status().json()
        return [one for one in told["references"] if one["derived"]]

    def by(self, data: bytes) -> str:
        """Which reference a picture is matched to first."""
        found: str = self.posted(data)["matches"][0]["reference_id"]
        return found


def unlearnt(server: Server, alert: dict[str, Any]) -> str:
    """Why nothing was learnt from it, as its page says."""
    with signed_in(server, "analyst") as client:
        return "".join(re.findall(r"Nothing was learnt from it: [^<]+", client.get(f"/alerts/{alert['id']}").text))


def test_a_confirmed_crop_becomes_a_reference_and_its_copy_is_found_by_it(server: Server) -> None:
    case = Case(server)
    registered = case.alert["matches"][0]["reference_id"]
    alert = patch(server, case.alert, **TRUE)
    assert actions(alert) == ["created", "resolved", "taught"]
    [reference] = case.derived()
    assert reference["alerts"] == [alert["id"]]
    assert reference["fingerprints"] == ["perceptual"]
    assert case.derived("owner")[0]["alerts"] == [], "alerts are not an owner's business"
    again = case.posted(case.crop)
    assert again["matches"][0]["reference_id"] == reference["id"]
    assert "sha256" in again["matches"][0]["evidence"], "by its bytes, the cheapest path"
    alert = patch(server, alert, status="open")
    assert actions(alert)[-1] == "untaught"
    assert case.derived() == []
    assert case.by(case.crop) == registered, "as if nothing had been"


def test_a_copy_of_the_whole_crop_is_found_as_surely_as_before_and_says_of_which_leak_it_is(server: Server) -> None:
    case = Case(server)
    before = case.posted(ATTACKS["recompressed"](picture_of(case.crop)))["matches"][0]
    assert "leaked" not in before["evidence"]
    patch(server, case.alert, **TRUE)
    [reference] = case.derived()
    again = case.posted(ATTACKS["preview"](picture_of(case.crop)))
    match = again["matches"][0]
    assert (again["verdict"], match["reference_id"]) == ("leak", before["reference_id"])
    assert match["evidence"]["leaked"] == {"reference_id": reference["id"], "reference": reference["label"]}
    with signed_in(server, "analyst") as client:
        assert "As a whole it is the picture of a confirmed leak" in client.get(f"/alerts/{again['id']}").text
    patch(server, again, **TRUE)
    assert [one["fingerprints"] for one in case.derived()] == [["perceptual"], []], "in what was not read something may stand"


def picture_of(data: bytes) -> Any:
    return decode(data, Limits()).pixels


def test_every_other_resolution_takes_it_back_and_so_does_undoing(server: Server) -> None:
    for other in (FALSE, {"status": "resolved", "resolution": "benign_positive"}):
        case = Case(server)
        alert = patch(server, case.alert, **TRUE)
        assert len(case.derived()) == 1
        patch(server, alert, **other)
        assert case.derived() == []
    case = Case(server)
    bulk = server["analyst"].post("/alerts/bulk", json={"ids": [case.alert["id"]], "change": TRUE}).raise_for_status().json()
    assert len(case.derived()) == 1
    server["analyst"].post("/alerts/bulk", json={"undo": bulk["bulk_id"]}).raise_for_status()
    assert case.derived() == []


def test_two_alerts_about_one_file_say_it_together(server: Server) -> None:
    case = Case(server)
    both = [patch(server, one, **TRUE) for one in (case.alert, case.posted(case.crop))]
    [reference] = case.derived()
    assert sorted(reference["alerts"]) == sorted(one["id"] for one in both)
    patch(server, both[0], status="open")
    assert case.derived()[0]["alerts"] == [both[1]["id"]]
    patch(server, both[1], status="open")
    assert case.derived() == []


def test_what_a_derived_reference_found_teaches_nothing(server: Server) -> None:
    case = Case(server)
    patch(server, case.alert, **TRUE)
    again = case.posted(case.crop)
    assert again["matches"][0]["reference_id"] == case.derived()[0]["id"]
    patch(server, again, **TRUE)
    assert len(case.derived()) == 1
    assert "it was recognised by a confirmed leak" in unlearnt(server, again)
    assert unlearnt(server, case.alert) == ""


def test_the_registered_file_itself_and_unsure_matches_teach_nothing(server: Server) -> None:
    case = Case(server)
    exact = case.posted(encoded(scene(case.seed, 1100, 800), "JPEG", quality=92))
    patch(server, exact, **TRUE)
    assert case.derived() == []
    assert "the very file is registered already" in unlearnt(server, exact)
    word = server.alert()
    assert unlearnt(server, word) == "", "nobody confirmed it"
    assert actions(patch(server, word, **TRUE)) == ["created", "resolved"]
    assert "only pictures of what is registered teach" in unlearnt(server, word)


def test_a_confirmed_doubt_and_one_picture_too_many_teach_nothing_and_the_page_says_so(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "MOST", 0)
    case, doubt = Case(server), Case(server)
    patch(server, case.alert, **TRUE)
    assert "as many confirmed pictures as it may" in unlearnt(server, case.alert)

    async def doubted() -> None:
        async with server.house.database.writing() as session:
            row = await session.get_one(AlertRow, doubt.alert["id"])
            row.matches = [{**match, "confidence": 0.5} for match in row.matches]

    server.run(doubted())
    patch(server, doubt.alert, **TRUE)
    assert "what is doubtful does not teach" in unlearnt(server, doubt.alert)
    assert case.derived() == doubt.derived() == []


def test_of_a_document_only_the_bytes_are_learnt(server: Server) -> None:
    case = Case(server, kind="document")
    patch(server, case.alert, **TRUE)
    [reference] = case.derived()
    assert reference["fingerprints"] == []
    assert "sha256" in case.posted(case.crop)["matches"][0]["evidence"]


def test_a_new_edition_forgets_them_and_reopening_then_harms_nothing(server: Server) -> None:
    case = Case(server)
    alert = patch(server, case.alert, **TRUE)
    files = [("files", ("new.jpg", shot(np.asarray(scene(case.seed + 1, 900, 700)), 90)))]
    server["owner"].post(f"/assets/{case.asset['id']}/edition", files=files).raise_for_status()
    assert case.derived() == []
    patch(server, alert, status="open")
    assert case.derived() == []

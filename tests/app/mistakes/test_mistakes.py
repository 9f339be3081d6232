"""A false positive is remembered, for the picture and its copies and for nothing else; and taken back in every way there is."""

from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from app.assets.registry import changes
from app.settings import Settings
from tests.app.alerts.test_alerts import patch
from tests.app.conftest import Server, fresh, running, until
from tests.app.ingest.test_messages import problem
from tests.app.pictures import jpeg, scene
from tests.detectors.scenes import jpeg as shot

FALSE = {"status": "resolved", "resolution": "false_positive", "note": "another one of the same make"}
TRUE = {"status": "resolved", "resolution": "true_positive"}


def panel(base: int, seed: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A console of one make (``base``): the same frame, another panel for every seed."""
    picture = np.asarray(scene(base, 700, 900)).copy()
    picture[250:650, 120:580] = np.asarray(scene(seed, 460, 400))
    return picture


def collage(*pictures: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    return shot(np.hstack(pictures), 85)


class Case:
    """A registered console, and a photo of another one that was accused of being it."""

    def __init__(self, server: Server, base: int) -> None:
        self.server, self.base = server, base
        self.asset: dict[str, Any] = server.register(
            {"it.jpg": shot(panel(base, base + 1), 92)}, kind="equipment", title=fresh("Console ")
        ).json()
        self.photo = shot(panel(base, base + 2), 85)
        self.alert = self.posted(self.photo)
        assert self.alert["matches"][0]["asset_id"] == self.asset["id"], "the sibling is accused: else nothing is to be learnt"

    def verdict(self, data: bytes) -> dict[str, Any]:
        return self.server.verdict(self.server.post("", {"x.jpg": data}))

    def posted(self, data: bytes) -> dict[str, Any]:
        """The alert it raises."""
        alert = self.verdict(data)["alert_id"]
        assert alert
        told: dict[str, Any] = self.server["analyst"].get(f"/alerts/{alert}").json()
        return told

    def alarms(self, data: bytes) -> bool:
        return self.asset["id"] in [match["asset_id"] for match in self.verdict(data)["matches"]]

    def mistakes(self) -> list[dict[str, Any]]:
        told = self.server["analyst"].get("/mistakes", params={"asset": self.asset["id"]}).raise_for_status()
        items: list[dict[str, Any]] = told.json()["items"]
        return items

    def copy(self) -> bytes:
        return shot(panel(self.base, self.base + 2)[60:, :], 45)


BASES = iter(range(3000, 9000, 10))


@pytest.fixture
def case(server: Server) -> Case:
    return Case(server, next(BASES))


def actions(alert: dict[str, Any]) -> list[str]:
    return [entry["action"] for entry in alert["history"]]


def test_a_false_positive_and_its_copies_alarm_no_longer_and_everything_else_does(server: Server, case: Case) -> None:
    alert = patch(server, case.alert, **FALSE)
    assert actions(alert)[-2:] == ["resolved", "remembered"]
    [mistake] = alert["mistakes"]
    assert alert["history"][-1]["change"] == {"mistakes": [[], [mistake["id"]]]}
    for data in (case.photo, case.copy()):
        verdict = case.verdict(data)
        assert (verdict["verdict"], verdict["matches"], verdict["alert_id"]) == ("clear", [], None)
        [excused] = verdict["excused"]
        assert (
            excused
            | {
                "asset_id": case.asset["id"],
                "asset_title": case.asset["title"],
                "reference": "it.jpg",
                "attachment": 0,
                "mistake_id": mistake["id"],
                "alert_id": alert["id"],
            }
            == excused
        )
    assert case.alarms(shot(panel(case.base, case.base + 1), 60)), "the registered one"
    assert case.alarms(shot(panel(case.base, case.base + 3), 85)), "another sibling"
    assert case.alarms(collage(panel(case.base, case.base + 2), panel(case.base, case.base + 1)))


def test_what_is_excused_is_counted(server: Server, case: Case) -> None:
    def counted() -> float:
        lines = httpx.get(f"{server.url}/metrics").text.splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("leakwatch_matches_excused_total"))

    patch(server, case.alert, **FALSE)
    before = counted()
    case.verdict(case.photo)
    assert counted() == before + 1


def test_it_is_listed_with_who_and_when_and_why(server: Server, case: Case) -> None:
    alert = patch(server, case.alert, **FALSE)
    until(lambda: case.mistakes()[0]["text"] == "known")
    [mistake] = case.mistakes()
    assert (mistake["asset_id"], mistake["asset_title"], mistake["reference"]) == (
        case.asset["id"],
        case.asset["title"],
        "it.jpg",
    )
    assert mistake["digest"] == alert["message"]["attachments"][0]["sha256"]
    assert {"keypoints", "perceptual"} <= set(mistake["fingerprints"])
    [said] = mistake["alerts"]
    assert (said["alert_id"], said["actor"], said["attachment"], said["part"], said["name"]) == (
        alert["id"],
        "ana",
        0,
        "",
        "x.jpg",
    )
    assert server["auditor"].get("/mistakes", params={"asset": case.asset["id"]}).json()["items"] == [mistake]
    for role in ("gateway", "owner", "admin"):
        problem(server[role].get("/mistakes"), 403)
    for role in ("gateway", "owner", "admin", "auditor"):
        problem(server[role].delete(f"/mistakes/{mistake['id']}"), 403)
    problem(server["analyst"].delete("/mistakes/mis_nope"), 404)
    problem(server["analyst"].get("/mistakes", params={"cursor": "zzz"}), 422)


def test_pages_neither_repeat_nor_skip(server: Server) -> None:
    made = []
    for _ in range(3):
        case = Case(server, next(BASES))
        made.append(patch(server, case.alert, **FALSE)["mistakes"][0]["id"])
    first = server["analyst"].get("/mistakes", params={"limit": 2}).json()
    second = server["analyst"].get("/mistakes", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [one["id"] for one in first["items"] + second["items"]] == made[::-1]


@pytest.mark.parametrize("how", ["true_positive", "benign_positive", "reopened", "deleted"])
def test_it_is_taken_back(server: Server, case: Case, how: str) -> None:
    [mistake] = patch(server, case.alert, **FALSE)["mistakes"]
    if how == "deleted":
        assert server["analyst"].delete(f"/mistakes/{mistake['id']}").status_code == 204
    else:
        patch(server, case.alert, **({"status": "open"} if how == "reopened" else {"resolution": how}))
    alert = server["analyst"].get(f"/alerts/{case.alert['id']}").json()
    last = [entry for entry in alert["history"] if entry["action"] != "taught"][-1]
    assert (last["action"], last["actor"]) == ("forgotten", "ana")
    assert last["change"] == {"mistakes": [[mistake["id"]], []]}
    assert (alert["mistakes"], case.mistakes()) == ([], [])
    assert case.alarms(case.photo)
    if how == "deleted":
        assert alert["resolution"] == "false_positive", "the resolution stays"


def test_found_out_again_it_is_remembered_again(server: Server, case: Case) -> None:
    for change in (FALSE, {"status": "open"}, FALSE):
        patch(server, case.alert, **change)
    assert len(case.mistakes()) == 1
    assert not case.alarms(case.copy())


def test_two_alerts_about_one_file_say_it_together(server: Server, case: Case) -> None:
    other = case.posted(case.photo)
    patch(server, case.alert, **FALSE)
    second = patch(server, other, **FALSE)
    [mistake] = case.mistakes()
    assert [one["alert_id"] for one in mistake["alerts"]] == [case.alert["id"], other["id"]]
    first = patch(server, case.alert, status="open")
    assert first["mistakes"] == []
    assert other["id"] in first["history"][-1]["note"], "its history says that it is still remembered, and why"
    assert not case.alarms(case.photo)
    patch(server, second, status="open")
    assert case.alarms(case.photo)


def test_the_registered_thing_in_one_alert_is_no_mistake_in_another(server: Server, case: Case) -> None:
    other = case.posted(case.photo)
    patch(server, case.alert, **FALSE)
    patch(server, other, **TRUE)
    assert case.mistakes() == []
    history = server["analyst"].get(f"/alerts/{case.alert['id']}").json()["history"]
    assert (history[-1]["action"], other["id"] in history[-1]["note"]) == ("forgotten", True)
    assert case.alarms(case.photo)


def test_in_bulk_and_back(server: Server, case: Case) -> None:
    bulk = {"filter": {"asset": case.asset["id"]}, "change": FALSE}
    told = server["analyst"].post("/alerts/bulk", json=bulk).json()
    assert len(case.mistakes()) == 1
    assert not case.alarms(case.photo)
    server["analyst"].post("/alerts/bulk", json={"undo": told["bulk_id"]}).raise_for_status()
    assert case.mistakes() == []
    assert case.alarms(case.photo)


def test_an_undone_reversal_is_remembered_again(server: Server, case: Case) -> None:
    patch(server, case.alert, **FALSE)
    bulk = {"filter": {"asset": case.asset["id"]}, "change": {"status": "open"}}
    told = server["analyst"].post("/alerts/bulk", json=bulk).json()
    assert case.mistakes() == []
    server["analyst"].post("/alerts/bulk", json={"undo": told["bulk_id"]}).raise_for_status()
    assert len(case.mistakes()) == 1


def test_the_registered_file_itself_is_never_a_mistake(server: Server) -> None:
    base = next(BASES)
    data = shot(panel(base, base), 90)
    asset = server.register({"it.jpg": data}, kind="equipment").json()
    verdict = server.verdict(server.post("", {"x.jpg": data}))
    alert = server["analyst"].patch(f"/alerts/{verdict['alert_id']}", json=FALSE).json()
    assert (alert["mistakes"], actions(alert)[-1]) == ([], "resolved")
    again = server.verdict(server.post("", {"x.jpg": data}))
    assert [match["asset_id"] for match in again["matches"]] == [asset["id"]]


def test_a_quotation_judged_harmless_is_remembered_as_written(server: Server) -> None:
    ours = [f"Clause {i * 7919 % 9973} of the treaty binds signatory {i * 104729 % 7907}." for i in range(30)]
    asset = server.register({"t.txt": "\n".join(ours).encode()}, kind="text", title=fresh("Treaty ")).json()
    mine = " ".join(f"Our press release number {i * 31 % 97} tells reporters about item {i * 57 % 89}." for i in range(9))
    text = f"{mine} {' '.join(ours[:6])}"

    def accused(said: str) -> bool:
        return asset["id"] in [match["asset_id"] for match in server.verdict(server.post(said))["matches"]]

    alert = server.verdict(server.post(text))["alert_id"]
    server["analyst"].patch(f"/alerts/{alert}", json=FALSE).raise_for_status()
    assert not accused(text)
    assert not accused(f"fwd: {text.replace('. ', '.  ')}")
    assert accused(" ".join(ours[:6])), "the quotation alone"
    assert accused(f"{text} {' '.join(ours[10:16])}"), "a longer quotation"


def test_words_are_not_remembered(server: Server) -> None:
    alert = patch(server, server.alert(), **FALSE)
    assert (alert["mistakes"], actions(alert)) == ([], ["created", "resolved"])


def test_a_retired_asset_takes_its_mistakes_along(server: Server, case: Case) -> None:
    patch(server, case.alert, **FALSE)
    server["owner"].delete(f"/assets/{case.asset['id']}").raise_for_status()
    assert case.mistakes() == []
    assert patch(server, case.alert, status="open")["status"] == "open"
    assert patch(server, case.alert, **FALSE)["mistakes"] == [], "of what is gone nothing can be remembered"


def test_an_owner_is_told_of_mistakes_about_their_own_assets_only(server: Server, case: Case) -> None:
    patch(server, case.alert, **FALSE)
    files = {"files": ("x.jpg", case.photo)}
    [mine] = server["owner"].post("/assets/test", files=files).json()["results"]
    assert [one["asset_id"] for one in mine["excused"]] == [case.asset["id"]]
    server["admin"].patch(f"/assets/{case.asset['id']}", json={"owner": "somebody"}).raise_for_status()
    [others] = server["owner"].post("/assets/test", files=files).json()["results"]
    assert (others["excused"], others["matches"]) == ([], [])


def test_every_worker_follows_by_itself(server: Server, case: Case) -> None:
    before = server.house.lanes.checkpoint
    patch(server, case.alert, **FALSE)
    until(lambda: server.house.lanes.checkpoint > before)


def test_it_survives_a_restart_and_the_message_s_own_files(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, workers=1)
    with running(settings) as server:
        case = Case(server, 9000)
        patch(server, case.alert, **FALSE)

        async def stored() -> list[int]:
            return [len(change.mistakes) async for change in changes(server.house.database, 0)]

        assert server.run(stored()) == [1]
    for blob in (tmp_path / "blobs").glob("??/*"):
        blob.unlink()
    with running(settings) as server:
        case.server = server
        assert not case.alarms(case.copy())
        assert case.alarms(jpeg(9001)) is False
        assert case.alarms(shot(panel(9000, 9001), 70))

"""``/assets`` over HTTP: registered, tried, changed, forgotten; and what the live registry makes of it."""

import json
from typing import Any, get_args

import pytest

from app.alerts import service as alerts
from app.assets import schemas, service
from app.blobs.reading import fetched
from detectors.types import AssetKind, Level
from tests.app.conftest import Server, fresh
from tests.app.ingest.test_messages import problem
from tests.app.pictures import ACCEPTED, REFUSED, TRUNCATED, jpeg


def caught(server: Server, files: dict[str, bytes], text: str = "") -> list[str]:
    return [one["asset_id"] for one in server.verdict(server.post(text, files))["matches"]]


def test_the_words_are_the_detectors() -> None:
    assert set(get_args(schemas.Kind)) == set(AssetKind)
    assert list(get_args(schemas.Level)) == list(Level)


def test_registering_says_how_good_every_reference_is(server: Server) -> None:
    answer = server.register({"a.jpg": jpeg(11), "blank.png": ACCEPTED["blank.png"]()}, kind="equipment", title=" Crane ")
    assert answer.status_code == 201
    asset = answer.json()
    assert (asset["title"], asset["owner"], asset["status"], asset["unread"]) == ("Crane", "otto", "ready", [])
    good, blank = asset["references"]
    assert (good["label"], good["file"]) == ("a.jpg", "a.jpg")
    assert "keypoints" in good["fingerprints"]
    assert (good["distinctiveness"]["verdict"], blank["distinctiveness"]["verdict"]) == ("good", "none")
    assert blank["distinctiveness"]["advice"]
    assert server["owner"].get(f"/assets/{asset['id']}").json() == asset
    server["owner"].delete(f"/assets/{asset['id']}").raise_for_status()  # other tests post a blank page too


def test_what_is_registered_is_caught_and_what_is_forgotten_is_not(server: Server) -> None:
    asset = server.register({"a.jpg": jpeg(12)}, kind="equipment").json()
    assert caught(server, {"b.jpg": jpeg(12, quality=60)}) == [asset["id"]]
    assert server["owner"].delete(f"/assets/{asset['id']}").status_code == 204
    assert caught(server, {"b.jpg": jpeg(12, quality=55)}) == []
    problem(server["owner"].get(f"/assets/{asset['id']}"), 404)


def test_changed_words_are_watched(server: Server) -> None:
    asset = server.register(terms=["TULIPAN-1"]).json()
    change = {"terms": ["NARCIS-2"], "tags": ["SN-771199"], "title": "Renamed"}
    assert server["owner"].patch(f"/assets/{asset['id']}", json=change).json()["title"] == "Renamed"
    assert caught(server, {}, "about TULIPAN-1") == []
    assert caught(server, {}, "about NARCIS-2") == [asset["id"]]
    assert caught(server, {}, "label SN 771199") == [asset["id"]]


def test_an_alert_outlives_its_asset(server: Server) -> None:
    alert = server.alert()
    asset = alert["matches"][0]["asset_id"]
    server["owner"].delete(f"/assets/{asset}").raise_for_status()
    assert server["analyst"].get("/alerts", params={"asset": asset}).json()["items"] == [alert | {"answerable": []}]


def test_trying_files_records_nothing(server: Server) -> None:
    asset = server.register({"a.jpg": jpeg(13)}, kind="equipment").json()
    files = [("files", ("x.jpg", jpeg(13, quality=70))), ("files", ("y.jpg", jpeg(14))), ("files", ("z.jpg", b""))]
    results = server["owner"].post("/assets/test", files=files).json()["results"]
    assert [[one["asset_id"] for one in result["matches"]] for result in results] == [[asset["id"]], [], []]
    assert [result["file"] for result in results] == ["x.jpg", "y.jpg", "z.jpg"]
    assert results[2]["unread"]
    assert server["analyst"].get("/alerts", params={"asset": asset["id"]}).json()["items"] == []


def test_an_owner_learns_of_their_own_assets_only(server: Server) -> None:
    foreign = server.register({"a.jpg": jpeg(15)}, role="admin", kind="equipment", owner="somebody").json()
    told = server["owner"].post("/assets/test", files={"files": ("a.jpg", jpeg(15))}).json()["results"][0]
    assert (told["verdict"], told["matches"]) == ("clear", [])
    mine = server.register({"a.jpg": jpeg(15, quality=80)}, kind="equipment", level="internal").json()
    [result] = server["owner"].post("/assets/test", files={"files": ("b.jpg", jpeg(15, quality=60))}).json()["results"]
    assert [one["asset_id"] for one in result["matches"]] == [mine["id"]]
    assert result["severity"] == "low"
    assert foreign["id"] not in json.dumps(result)
    seen = server["analyst"].post("/assets/test", files={"files": ("a.jpg", jpeg(15))}).json()["results"][0]
    assert [one["asset_id"] for one in seen["matches"]] == [foreign["id"]]
    [both] = server["analyst"].post("/assets/test", files={"files": ("b.jpg", jpeg(15, quality=60))}).json()["results"]
    assert foreign["id"] in json.dumps(both)
    server["owner"].delete(f"/assets/{mine['id']}").raise_for_status()
    problem(server["owner"].get(f"/assets/{foreign['id']}"), 404)
    problem(server["owner"].delete(f"/assets/{foreign['id']}"), 404)
    problem(server.register(terms=["orchid"], owner="somebody"), 403)
    mine = [one["id"] for one in server["owner"].get("/assets", params={"limit": 200}).json()["items"]]
    everybodys = [one["id"] for one in server["admin"].get("/assets", params={"limit": 200}).json()["items"]]
    assert foreign["id"] in everybodys
    assert foreign["id"] not in mine


def test_pages(server: Server) -> None:
    made = [server.register(terms=[f"word{fresh('')}x"], title=f"{i}").json()["id"] for i in range(3)]
    first = server["owner"].get("/assets", params={"limit": 2}).json()
    second = server["owner"].get("/assets", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [one["id"] for one in first["items"] + second["items"]] == made[::-1]


@pytest.mark.parametrize("name", [*REFUSED])
def test_a_file_that_cannot_be_read_is_named_and_nothing_stored(server: Server, name: str) -> None:
    title = fresh("title")
    told = problem(server.register({"fine.jpg": jpeg(16), name: REFUSED[name]()}, title=title), 422)
    assert told["file"] == name
    assert name in told["detail"]
    assert title not in [one["title"] for one in server["owner"].get("/assets", params={"limit": 200}).json()["items"]]


@pytest.mark.parametrize("name", [*ACCEPTED, *TRUNCATED])
def test_odd_pictures_are_registered(server: Server, name: str) -> None:
    data = (ACCEPTED | TRUNCATED)[name]()
    answer = server.register({name: data})
    assert answer.status_code == 201
    server["owner"].delete(f"/assets/{answer.json()['id']}").raise_for_status()


@pytest.mark.parametrize(
    "spec",
    [
        {"title": ""},
        {"kind": "ship"},
        {"level": "cosmic"},
        {"colour": "red"},
        {"terms": ["x"]},
        {"tags": ["7"]},
        {"terms": [""]},
        {},
    ],
)
def test_what_makes_no_asset_is_refused(server: Server, spec: dict[str, Any]) -> None:
    files = {} if spec == {} else {"a.jpg": jpeg(11)}
    problem(server.register(files, **spec), 422)


def test_roles(server: Server) -> None:
    for role in ("gateway", "analyst", "auditor"):
        problem(server.register(role=role, terms=["orchid"]), 403)
    for role in ("gateway", "auditor"):
        problem(server[role].get("/assets"), 403)
    for role in ("gateway", "auditor", "admin"):
        problem(server[role].post("/assets/test", files={"files": ("a.jpg", b"x")}), 403)


@pytest.mark.parametrize("keep", [True, False])
def test_pictures_are_kept_only_if_the_owner_lets_them(server: Server, keep: bool) -> None:
    seed = 17 + keep
    asset = server.register({"a.jpg": jpeg(seed)}, kind="equipment", keep_originals=keep).json()
    reference = asset["references"][0]
    verdict = server.verdict(server.post("", {"leak.jpg": jpeg(seed, quality=50)}))

    async def pictures() -> list[bytes | None]:
        async with server.house.database.reading() as session:
            keys = [
                await service.kept_picture(session, reference["id"]),
                await alerts.kept_picture(session, verdict["alert_id"], 0),
            ]
        return [await fetched(server.house.blobs, key) for key in keys]

    registered, leaked = server.run(pictures())
    assert reference["kept"] is keep
    assert (registered is not None) is keep
    assert leaked is not None
    assert leaked.startswith(b"\xff\xd8")
    assert leaked != jpeg(seed, quality=50), "encoded anew, not the sender's bytes"

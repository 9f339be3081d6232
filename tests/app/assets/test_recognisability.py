"""What registering says about other assets, to whom: over HTTP, on the command line's own registry, in words."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.assets.advice import Other, told
from tests.app.conftest import Server
from tests.app.pictures import encoded, jpeg, scene
from tests.app.test_cli import run
from tests.detectors.scenes import sentences

SECRET = "Crane of somebody else"


def likeness(asset: dict[str, Any]) -> dict[str, Any]:
    """The one reason of an asset's one reference."""
    [reference] = asset["references"]
    [reason] = reference["distinctiveness"]["reasons"]
    assert reference["distinctiveness"]["verdict"] == "weak"
    assert reason["advice"] in reference["distinctiveness"]["advice"]
    found: dict[str, Any] = reason
    return found


def test_the_same_picture_under_two_assets_is_registered_and_told(server: Server) -> None:
    first = server.register({"a.jpg": jpeg(61)}, kind="equipment", title="First").json()
    answer = server.register({"b.jpg": jpeg(61, quality=60)}, kind="equipment", title="Second")
    assert answer.status_code == 201
    reason = likeness(answer.json())
    assert reason["name"] == "near_identical"
    assert reason["assets"] == [{"asset_id": first["id"], "asset_title": "First", "reference": "a.jpg"}]
    assert "“First”" in reason["advice"]
    assert server["owner"].get(f"/assets/{answer.json()['id']}").json() == answer.json()
    assert first["references"][0]["distinctiveness"]["reasons"] == []
    server["owner"].delete(f"/assets/{first['id']}").raise_for_status()
    [alone] = server["owner"].get(f"/assets/{answer.json()['id']}").json()["references"]
    assert (alone["distinctiveness"]["verdict"], alone["distinctiveness"]["reasons"]) == ("good", [])


def test_an_owner_is_told_what_anothers_asset_is_called_and_whose_it_is_and_nothing_else(server: Server) -> None:
    spec = {"kind": "equipment", "title": SECRET, "owner": "somebody", "keep_originals": True, "terms": ["Osprey"]}
    foreign = server.register({"secret.jpg": jpeg(62)}, role="admin", **spec).json()
    mine = server.register({"b.jpg": jpeg(62, quality=60)}, kind="equipment", title="Mine").json()
    changed = server["owner"].patch(f"/assets/{mine['id']}", json={"note": "seen"}).json()
    for seen in (mine, changed, server["owner"].get(f"/assets/{mine['id']}").json()):
        reason = likeness(seen)
        assert (reason["name"], reason["assets"], reason["others"]) == ("near_identical", [], 1)
        assert reason["named"] == [{"asset_title": SECRET, "owner": "somebody"}]
        assert f"“{SECRET}” of somebody" in reason["advice"]
        for word in (foreign["id"], foreign["references"][0]["id"], "secret.jpg", "Osprey"):
            assert word not in json.dumps(seen)
    for role in ("admin", "analyst"):
        reason = likeness(server[role].get(f"/assets/{mine['id']}").json())
        assert ([one["asset_id"] for one in reason["assets"]], reason["named"]) == ([foreign["id"]], [])
        assert SECRET in reason["advice"]


def test_a_form_of_others_is_called_boilerplate(server: Server) -> None:
    form = "\n".join(sentences(71)).encode()
    server.register({"form.txt": form}, kind="text", title="Form").raise_for_status()
    text = form + b"\n" + "\n".join(sentences(72)[:2]).encode()
    reason = likeness(server.register({"order.txt": text}, kind="text").json())
    assert reason["name"] == "boilerplate"
    assert "of what it holds also stands in “Form”" in reason["advice"]


def test_pages_of_one_asset_may_resemble_each_other(server: Server) -> None:
    pages = {"a.jpg": jpeg(63), "b.jpg": jpeg(63, quality=70)}
    asset = server.register(pages, kind="equipment").json()
    assert [one["distinctiveness"]["verdict"] for one in asset["references"]] == ["good", "good"]


def test_what_is_wrong_with_a_picture_is_named(server: Server) -> None:
    tiny = encoded(scene(64).resize((120, 90)), "PNG")
    [reference] = server.register({"tiny.png": tiny}, kind="equipment").json()["references"]
    assert "too_small" in [one["name"] for one in reference["distinctiveness"]["reasons"]]
    assert "original" in reference["distinctiveness"]["advice"]


@pytest.mark.parametrize("as_json", [True, False])
def test_the_command_line_knows_the_registry_it_registers_in(tmp_path: Path, as_json: bool) -> None:
    folder = tmp_path / "data"
    for name, quality in (("first", 90), ("second", 60)):
        (tmp_path / f"{name}.jpg").write_bytes(jpeg(65, quality))
        more = ["--json"] if as_json else []
        done = run("register", str(tmp_path / f"{name}.jpg"), "--title", name, "--data-dir", str(folder), *more)
        assert done.returncode == 0, done.stderr
    if as_json:
        assert likeness(json.loads(done.stdout))["assets"][0]["asset_title"] == "first"
    else:
        assert "near_identical" in done.stdout
        assert "It looks the same as “first”" in done.stdout


def stored(kinship: str | None = None, *others: str) -> dict[str, Any]:
    like = kinship and {"kinship": kinship, "share": 0.876, "others": [{"asset_id": one, "reference": ""} for one in others]}
    return {"score": 1.0, "verdict": "good", "advice": "Nothing.", "flaws": [], "resembles": like}


def test_what_was_stored_before_reasons_were_is_shown() -> None:
    old = {"score": 0.3, "verdict": "weak", "advice": "Few details."}
    assert told(old, {}).model_dump() == {**old, "reasons": []}
    assert told(stored(), {}).advice == "Nothing."


def test_own_and_others_assets_are_told_apart() -> None:
    there = {"a": Other("Mine"), "b": Other("Theirs", "Zhang"), "c": Other("Nobody’s", "")}
    both = told(stored("near_identical", "a", "b", "b", "gone"), there)
    assert "the same as “Mine”, so that an alert may name either" in both.advice
    assert "the same as “Theirs” of Zhang, so that an alert may name that one" in both.advice
    assert [(len(one.assets), len(one.named), one.others) for one in both.reasons] == [(1, 1, 2)]
    mostly = told(stored("boilerplate", "a", "b", "c"), there)
    assert mostly.advice.startswith("88% of what it holds also stands in “Mine”; “Theirs” of Zhang; “Nobody’s”: register")
    assert told(stored("boilerplate", "gone"), {}).verdict == "good"


def test_a_flaw_stays_beside_a_likeness() -> None:
    flawed = stored("near_identical", "a") | {
        "verdict": "none",
        "advice": "Dark.",
        "flaws": [{"name": "too_dark", "advice": "Dark."}],
    }
    shown = told(flawed, {"a": Other("Mine")})
    assert shown.verdict == "none"
    assert [one.name for one in shown.reasons] == ["too_dark", "near_identical"]
    assert shown.advice.startswith("Dark. It looks")

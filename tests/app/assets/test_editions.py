"""Registrations that take longer than their answer, and editions that take the place of others."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.assets.registrar import BATCH, MANY
from app.ingest.jobs import LaneError
from app.ingest.sweeping import sweep
from app.settings import Settings
from tests.app.conftest import Server, fresh, running
from tests.app.ingest.test_messages import problem
from tests.app.pictures import jpeg
from tests.fingerprints.contents.made import zipped

PAGES = MANY + BATCH + 5


def saying(what: str, number: int) -> str:
    return f"{what} page {number}: " + " ".join(f"clause {what} {number * 7919 % 9973 + i} binds" for i in range(6))


def many(what: str, pages: int = PAGES) -> bytes:
    """An archive of so many texts."""
    return zipped({f"{number:03}.txt": saying(what, number).encode() for number in range(pages)})


def became(server: Server, asset: str, status: str = "ready") -> dict[str, Any]:
    def now() -> dict[str, Any]:
        told: dict[str, Any] = server["owner"].get(f"/assets/{asset}").raise_for_status().json()
        return told

    until(lambda: now()["status"] == status)
    return now()


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def edition(server: Server, asset: str, files: dict[str, bytes], role: str = "owner") -> httpx.Response:
    return server[role].post(f"/assets/{asset}/edition", files=[("files", (name, data)) for name, data in files.items()])


def named(server: Server, text: str) -> set[str]:
    return {match["asset_id"] for match in server.verdict(server.post(text))["matches"]}


def test_many_pages_are_answered_at_once_and_told_until_they_are_done(server: Server) -> None:
    what = fresh("treaty")
    answer = server.register({"all.zip": many(what)}, title="Treaty")
    assert answer.status_code == 202
    asset = answer.json()
    assert (asset["status"], asset["progress"]["total"], asset["references"]) == ("fingerprinting", PAGES, [])
    done = became(server, asset["id"])
    assert (done["progress"], done["reference_count"]) == ({"done": PAGES, "total": PAGES, "reason": None}, PAGES)
    assert [one["label"] for one in done["references"][:2]] == ["000.txt", "001.txt"]
    assert named(server, saying(what, PAGES - 1)) == {asset["id"]}
    assert asset["id"] in [one["id"] for one in server["owner"].get("/assets").json()["items"] if one["status"] == "ready"]


def test_what_could_not_be_read_of_many_is_told_when_they_are_done(server: Server) -> None:
    files = {f"{n:03}.txt": saying(fresh(), n).encode() for n in range(MANY)} | {"x.exe": b"MZ" + bytes(range(256))}
    answer = server.register({"all.zip": zipped(files), "one.txt": saying(fresh(), 1).encode()})
    assert answer.status_code == 202
    done = became(server, answer.json()["id"])
    assert [(one["file"], one["part"]) for one in done["unread"]] == [("all.zip", "x.exe")]


def test_a_new_edition_takes_the_place_of_the_old(server: Server) -> None:
    what = fresh("plan")
    asset = server.register({"1.txt": saying(what, 1).encode()}, title="Plan").json()
    answer = edition(server, asset["id"], {"2.txt": saying(what, 2).encode(), "3.txt": saying(what, 3).encode()})
    assert answer.status_code == 200, answer.text
    assert [one["label"] for one in answer.json()["references"]] == ["2.txt", "3.txt"]
    assert answer.json()["title"] == "Plan"
    assert named(server, saying(what, 1)) == set()
    assert named(server, saying(what, 3)) == {asset["id"]}


def test_the_old_edition_is_recognised_until_a_long_new_one_is_complete(server: Server) -> None:
    what = fresh("plan")
    asset = server.register({"1.txt": saying(what, 900).encode()}).json()["id"]
    assert edition(server, asset, {"all.zip": many(what)}).status_code == 202
    assert problem(edition(server, asset, {"2.txt": b"something else"}), 409)["code"] == "still_fingerprinting"
    assert named(server, saying(what, 900)) == {asset}
    done = became(server, asset)
    assert done["reference_count"] == PAGES
    assert named(server, saying(what, 900)) == set()
    assert named(server, saying(what, 0)) == {asset}


def test_an_edition_of_nothing_readable_changes_nothing(server: Server) -> None:
    what = fresh("plan")
    asset = server.register({"1.txt": saying(what, 1).encode()}).json()["id"]
    problem(edition(server, asset, {"a.exe": b"MZ" + bytes(range(256))}), 422)
    problem(edition(server, "ast_" + "0" * 26, {"1.txt": b"text"}), 404)
    problem(edition(server, asset, {"1.txt": b"text"}, role="analyst"), 403)
    assert named(server, saying(what, 1)) == {asset}


def test_pictures_of_an_edition_are_kept_if_originals_may_be(server: Server) -> None:
    asset = server.register({"a.jpg": jpeg(981)}, kind="equipment", keep_originals=True).json()["id"]
    assert [one["kept"] for one in edition(server, asset, {"b.jpg": jpeg(982)}).json()["references"]] == [True]
    pictures = zipped({f"{n}.jpg": jpeg(983, 30 + n) for n in range(MANY + 1)})
    assert edition(server, asset, {"all.zip": pictures}).status_code == 202
    assert all(one["kept"] for one in became(server, asset)["references"])


def test_retiring_an_asset_ends_its_registration(server: Server) -> None:
    asset = server.register({"all.zip": many(fresh("treaty"))}).json()["id"]
    assert server["owner"].delete(f"/assets/{asset}").status_code == 204
    assert server["owner"].get(f"/assets/{asset}").status_code == 404
    other = server.register({"all.zip": many(fresh("treaty"))}).json()["id"]
    became(server, other)


def test_a_restart_goes_on_where_it_was_and_its_files_leave_the_disk(tmp_path: Path) -> None:
    what, settings = fresh("treaty"), Settings(data_dir=tmp_path, workers=1)
    with running(settings) as first:
        asset = first.register({"all.zip": many(what, 120)}).json()["id"]
        until(lambda: first["owner"].get(f"/assets/{asset}").json()["progress"]["done"] > 0)
    with running(settings) as second:
        done = became(second, asset)
        assert [one["label"] for one in done["references"]] == [f"{number:03}.txt" for number in range(120)]
        assert named(second, saying(what, 119)) == {asset}
        assert list((tmp_path / "blobs").glob("??/*"))
        second.run(sweep(second.house.database, second.house.blobs, grace=-1))
        assert not list((tmp_path / "blobs").glob("??/*"))


def test_a_part_that_ends_its_process_twice_is_told_and_the_next_is_tried(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A renderer's crash: one page is lost, not the book."""
    really, tried = server.house.registrar._run, 0

    async def crashing(job: Any) -> Any:
        nonlocal tried
        if getattr(job, "part", None) == 3:
            tried += 1
            raise LaneError("crashed", "the detection process ended unexpectedly")
        return await really(job)

    monkeypatch.setattr(server.house.registrar, "_run", crashing)
    done = became(server, server.register({"all.zip": many(fresh("treaty"))}).json()["id"])
    assert (tried, done["progress"]["done"], done["reference_count"]) == (2, PAGES, PAGES - 1)
    assert [(one["part"], one["reason"].split(":")[0]) for one in done["unread"]] == [("part 4", "crashed")]
    assert "003.txt" not in [one["label"] for one in done["references"]]

"""Where else something was seen: what a message held, or a file that somebody brings; bounded, and written down."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.db import Database
from app.db.models import AlertRow, now
from app.db.upgrading import bring_up_to_date
from app.ingest.jobs import Sighted
from app.ingest.trials import SAMPLE, Like
from app.settings import Settings
from app.sightings import seeking
from app.sightings.seeking import USUAL, WIDTH, Effort, Found
from fingerprints.sieve import packed
from fingerprints.sketches import phrases
from fingerprints.text import shingles
from tests.app.audit.test_everything import entries
from tests.app.conftest import Server, fresh
from tests.app.ingest.test_messages import problem
from tests.app.pictures import encoded, jpeg, pdf, scene
from tests.app.sightings.test_sightings import message, part, posted, record

NOBODY_S = Like("0" * 64)


def sought(server: Server, files: dict[str, bytes], **more: Any) -> httpx.Response:
    parts = [("files", (name, data)) for name, data in files.items()]
    return server["analyst"].post("/sightings", files=parts, params=more)


def test_a_file_that_is_brought_is_found_where_copies_of_it_were_seen(server: Server) -> None:
    picture = scene(941)
    server.register({"it.jpg": encoded(picture, "JPEG", quality=95)}, kind="equipment").raise_for_status()
    copy = posted(server, {"a.jpg": encoded(picture.rotate(180), "JPEG", quality=60)}, message_id=fresh())
    clear = posted(server, {"a.jpg": jpeg(942)})
    alert = server["gateway"].get(f"/messages/{copy}").json()["verdict"]["alert_id"]
    told = sought(server, {"b.jpg": encoded(picture, "JPEG", quality=80)}).raise_for_status().json()
    mine = [one for one in told["items"] if one["message_id"] == copy]
    assert [(one["exact"], one["alert_id"]) for one in mine] == [(False, alert)]
    assert clear not in [one["message_id"] for one in told["items"]]
    [same] = [one for one in sought(server, {"c.jpg": jpeg(942)}).json()["items"] if one["message_id"] == clear]
    assert (same["exact"], same["distance"], same["alert_id"]) == (True, 0, None)


def test_any_of_a_document_s_first_pages_is_sought(server: Server) -> None:
    ident = posted(server, {"a.jpg": jpeg(944)})
    told = sought(server, {"a.pdf": pdf(943, 944)}).raise_for_status().json()
    assert ident in [one["message_id"] for one in told["items"]]


def test_a_document_is_sought_by_its_text(server: Server) -> None:
    words = " ".join(hashlib.sha256(f"sought{n}".encode()).hexdigest()[:9] for n in range(60))
    ident = posted(server, {"a.txt": words.encode()})
    [told] = sought(server, {"b.txt": f"{words} and more".encode()}).raise_for_status().json()["items"]
    assert (told["message_id"], told["distance"], told["exact"]) == (ident, None, False)
    assert told["agrees"] > 0.9
    assert server["analyst"].get("/sightings", params={"message": ident}).json()["items"] == []


def test_what_cannot_be_sought_is_refused_in_words(server: Server) -> None:
    assert problem(sought(server, {"a.jpg": b"\xff\xd8\xff this is none"}), 422)["code"] == "unreadable_file"
    assert problem(sought(server, {"a.jpg": b""}), 422)["code"] == "unreadable_file"
    assert problem(sought(server, {f"{n}.jpg": jpeg(945) for n in range(2)}), 413)["code"] == "too_many_files"
    assert problem(sought(server, {"a.jpg": bytes(2_000_001)}), 413)["code"] == "file_too_large"
    assert problem(sought(server, {"a.jpg": jpeg(945)}, days=0), 422)["code"] == "invalid"
    for role in ("owner", "auditor", "admin", "gateway"):
        problem(server[role].post("/sightings", files=[("files", ("a.jpg", jpeg(945)))]), 403)


def test_who_looked_for_what_is_written_down_once_an_hour(server: Server) -> None:
    ident = posted(server, {"a.jpg": jpeg(946)})
    for _ in range(2):
        server["analyst"].get("/sightings", params={"message": ident}).raise_for_status()
    [entry] = entries(server, object=ident)
    assert (entry["actor"], entry["action"], entry["object_kind"]) == ("ana", "sightings.searched", "message")
    before = len(entries(server, action="sightings.searched"))
    sought(server, {"a.jpg": jpeg(946)}).raise_for_status()
    [newest, *_] = found = entries(server, action="sightings.searched")
    assert (len(found), newest["object_kind"]) == (before + 1, "file")
    problem(sought(server, {"a.jpg": b"\xff\xd8\xff this is none"}), 422)
    assert len(entries(server, action="sightings.searched")) == before + 1


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(Settings(data_dir=tmp_path).database)
    await bring_up_to_date(database)
    yield database
    await database.close()


async def seek(database: Database, *likes: Like, days: float = 30.0, besides: str = "", effort: Effort = USUAL) -> Found:
    async with database.reading() as session:
        return await seeking.seek(session, likes, now() - timedelta(days=days), besides, effort)


async def test_only_so_many_are_compared_and_told_of(database: Database) -> None:
    rows = [message(days) for days in (5, 4, 3, 2, 1)]
    for number, row in enumerate(rows):
        await record(database, row, part(f"{number}"))
    like, two = Like("3", (5).to_bytes(8, "little") * 8), Effort(looked=2)
    whole = await seek(database, like)
    assert [(one.sighting.message_id, one.exact) for one in whole.alike] == [(row.id, n == 3) for n, row in enumerate(rows)]
    assert (whole.left, whole.short) == (0, False)
    few = await seek(database, like, Like("0"), effort=two)
    assert [one.sighting.message_id for one in few.alike] == [rows[0].id, rows[3].id, rows[4].id], "the same bytes of any age"
    assert few.short
    assert not (await seek(database, like, days=1.5, effort=two)).short, "none older was asked for"
    one = await seek(database, like, effort=Effort(looked=2, told=1))
    assert ([alike.sighting.message_id for alike in one.alike], one.left) == ([rows[3].id], 1)


def text_part(digest: str, text: str) -> Sighted:
    said = shingles(text)
    assert said is not None
    return Sighted(0, "", digest, 1, None, b"", packed(phrases(said)), {"shingles": b"x"})


def like(text: str) -> Like:
    return Like("0" * 64, b"", text_part("", text).phrases[: SAMPLE * WIDTH])


async def test_a_text_is_found_where_phrases_of_it_stand_and_how_many_is_told(database: Database) -> None:
    mine, theirs = (" ".join(hashlib.sha256(f"{who}{n}".encode()).hexdigest()[:9] for n in range(60)) for who in "ab")
    rows = [message(days) for days in (4, 3, 2, 1)]
    for row, text in zip(rows, (mine, f"{mine} {theirs}", mine[: len(mine) // 2], theirs), strict=True):
        await record(database, row, text_part(row.id, text))
    found = await seek(database, like(mine), NOBODY_S)
    assert [one.sighting.message_id for one in found.alike] == [row.id for row in rows[:3]]
    whole, longer, half = (one.agrees for one in found.alike)
    assert (whole, longer, found.short) == (1.0, 1.0, False)
    assert 0.25 < half < 0.75
    assert {(one.distance, one.exact) for one in found.alike} == {(None, False)}
    few = await seek(database, like(mine), effort=Effort(read=2))
    assert ([one.sighting.message_id for one in few.alike], few.short) == ([rows[2].id], True), "the newest texts"
    with_bytes = await seek(database, replace(like(mine), digest=rows[0].id), besides=rows[1].id)
    assert [(one.distance, one.exact) for one in with_bytes.alike] == [(0, True), (None, False)]
    async with database.reading() as session:
        assert await seeking.of_message(session, rows[0].id) == [replace(like(mine), digest=rows[0].id)]


async def test_days_the_message_itself_and_strangers_are_left_out_and_its_alert_is_told(database: Database) -> None:
    old, young, itself, other = message(3), message(1), message(), message()
    for row, whole in ((old, True), (young, True), (itself, True), (other, False)):
        await record(database, row, part("other" if row is other else "a", whole=whole))
    async with database.writing() as session:
        about = {"channel_id": "c", "status": "resolved", "resolution": "true_positive", "verdict": "leak", "severity": "high"}
        session.add(AlertRow(id="alr", message_id=young.id, matches=[], **about))
    like = Like("a", bytes(64))
    [one] = (await seek(database, like, days=2, besides=itself.id)).alike
    assert one.raised is not None
    assert (one.sighting.message_id, one.raised.alert_id, one.raised.resolution) == (young.id, "alr", "true_positive")
    assert (await seek(database, NOBODY_S)).alike == ()
    async with database.reading() as session:
        assert await seeking.alert_of(session, young.id) == "alr"
        assert await seeking.alert_of(session, old.id) is None

"""What is inspected leaves its fingerprints, once, for a limited time; deletions are told and hide nothing."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from app.db import Database
from app.db.ids import new_id
from app.db.models import (
    AlertRow,
    AssetRow,
    DeletionRow,
    FingerprintRow,
    MessageRow,
    ReferenceRow,
    SeenFingerprintRow,
    SeenPartRow,
    SeenSketchRow,
    SightingRow,
    now,
)
from app.db.upgrading import bring_up_to_date
from app.ingest.jobs import Sighted
from app.retention.cleaner import Cleaner
from app.settings import Settings
from app.sightings import seeking, service
from app.sightings.service import Sighting
from fingerprints import kept
from fingerprints.lineage import KIND, load_look
from tests.app.conftest import Server, fresh, running
from tests.app.ingest.test_messages import problem
from tests.app.pictures import encoded, jpeg, pdf, scene


async def _of(server: Server, message: str) -> list[Sighting]:
    async with server.house.database.reading() as session:
        return await service.of_messages(session, [message])


def seen(server: Server, message: str) -> list[Sighting]:
    return server.run(_of(server, message))


async def _kinds(server: Server, digest: str) -> dict[str, bytes]:
    async with server.house.database.reading() as session:
        return (await service.kinds(session, [digest])).get(digest, {})


def posted(server: Server, files: dict[str, bytes], **more: Any) -> str:
    answer = server.post("", files, **more)
    server.verdict(answer)
    ident: str = answer.json()["id"]
    return ident


def test_a_clear_picture_leaves_fingerprints_and_the_message_s_head(server: Server) -> None:
    channel = {"id": "fam-17", "name": "Family", "members": 17, "external": True}
    more = {"sent_at": "2026-03-02T09:31:00Z", "sender": {"id": "u-4711", "name": "Zhang"}}
    origin = {"channel_id": "x", "message_id": "y"}
    answer = server.post("a secret remark", {"a.jpg": jpeg(900)}, channel=channel, forwarded_from=origin, **more)
    assert server.verdict(answer)["verdict"] == "clear"
    [one] = seen(server, answer.json()["id"])
    assert (one.position, one.part, one.size, one.gateway) == (0, "", len(jpeg(900)), "g1")
    assert one.at == datetime(2026, 3, 2, 9, 31, tzinfo=UTC)
    assert replace(one, sent_at=datetime(9999, 3, 2, tzinfo=UTC)).at == one.received_at
    assert replace(one, sent_at=None).at == one.received_at
    assert (one.channel_id, one.head["channel"]["members"], one.sender_id) == ("fam-17", 17, "u-4711")
    assert one.forwarded_from == ("x", "y")
    assert "remark" not in str(one), "no text is kept"
    kinds = server.run(_kinds(server, one.digest))
    look = load_look(kinds[KIND])
    assert (look.width, look.height, look.size, look.quality) == (700, 520, len(jpeg(900)), 90)
    prints = kept.load(one.digest, kinds)
    assert prints.perceptual is not None
    assert prints.keypoints is not None
    assert len(prints.keypoints) > 200


def test_the_same_file_is_kept_once_however_often_it_is_seen(server: Server) -> None:
    one, other = (seen(server, posted(server, {name: jpeg(901)})) for name in ("a.jpg", "b.jpg"))
    assert one[0].digest == other[0].digest
    assert one[0].id != other[0].id

    async def parts() -> int:
        async with server.house.database.reading() as session:
            return await session.scalar(select(func.count()).where(SeenPartRow.digest == one[0].digest)) or 0

    assert server.run(parts()) == 1


def test_a_repeated_message_leaves_nothing_more(server: Server) -> None:
    name = fresh()
    ident = posted(server, {"a.jpg": jpeg(902)}, message_id=name)
    assert server.post("", {"a.jpg": jpeg(902)}, message_id=name).status_code == 200
    assert len(seen(server, ident)) == 1


def test_every_page_is_seen_and_a_text_s_shingles_are(server: Server) -> None:
    assert [one.part for one in seen(server, posted(server, {"a.pdf": pdf(903, 904)}))] == ["page 1", "page 2"]
    [text] = seen(server, posted(server, {"a.txt": b"what is written here is long enough to be recognised " * 4}))
    assert server.run(_kinds(server, text.digest)).keys() == {"shingles"}


def test_the_registered_file_itself_leaves_what_its_copies_are_compared_with(server: Server) -> None:
    picture = jpeg(905)
    server.register({"a.jpg": picture}, kind="equipment").raise_for_status()
    [one] = seen(server, posted(server, {"b.jpg": picture}))
    assert "packed" in server.run(_kinds(server, one.digest)), "a single picture is fingerprinted even if its bytes were enough"


def test_what_cannot_be_opened_leaves_nothing_and_harms_nothing(server: Server) -> None:
    ident = posted(server, {"a.jpg": b"\xff\xd8\xff this is none", "b.jpg": jpeg(908)})
    assert [one.position for one in seen(server, ident)] == [1]


def test_near_identical_pictures_are_found_whatever_way_round(server: Server) -> None:
    began = now() - timedelta(seconds=1)
    picture = scene(909)
    turned = encoded(picture.rotate(90, expand=True), "JPEG", quality=60)
    first = seen(server, posted(server, {"a.jpg": encoded(picture, "JPEG", quality=95)}))[0]
    copy = seen(server, posted(server, {"a.jpg": encoded(picture.resize((350, 260)), "JPEG", quality=40)}))[0]
    other_way = seen(server, posted(server, {"a.jpg": turned}))[0]
    stranger = seen(server, posted(server, {"a.jpg": jpeg(910)}))[0]

    async def alike(since: datetime) -> dict[str, tuple[int | None, bool]]:
        async with server.house.database.reading() as session:
            likes = await seeking.of_message(session, first.message_id)
            found = await seeking.seek(session, likes, since)
            return {one.sighting.id: (one.distance, one.exact) for one in found.alike}

    found = server.run(alike(began))
    assert found[first.id] == (0, True)
    assert {first.id, copy.id, other_way.id} <= found.keys()
    assert stranger.id not in found
    assert server.run(alike(now())) == {}


def test_where_nothing_is_kept_to_look_back_on_what_raises_an_alert_leaves_what_its_spread_is_traced_by(tmp_path: Path) -> None:
    picture, names = jpeg(912), (fresh(), fresh())
    with running(Settings(data_dir=tmp_path, workers=1, keep_sightings=0)) as server:
        assert seen(server, posted(server, {"a.jpg": jpeg(913)})) == [], "clear"
        server.register({"it.jpg": picture}, kind="equipment").raise_for_status()
        first = posted(server, {"a.jpg": picture}, message_id=names[0], sent_at="2026-03-02T09:31:00Z")
        more = {"channel": {"id": "c2"}, "sent_at": "2026-03-02T09:33:00Z"}
        second = posted(server, {"a.jpg": encoded(scene(912), "JPEG", quality=60)}, message_id=names[1], **more)
        server.run(Cleaner(server.house.database, clear=30, alerts=0, seen=0).clean())
        told = {"gateway": "g1", "message_id": names[0], "deleted_at": "2026-03-02T09:41:00Z"}
        server["gateway"].post("/messages/deletions", json=told).raise_for_status()
        [incident] = server["analyst"].get("/incidents").raise_for_status().json()["items"]
        spread = server["analyst"].get(f"/incidents/{incident['id']}/spread.json").raise_for_status().json()
        [one] = seen(server, first)
        assert server.run(_kinds(server, one.digest)).keys() >= {"perceptual", "packed", KIND}
    assert [(one["parent"], one["child"]) for one in spread["edges"]] == [(f"{first}/0", f"{second}/0")]
    assert [one["deleted_at"] is None for one in spread["sightings"]] == [False, True]


def test_deletions_are_told_once_and_hide_nothing(server: Server) -> None:
    name = fresh()
    told = {"gateway": "g1", "message_id": name, "deleted_at": "2026-03-02T09:41:00Z", "by": "u-1"}
    assert server["gateway"].post("/messages/deletions", json=told).json() == told, "before the message came"
    ident = posted(server, {"a.jpg": jpeg(911)}, message_id=name)
    again = server["gateway"].post("/messages/deletions", json={**told, "deleted_at": "2027-01-01T00:00:00Z", "by": None})
    assert again.json() == told, "what was told first stays"
    [one] = seen(server, ident)
    assert (one.deleted_at, one.deleted_by) == (datetime(2026, 3, 2, 9, 41, tzinfo=UTC), "u-1")


def test_an_alert_says_that_its_message_was_deleted_and_stays(server: Server) -> None:
    alert = server.alert()
    told = {"gateway": "g1", "message_id": alert["message"]["message_id"], "deleted_at": "2026-03-02T09:41:00Z"}
    assert alert["message"]["deleted_at"] is None
    server["gateway"].post("/messages/deletions", json=told).raise_for_status()
    again = server["analyst"].get(f"/alerts/{alert['id']}").json()
    assert again["message"]["deleted_at"] == told["deleted_at"]
    assert (again["status"], again["matches"]) == (alert["status"], alert["matches"])


def test_a_gateway_tells_of_its_own_messages_alone(server: Server) -> None:
    told = {"gateway": "another", "message_id": "m", "deleted_at": "2026-03-02T09:41:00Z"}
    assert problem(server["gateway"].post("/messages/deletions", json=told), 403)["code"] == "other_gateway"
    problem(server["analyst"].post("/messages/deletions", json={**told, "gateway": "g1"}), 403)
    problem(server["gateway"].post("/messages/deletions", json={"gateway": "g1", "message_id": "m"}), 422)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(Settings(data_dir=tmp_path).database)
    await bring_up_to_date(database)
    yield database
    await database.close()


def message(days: float = 0.0) -> MessageRow:
    at = now() - timedelta(days=days)
    body = {"gateway": "g", "message_id": fresh(), "channel": {"id": "c"}, "sender": {"id": "s"}, "text": "t", "sent_at": None}
    ident = new_id("msg", time.time() - days * 86_400)
    about = {"gateway": "g", "message_id": body["message_id"], "channel_id": "c", "sender_id": "s"}
    return MessageRow(id=ident, body=body, status="done", received_at=at, **about)


def part(digest: str, position: int = 0, whole: bool = True) -> Sighted:
    kinds = {"perceptual": bytes(64), "packed": b"x"} if whole else {}
    return Sighted(position, "", digest, 1, 5 if whole else None, b"1234" if whole else b"", b"", kinds)


async def record(database: Database, row: MessageRow, *parts: Sighted) -> None:
    async with database.writing() as session:
        session.add(row)
        await session.flush()
        await service.record(session, row, parts)


async def count(database: Database) -> list[int]:
    async with database.reading() as session:
        tables = SightingRow, SeenPartRow, SeenSketchRow, SeenFingerprintRow
        return [await session.scalar(select(func.count()).select_from(one)) or 0 for one in tables]


async def test_what_was_only_known_by_its_bytes_is_filled_in_when_it_is_seen_again(database: Database) -> None:
    await record(database, message(), part("a", whole=False))
    assert await count(database) == [1, 1, 0, 0]
    await record(database, message(), part("a"), part("a", 1))
    assert await count(database) == [3, 1, 1, 2]
    await record(database, message(), part("a", whole=False))
    assert await count(database) == [4, 1, 1, 2]


async def test_several_that_see_the_same_things_at_once_store_them_once(database: Database) -> None:
    digests = [f"d{number}" for number in range(12)]
    parts = [[part(one, place) for place, one in enumerate(digests[::step])] for step in (1, -1)]
    await asyncio.gather(*(record(database, message(), *parts[number % 2]) for number in range(6)))
    assert (await count(database))[:2] == [72, 12]


async def test_what_was_seen_goes_when_its_days_are_over_and_parts_with_the_last_who_saw_them(database: Database) -> None:
    old, young = message(31), message(29)
    await record(database, old, part("only old"), part("both", 1))
    await record(database, young, part("both"))
    async with database.writing() as session:
        for one in (old, young):
            row = DeletionRow(gateway="g", message_id=one.message_id, deleted_at=now(), reported_at=now() - timedelta(days=31))
            session.add(row)
    assert await count(database) == [3, 2, 2, 4]
    await Cleaner(database, clear=30, alerts=0, seen=30).clean()
    assert await count(database) == [1, 1, 1, 2]
    async with database.reading() as session:
        [left] = await service.of_messages(session, [old.id, young.id])
        assert (left.message_id, left.digest) == (young.id, "both")
        assert left.deleted_at is not None
        assert await session.scalar(select(func.count()).select_from(DeletionRow)) == 1
    await Cleaner(database, clear=30, alerts=0, seen=0).clean()
    assert await count(database) == [0, 0, 0, 0]


async def test_what_an_alert_is_about_stays_as_long_as_the_alert(database: Database) -> None:
    row = message(31)
    await record(database, row, part("a"))
    async with database.writing() as session:
        about = {"channel_id": "c", "status": "open", "verdict": "leak", "severity": "high", "matches": []}
        session.add(AlertRow(id="alr", message_id=row.id, **about))
    await Cleaner(database, clear=30, alerts=0, seen=30).clean()
    assert await count(database) == [1, 1, 1, 2]
    async with database.writing() as session:
        await session.execute(delete(AlertRow))
    await Cleaner(database, clear=30, alerts=0, seen=30).clean()
    assert await count(database) == [0, 0, 0, 0]


async def test_of_what_was_only_known_by_its_bytes_there_are_the_reference_s_fingerprints(database: Database) -> None:
    await record(database, message(), part("a", whole=False))
    about = {"owner": "", "unit": "", "terms": [], "tags": [], "keep_originals": False, "note": ""}
    async with database.writing() as session:
        session.add(AssetRow(id="ast", title="t", kind="document", level="secret", **about))
        await session.flush()
        session.add(ReferenceRow(id="ref", asset_id="ast", position=0, label="", file="", digest="a", distinctiveness={}))
        await session.flush()
        session.add(FingerprintRow(reference_id="ref", kind="keypoints", data=b"theirs"))
    async with database.reading() as session:
        assert await service.kinds(session, ["a", "b"]) == {"a": {"keypoints": b"theirs"}}


async def test_sightings_outlive_their_clear_messages(database: Database) -> None:
    row = message(8)
    await record(database, row, part("a"))
    await Cleaner(database, clear=7, alerts=0, seen=30).clean()
    async with database.reading() as session:
        assert await session.get(MessageRow, row.id) is None
        [left] = await service.of_messages(session, [row.id])
    assert left.external_id == row.message_id


def test_analysts_search_what_was_seen_by_likeness_alert_or_none(server: Server) -> None:
    picture, room = scene(931), fresh("room")
    channel = {"id": room, "name": "Family"}
    one = posted(server, {"a.jpg": encoded(picture, "JPEG", quality=95)}, sent_at="2026-03-02T09:31:00Z")
    sent, name = "2026-03-02T09:35:00Z", fresh()
    copied = {"a.jpg": encoded(picture.rotate(90, expand=True), "JPEG", quality=50)}
    copy = posted(server, copied, channel=channel, sent_at=sent, message_id=name)
    again = posted(server, {"a.jpg": encoded(picture, "JPEG", quality=95)}, sent_at="2026-03-02T09:33:00Z")
    posted(server, {"a.jpg": jpeg(932)})
    gone = {"gateway": "g1", "message_id": name, "deleted_at": "2026-03-02T09:40:00Z"}
    server["gateway"].post("/messages/deletions", json=gone).raise_for_status()
    told = server["analyst"].get("/sightings", params={"message": one}).raise_for_status().json()
    assert [(item["message_id"], item["exact"]) for item in told["items"]] == [(again, True), (copy, False)]
    assert (told["items"][1]["channel_name"], told["items"][1]["at"], told["more"]) == ("Family", sent, False)
    assert told["items"][1]["deleted_at"] == "2026-03-02T09:40:00Z", "it hides nothing"
    few = server["analyst"].get("/sightings", params={"message": one, "limit": 1}).json()
    assert (len(few["items"]), few["more"]) == (1, True)
    missing = server["analyst"].get("/sightings", params={"message": "msg_none"})
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_message")
    assert server["owner"].get("/sightings", params={"message": one}).status_code == 403
    assert server["analyst"].get("/sightings", params={"message": one, "days": 0}).status_code == 422

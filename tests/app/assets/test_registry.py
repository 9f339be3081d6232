"""The registry as changes: complete, in order, each asset once, in its present state; also when another process made them."""

import json
import os
import subprocess
import sys
from pathlib import Path

from app.assets import repository, service
from app.assets.registry import changes
from app.assets.schemas import AssetPatch, AssetSpec
from app.db import Database
from app.db.upgrading import bring_up_to_date
from app.ingest.jobs import Fingerprinted, Part, StoredAsset
from app.settings import Settings
from tests.app.conftest import Server, fresh, until
from tests.app.pictures import jpeg
from tests.databases import SETTING

PART = Part("page 1", "digest", {"shingles": b"abc"}, {"score": 1.0, "verdict": "good", "advice": ""})


async def add(database: Database, title: str) -> str:
    files = [service.Prepared("a.pdf", Fingerprinted((PART,)))]
    async with database.writing() as session:
        return (await service.register(session, AssetSpec(title=title), "me", files)).id


async def since(database: Database, checkpoint: int) -> list[StoredAsset]:
    return [change async for change in changes(database, checkpoint)]


async def test_changes_are_complete_and_in_order(tmp_path: Path) -> None:
    database = Database(Settings(data_dir=tmp_path).database)
    await bring_up_to_date(database)
    first, second = await add(database, "one"), await add(database, "two")
    all_of_it = await since(database, 0)
    assert [(one.checkpoint, one.asset_id) for one in all_of_it] == [(1, first), (2, second)]
    assert all_of_it[0].references[0].kinds == {"shingles": b"abc"}
    assert all_of_it[0].references[0].text is None
    async with database.writing() as session:
        await service.change(session, first, AssetPatch(title="uno"))
        await service.change(session, first, AssetPatch(title="eins"))
        await service.forget(session, second)
    late = await since(database, 2)
    assert [(one.checkpoint, one.asset and one.asset["title"]) for one in late] == [(4, "eins"), (5, None)]
    assert await since(database, 5) == []
    async with database.reading() as session:
        assert await repository.fingerprints(session, second) == {}
    await database.close()


async def test_nothing_of_an_undone_registration_is_seen(tmp_path: Path) -> None:
    database = Database(Settings(data_dir=tmp_path).database)
    await bring_up_to_date(database)
    try:
        async with database.writing() as session:
            await service.register(session, AssetSpec(title="x"), "me", [service.Prepared("a.pdf", Fingerprinted((PART,)))])
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        assert await since(database, 0) == []
    await database.close()


def test_what_the_command_line_registers_beside_a_server_is_caught(server: Server, tmp_path: Path) -> None:
    photo, word = tmp_path / "late.jpg", f"codeword{fresh('')}x"
    photo.write_bytes(jpeg(41))
    command = [sys.executable, "-m", "app.cli", "register", str(photo), "--title", "Late", "--kind", "equipment", "--term", word]
    command += ["--json", "--data-dir", str(server.settings.data_dir)]
    before = server.house.lanes.checkpoint
    there = {**os.environ, SETTING: server.settings.database}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=there)
    asset = json.loads(done.stdout)
    until(lambda: server.house.lanes.checkpoint > before)
    verdict = server.verdict(server.post(f"see {word}", {"a.jpg": jpeg(41, quality=60)}))
    assert {(one["asset_id"], one["attachment"]) for one in verdict["matches"]} == {(asset["id"], None), (asset["id"], 0)}

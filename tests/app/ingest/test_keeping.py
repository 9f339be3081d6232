"""What is registered is saved now and then; whoever starts later begins with it, and what was deleted leaves the disk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from app.assets import service
from app.assets.registry import changes
from app.assets.schemas import AssetSpec
from app.assets.shelf import Shelf
from app.db import Database
from app.db.upgrading import bring_up_to_date
from app.ingest.jobs import Fingerprinted, Part, Priority, StoredAsset
from app.ingest.keeping import Keeper
from app.ingest.lanes import Lane, Lanes
from app.settings import Settings
from fingerprints import codec
from tests.app.conftest import Server, fresh, running
from tests.app.ingest.test_lanes import EQUIPMENT, Known
from tests.app.pictures import jpeg
from tests.fingerprints.small import small


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(Settings(data_dir=tmp_path).database)
    await bring_up_to_date(database)
    yield database
    await database.close()


async def add(database: Database, seed: int) -> str:
    prints = small(seed)
    part = Part("", prints.digest, codec.dump(prints), {"score": 1.0, "verdict": "good", "advice": ""})
    async with database.writing() as session:
        files = [service.Prepared("a.png", Fingerprinted((part,)))]
        return (await service.register(session, AssetSpec(title=str(seed)), "me", files)).id


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(90):
        while not true():  # noqa: ASYNC110 (what is waited for happens in another process)
            await asyncio.sleep(0.05)


def folders(folder: Path) -> list[int]:
    return sorted(int(path.name.partition("-")[0]) for path in folder.glob("[0-9]*"))


async def test_enough_changes_are_saved_and_a_removal_soon(database: Database, tmp_path: Path) -> None:
    shelf, follow = Shelf(tmp_path / "saved", database), partial(changes, database)
    ids = [await add(database, seed) for seed in range(3)]
    lanes = Lanes(1, EQUIPMENT, follow, 30, shelf)
    async with lanes, Keeper(lanes, shelf, EQUIPMENT, follow, enough=3, spacing=0):
        await eventually(lambda: folders(tmp_path / "saved") == [3])
        await eventually(lambda: lanes.lanes[0].changed == 0)
        async with database.writing() as session:
            await service.forget(session, ids[0])
        await eventually(lambda: folders(tmp_path / "saved") == [4])
    assert whole(0) not in everything(tmp_path / "saved")
    assert whole(1) in everything(tmp_path / "saved")
    ids.append(await add(database, 7))
    async with Lanes(1, EQUIPMENT, follow, 30, shelf) as lanes:
        await eventually(lambda: lanes.ready)
        assert lanes.lanes[0].changed == 1, "it began with what was saved"
        known, checkpoint, _ = await lanes.run(Known(), Priority.BACKLOG)
    assert (known, checkpoint) == (sorted(ids[1:]), 5)


async def test_lanes_begin_again_with_what_was_saved_and_let_go_of_what_was_deleted(database: Database, tmp_path: Path) -> None:
    """They serve meanwhile."""
    shelf, follow = Shelf(tmp_path / "saved", database), partial(changes, database)
    ids = [await add(database, seed) for seed in range(3)]
    lanes = Lanes(2, EQUIPMENT, follow, 30, shelf)

    def lie_in(checkpoint: int) -> bool:
        assert lanes.ready
        assert lanes.checkpoint == checkpoint
        return all(mapped(lane, tmp_path / "saved") == {checkpoint} for lane in lanes.lanes)

    async with lanes, Keeper(lanes, shelf, EQUIPMENT, follow, enough=3, spacing=0):
        await eventually(lambda: lanes.ready)
        assert [(lane.apart, mapped(lane, tmp_path / "saved")) for lane in lanes.lanes] == [(3, set())] * 2
        await eventually(lambda: lie_in(3))
        assert [(lane.apart, lane.references) for lane in lanes.lanes] == [(0, 3)] * 2
        assert (await lanes.run(Known(), Priority.BACKLOG))[0] == sorted(ids)
        async with database.writing() as session:
            await service.forget(session, ids[0])
        await eventually(lambda: lanes.checkpoint == 4)
        await eventually(lambda: lie_in(4))
        assert (await lanes.run(Known(), Priority.BACKLOG))[0] == sorted(ids[1:])


def mapped(lane: Lane, folder: Path) -> set[int]:
    """The checkpoints in whose files its process has arrays, unlinked ones too (Linux)."""
    lines = Path(f"/proc/{lane.pid}/maps").read_text().splitlines()
    return {int(line.partition(f"{folder}/")[2].partition("-")[0]) for line in lines if f"{folder}/" in line}


async def test_a_lane_alone_shares_with_nobody_and_stays(database: Database, tmp_path: Path) -> None:
    shelf, follow = Shelf(tmp_path / "saved", database), partial(changes, database)
    for seed in range(3):
        await add(database, seed)
    lanes = Lanes(1, EQUIPMENT, follow, 30, shelf)
    async with lanes:
        await eventually(lambda: lanes.ready)
        await Keeper(lanes, shelf, EQUIPMENT, follow, enough=3).save()
        assert not lanes.lanes[0].outdated
    assert folders(tmp_path / "saved") == [3]


async def test_a_lane_that_cannot_be_replaced_goes_on(database: Database) -> None:
    away, failed = asyncio.Event(), asyncio.Event()

    async def follow(checkpoint: int) -> AsyncIterator[StoredAsset]:
        if away.is_set() and not checkpoint:
            failed.set()
            raise RuntimeError("the database is away")
        async for change in changes(database, checkpoint):
            yield change

    await add(database, 1)
    lanes = Lanes(2, EQUIPMENT, follow, 30)
    one, other = lanes.lanes
    async with lanes:
        await eventually(lambda: lanes.ready)
        away.set()
        one.outdated = True
        await eventually(failed.is_set)
        assert lanes.ready
        assert lanes.lanes == [one, other]
        assert [(await lanes.run(Known(), Priority.BACKLOG))[1] for _ in range(4)] == [1] * 4


def whole(seed: int) -> bytes:
    """The perceptual hash as it is saved."""
    hashed = small(seed).perceptual
    assert hashed is not None
    return bytes(hashed.bits[0])


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_another_registry_s_snapshot_is_left_alone(database: Database, tmp_path: Path) -> None:
    """Of a later state than a backup, say: the same numbers stand for other changes."""
    shelf, asset_id = Shelf(tmp_path / "saved", database), await add(database, 1)
    assert await shelf.newest() is None
    for name in (f"{1:012}-{asset_id}", f"{1:012}-somebody", f"{2:012}-{asset_id}"):
        (tmp_path / "saved" / name).mkdir(parents=True)
    newest = await shelf.newest()
    assert newest is not None
    assert newest.name == f"{1:012}-{asset_id}"
    shelf.clear(newest)
    assert list((tmp_path / "saved").iterdir()) == [newest]


def save(server: Server) -> Path:
    assert server.house.grounds.keeper is not None
    server.run(server.house.grounds.keeper.save())
    (saved,) = server.settings.snapshots.iterdir()
    assert [path.stat().st_mode & 0o77 for path in (saved, saved.parent)] == [0, 0]
    return saved


def matched(server: Server, text: str, **files: bytes) -> set[str]:
    return {one["asset_id"] for one in server.verdict(server.post(text, files))["matches"]}


def test_a_server_restarted_knows_what_was_registered_before_and_after_it_saved(tmp_path: Path) -> None:
    settings, word = Settings(data_dir=tmp_path, workers=1), f"codeword{fresh('')}x"
    with running(settings) as server:
        before = server.register({"a.jpg": jpeg(41)}, kind="equipment").raise_for_status().json()["id"]
        saved = save(server)
        after = server.register({"b.jpg": jpeg(42)}, kind="equipment", terms=[word]).raise_for_status().json()["id"]
    with running(settings) as server:
        assert server.house.lanes.lanes[0].changed == 1, "only what came after was read from the database"
        assert matched(server, word, a=jpeg(41, quality=60), b=jpeg(42, quality=60)) == {before, after}
    rows = saved / "snapshot" / "keypoints" / "rows.npy"
    rows.write_bytes(rows.read_bytes()[:-1])
    with running(settings) as server:
        assert server.house.lanes.lanes[0].changed == 2, "all of it was, because what was saved is damaged"
        assert matched(server, word, a=jpeg(41, quality=60), b=jpeg(42, quality=60)) == {before, after}

"""Blobs in S3: found again, by everybody, whatever goes wrong on the way."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from app.blobs.bucket import BlobBucket
from app.blobs.cache import Cache
from app.blobs.objects import Patience
from app.blobs.reading import at_hand
from app.blobs.types import BlobsDown
from tests.app.blobs.contract import GRACE, NOBODY, BlobsContract, Place
from tests.app.conftest import until
from tests.services.s3 import S3, reached

QUICK = Patience(connect=1, read=0.5, whole=2, tries=2)
_numbers = count()


@pytest.fixture
def address(s3: S3) -> str:
    return s3.bucket(f"blobs-{next(_numbers)}")


@pytest.fixture
def place(s3: S3, address: str, tmp_path: Path) -> Iterator[Place]:
    with reached(s3):
        blobs = BlobBucket(f"{address}/some/where", Cache(tmp_path / "cache", 1_000_000))
        bucket = address.removeprefix("s3://")
        yield Place(
            blobs,
            lambda key, data: s3.put(f"{bucket}/some/where/inbox/{key}", data),
            lambda: s3.clock.step(GRACE * 2),
        )
        blobs.close()


class TestBucket(BlobsContract):
    """The contract."""


def test_many_are_listed_to_the_last(place: Place, s3: S3, address: str) -> None:
    bucket = address.removeprefix("s3://")
    keys = [f"a{number:063x}" for number in range(1010)]
    for key in keys:
        s3.put(f"{bucket}/some/where/{key[:2]}/{key}", b"")
    s3.put(f"{bucket}/some/where/a0/README", b"not ours")
    s3.put(f"{bucket}/some/where-else/{keys[0]}", b"not ours")
    assert [key for some in place.blobs.old(-1) for key in some] == keys


def test_a_damaged_blob_is_as_good_as_gone(place: Place, s3: S3, address: str) -> None:
    key = place.blobs.put(b"hello")
    s3.put(f"{address.removeprefix('s3://')}/some/where/{key[:2]}/{key}", b"hullo")
    with pytest.raises(FileNotFoundError), place.blobs.local([key]):
        pytest.fail("it is another's")


def test_a_copy_at_hand_needs_no_network(place: Place, tmp_path: Path) -> None:
    key = place.blobs.put(b"hello")
    away = BlobBucket("s3://missing", Cache(tmp_path / "cache", 1_000_000))
    with place.blobs.local([key]) as [path], away.local([key]) as [other]:
        assert path == other == tmp_path / "cache" / key
    away.close()


def test_every_process_that_shares_the_bucket_finds_it(place: Place, address: str, tmp_path: Path) -> None:
    other = BlobBucket(f"{address}/some/where", Cache(tmp_path / "elsewhere", 0))
    key = place.blobs.put(b"hello")
    with other.local([key]) as [path]:
        assert path.read_bytes() == b"hello"
    other.close()


def test_a_bucket_that_is_missing_is_nobody_s_missing_file(s3: S3, tmp_path: Path) -> None:
    with reached(s3):
        blobs = BlobBucket("s3://missing", Cache(tmp_path, 0), QUICK)
        calls = (
            lambda: blobs.put(b"x"),
            lambda: blobs.get(NOBODY),
            lambda: blobs.admit(NOBODY, 9),
            lambda: list(blobs.old(1)),
            blobs.tidy,
            lambda: blobs.local([NOBODY]).__enter__(),
        )
        for call in calls:
            with pytest.raises(BlobsDown, match="bucket"):
                call()
        blobs.close()


def test_nobody_there_is_told_soon(tmp_path: Path) -> None:
    with S3() as own:
        address = own.bucket("own")
        with reached(own):
            with contextlib.closing(BlobBucket(address, Cache(tmp_path, 0))) as patient:
                key = patient.put(b"hello")
            blobs = BlobBucket(address, Cache(tmp_path, 0), QUICK)
            own.stop()
            for call in (lambda: blobs.put(b"x"), lambda: blobs.get(key), lambda: blobs.remove([key], -1)):
                began = time.monotonic()
                with pytest.raises(BlobsDown):
                    call()
                assert time.monotonic() - began < 30
            blobs.close()


def got(blobs: BlobBucket, key: str) -> bytes | None:
    """What a client of little patience hears, on a machine that may be busy."""
    with contextlib.suppress(BlobsDown):
        return blobs.get(key)
    return None


def test_silence_is_told_soon_and_then_all_is_as_before(s3: S3, address: str, tmp_path: Path) -> None:
    with reached(s3):
        with contextlib.closing(BlobBucket(address, Cache(tmp_path, 0))) as patient:
            key = patient.put(b"hello")
        blobs = BlobBucket(address, Cache(tmp_path, 0), QUICK)
        with s3.paused():
            for call in (lambda: blobs.put(b"x"), lambda: blobs.get(key), lambda: blobs.admit(key, 9)):
                began = time.monotonic()
                with pytest.raises(BlobsDown):
                    call()
                assert time.monotonic() - began < 30
        until(lambda: got(blobs, key) == b"hello")
        blobs.close()


def test_one_at_a_time_waits_for_a_silent_store(s3: S3, address: str, tmp_path: Path) -> None:
    with reached(s3):
        with contextlib.closing(BlobBucket(address, Cache(tmp_path, 0))) as patient:
            key = patient.put(b"hello")
        blobs = BlobBucket(address, Cache(tmp_path, 0), Patience(connect=5, read=5, whole=60, tries=1))

        def heard(_: int) -> str:
            with pytest.raises(BlobsDown) as why:
                blobs.get(key)
            return str(why.value)

        with s3.paused(), ThreadPoolExecutor(8) as pool:
            heard(0)
            at_once = ["does not answer" in said for said in pool.map(heard, range(8))]
        assert at_once.count(False) == 1, at_once
        until(lambda: got(blobs, key) == b"hello")
        blobs.close()


async def test_an_event_loop_never_waits_for_it(place: Place) -> None:
    with pytest.raises(RuntimeError, match="thread"):
        place.blobs.put(b"x")
    key = await asyncio.to_thread(place.blobs.put, b"x")
    async with at_hand(place.blobs, [key]) as [path]:
        assert path.read_bytes() == b"x"


async def test_who_leaves_while_it_is_fetched_leaves_nothing_held(place: Place, tmp_path: Path) -> None:
    key = await asyncio.to_thread(place.blobs.put, b"x")

    async def use() -> None:
        async with at_hand(place.blobs, [key]):
            pytest.fail("it was fetched before anybody could leave")

    task = asyncio.create_task(use())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    copy = tmp_path / "cache" / key
    while not copy.exists():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    await asyncio.to_thread(Cache(tmp_path / "cache", 0).evict)
    assert not copy.exists()

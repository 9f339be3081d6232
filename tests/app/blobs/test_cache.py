"""Copies on this machine's disk: bounded, and never gone while somebody reads them."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from app.blobs.cache import IDLE, Cache

HOLD = """
import sys; from pathlib import Path; from app.blobs.cache import Cache
with Cache(Path(sys.argv[1]), 0).holding(sys.argv[2], lambda path: path.write_bytes(bytes(100))):
    print("held", flush=True); sys.stdin.read()
"""


def use(cache: Cache, key: str, size: int = 100, seconds_ago: float = 0) -> None:
    with cache.holding(key, lambda path: path.write_bytes(bytes(size))) as path:
        assert path.stat().st_size == size
    then = time.time() - seconds_ago
    os.utime(cache.folder / key, (then, then))


def left(cache: Cache) -> list[str]:
    return sorted(path.name for path in cache.folder.iterdir())


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", 250)


def test_the_longest_unused_go_first(cache: Cache) -> None:
    use(cache, "a", seconds_ago=30)
    use(cache, "b", seconds_ago=20)
    use(cache, "a", seconds_ago=10)
    use(cache, "c")
    assert left(cache) == ["a", "c"]
    assert oct(cache.folder.stat().st_mode & 0o777) == "0o700"
    assert oct((cache.folder / "a").stat().st_mode & 0o777) == "0o600"


def test_a_copy_is_fetched_once(cache: Cache) -> None:
    use(cache, "a")
    with cache.holding("a", lambda path: pytest.fail("it is there")):
        pass


def test_what_is_in_use_stays(cache: Cache) -> None:
    use(cache, "idle", seconds_ago=5)
    with cache.holding("a", lambda path: path.write_bytes(bytes(200))) as path:
        assert left(cache) == ["a"]
        use(cache, "b", 300)
        assert path.stat().st_size == 200
    cache.evict()
    assert left(cache) == []


def test_what_another_process_uses_stays_until_it_ends_in_whatever_way(cache: Cache) -> None:
    command = [sys.executable, "-c", HOLD, str(cache.folder), "a"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        Cache(cache.folder, 0).evict(-1)
        assert left(cache) == ["a"]
        other.kill()
        other.wait()
    Cache(cache.folder, 0).evict()
    assert left(cache) == []


def test_what_nobody_used_for_long_goes_even_if_there_is_room(cache: Cache) -> None:
    use(cache, "a", 10, seconds_ago=IDLE + 5)
    use(cache, "b", 10, seconds_ago=IDLE - 5)
    half = cache.folder / ".new-half"
    half.write_bytes(bytes(10_000))
    cache.evict()
    assert left(cache) == [".new-half"], "that may be on its way, and counts"
    os.utime(half, (0, 0))
    cache.evict()
    assert left(cache) == []


def test_what_cannot_be_fetched_leaves_nothing(cache: Cache) -> None:
    def half(path: Path) -> None:
        path.write_bytes(b"ha")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), cache.holding("a", half):
        pytest.fail("there is nothing")
    assert left(cache) == []


def test_many_who_want_the_same_and_too_much_all_get_it(tmp_path: Path) -> None:
    """Eight at a time, more than fits, with somebody emptying it all the while."""
    cache, problems, done = Cache(tmp_path / "cache", 250), list[str](), threading.Event()

    def reader(number: int) -> None:
        for turn in range(60):
            key = str((number + turn) % 5)
            with cache.holding(key, lambda path: path.write_bytes(key.encode() * 100)) as path:  # noqa: B023
                if path.read_bytes() != key.encode() * 100:
                    problems.append(key)

    def emptier() -> None:
        while not done.is_set():
            Cache(cache.folder, 0).evict()

    emptying = threading.Thread(target=emptier)
    emptying.start()
    readers = [threading.Thread(target=reader, args=(number,)) for number in range(8)]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    done.set()
    emptying.join()
    assert problems == []
    cache.evict(-1)
    assert left(cache) == []

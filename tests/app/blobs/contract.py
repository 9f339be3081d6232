"""What every store of blobs must do, as tests that each implementation inherits."""

import asyncio
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.blobs.types import Blobs
from app.db.models import AttachmentRow, MessageRow
from app.ingest.sweeping import sweep
from tests.app.db.test_database import opened

GRACE = 200
"""Seconds: more than a busy machine ever makes a test wait."""
NOBODY = "0" * 64


@dataclass(frozen=True)
class Place:
    """A store. ``deliver``: what a gateway does; ``age``: makes all that is there older than ``GRACE``."""

    blobs: Blobs
    deliver: Callable[[str, bytes], None]
    age: Callable[[], None]


def named(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def is_there(blobs: Blobs, key: str) -> bool:
    try:
        return named(blobs.get(key)) == key
    except FileNotFoundError:
        return False


class BlobsContract:
    """Inherit, with a fixture ``place``: an empty one."""

    def test_what_is_put_is_got(self, place: Place, tmp_path: Path) -> None:
        key = place.blobs.put(b"hello")
        assert key == named(b"hello")
        assert place.blobs.put(b"hello") == key
        (tmp_path / "file").write_bytes(b"large" * 100_000)
        large = named(b"large" * 100_000)
        assert place.blobs.put_file(tmp_path / "file", large) == large
        assert [place.blobs.get(one) for one in (key, large)] == [b"hello", b"large" * 100_000]
        assert (tmp_path / "file").exists()
        with pytest.raises(FileNotFoundError):
            place.blobs.get(NOBODY)

    def test_files_to_read_in_order(self, place: Place) -> None:
        keys = [place.blobs.put(data) for data in (b"one", b"two", b"")]
        for _ in range(2):
            with place.blobs.local([*keys, keys[0]]) as paths:
                assert [path.read_bytes() for path in paths] == [b"one", b"two", b"", b"one"]
        with place.blobs.local([]) as paths:
            assert paths == []
        with pytest.raises(FileNotFoundError), place.blobs.local([keys[0], NOBODY]):
            pytest.fail("one was not there")

    def test_the_inbox_is_copied_from(self, place: Place) -> None:
        key = named(b"from outside")
        assert place.blobs.admit(key, 100) is None
        place.deliver(key, b"from outside")
        assert not is_there(place.blobs, key)
        assert place.blobs.admit(key, 11) == 12
        assert not is_there(place.blobs, key), "it is larger than may come"
        assert [place.blobs.admit(key, 100) for _ in range(2)] == [12, 12]
        assert place.blobs.get(key) == b"from outside"
        assert place.blobs.admit(place.blobs.put(b"here already"), 1) == 12

    def test_what_is_not_what_its_name_says_is_not_taken(self, place: Place) -> None:
        place.deliver(NOBODY, b"something else")
        assert place.blobs.admit(NOBODY, 100) is None
        assert not is_there(place.blobs, NOBODY)

    def test_only_what_is_old_is_removed(self, place: Place) -> None:
        blobs = place.blobs
        waiting, admitted, old, again = named(b"waiting"), blobs.put(b"admitted"), blobs.put(b"old"), blobs.put(b"again")
        place.deliver(waiting, b"waiting")
        blobs.admit(waiting, 100)
        assert list(blobs.old(GRACE)) == []
        place.age()
        blobs.put(b"again")
        assert sorted(key for some in blobs.old(GRACE) for key in some) == sorted([waiting, admitted, old])
        assert blobs.remove([old, again, NOBODY], GRACE) == 1
        place.age()
        assert blobs.remove([old], GRACE) == 0
        assert [is_there(blobs, key) for key in (old, again, admitted, waiting)] == [False, True, True, True]
        assert not [key for some in blobs.old(GRACE) for key in some if key == old]

    def test_a_writer_in_the_middle_of_a_sweep_loses_nothing(self, place: Place) -> None:
        contents = [f"content {number}".encode() for number in range(40)]
        keys = [place.blobs.put(data) for data in contents]
        for key, data in zip(keys, contents, strict=True):
            place.deliver(key, data)
        place.age()
        for number, data in enumerate(contents):
            sweeping = threading.Thread(target=place.blobs.remove, args=([named(data)], GRACE))
            sweeping.start()
            if number % 2:
                place.blobs.put(data)
            else:
                place.blobs.admit(named(data), 100)
            sweeping.join()
            assert is_there(place.blobs, named(data))
            with place.blobs.local([named(data)]) as [path]:
                assert path.read_bytes() == data

    def test_the_inbox_is_emptied_of_what_is_overdue(self, place: Place) -> None:
        late, again, fresh = (f"{word} file".encode() for word in ("late", "again", "fresh"))
        for data in (late, again):
            place.deliver(named(data), data)
        place.age()
        for data in (again, fresh):
            place.deliver(named(data), data)
        place.blobs.tidy()
        place.blobs.tidy(GRACE)
        assert [place.blobs.admit(named(data), 100) is not None for data in (late, again, fresh)] == [False, True, True]

    def test_a_sweep_takes_what_no_row_names(self, place: Place, tmp_path: Path) -> None:
        kept, unnamed = place.blobs.put(b"named"), place.blobs.put(b"unnamed")
        place.age()
        young = place.blobs.put(b"young")
        removed = asyncio.run(_swept(tmp_path, place.blobs, kept, 1))
        place.age()
        place.blobs.put(b"young")
        assert removed + asyncio.run(_swept(tmp_path, place.blobs, kept, 2)) == 1
        assert [is_there(place.blobs, key) for key in (kept, unnamed, young)] == [True, False, True]


async def _swept(folder: Path, blobs: Blobs, key: str, number: int) -> int:
    database = await opened(folder)
    try:
        async with database.writing() as session:
            about = {"gateway": "g", "message_id": str(number), "channel_id": "c", "sender_id": "s", "body": {}}
            session.add(MessageRow(id=f"m{number}", **about, status="queued"))
            await session.flush()
            file = {"position": 0, "name": "", "content_type": "", "size": 5}
            session.add(AttachmentRow(message_id=f"m{number}", **file, sha256=key, blob=key))
        return await sweep(database, blobs, GRACE)
    finally:
        await database.close()

"""Blobs: whole or not at all, found by their hash, swept when nobody names them."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from app.blobs import GRACE, Blobs
from app.db.models import AttachmentRow, MessageRow
from app.ingest.sweeping import sweep
from tests.app.db.test_database import opened


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_put_and_get(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "b")
    key = blobs.put(b"hello")
    assert key == hashlib.sha256(b"hello").hexdigest()
    assert blobs.put(b"hello") == key
    (tmp_path / "file").write_bytes(b"hello")
    assert blobs.put_file(tmp_path / "file", key) == key
    assert blobs.get(key) == b"hello"
    assert [path.name for path in blobs.folder.rglob("*") if path.is_file()] == [".lock", key]
    with pytest.raises(FileNotFoundError):
        blobs.get("0" * 64)


def test_writing_again_protects_from_the_sweep(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    key = blobs.put(b"hello")
    age(blobs.path(key), GRACE + 5)
    assert list(blobs.old()) == [[key]]
    blobs.put(b"hello")
    assert blobs.remove([key]) == 0
    assert blobs.get(key) == b"hello"


async def test_a_sweep_takes_what_is_old_and_unnamed(tmp_path: Path) -> None:
    blobs, database = Blobs(tmp_path / "b"), await opened(tmp_path)
    named, unnamed, young = blobs.put(b"named"), blobs.put(b"unnamed"), blobs.put(b"young")
    half = blobs.folder / ".new-half"
    half.write_bytes(b"ha")
    for path in (blobs.path(named), blobs.path(unnamed), half):
        age(path, GRACE + 5)
    async with database.writing() as session:
        session.add(MessageRow(id="m", gateway="g", message_id="1", channel_id="c", sender_id="s", body={}, status="queued"))
        await session.flush()
        session.add(AttachmentRow(message_id="m", position=0, name="", content_type="", sha256=named, size=5, blob=named))
    assert await sweep(database, blobs) == 1
    assert [blobs.path(key).exists() for key in (named, unnamed, young)] == [True, False, True]
    assert not half.exists()
    await database.close()

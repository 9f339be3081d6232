"""Blobs in a folder: files that appear whole, for their user alone."""

import os
import time
from pathlib import Path

import pytest

from app.blobs.folder import GRACE, BlobFolder
from app.blobs.types import OVERDUE, BlobsDown
from tests.app.blobs.contract import BlobsContract, Place, named


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def place(folder: Path) -> Place:
    blobs = BlobFolder(folder)

    def deliver(key: str, data: bytes) -> None:
        blobs.inbox.mkdir(exist_ok=True)
        (blobs.inbox / key).write_bytes(data)

    def older() -> None:
        for path in folder.rglob("*"):
            age(path, GRACE / 2)

    return Place(blobs, deliver, older)


class TestFolder(BlobsContract):
    """The contract."""


def test_it_is_its_user_s_alone(place: Place, folder: Path) -> None:
    key = place.blobs.put(b"hello")
    place.blobs.put(b"hello")
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == [".lock", key]
    assert [oct(path.stat().st_mode & 0o777) for path in (folder, folder / key[:2], folder / key[:2] / key)] == [
        "0o700",
        "0o700",
        "0o600",
    ]


def test_what_was_left_half_written_or_waited_too_long_is_tidied(place: Place, folder: Path) -> None:
    half, writing = folder / ".new-half", folder / ".new-writing"
    for path in (half, writing):
        path.write_bytes(b"ha")
    age(half, GRACE + 5)
    for word, seconds in ((b"late", OVERDUE + 5), (b"waiting", OVERDUE - 5)):
        place.deliver(named(word), word)
        age(folder / "inbox" / named(word), seconds)
    place.blobs.tidy()
    left = sorted(path.name for path in folder.rglob("*") if path.is_file())
    assert left == sorted([".new-writing", named(b"waiting")])


def test_what_cannot_be_written_is_a_passing_fault(place: Place, folder: Path) -> None:
    (folder / named(b"x")[:2]).write_text("in the way")
    with pytest.raises(BlobsDown, match="cannot be used"):
        place.blobs.put(b"x")

"""Records as messages: what a gateway that publishes by itself may send, and what it may not."""

import base64
import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.blobs.folder import BlobFolder
from app.ingest.asyncapi import document
from app.ingest.envelope import Stored, Undecodable, seal, unpack, unseal
from app.ingest.schemas import MessageIn
from app.streams.types import TOPICS, Record
from app.uploads import Bounds
from tests.app.pictures import jpeg

BOUNDS = Bounds(body=1_000_000, file=100_000, files=3)
SCHEMA = document()["channels"]["messages"]["messages"]["record"]["payload"]


def told(**more: Any) -> dict[str, Any]:
    return {"gateway": "g", "message_id": "1", "channel": {"id": "c"}, "sender": {"id": "u"}, "text": "hello", **more}


def record(**more: Any) -> Record:
    return Record("g/c", json.dumps(told(**more)).encode())


async def unpacked(folder: Path, **more: Any) -> tuple[Stored, ...]:
    return await unpack(unseal(record(**more)), BlobFolder(folder / "blobs"), folder / "tmp", BOUNDS)


def test_what_is_sealed_fits_the_published_schema_and_comes_out_the_same() -> None:
    message = MessageIn.model_validate(told(sent_at="2026-03-02T09:31:00Z", forwarded_from={"channel_id": "x"}))
    sealed = seal(message, [Stored("a.jpg", "image/jpeg", "0" * 64, 5)])
    assert sealed.key == "g/c"
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(sealed.value))
    back = unseal(sealed)
    assert back.body() == message.body()
    assert [(one.name, one.sha256) for one in back.attachments] == [("a.jpg", "0" * 64)]


def test_the_document_names_every_topic_and_its_schemas_are_schemas() -> None:
    channels = document()["channels"]
    assert set(channels) == set(TOPICS)
    for channel in channels.values():
        for part in ("payload", "headers"):
            jsonschema.Draft202012Validator.check_schema(channel["messages"]["record"].get(part, {}))


async def test_files_come_inside_or_by_reference(tmp_path: Path) -> None:
    small, large = jpeg(1), b"large" * 1000
    name = hashlib.sha256(large).hexdigest()
    inbox = BlobFolder(tmp_path / "blobs").inbox
    inbox.mkdir(parents=True)
    (inbox / name).write_bytes(large)
    attachments = [
        {"name": "a.jpg", "content_type": "image/jpeg; x=y", "data": base64.b64encode(small).decode()},
        {"name": "b.bin", "sha256": name},
    ]
    files = await unpacked(tmp_path, attachments=attachments)
    assert [(one.name, one.content_type, one.size) for one in files] == [
        ("a.jpg", "image/jpeg", len(small)),
        ("b.bin", "", len(large)),
    ]
    assert [BlobFolder(tmp_path / "blobs").get(one.sha256) for one in files] == [small, large]


@pytest.mark.parametrize(
    ("attachment", "code"),
    [
        ({"data": "###"}, "bad_base64"),
        ({"data": base64.b64encode(bytes(100_001)).decode()}, "file_too_large"),
        ({"name": "x"}, "missing_data"),
        ({"sha256": "0" * 64}, "missing_blob"),
    ],
)
async def test_what_cannot_be_a_file_is_named(tmp_path: Path, attachment: dict[str, Any], code: str) -> None:
    with pytest.raises(Undecodable) as found:
        await unpacked(tmp_path, attachments=[attachment])
    assert found.value.code == code


async def test_a_file_that_is_not_what_its_name_says_is_not_taken(tmp_path: Path) -> None:
    inbox = BlobFolder(tmp_path / "blobs").inbox
    inbox.mkdir(parents=True)
    (inbox / ("0" * 64)).write_bytes(b"something else")
    with pytest.raises(Undecodable, match="missing_blob"):
        await unpacked(tmp_path, attachments=[{"sha256": "0" * 64}])


async def test_too_many_files_and_too_large_ones_are_not_taken(tmp_path: Path) -> None:
    with pytest.raises(Undecodable, match="too_many_files"):
        await unpacked(tmp_path, attachments=[{"data": ""}] * 4)
    key = BlobFolder(tmp_path / "blobs").put(bytes(100_001))
    with pytest.raises(Undecodable, match="file_too_large"):
        await unpacked(tmp_path, attachments=[{"sha256": key}])


@pytest.mark.parametrize("sha256", ["../../../etc/passwd", "A" * 64, "0" * 63])
def test_a_reference_is_a_hash_and_nothing_else(sha256: str) -> None:
    with pytest.raises(Undecodable):
        unseal(record(attachments=[{"sha256": sha256}]))


@pytest.mark.parametrize("value", [b"", b"\xff", b"[]", b"{}", b"null", b'{"gateway": 1}', b"[" * 100_000])
def test_what_is_no_message_is_told_in_words(value: bytes) -> None:
    with pytest.raises(Undecodable) as found:
        unseal(Record("k", value))
    assert found.value.code in ("invalid", "empty_message")
    assert found.value.detail


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_undecodable(value: bytes) -> None:
    with contextlib.suppress(Undecodable):
        unseal(Record("k", value))

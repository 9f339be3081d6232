"""A message as a record of a stream: the JSON that ``POST /messages`` takes, small files inside and large ones by reference.

An attachment carries ``data`` (base64), or ``sha256``: the name of its bytes among the blobs, or in the inbox beside them,
where a gateway that publishes by itself has put them first (claim check, Hohpe and Woolf 2003).
"""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from app.blobs.types import Blobs
from app.errors import AppError, invalid
from app.ingest.schemas import AttachmentIn, MessageIn
from app.streams.types import Record, key_of
from app.uploads import Bounds, Upload, decode_base64, media_type, spool


class AttachmentRecord(AttachmentIn):
    """One file: ``data`` or ``sha256``."""

    data: str | None = Field(None, description="the file, base64; for small ones")
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="of a file among the blobs or in the inbox")] | None = None
    size: int | None = Field(None, ge=0, description="bytes of that file")


class MessageRecord(MessageIn):
    """One message; text or at least one attachment."""

    attachments: tuple[AttachmentRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of a message, among the blobs."""

    name: str
    content_type: str
    sha256: str
    size: int


class Undecodable(Exception):
    """A record that is no message, and never will be. ``code``: a stable word; ``detail``: what is wrong."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


def seal(message: MessageIn, files: Iterable[Stored]) -> Record:
    """A message whose files are among the blobs, as a record."""
    value = {**message.body(), "attachments": [asdict(file) for file in files]}
    return Record(key_of(message.gateway, message.channel.id), json.dumps(value).encode())


def unseal(record: Record) -> MessageRecord:
    """A record as a message. Raises Undecodable."""
    try:
        message = MessageRecord.model_validate_json(record.value)
    except ValidationError as error:
        problem = invalid(error)
        raise Undecodable(problem.code, problem.detail) from None
    if not message.text and not message.attachments:
        raise Undecodable("empty_message", "a message needs text or at least one attachment")
    return message


async def unpack(message: MessageRecord, blobs: Blobs, folder: Path, bounds: Bounds) -> tuple[Stored, ...]:
    """Its files, durably among the blobs. Raises Undecodable; BlobsDown, or OSError for a disk that fails."""
    if len(message.attachments) > bounds.files:
        raise Undecodable("too_many_files", f"more than {bounds.files} attachments")
    return await asyncio.to_thread(_unpack, message, blobs, folder, bounds)


def _unpack(message: MessageRecord, blobs: Blobs, folder: Path, bounds: Bounds) -> tuple[Stored, ...]:
    try:
        with spool(folder) as place:
            return tuple(_file(one, i, blobs, place, bounds) for i, one in enumerate(message.attachments))
    except AppError as error:
        raise Undecodable(error.code, error.detail) from None


def _file(told: AttachmentRecord, index: int, blobs: Blobs, folder: Path, bounds: Bounds) -> Stored:
    kind = media_type(told.content_type)
    if told.data is not None:
        upload = decode_base64(told.data, told.name, kind, folder, bounds, index)
        blobs.put_file(upload.path, upload.sha256)
        return stored(upload)
    if told.sha256 is None:
        raise Undecodable("missing_data", f"attachments.{index} has neither data nor sha256")
    size = blobs.admit(told.sha256, bounds.file)
    if size is None:
        raise Undecodable("missing_blob", f"attachments.{index}: nobody has put {told.sha256} there")
    if size > bounds.file:
        raise Undecodable("file_too_large", f"attachments.{index} is larger than {bounds.file:,} bytes")
    return Stored(told.name, kind, told.sha256, size)


def stored(upload: Upload) -> Stored:
    """An upload once its bytes are among the blobs."""
    return Stored(upload.name, upload.content_type, upload.sha256, upload.size)

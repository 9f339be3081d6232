"""A request body becomes a message and its files: JSON with base64, or multipart with the files beside it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from app.errors import Invalid, TooLarge, Unsupported, invalid
from app.ingest.schemas import AttachmentIn, MessageIn
from app.uploads import Bounds, Form, Upload, decode_base64, media_type, read_body, read_form


@dataclass(frozen=True, slots=True)
class Posted:
    """A message whose files lie in a temporary folder."""

    message: MessageIn
    uploads: tuple[Upload, ...]


async def decode(content_type: str, stream: AsyncIterator[bytes], folder: Path, bounds: Bounds) -> Posted:
    """Raises Invalid, TooLarge, Unsupported."""
    kind = media_type(content_type)
    if kind == "application/json":
        body = await read_body(stream, bounds)
        return await asyncio.to_thread(_from_json, body, folder, bounds)
    if kind == "multipart/form-data":
        return _from_form(await read_form(stream, content_type, folder, bounds, "message"))
    raise Unsupported("Send application/json or multipart/form-data.")


def _from_json(body: bytes, folder: Path, bounds: Bounds) -> Posted:
    message = _message(body)
    if len(message.attachments) > bounds.files:
        raise TooLarge(f"More than {bounds.files} attachments.", "too_many_files")
    uploads = tuple(_upload(one, folder, bounds, i) for i, one in enumerate(message.attachments))
    return _complete(message, uploads)


def _upload(attachment: AttachmentIn, folder: Path, bounds: Bounds, index: int) -> Upload:
    if attachment.data is None:
        raise Invalid(f"attachments.{index}.data is missing.", "missing_data")
    return decode_base64(attachment.data, attachment.name, media_type(attachment.content_type), folder, bounds, index)


def _from_form(form: Form) -> Posted:
    if "message" not in form.fields:
        raise Invalid("The part “message” is missing.", "missing_part")
    message = _message(form.fields["message"])
    told = message.attachments or (AttachmentIn(),) * len(form.uploads)
    if len(told) != len(form.uploads):
        raise Invalid(f"{len(told)} attachments are described, but {len(form.uploads)} files came.", "files_do_not_fit")
    uploads = tuple(_described(upload, one) for upload, one in zip(form.uploads, told, strict=True))
    return _complete(message, uploads)


def _described(upload: Upload, told: AttachmentIn) -> Upload:
    kind = media_type(told.content_type) or upload.content_type
    return Upload(told.name or upload.name, kind, upload.path, upload.size, upload.sha256)


def _message(body: bytes) -> MessageIn:
    try:
        return MessageIn.model_validate_json(body)
    except ValidationError as error:
        raise invalid(error) from None


def _complete(message: MessageIn, uploads: tuple[Upload, ...]) -> Posted:
    if not message.text and not uploads:
        raise Invalid("A message needs text or at least one attachment.", "empty_message")
    return Posted(message, uploads)

"""Request bodies from outside, read as they come into bounded memory and temporary files.

A limit is enforced at the byte that breaks it, so nobody can make us hold more than we said. Multipart per RFC 7578.
"""

import base64
import binascii
import hashlib
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.errors import Invalid, TooLarge, Unsupported

MAX_FIELD = 4_000_000
"""Bytes of one part that is not a file."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that came, in a temporary file of ours. ``name`` is the sender's, never a path to be used."""

    name: str
    content_type: str
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bytes of a body, bytes of a file, number of files."""

    body: int
    file: int
    files: int


@contextmanager
def spool(folder: Path) -> Iterator[Path]:
    """Where one request's files go: a folder that is made with the first of them, and gone when the block ends."""
    place = folder / secrets.token_hex(16)
    try:
        yield place
    finally:
        if place.exists():
            shutil.rmtree(place)


def _place(folder: Path, index: int) -> Path:
    """Of a request's file."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / str(index)


def media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


async def read_body(stream: AsyncIterator[bytes], bounds: Bounds) -> bytes:
    """The whole body. Raises TooLarge."""
    body = bytearray()
    async for chunk in stream:
        body += chunk
        if len(body) > bounds.body:
            raise TooLarge(f"The body is larger than {bounds.body:,} bytes.", "body_too_large", size=bounds.body)
    return bytes(body)


async def read_form(stream: AsyncIterator[bytes], content_type: str, folder: Path, bounds: Bounds, document: str = "") -> "Form":
    """Fields and files of a multipart body, files in order. Raises TooLarge, Invalid, Unsupported.

    ``document``: the name of the one field that may come as a file, too. Any other file must be named ``files``: a file
    nobody looks at must not look accepted.
    """
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise Unsupported("Send multipart/form-data with a boundary.")
    form, seen = Form(folder, bounds, document), 0
    try:
        parser = MultipartParser(options[b"boundary"], form.callbacks())  # type: ignore[arg-type]
        async for chunk in stream:
            seen += len(chunk)
            if seen > bounds.body:
                raise TooLarge(f"The body is larger than {bounds.body:,} bytes.", "body_too_large", size=bounds.body)
            parser.write(chunk)
        parser.finalize()
    except FormParserError as error:
        raise Invalid("The multipart body is malformed.", "malformed_multipart") from error
    finally:
        form.close()
    if not form.complete:
        raise Invalid("The multipart body ends early.", "malformed_multipart")
    return form


def decode_base64(data: str, name: str, content_type: str, folder: Path, bounds: Bounds, index: int) -> Upload:
    """One attachment out of JSON. Raises TooLarge, Invalid."""
    if len(data) > bounds.file * 4 // 3 + 4:
        raise _file_too_large(name, bounds)
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid(f"attachments.{index}.data is not base64.", "bad_base64") from error
    if len(raw) > bounds.file:
        raise _file_too_large(name, bounds)
    return put_down(raw, name, content_type, folder, index)


def put_down(data: bytes, name: str, content_type: str, folder: Path, index: int = 0) -> Upload:
    """As a file that came."""
    path = _place(folder, index)
    path.write_bytes(data)
    return Upload(name, content_type, path, len(data), hashlib.sha256(data).hexdigest())


def _file_too_large(name: str, bounds: Bounds) -> TooLarge:
    return TooLarge(f"The file “{name}” is larger than {bounds.file:,} bytes.", "file_too_large", file=name, size=bounds.file)


class Form:
    """A multipart body under construction: fields in ``fields``, files named ``files`` in ``uploads``."""

    def __init__(self, folder: Path, bounds: Bounds, document: str = "") -> None:
        self.fields: dict[str, bytes] = {}
        self.uploads: list[Upload] = []
        self.complete = False
        self._folder, self._bounds, self._document = folder, bounds, document
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._headers: dict[bytes, bytes] = {}
        self._name, self._filename = "", ""
        self._field = bytearray()
        self._file: BinaryIO | None = None
        self._hash, self._size = hashlib.sha256(), 0

    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        self._headers, self._header = {}, (bytearray(), bytearray())

    def _header_end(self) -> None:
        self._headers[bytes(self._header[0]).lower()] = bytes(self._header[1])
        self._header = (bytearray(), bytearray())

    def _open(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode(errors="replace")
        self._filename = options.get(b"filename", b"").decode(errors="replace")[:500]
        self._field, self._hash, self._size = bytearray(), hashlib.sha256(), 0
        if self._name != "files":
            self._judge_field(is_file=b"filename" in options or b"filename*" in options)
            return
        if len(self.uploads) >= self._bounds.files:
            raise TooLarge(f"More than {self._bounds.files} files.", "too_many_files", most=self._bounds.files)
        self._file = _place(self._folder, len(self.uploads)).open("wb")

    def _judge_field(self, *, is_file: bool) -> None:
        shown = self._name[:80]
        if self._name in self.fields:
            raise Invalid(f"The part “{shown}” comes twice. Send it once.", "repeated_part")
        if is_file and self._name != self._document:
            raise Invalid(f"A file came in the part “{shown}”. Name the part of every file “files”.", "unknown_part")

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._file is None:
            if self._size > MAX_FIELD:
                raise TooLarge(f"The part “{self._name[:80]}” is larger than {MAX_FIELD:,} bytes.", "field_too_large")
            self._field += data[start:end]
            return
        if self._size > self._bounds.file:
            raise _file_too_large(self._filename, self._bounds)
        self._file.write(data[start:end])
        self._hash.update(data[start:end])

    def _end(self) -> None:
        if self._file is None:
            self.fields[self._name] = bytes(self._field)
            return
        kind = media_type(self._headers.get(b"content-type", b"").decode("latin-1"))[:200]
        path = self._folder / str(len(self.uploads))
        self.uploads.append(Upload(self._filename, kind, path, self._size, self._hash.hexdigest()))
        self.close()

    def _finish(self) -> None:
        self.complete = True

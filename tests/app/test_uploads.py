"""Bodies in any pieces, inside their bounds."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AppError, Invalid, TooLarge, Unsupported
from app.uploads import Bounds, Form, read_form, spool

BOUNDS = Bounds(body=50_000, file=10_000, files=3)
contents = st.lists(st.binary(max_size=300) | st.just(b"\r\n--" * 50), max_size=3)


def encoded(files: list[bytes], field: str = "{}") -> tuple[str, bytes]:
    parts: list[Any] = [("asset", (None, field)), *(("files", (f"{i}.bin", data, "image/png")) for i, data in enumerate(files))]
    request = httpx.Request("POST", "http://h/", files=parts)
    return request.headers["content-type"], request.read()


async def pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def read(content_type: str, body: bytes, folder: Path, size: int = 1000) -> Form:
    return asyncio.run(read_form(pieces(body, size), content_type, folder, BOUNDS))


@given(contents, st.integers(1, 400))
def test_pieces_do_not_matter(files: list[bytes], size: int) -> None:
    content_type, body = encoded(files, "é")
    with spool(Path("/tmp")) as folder:  # noqa: S108
        form = read(content_type, body, folder, size)
        assert form.fields == {"asset": "é".encode()}
        assert [upload.path.read_bytes() for upload in form.uploads] == files
        assert [upload.sha256 for upload in form.uploads] == [hashlib.sha256(data).hexdigest() for data in files]
        assert [(upload.name, upload.content_type, upload.size) for upload in form.uploads] == [
            (f"{i}.bin", "image/png", len(data)) for i, data in enumerate(files)
        ]


@given(contents, st.data())
def test_a_body_cut_short_is_refused(files: list[bytes], data: st.DataObject) -> None:
    content_type, body = encoded(files)
    end = data.draw(st.integers(0, len(body) - 5))
    with spool(Path("/tmp")) as folder, pytest.raises(Invalid):  # noqa: S108
        read(content_type, body[:end], folder)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([("file", ("a.jpg", b"x"))], "unknown_part"),
        ([("files[]", ("a.jpg", b"x"))], "unknown_part"),
        ([("message", ("m.json", b"{}"))], "unknown_part"),
        ([("asset", (None, "{}")), ("asset", (None, "{}"))], "repeated_part"),
        ([("asset", ("a.json", b"{}")), ("other", (None, "x")), ("files", ("a.jpg", b"x"))], None),
    ],
)
def test_a_file_nobody_would_look_at_is_refused(parts: list[Any], code: str | None, tmp_path: Path) -> None:
    request = httpx.Request("POST", "http://h/", files=parts)
    body = pieces(request.read(), 1000)
    reading = read_form(body, request.headers["content-type"], tmp_path, BOUNDS, "asset")
    if code is None:
        assert asyncio.run(reading).fields == {"asset": b"{}", "other": b"x"}
        return
    with pytest.raises(Invalid) as caught:
        asyncio.run(reading)
    assert caught.value.code == code


@given(st.binary(max_size=300))
def test_whatever_comes_has_an_answer(body: bytes) -> None:
    with spool(Path("/tmp")) as folder, pytest.raises(AppError) as caught:  # noqa: S108
        read("multipart/form-data; boundary=b", body, folder)
    assert caught.value.status < 500


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([bytes(10_001)], "file_too_large"),
        ([b""] * 4, "too_many_files"),
        ([bytes(9_999)] * 3 + [bytes(30_000)], "too_many_files"),
    ],
)
def test_bounds(files: list[bytes], code: str, tmp_path: Path) -> None:
    with pytest.raises(TooLarge) as caught:
        read(*encoded(files), tmp_path)
    assert caught.value.code == code


def test_other_bodies(tmp_path: Path) -> None:
    for content_type in ("multipart/form-data", "text/plain", ""):
        with pytest.raises(Unsupported):
            read(content_type, b"", tmp_path)


def test_a_spool_leaves_nothing(tmp_path: Path) -> None:
    with spool(tmp_path / "tmp") as folder:
        read(*encoded([b"x"]), folder)
    assert list((tmp_path / "tmp").iterdir()) == []

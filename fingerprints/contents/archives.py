"""Archives: their members, in their order. Nothing is ever written to a disk, so no name of a member can lead astray."""

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from io import BytesIO
from typing import IO

import py7zr

from fingerprints.contents.office import is_office, office
from fingerprints.contents.parts import Allowance, Item, Packed, tried
from fingerprints.errors import Unreadable
from fingerprints.types import Unread

PASSWORD = "It asks for a password. Send what it holds without one."
DAMAGED = "The archive is damaged. Pack it anew, or send what it holds."
_ENCRYPTED = 0x1  # general purpose bit 0 (APPNOTE 4.4.4)
_UTF_8 = 0x800  # bit 11
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError, ValueError, KeyError, IndexError,
    NotImplementedError, RuntimeError, ArithmeticError, py7zr.exceptions.ArchiveError,
)  # fmt: skip


def zipped(data: bytes, allowance: Allowance) -> Iterator[Item]:
    """A ZIP archive, or the office file that it is."""
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except _BROKEN as error:
        raise Unreadable("corrupt", DAMAGED) from error
    with archive:
        infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
        by_name = {info.filename: info for info in infos}
        if is_office(list(by_name)) and len(by_name) == len(infos):  # none writes two members of one name, one hiding the other
            yield from office(list(by_name), lambda name: _member(archive, by_name[name], allowance), allowance)
            return
        for info in infos:
            yield from _packed(_name(info), partial(_member, archive, info, allowance))


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, allowance: Allowance) -> bytes:
    if info.flag_bits & _ENCRYPTED:
        raise Unreadable("encrypted", PASSWORD)
    return _unpacked(lambda: archive.open(info), allowance)


def is_tape(data: bytes) -> bool:
    return data[257:262] == b"ustar"


def tape(data: bytes, allowance: Allowance) -> Iterator[Item]:
    """A TAR archive."""
    try:
        with tarfile.open(fileobj=BytesIO(data), mode="r:") as archive:
            for info in archive:
                if info.isreg():
                    yield from _packed(info.name, partial(_unpacked, partial(_file, archive, info), allowance))
    except _BROKEN as error:
        raise Unreadable("corrupt", DAMAGED) from error


def _file(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(info)
    assert file is not None  # noqa: S101 - it is a regular one
    return file


def seven_zip(data: bytes, allowance: Allowance) -> Iterator[Item]:
    """A 7-Zip archive. What its header says it holds is held against what is allowed before anything is unpacked."""
    try:
        with py7zr.SevenZipFile(BytesIO(data)) as archive:
            if archive.needs_password():
                raise Unreadable("encrypted", PASSWORD)
            told = [one for one in archive.list() if not one.is_directory]
            if sum(one.uncompressed for one in told) >= allowance.most:
                raise Unreadable("too_much", "It unpacks to more than is read of one file. Send what it holds apart.")
            factory = py7zr.io.BytesIOFactory(allowance.most)
            archive.extract(targets=[one.filename for one in told], factory=factory)
    except py7zr.exceptions.PasswordRequired as error:
        raise Unreadable("encrypted", PASSWORD) from error
    except _BROKEN as error:
        raise Unreadable("corrupt", DAMAGED) from error
    if len(factory.products) < len(told):
        yield Unread("corrupt", "Of files in it that bear one name only one could be read. Pack it anew.", "files of one name")
    for name, product in factory.products.items():
        yield from _packed(name, partial(_unpacked, partial(getattr, product, "_buffer"), allowance))


def compressed(opener: Callable[[BytesIO], IO[bytes]]) -> Callable[[bytes, Allowance], Iterator[Item]]:
    """One file, compressed."""

    def opened(data: bytes, allowance: Allowance) -> Iterator[Item]:
        yield Packed("content", _unpacked(lambda: opener(BytesIO(data)), allowance))

    return opened


gzipped = compressed(lambda file: gzip.GzipFile(fileobj=file))  # type: ignore[arg-type, return-value]
bzipped = compressed(bz2.BZ2File)
xzipped = compressed(lzma.LZMAFile)


def _packed(name: str, read: Callable[[], bytes]) -> Iterator[Item]:
    return tried(lambda: [Packed(name, read())], name)


def _unpacked(opener: Callable[[], IO[bytes]], allowance: Allowance) -> bytes:
    allowance.member()
    try:
        with closing(opener()) as file:
            return allowance.take(file.read(allowance.most))
    except _BROKEN as error:
        raise Unreadable("corrupt", DAMAGED) from error


def _name(info: zipfile.ZipInfo) -> str:
    """Names that do not say that they are UTF-8 are mostly GB18030 where these archives come from."""
    if info.flag_bits & _UTF_8 or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename

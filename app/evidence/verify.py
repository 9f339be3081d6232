#!/usr/bin/env python3
"""Checks an evidence bundle of leakwatch: whether it is exactly as it was exported, and who signed it.

    python3 -I verify.py BUNDLE.zip --key FINGERPRINT

It needs Python 3.9 or newer, and writes nothing. Ends with 0 when the bundle holds, 1 when it does not, 2 when nothing could be
checked. Whoever forges a bundle can forge the copy of this file in it.

``manifest.json`` lists every file with its size and SHA-256; ``manifest.sig`` is its signature, RSASSA-PKCS1-v1_5 with SHA-256,
checked by encoding anew what must have been signed and comparing all of it (RFC 8017 §8.2.2); ``public-key.pem`` is the key. The
ZIP (PKWARE APPNOTE.TXT 6.3) has one possible encoding: files stored, one after the other, without times, then the directory: each
of its bytes is checked. Of what another program packed anew the files are compared, if they are no larger than they must be.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import mmap
import os
import struct
import sys
import zipfile
import zlib
from collections import namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

MANIFEST, SIGNATURE, KEY = "manifest.json", "manifest.sig", "public-key.pem"
UNLISTED, ARCHIVE = {MANIFEST, SIGNATURE, KEY}, "the archive itself"
FORMAT, PARTS = "leakwatch-evidence/1", {"subject": dict, "exported": dict, "audit": dict, "key": dict, "left_out": list}
MOST_FILES, MOST_BYTES, MOST_MANIFEST, MOST_FINDINGS, SHOWN = 20_000, 2_000_000_000, 32_000_000, 1000, 50
SIZE, EXPONENT = 384, 65537
BEFORE = bytes.fromhex("308201a2300d06092a864886f70d01010105000382018f003082018a0282018100")
AFTER = bytes.fromhex("0203010001")
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")  # RFC 8017 §A.1.1, §9.2
LOCAL, ENTRY, END = struct.Struct("<4s5H3I2H"), struct.Struct("<H8x2I"), struct.Struct("<4s4H2IH")
VERSION, UTF8, DATE, MADE_BY, MODE = 20, 0x800, 0x21, 0x0314, 0o100644 << 16
"""Of every file in the ZIP: needs 2.0, its name is UTF-8, 1 January 1980, made on Unix, an ordinary file."""
HEADER = struct.pack("<4s5H", b"PK\3\4", VERSION, UTF8, 0, 0, DATE)
Finding = namedtuple("Finding", "code path says")
"""What is not as it was: ``path`` names it, ``code`` says how for programs, ``says`` for people. ``BROKEN``: what damage does."""
BROKEN = (ValueError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, AttributeError, TypeError, KeyError)


@dataclass(frozen=True)
class Member:
    """One file: a part of ``data``, or, of a bundle that was unpacked or packed anew, what ``opened`` gives."""

    name: str
    size: int
    crc: int | None = None
    data: Any = None
    start: int = 0
    opened: Callable[[], Any] | None = None

    def chunks(self) -> Iterator[bytes]:
        if self.opened:
            with self.opened() as file:
                yield from iter(lambda: file.read(1 << 20), b"")
        for at in range(self.start, self.start + self.size, 1 << 20) if self.data is not None else ():
            yield self.data[at : min(at + (1 << 20), self.start + self.size)]

    def read(self, most: int) -> bytes:
        if self.size > most:
            raise ValueError("it is too large")
        return b"".join(self.chunks())


@dataclass
class Checked:
    """What came of it. ``origin``: ``proved``, ``refuted``, or ``unproved``: nobody said whose key it must be."""

    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    size: int = 0
    key: str = ""
    origin: str = "unproved"
    repacked: bool = False
    manifest: dict[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return not self.findings

    def found(self, code: str, path: str, says: str) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(code, path, says))


class NoBundle(Exception):
    """Why nothing can be checked."""


def local_header(name: bytes, size: int, crc: int) -> bytes:
    """What stands before a file in the ZIP."""
    return HEADER + struct.pack("<3I2H", crc, size, size, len(name), 0) + name


def directory_entry(name: bytes, size: int, crc: int, offset: int) -> bytes:
    """The directory's line about a file whose header is at ``offset``."""
    same = local_header(b"", size, crc)[4:26]
    return struct.pack("<4sH", b"PK\1\2", MADE_BY) + same + ENTRY.pack(len(name), MODE, offset) + name


def directory_end(count: int, length: int, offset: int) -> bytes:
    """The last bytes of the ZIP."""
    return END.pack(b"PK\5\6", 0, 0, count, count, length, offset, 0)


def public_key(modulus: int) -> bytes:
    """A key as SubjectPublicKeyInfo; its SHA-256 is the key's fingerprint."""
    return BEFORE + modulus.to_bytes(SIZE, "big") + AFTER


def pem(der: bytes) -> bytes:
    """The one spelling of a public key as text."""
    text = base64.b64encode(der).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""]).encode()


def same_key(written: str) -> str:
    """A fingerprint that somebody wrote down: 64 digits. Raises ValueError."""
    text = "".join(written.lower().replace("sha256:", "").replace(":", " ").split())
    if len(text) != 64 or set(text) - set("0123456789abcdef"):
        raise ValueError("a key's fingerprint has 64 digits (0-9, a-f); colons and spaces do not matter")
    return text


def is_signed(message: bytes, signature: bytes, modulus: int) -> bool:
    """Whether whoever has the private key signed ``message``."""
    number = int.from_bytes(signature, "big")
    if len(signature) != SIZE or number >= modulus:
        return False
    info = DIGEST_INFO + hashlib.sha256(message).digest()
    return pow(number, EXPONENT, modulus) == int.from_bytes(b"\0\1" + b"\xff" * (SIZE - 3 - len(info)) + b"\0" + info, "big")


def check(path: str, key: str | None = None) -> Checked:
    """A bundle, or the folder that it was unpacked to. ``key``: whose signature is expected. Raises NoBundle, ValueError."""
    told, expected = Checked(), None if key is None else same_key(key)
    if os.path.isdir(path):
        _judge(told, _loose(told, path), expected)
        return told
    try:
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if data[:2] != b"PK" and data[-END.size :][:2] != b"PK":
                raise NoBundle("this is no ZIP file")
            members = _zipped(told, data)
            _judge(told, _ordinary(told, file, data) if members is None else members, expected)
    except (OSError, ValueError) as error:
        raise NoBundle(str(error) or "it cannot be read") from None
    return told


def _judge(told: Checked, members: list[Member] | None, expected: str | None) -> None:
    if members is None:
        return
    names = _named(told, members)
    for name in sorted(UNLISTED - names.keys()):
        told.found("missing", name, "is missing")
    for name in UNLISTED & names.keys():
        _digest(told, names[name])
    modulus = _key(told, names.get(KEY), expected)
    listed = _manifest(told, names.get(MANIFEST), names.get(SIGNATURE), modulus)
    if listed is None:
        return
    for path, about in listed.items():
        _compare(told, path, about, names.get(path))
    for name in sorted(names.keys() - listed.keys() - UNLISTED):
        told.found("added", name, "was added: the manifest does not list it")
    told.files, told.size = len(listed), sum(about["size"] for about in listed.values())


def _named(told: Checked, members: list[Member]) -> dict[str, Member]:
    names, seen = dict[str, Member](), set[str]()
    for member in members:
        parts, wrong = member.name.split("/"), set(member.name) & set('\\:*?"<>|')
        if wrong or not member.name.isprintable() or any(part.strip() in ("", ".", "..") for part in parts):
            told.found("bad_name", member.name, "has a name that could be written outside the bundle's folder")
        if member.name.casefold() in seen:
            told.found("duplicate", member.name, "is there more than once")
        seen.add(member.name.casefold())
        names.setdefault(member.name, member)
    return names


def _key(told: Checked, member: Member | None, expected: str | None) -> int | None:
    """The modulus."""
    if member is None:
        return None
    try:
        text = member.read(10_000)
        der = base64.b64decode(b"".join(text.split(b"\n")[1:-2]), validate=True)
        modulus = int.from_bytes(der[len(BEFORE) : -len(AFTER)], "big")
        if pem(der) != text or modulus.bit_length() != SIZE * 8 or public_key(modulus) != der:
            raise ValueError
    except (*BROKEN, OverflowError):
        told.found("changed", KEY, "was changed: it is no key any more")
        return None
    told.key = hashlib.sha256(der).hexdigest()
    told.origin = "unproved" if expected is None else "proved" if told.key == expected else "refuted"
    if told.origin == "refuted":
        told.found("other_key", KEY, "is another key than the one expected: somebody else made or changed this bundle")
    return modulus


def _manifest(told: Checked, member: Member | None, signed: Member | None, modulus: int | None) -> dict[str, Any] | None:
    """Path to what is listed of it."""
    if member is None:
        return None
    try:
        text = member.read(MOST_MANIFEST)
        if signed and modulus and not is_signed(text, signed.read(1000), modulus):
            told.found("signature", MANIFEST, "does not fit its signature: it, or manifest.sig or public-key.pem, was changed")
        told.manifest, listed = _read(text)
    except BROKEN as error:
        told.found("changed", MANIFEST, f"was changed: it cannot be read as a manifest ({error})")
        return None
    if told.key and told.manifest["key"].get("fingerprint") != told.key:
        told.found("changed", KEY, "was changed: the manifest names another key")
    return listed


def _read(text: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """All of it, and path to what is listed of it. Raises what wrong JSON, or JSON of another shape, lets Python raise."""
    manifest = json.loads(text, parse_int=lambda digits: int(digits[:17]))
    listed = {str(one["path"]): one for one in manifest["files"]}
    said = [manifest["format"] == FORMAT, *(isinstance(manifest[name], kind) for name, kind in PARTS.items())]
    said += [isinstance(one["size"], int) and isinstance(one["sha256"], str) for one in listed.values()]
    if not all(said) or not len(manifest["files"]) == len(listed) <= MOST_FILES:
        raise ValueError("it is of another format")
    return manifest, listed


def _compare(told: Checked, path: str, about: dict[str, Any], member: Member | None) -> None:
    if member is None:
        told.found("missing", path, "is missing")
    elif member.size != about["size"] or _digest(told, member) != about["sha256"]:
        told.found("changed", path, "was changed: its size or its SHA-256 is another")


def _digest(told: Checked, member: Member) -> str:
    """SHA-256; the archive has a checksum of its own, which must fit as well."""
    digest, crc = hashlib.sha256(), 0
    try:
        for chunk in member.chunks():
            digest.update(chunk)
            crc = zlib.crc32(chunk, crc)
    except BROKEN:
        return "it cannot be unpacked"
    if member.crc not in (None, crc):
        told.found("archive", member.name, "has another checksum in the archive than it must have")
    return digest.hexdigest()


def _loose(told: Checked, folder: str) -> list[Member]:
    """Of a bundle that was unpacked."""
    members: list[Member] = []
    for place, folders, files in os.walk(folder):
        for full in (os.path.join(place, name) for name in [*folders, *files]):
            short = os.path.relpath(full, folder).replace(os.sep, "/")
            if os.path.islink(full) or not (os.path.isdir(full) or os.path.isfile(full)):
                told.found("not_a_file", short, "is a link or something else that is no ordinary file; it was not followed")
            elif os.path.isfile(full):
                members.append(Member(short, os.path.getsize(full), opened=partial(open, full, "rb")))
        if len(members) > MOST_FILES:
            raise NoBundle("there are too many files in this folder")
    if not any(one.name == MANIFEST for one in members):
        raise NoBundle("there is no manifest.json in this folder")
    return members


def _zipped(told: Checked, data: Any) -> list[Member] | None:
    """The files of a ZIP, one after the other, if they are encoded as they must be, and whether its directory is."""
    members, at = list[Member](), 0
    while len(members) < MOST_FILES and data[at : at + 4] != b"PK\1\2":
        crc, packed, size, length, extra = LOCAL.unpack(data[at : at + LOCAL.size].ljust(LOCAL.size))[6:]
        start, last = at + LOCAL.size + length, members[-1].name if members else "it"
        name = bytes(data[at + LOCAL.size : start]).decode("utf-8", "surrogateescape")
        if data[at : at + len(HEADER)] != HEADER or packed != size or extra or start + size > len(data):
            told.found("archive", ARCHIVE, f"was changed where {last} ends and {name or 'the directory'} begins")
            return None
        members.append(Member(name, size, crc, data, start))
        at = start + size
    _directory(told, data, at, members)
    return members


def _ordinary(told: Checked, file: Any, data: Any) -> list[Member] | None:
    """The files of a ZIP as any other program writes it, by its directory; ``None``: they cannot be read within bounds."""
    end = bytes(data[-END.size :]).rjust(END.size, b"\0")
    if end[:4] + end[-2:] != b"PK\5\6\0\0" or END.unpack(end)[5] > MOST_FILES << 9 or data[-42:-38] == b"PK\6\7":
        return None
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OverflowError):
        return None
    found = archive.infolist()
    sound = archive.start_dir == END.unpack(end)[6] and 1 <= len(found) <= MOST_FILES
    sound = sound and sum(one.file_size for one in found) <= MOST_BYTES and sum(one.compress_size for one in found) <= len(data)
    if not sound or any(one.flag_bits & 1 or one.compress_type not in (0, 8) for one in found):
        return None
    if sum(data[one.header_offset : one.header_offset + len(HEADER)] != HEADER for one in found) * 2 > len(found):
        told.findings, told.repacked = [], True
    for one in found:
        if one.external_attr >> 28 == 0o12:
            told.found("not_a_file", one.orig_filename, "is a link; it was not followed")
    return [Member(one.orig_filename, one.file_size, opened=partial(archive.open, one)) for one in found if not one.is_dir()]


def _directory(told: Checked, data: Any, at: int, members: list[Member]) -> None:
    """What must follow the files, byte for byte: the directory's lines, and its end."""
    begun = at
    for member in members:
        raw = member.name.encode("utf-8", "surrogateescape")
        line = directory_entry(raw, member.size, member.crc or 0, member.start - LOCAL.size - len(raw))
        if data[at : at + len(line)] != line:
            told.found("archive", member.name, "has another line in the archive's directory than it must have")
            return
        at += len(line)
    if data[at : at + END.size + 1] != directory_end(len(members), at - begun, begun) and told.holds:
        told.found("archive", ARCHIVE, "does not end as it did: something was changed, added or cut off there")


def shown(value: Any, most: int = 300) -> str:
    """Text of a stranger, safe to print."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in str(value)[:most])


def as_json(told: Checked) -> str:
    """One object, for programs."""
    bundle = {name: value for name, value in told.manifest.items() if name not in ("files", "key")}
    found = {"holds": told.holds, "key": told.key, "origin": told.origin, "files": told.files, "bytes": told.size}
    return json.dumps(
        {**found, "repacked": told.repacked, "findings": [one._asdict() for one in told.findings], "bundle": bundle},
        sort_keys=True,
    )


def in_words(told: Checked) -> str:
    """For whoever has to rely on it."""
    again = ["RE-PACKED: not the file that was exported; its contents were compared file by file.", ""] if told.repacked else []
    return "\n".join([*(_about(told.manifest) if told.manifest else ()), *again, *_conclusion(told)])


def _about(manifest: dict[str, Any]) -> list[str]:
    subject, exported, audit = manifest["subject"], manifest["exported"], manifest["audit"]
    words = f": {shown(exported['words'])}" if exported.get("words") else ""
    about = " ".join(shown(subject.get(name)) for name in ("kind", "id", "title"))
    return [
        f"This says it is the evidence about {about}",
        f"  exported   {shown(exported.get('at'))} by {shown(exported.get('by'))} ({shown(exported.get('role'))})",
        f"  purpose    {shown(exported.get('purpose'))}{words}",
        f"  audit      the record then ended at {shown(audit.get('seq'))}:{shown(audit.get('hash'))}",
        *(f"  not in it  {shown(one)}" for one in manifest["left_out"][:SHOWN]),
        "",
    ]


def _conclusion(told: Checked) -> list[str]:
    if not told.holds:
        lines = [f"  {shown(one.path)} {shown(one.says)}" for one in told.findings]
        lines[SHOWN:] = [f"  and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
        return ["IT DOES NOT HOLD. Not as it was exported:", *lines, "", "Do not rely on this bundle."]
    holds = "ITS CONTENTS HOLD" if told.repacked else "IT HOLDS"
    says = f"{holds}: all {told.files} files ({told.size:,} bytes) are exactly as they were when it was signed."
    if told.origin == "proved":
        return [says, f"It was signed with the key {told.key}, which is the one you named."]
    return [
        says,
        f"It was signed with the key {told.key}. Whose that is the bundle cannot prove: anybody may have made it. Ask whoever",
        "runs leakwatch for the key's fingerprint (leakwatch evidence key), and check again with --key FINGERPRINT.",
    ]


def main(arguments: list[str] | None = None) -> int:
    """See above."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(description="Checks an evidence bundle of leakwatch.")
    parser.add_argument("bundle", help="the ZIP file, or the folder it was unpacked to")
    parser.add_argument("--key", metavar="FINGERPRINT", help="of the key it must be signed with, as you wrote it down")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    wanted = parser.parse_args(arguments)
    try:
        told = check(wanted.bundle, wanted.key)
    except (NoBundle, ValueError, OSError) as error:
        print(f"{shown(wanted.bundle)}: nothing can be checked: {shown(error)}", file=sys.stderr)
        return 2
    print(as_json(told) if wanted.json else in_words(told))
    return 0 if told.holds else 1


if __name__ == "__main__":
    sys.exit(main())

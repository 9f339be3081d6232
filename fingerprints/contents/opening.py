"""Which opener a file needs, by its bytes; and opening what it contains in its turn."""

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

from fingerprints import images
from fingerprints.contents import archives, mail, pdf, video, writing
from fingerprints.contents.parts import Allowance, Item, Opened, Packed, Part, digest_of, shown
from fingerprints.contents.pictures import pictures
from fingerprints.errors import Unreadable
from fingerprints.types import Limits, Unread

UNFORESEEN = "It breaks the program that opens it"
MOST_UNREAD = 50
"""So many parts that were not read are named one by one; of an archive of programs nobody reads a thousand lines."""

log = logging.getLogger(__name__)
Opener = Callable[[bytes, Allowance], Iterator[Item]]
_BY_MAGIC: tuple[tuple[bytes, Opener], ...] = (
    (b"PK\x03\x04", archives.zipped),
    (b"PK\x05\x06", archives.zipped),
    (b"7z\xbc\xaf\x27\x1c", archives.seven_zip),
    (b"\x1f\x8b", archives.gzipped),
    (b"BZh", archives.bzipped),
    (b"\xfd7zXZ\0", archives.xzipped),
    (b"{\\rtf", writing.rich_text),
)
_BY_LOOKS: tuple[tuple[Callable[[bytes], bool], Opener], ...] = (
    (video.is_video, video.video),
    (archives.is_tape, archives.tape),
    (pdf.is_pdf, pdf.pages),
    (mail.is_mail, mail.mail),
)
_UNOPENED = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "An Office file of the old kind"),
    (b"Rar!\x1a\x07", "A RAR archive"),
    (b"\x28\xb5\x2f\xfd", "A Zstandard archive"),
)
_LOCKED_OFFICE = "EncryptedPackage".encode("utf-16-le")  # MS-OFFCRYPTO 2.3.4.4: an OOXML file with a password is an OLE file


def open_file(data: bytes, name: str, limits: Limits) -> Opened:
    """Open one file from outside. ``name`` serves only to speak of it. Never raises: a failure is in ``unread``."""
    return _bounded(_opened(data, name, Allowance(limits, len(data)), limits.max_depth))


def _opened(data: bytes, name: str, allowance: Allowance, depth: int) -> Opened:
    parts, unread = list[Part](), list[Unread]()
    try:
        for item in _items(data, name, allowance):
            if isinstance(item, Part):
                parts.append(item)
            elif isinstance(item, Unread):
                unread.append(item)
            else:
                inside = _inside(item, allowance, depth)
                parts += inside.parts
                unread += inside.unread
    except Unreadable as error:
        unread.append(Unread(error.code, error.detail, _rest(parts, unread)))
    except Exception as error:  # one file must not take the rest of its message along
        log.exception("an opener failed")
        unread.append(
            Unread("corrupt", f"{UNFORESEEN} ({type(error).__name__}). Send it as PDF or pictures.", _rest(parts, unread))
        )
    if not parts and not unread:
        unread.append(Unread("empty", "There is nothing in it to inspect. Send it again."))
    return Opened(tuple(parts), tuple(unread))


def _rest(*found: list[Part] | list[Unread]) -> str:
    return "the rest" if any(found) else ""


def _inside(packed: Packed, allowance: Allowance, depth: int) -> Opened:
    """A file in another; what it gives is called by its name, and bears the digest it would have if it had come alone."""
    name = shown(packed.name)
    if depth <= 0:
        detail = f"At most {allowance.limits.max_depth} files within each other are opened. Send it alone."
        return Opened((), (Unread("too_deep", detail, name),))
    opened, whole = _opened(packed.data, packed.name, allowance, depth - 1), hashlib.sha256(packed.data).hexdigest()
    parts = tuple(
        replace(one, label=_within(name, one.label), digest=digest_of(one, whole), embedded=one.embedded or packed.embedded)
        for one in opened.parts
    )
    return Opened(parts, tuple(replace(one, part=_within(name, one.part)) for one in opened.unread))


def _within(name: str, label: str) -> str:
    return f"{name}: {label}" if label else name


def _items(data: bytes, name: str, allowance: Allowance) -> Iterator[Item]:
    if not data:
        raise Unreadable("empty", "The file holds no bytes. Send it again.")
    most = allowance.limits.max_bytes
    if len(data) > most:
        raise Unreadable("too_many_bytes", f"It has more than {most:,} bytes. Send a smaller copy.")
    opener = _opener(data)
    if opener is not None:
        yield from opener(data, allowance)
        return
    text = writing.read_text(data)
    if text is None:
        raise _unopened(data, name)
    yield from writing.plain(writing.from_html(text) if writing.is_html(data) else text, allowance)


def _opener(data: bytes) -> Opener | None:
    """``None`` for what may be plain text."""
    if images.sniff(data) is not None:
        return pictures
    by_magic = next((opener for magic, opener in _BY_MAGIC if data.startswith(magic)), None)
    return by_magic or next((opener for is_one, opener in _BY_LOOKS if is_one(data)), None)


def _unopened(data: bytes, name: str) -> Unreadable:
    if _LOCKED_OFFICE in data:
        return Unreadable("encrypted", "The file asks for a password. Send it without one.")
    kind = f"This kind of file ({shown(name)[-40:]})"
    what = next((what for magic, what in _UNOPENED if data.startswith(magic)), kind)
    return Unreadable("unsupported", f"{what} is not opened. Send its pages as PDF or pictures.")


def _bounded(opened: Opened) -> Opened:
    named, rest = opened.unread[:MOST_UNREAD], opened.unread[MOST_UNREAD:]
    if not rest:
        return opened
    reasons = ", ".join(sorted({one.reason for one in rest}))
    more = Unread(rest[0].reason, f"{len(rest):,} more parts were not read ({reasons}). Send them apart.", "others")
    return Opened(opened.parts, (*named, more))

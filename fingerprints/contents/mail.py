"""A message saved as a file (RFC 5322): what it says, and what is attached to it."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.policy import compat32

from fingerprints.contents.parts import Allowance, Item, Packed
from fingerprints.contents.writing import from_html, plain, read_text
from fingerprints.errors import Unreadable

_HEADER = re.compile(
    rb"^(from|to|cc|date|subject|received|return-path|message-id|mime-version|content-type|delivered-to|x-[\w-]+):", re.I | re.M
)
_FIELD = re.compile(rb"^[\w-]+:[ \t\r\n]", re.A)
_LONGEST_HEADER = 2000
_SHOWN = ("From", "To", "Cc", "Date", "Subject")


def is_mail(data: bytes) -> bool:
    """Begins with header fields, of which three are a mail's."""
    head = re.split(rb"\r?\n\r?\n", data[:16_384].removeprefix(b"\xef\xbb\xbf"), maxsplit=1)[0]
    return bool(_FIELD.match(head)) and len({name.lower() for name in _HEADER.findall(head)}) >= 3


def mail(data: bytes, allowance: Allowance) -> Iterator[Item]:
    """Parsed without regard to what its headers mean, since that is slow for those who mean harm; a long header is cut."""
    try:
        message = message_from_bytes(data, policy=compat32)
        said, attached = _said(message), list(_attached(message, allowance))
    except Unreadable:
        raise
    except Exception as error:  # the package raises whatever malformed headers lead to
        raise Unreadable("corrupt", "The message is damaged. Save it anew, or send what it says.") from error
    yield from plain(said, allowance)
    yield from attached


def _said(message: Message) -> str:
    raw = {name.lower(): value for name, value in message.raw_items()}
    head = [f"{name}: {_plain(raw[name.lower()])}" for name in _SHOWN if name.lower() in raw]
    body = [_text(part) for part in message.walk() if _is_body(part)]
    return "\n".join([*head, "", *body])


def _plain(value: str) -> str:
    """A header as people read it: encoded words (RFC 2047), and bytes that should have been."""
    raw = value[:_LONGEST_HEADER]
    try:
        return "".join(_word(word, charset) for word, charset in decode_header(raw))
    except (HeaderParseError, ValueError):
        return raw.encode(errors="surrogateescape").decode(errors="replace")


def _word(word: str | bytes, charset: str | None) -> str:
    data = word.encode(errors="surrogateescape") if isinstance(word, str) else word
    try:
        return data.decode(charset or "utf-8")
    except (LookupError, UnicodeDecodeError):
        return read_text(data) or data.decode(errors="replace")


def _is_body(part: Message) -> bool:
    return part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment"


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        text = data.decode(part.get_content_charset("utf-8"))
    except (LookupError, UnicodeDecodeError):
        text = read_text(data) or ""
    return from_html(text) if part.get_content_subtype() == "html" else text


def _attached(message: Message, allowance: Allowance) -> Iterator[Packed]:
    for part in message.walk():
        if part.is_multipart() or _is_body(part):
            continue  # a mail in a mail is walked through like the rest
        allowance.member()
        data = part.get_payload(decode=True)
        if isinstance(data, bytes):
            yield Packed(_plain(str(part.get_filename() or part.get_content_type())), allowance.take(data))

"""A message saved as a file (RFC 5322): what it says, and what is attached to it."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from fingerprints.contents.parts import Allowance, Item, Packed
from fingerprints.contents.writing import from_html, plain, read_text
from fingerprints.errors import Unreadable

_HEADER = re.compile(
    rb"^(from|to|cc|date|subject|received|return-path|message-id|mime-version|content-type|delivered-to|x-[\w-]+):", re.I | re.M
)
_FIELD = re.compile(rb"^[\w-]+:[ \t\r\n]", re.A)
_SHOWN = ("From", "To", "Cc", "Date", "Subject")


def is_mail(data: bytes) -> bool:
    """Begins with header fields, of which three are a mail's."""
    head = re.split(rb"\r?\n\r?\n", data[:16_384].removeprefix(b"\xef\xbb\xbf"), maxsplit=1)[0]
    return bool(_FIELD.match(head)) and len({name.lower() for name in _HEADER.findall(head)}) >= 3


def mail(data: bytes, allowance: Allowance) -> Iterator[Item]:
    try:
        message = message_from_bytes(data, policy=default)
        said, attached = _said(message), list(_attached(message, allowance))
    except Unreadable:
        raise
    except Exception as error:  # the package raises whatever malformed headers lead to
        raise Unreadable("corrupt", "The message is damaged. Save it anew, or send what it says.") from error
    yield from plain(said, allowance)
    yield from attached


def _said(message: EmailMessage) -> str:
    head = [f"{name}: {value}" for name in _SHOWN for value in message.get_all(name, [])]
    body = [_text(part) for part in message.walk() if part.get_content_maintype() == "text" and not part.is_attachment()]
    return "\n".join([*head, "", *body])


def _text(part: EmailMessage) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        text = data.decode(part.get_content_charset("utf-8"))
    except (LookupError, UnicodeDecodeError):
        text = read_text(data) or ""
    return from_html(text) if part.get_content_subtype() == "html" else text


def _attached(message: EmailMessage, allowance: Allowance) -> Iterator[Packed]:
    for part in message.walk():
        name = part.get_filename() or part.get_content_type()
        if part.get_content_type() == "message/rfc822":
            continue  # walked through like the rest
        if part.is_multipart() or (part.get_content_maintype() == "text" and not part.is_attachment()):
            continue
        allowance.member()
        data = part.get_payload(decode=True)
        if isinstance(data, bytes):
            yield Packed(name, allowance.take(data))

"""Bytes as text, in whatever encoding people wrote it."""

import re
import unicodedata
from collections.abc import Iterator

import lxml.html
from lxml import etree
from striprtf.striprtf import rtf_to_text

from fingerprints.contents.parts import Allowance, Item, Packed, Part

_APART = {"p", "br", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "table", "blockquote", "pre"}
_UNSEEN = {"script", "style", "head", "template"}
_RTF_PICTURE = re.compile(rb"\\(?:png|jpeg)blip\b[^{}]*?\s([0-9A-Fa-f\s]{64,})")


def plain(text: str, allowance: Allowance) -> Iterator[Item]:
    kept, cut = allowance.text(text)
    yield Part("", kept)
    yield from cut


def is_html(data: bytes) -> bool:
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html"))


def from_html(text: str) -> str:
    """What a browser would show of it, roughly: blocks on lines of their own, nothing of scripts."""
    try:
        page = lxml.html.document_fromstring(text.encode(), parser=lxml.html.HTMLParser(encoding="utf-8", huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return text
    etree.strip_elements(page, *_UNSEEN, etree.Comment, with_tail=False)
    for block in page.iter(*_APART):
        block.text, block.tail = f"\n{block.text or ''}", f"\n{block.tail or ''}"
    return "".join(page.itertext())


def rich_text(data: bytes, allowance: Allowance) -> Iterator[Item]:
    """RTF: its text, and the pictures in it that are PNG or JPEG."""
    yield from plain(rtf_to_text(data.decode("latin-1"), errors="ignore"), allowance)  # type: ignore[no-untyped-call]
    for number, found in enumerate(_RTF_PICTURE.finditer(data), 1):
        allowance.member()
        digits = b"".join(found[1].split())
        yield Packed(f"picture {number}", allowance.take(bytes.fromhex(digits[: len(digits) // 2 * 2].decode())), embedded=True)


def read_text(data: bytes) -> str | None:
    """Bytes as plain text, ``None`` if they are none. UTF-8, UTF-16, GB18030, then Western European where most is ASCII.

    Stray zero bytes, which no viewer shows, are left out.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _writing(data, "utf-16")
    narrow = (_writing(data.replace(b"\0", b""), encoding) for encoding in _encodings(data))
    zeros = data.count(0)
    text = next((text for text in narrow if text is not None), None) if zeros * 10 <= len(data) else None
    return text if text is not None or not zeros else _wide(data)


def _encodings(data: bytes) -> tuple[str, ...]:
    mostly_ascii = sum(byte < 0x80 for byte in data[:4096]) > 0.8 * len(data[:4096])
    return ("utf-8", "gb18030", "cp1252") if mostly_ascii else ("utf-8", "gb18030")


def _wide(data: bytes) -> str | None:
    """UTF-16 that does not say which: read as the one that gives more ASCII and Chinese."""
    texts = [text for encoding in ("utf-16-le", "utf-16-be") if (text := _writing(data, encoding)) is not None]
    return max(texts, key=lambda text: sum(2 * (c < "\x80") + ("\u3000" <= c < "\ua000") for c in text[:4096]), default=None)


def _writing(data: bytes, encoding: str) -> str | None:
    """Decoded, if people wrote it: nothing unassigned or for private use, and hardly a control character."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    sample = text[:20_000]
    odd = sum(unicodedata.category(c) in {"Cc", "Cn", "Co", "Cs"} and c not in "\t\n\r\f\x1b" for c in sample)
    return text.removeprefix("\ufeff") if odd * 100 <= len(sample) else None

"""Office files: ZIP archives of XML (ECMA-376 and ISO/IEC 26300), with the pictures and files embedded in them.

The XML is read as a stream, and only for its text: everything people can have written into the file counts, so headers,
footnotes, comments, text boxes, charts, speaker's notes and deleted passages too, which libraries that rebuild the document
leave out. A document type or an entity in it is refused.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from posixpath import basename
from typing import TypeVar
from xml.sax import ContentHandler, SAXException
from xml.sax.xmlreader import AttributesImpl

from defusedxml import sax
from defusedxml.common import DefusedXmlException

from fingerprints.contents.parts import Allowance, Item, Packed, Part, tried
from fingerprints.errors import Unreadable

MOST_XML = 60_000_000
"""Bytes of XML in one file: with nothing but empty cells in it, half a minute."""
Read = Callable[[str], bytes]
"""One member's bytes by its name. Raises Unreadable."""

_NEXT_STRING = "\0"  # XML allows it nowhere
_ENDS = {"p": "\n", "br": "\n", "cr": "\n", "tab": "\t", "tr": "\n", "tc": "\t", "h": "\n", "si": _NEXT_STRING}
_ENDS |= {"line-break": "\n", "s": " ", "table-cell": "\t", "table-row": "\n", "comment": "\n", "pt": "\n"}
_TEXTS = {"t", "delText"}  # of OOXML; in OpenDocument text stands in paragraphs themselves
_EMBEDDED = re.compile(r"(^|/)(media|embeddings|Pictures|ObjectReplacements)/")
_OF_THE_FORMAT = re.compile(
    r"^(word|ppt|xl|visio|docProps|customXml|customUI|_rels|META-INF)/.*\.(xml|rels|vml|bin|odttf)$|\.rels$|^\[Content_Types\]\.xml$"
    r"|(^|/)(content|styles|meta|settings)\.xml$|^(mimetype|manifest\.rdf|layout-cache)$|^Configurations2/|^Thumbnails/"
    r"|^docProps/thumbnail\."
)
_SLIDE, _SHEET = re.compile(r"^ppt/slides/slide(\d+)\.xml$"), re.compile(r"^xl/worksheets/sheet(\d+)\.xml$")
_TEXT_OPEN = re.compile(r"(^|/)(content|styles|meta)\.xml$")
_TEXT_OF_WORD, _TEXT_ELSEWHERE = re.compile(r"^word/.*\.xml$"), re.compile(r"^(ppt|xl|visio)/.*\.xml$")
_NO_TEXT = re.compile(
    r"/(theme|slideMasters|slideLayouts|notesMasters|_rels|printerSettings)/|/(styles|settings|webSettings|fontTable|numbering)\.xml$"
)
_SHARED = "xl/sharedStrings.xml"


def is_office(names: list[str]) -> bool:
    return "[Content_Types].xml" in names or ("content.xml" in names and "META-INF/manifest.xml" in names)


def office(names: list[str], read: Read, allowance: Allowance) -> Iterator[Item]:
    """``names``: of all members. Slides and sheets apart, every other text in one; then what is embedded or merely in it."""
    xml = _within(read, MOST_XML)
    if "content.xml" in names:
        yield from _open_document(names, xml, allowance)
    else:
        yield from _open_xml(names, xml, allowance)
    for name in names:
        if _EMBEDDED.search(name) or not _OF_THE_FORMAT.search(name):
            yield from tried(partial(_embedded, name, read), basename(name))


def _within(read: Read, most: int) -> Read:
    left = most

    def bounded(name: str) -> bytes:
        nonlocal left
        data = read(name)
        left -= len(data)
        if left < 0:
            raise Unreadable("too_much", f"Its text is more than {most:,} bytes of XML. Send its pages as PDF.")
        return data

    return bounded


def _open_document(names: list[str], read: Read, allowance: Allowance) -> Iterator[Item]:
    if b"encryption-data" in read("META-INF/manifest.xml"):
        raise Unreadable("encrypted", "The file asks for a password. Send it without one.")
    found = [_paragraphs(read(name), everything=True) for name in names if _TEXT_OPEN.search(name)]
    yield from _stated("", "\n".join(found), allowance)


def _open_xml(names: list[str], read: Read, allowance: Allowance) -> Iterator[Item]:
    shared = _strings(read(_SHARED)) if _SHARED in names else []
    for what, pattern, made in (("slide", _SLIDE, _paragraphs), ("sheet", _SHEET, partial(_rows, shared=shared))):
        for number, name in sorted((int(found[1]), name) for name in names if (found := pattern.match(name))):
            yield from tried(partial(_member, f"{what} {number}", name, read, made, allowance), f"{what} {number}")
    said = list[str]()
    for name in sorted(filter(_has_text, names), key=lambda name: (name != "word/document.xml", name)):
        yield from tried(partial(_noted, name, read, said), basename(name))
    yield from _stated("" if any(name.startswith("word/") for name in names) else "notes", "\n".join(said), allowance)


def _member(label: str, name: str, read: Read, made: Callable[[bytes], str], allowance: Allowance) -> Iterator[Item]:
    yield from _stated(label, made(read(name)), allowance)


def _noted(name: str, read: Read, said: list[str]) -> Iterator[Item]:
    said.append(_paragraphs(read(name)))
    yield from ()


def _embedded(name: str, read: Read) -> Iterator[Item]:
    yield Packed(basename(name), read(name), embedded=True)


def _has_text(name: str) -> bool:
    named = _TEXT_OF_WORD.match(name) or _TEXT_ELSEWHERE.match(name)
    return bool(named) and not (_SLIDE.match(name) or _SHEET.match(name) or name == _SHARED or _NO_TEXT.search(name))


def _stated(label: str, text: str, allowance: Allowance) -> Iterator[Item]:
    if text.strip():
        kept, cut = allowance.text(text, label)
        yield Part(label, kept)
        yield from cut


def _paragraphs(xml: bytes, *, everything: bool = False) -> str:
    return "".join(_parsed(xml, _Text(everything)).text)


def _strings(xml: bytes) -> list[str]:
    """The strings that sheets refer to by their number."""
    return "".join(_parsed(xml, _Text(everything=False)).text).split(_NEXT_STRING)[:-1]


def _rows(xml: bytes, shared: list[str]) -> str:
    return "".join(_parsed(xml, _Cells(shared)).text)


H = TypeVar("H", bound=ContentHandler)


def _parsed(xml: bytes, handler: H) -> H:
    try:
        sax.parseString(xml, handler, forbid_dtd=True)
    except DefusedXmlException as error:
        raise Unreadable("corrupt", "It brings entities of its own, which no office program writes. Export it anew.") from error
    except (SAXException, ValueError, LookupError) as error:
        raise Unreadable("corrupt", "It is damaged. Export it anew, or send its pages as pictures.") from error
    return handler


class _Text(ContentHandler):
    """``everything``: every text, and not only what stands in elements for text."""

    def __init__(self, everything: bool) -> None:
        super().__init__()
        self.text: list[str] = []
        self._inside = int(everything)
        self._twice = 0  # what older programs are shown instead, once more

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: ARG002 - the interface's
        local = name.rpartition(":")[2]
        self._inside += local in _TEXTS
        self._twice += local == "Fallback"

    def endElement(self, name: str) -> None:
        local = name.rpartition(":")[2]
        self._inside -= local in _TEXTS
        self._twice -= local == "Fallback"
        self.text += [_ENDS[local]] if local in _ENDS else []

    def characters(self, content: str) -> None:
        self.text += [content] if self._inside and not self._twice else []


class _Cells(ContentHandler):
    """A sheet's cells, a row a line."""

    def __init__(self, shared: list[str]) -> None:
        super().__init__()
        self.text: list[str] = []
        self._shared = shared
        self._kind, self._value, self._inside = "", list[str](), False

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            self._kind, self._value = str(attrs.get("t", "")), []
        self._inside = local in {"v", "t"}

    def endElement(self, name: str) -> None:
        local = name.rpartition(":")[2]
        self._inside = False
        if local == "c" and self._value:
            self.text += [self._shown("".join(self._value)), "\t"]
        self.text += ["\n"] if local == "row" else []

    def characters(self, content: str) -> None:
        self._value += [content] if self._inside else []

    def _shown(self, value: str) -> str:
        if self._kind != "s":
            return value
        return self._shared[int(value)] if value.isdecimal() and int(value) < len(self._shared) else ""

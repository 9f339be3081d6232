"""A file becomes its pictures and texts, inside hard limits; whatever could not be opened is named, never passed over.

The kind of file is told by its bytes: a text called ``.jpg`` is still a text and is still inspected. Pictures are decoded when
somebody asks for them, because most files are settled by something cheaper.
"""

import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial

import pypdfium2 as pdfium

from fingerprints import images
from fingerprints.errors import Unreadable
from fingerprints.types import Limits, Picture, Unread

PDF_LONGEST_SIDE = 1700  # pixels of a rendered page: about 145 dpi of A4, small print stays legible
_PDF_WITHIN = 1024  # bytes before %PDF- and behind %%EOF that readers accept (ISO 32000-1, Annex H, notes 13 and 18)
_PDF_PASSWORD = 4  # FPDF_ERR_PASSWORD
_pdfium_lock = threading.Lock()  # PDFium may be entered by one thread at a time

_UNOPENED = (
    (b"PK\x03\x04", "A ZIP archive or an Office file"),
    (b"PK\x05\x06", "An empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "An Office file of the old kind"),
    (b"Rar!\x1a\x07", "A RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "A 7-Zip archive"),
    (b"\x1f\x8b", "A gzip archive"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One picture, one text, or a page that is both.

    ``label``: ``""`` for the whole file, else ``page 3``. ``text``: what the file itself states, ``None`` if it states none.
    ``load``: decodes the picture anew on each call, ``None`` if there is none. Raises Unreadable, nothing else.
    """

    label: str
    text: str | None = None
    load: Callable[[], Picture] | None = field(default=None, repr=False)

    @property
    def kind(self) -> str:
        """``picture`` where there is something to look at, else ``text``."""
        return "text" if self.load is None else "picture"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a file holds, in its own order, and what of it could not be opened."""

    parts: tuple[Part, ...]
    unread: tuple[Unread, ...] = ()


def open_file(data: bytes, name: str, limits: Limits) -> Opened:
    """Open one file from outside. ``name`` serves only to speak of it. Never raises: a failure is in ``unread``."""
    try:
        return _open(data, name, limits)
    except Unreadable as error:
        return Opened((), (Unread(error.code, error.detail),))


def _open(data: bytes, name: str, limits: Limits) -> Opened:
    if not data:
        raise Unreadable("empty", "The file holds no bytes. Send it again.")
    if len(data) > limits.max_bytes:
        raise Unreadable("too_many_bytes", f"It has more than {limits.max_bytes:,} bytes. Send a smaller copy.")
    if images.sniff(data) is not None:
        return _pictures(data, limits)
    if data.startswith(b"%PDF-") or (b"%PDF-" in data[:_PDF_WITHIN] and b"%%EOF" in data[-_PDF_WITHIN:]):
        return _pdf(data, limits)
    text = read_text(data)
    if text is None:
        raise Unreadable("unsupported", f"{_what(data, name)} is not opened yet. Send its pages as PDF or pictures.")
    kept, cut = _bounded(text, limits.max_characters)
    return Opened((Part("", kept),), cut)


def _what(data: bytes, name: str) -> str:
    return next((what for magic, what in _UNOPENED if data.startswith(magic)), f"This kind of file ({name[-40:] or 'no name'})")


def _bounded(text: str, most: int, label: str = "") -> tuple[str, tuple[Unread, ...]]:
    if len(text) <= most:
        return text, ()
    detail = f"{len(text):,} characters; the first {most:,} were read. Split the text."
    return text[:most], (Unread("too_many_characters", detail, label),)


def _pictures(data: bytes, limits: Limits) -> Opened:
    """A TIFF's frames are pages and all are opened; of an animation the first frame stands for the rest, which is said."""
    frames = images.count_frames(data, limits)
    if frames == 1:
        images.read_header(data, limits)
        return Opened((Part("", load=partial(images.decode, data, limits)),))
    if images.sniff(data) != "TIFF":
        images.read_header(data, limits)
        later = Unread(
            "unsupported", "Of an animation only the first frame is looked at. Send other frames as pictures.", "later frames"
        )
        return Opened((Part("", load=partial(images.decode, data, limits)),), (later,))
    return _paged(min(frames, limits.max_pages), frames > limits.max_pages, lambda i: _tiff_page(data, limits, i))


def _tiff_page(data: bytes, limits: Limits, index: int) -> tuple[Part, tuple[Unread, ...]]:
    images.read_header(data, limits, index)
    return Part(_label(index), load=partial(images.decode, data, limits, frame=index)), ()


def _label(index: int) -> str:
    return f"page {index + 1}"


def _paged(count: int, more: bool, open_page: Callable[[int], tuple[Part, tuple[Unread, ...]]]) -> Opened:
    parts: list[Part] = []
    unread: list[Unread] = []
    for index in range(count):
        try:
            part, troubles = open_page(index)
        except Unreadable as error:
            unread.append(Unread(error.code, error.detail, _label(index)))
        else:
            parts.append(part)
            unread.extend(troubles)
    if more:
        detail = f"Only the first {count} pages are read. Send the rest as another file."
        unread.append(Unread("too_many_pages", detail, f"pages after {count}"))
    return Opened(tuple(parts), tuple(unread))


@contextmanager
def _document(data: bytes) -> Iterator[pdfium.PdfDocument]:
    """A PDF for as long as the lock is held. Raises Unreadable for whatever PDFium cannot do."""
    with _pdfium_lock:
        try:
            with closing(pdfium.PdfDocument(data)) as document:
                yield document
        except Unreadable:
            raise
        except Exception as error:
            if getattr(error, "err_code", None) == _PDF_PASSWORD:
                raise Unreadable("encrypted", "The PDF asks for a password. Send it without one.") from error
            raise Unreadable("corrupt", "The PDF is damaged. Export it anew, or send its pages as pictures.") from error


def _pdf(data: bytes, limits: Limits) -> Opened:
    with _document(data) as document:
        pages = len(document)
        if pages == 0:
            raise Unreadable("corrupt", "The PDF has no pages. Export it anew, or send its pages as pictures.")
        left = [limits.max_characters]

        def open_page(index: int) -> tuple[Part, tuple[Unread, ...]]:
            text, cut = _bounded(_page_text(document, index), left[0], _label(index))
            left[0] -= len(text)
            return Part(_label(index), text or None, partial(_render, data, index)), cut

        return _paged(min(pages, limits.max_pages), pages > limits.max_pages, open_page)


def _page_text(document: pdfium.PdfDocument, index: int) -> str:
    """The text layer with blank ends removed, ``""`` if there is none."""
    try:
        with closing(document[index]) as page, closing(page.get_textpage()) as layer:
            return str(layer.get_text_bounded()).replace("\r\n", "\n").strip()
    except pdfium.PdfiumError as error:
        raise Unreadable("corrupt", "This page of the PDF is damaged. Send it as a picture.") from error


def _render(data: bytes, index: int) -> Picture:
    with _document(data) as document:
        document.init_forms()
        with closing(document[index]) as page:
            scale = PDF_LONGEST_SIDE / max(page.get_size())
            with closing(page.render(scale=scale, rev_byteorder=True)) as bitmap:
                pixels = bitmap.to_numpy()[..., :3].copy()
    return Picture(pixels, pixels.shape[1], pixels.shape[0])


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

"""The pages of a PDF: what each states, and what it looks like."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial

import pypdfium2 as pdfium

from fingerprints.contents.paged import label, paged
from fingerprints.contents.parts import Allowance, Item, Packed, Part
from fingerprints.errors import Unreadable
from fingerprints.types import Limits, Picture, Unread

PDF_LONGEST_SIDE = 1700  # pixels of a rendered page: about 145 dpi of A4, small print stays legible
_WITHIN = 1024  # bytes before %PDF- and behind %%EOF that readers accept (ISO 32000-1, Annex H, notes 13 and 18)
_PASSWORD = 4  # FPDF_ERR_PASSWORD
_SCANNED = 0.5  # of a page under one picture: what it states may be the scanner's name
_lock = threading.Lock()  # PDFium may be entered by one thread at a time


@contextmanager
def _document(data: bytes) -> Iterator[pdfium.PdfDocument]:
    """A PDF for as long as the lock is held. Raises Unreadable for whatever PDFium cannot do."""
    with _lock:
        try:
            with closing(pdfium.PdfDocument(data)) as document:
                yield document
        except Unreadable:
            raise
        except Exception as error:
            if getattr(error, "err_code", None) == _PASSWORD:
                raise Unreadable("encrypted", "The PDF asks for a password. Send it without one.") from error
            raise Unreadable("corrupt", "The PDF is damaged. Export it anew, or send its pages as pictures.") from error


def is_pdf(data: bytes) -> bool:
    return data.startswith(b"%PDF-") or (b"%PDF-" in data[:_WITHIN] and b"%%EOF" in data[-_WITHIN:])


def pages(data: bytes, allowance: Allowance) -> Iterator[Item]:
    """A page is picture and text; a scan that states some words besides is both, apart: neither stands for the other."""
    with _document(data) as document:
        count = len(document)
        if count == 0:
            raise Unreadable("corrupt", "The PDF has no pages. Export it anew, or send its pages as pictures.")

        def page(index: int) -> Iterator[Part | Unread]:
            stated, scanned = _page_text(document, index, allowance.limits)
            text, cut = allowance.text(stated, label(index))
            render = partial(_render, data, index)
            if text and scanned:
                yield Part(label(index), None, render)
                yield Part(f"{label(index)}, its text", text)
            else:
                yield Part(label(index), text or None, render)
            yield from cut

        found: list[Item] = list(paged(count, allowance.limits.max_pages, page))
        found += _attached(document, allowance)
    yield from found


def _attached(document: pdfium.PdfDocument, allowance: Allowance) -> Iterator[Packed]:
    """Files that travel inside the PDF."""
    for index in range(document.count_attachments()):
        allowance.member()
        one = document.get_attachment(index)
        yield Packed(one.get_name(), allowance.take(bytes(one.get_data())))


def _page_text(document: pdfium.PdfDocument, index: int, limits: Limits) -> tuple[str, bool]:
    """The text layer with blank ends removed, ``""`` if there is none; and whether pictures cover most of the page."""
    try:
        with closing(document[index]) as page, closing(page.get_textpage()) as layer:
            return str(layer.get_text_bounded()).replace("\r\n", "\n").strip(), _covered(page, limits) >= _SCANNED
    except pdfium.PdfiumError as error:
        raise Unreadable("corrupt", "This page of the PDF is damaged. Send it as a picture.") from error


def _covered(page: pdfium.PdfPage, limits: Limits) -> float:
    """The share of the page under the largest of its pictures. Raises Unreadable where one has too many pixels to be drawn."""
    width, height = page.get_size()
    largest = 0.0
    for one in page.get_objects([pdfium.raw.FPDF_PAGEOBJ_IMAGE], max_depth=8):
        across, down = one.get_px_size()
        if across * down > limits.max_pixels:
            detail = f"A picture on it has {across} x {down} pixels; at most {limits.max_pixels:,} in all are read."
            raise Unreadable("too_many_pixels", f"{detail} Send a smaller copy.")
        left, bottom, right, top = one.get_bounds()
        largest = max(largest, (right - left) * (top - bottom))
    return largest / max(1.0, float(width * height))


def _render(data: bytes, index: int) -> Picture:
    with _document(data) as document:
        document.init_forms()
        with closing(document[index]) as page:
            scale = PDF_LONGEST_SIDE / max(page.get_size())
            with closing(page.render(scale=scale, rev_byteorder=True)) as bitmap:
                pixels = bitmap.to_numpy()[..., :3].copy()
    return Picture(pixels, pixels.shape[1], pixels.shape[0])

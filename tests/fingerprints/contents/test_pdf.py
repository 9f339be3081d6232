"""PDF beyond its text and its looks: scans that state a word or two, files inside it, pictures too large to draw."""

import pypdfium2 as pdfium
from PIL import Image

from fingerprints.contents.opening import open_file
from fingerprints.types import Limits
from tests.fingerprints.contents.made import PASSAGE, saved, word
from tests.fingerprints.contents.test_opening import pdf
from tests.fingerprints.test_images import encoded

LIMITS = Limits()


def scan(said: str, share: float = 1.0) -> bytes:
    """A page with words on it and a picture over that share of its height. (PDFium finds the moved objects itself.)"""
    picture = "<< /Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 4 >>"
    shown = f"{said}) Tj ET q 595 0 0 {842 * share:.0f} 0 0 cm /I Do Q BT ("
    data = pdf(shown, extra=(f"{picture}\nstream\nabcd\nendstream",))
    return data.replace(b"/F1 3 0 R >>", b"/F1 3 0 R >> /XObject << /I 6 0 R >>")


def test_what_a_scan_states_does_not_stand_for_what_it_shows() -> None:
    """A scanner's name in the text layer would keep the page from being read."""
    parts = open_file(scan("Scanned by phone"), "x.pdf", LIMITS).parts
    assert [(part.label, part.text, part.load is not None) for part in parts] == [
        ("page 1", None, True),
        ("page 1, its text", "Scanned by phone", False),
    ]
    [page] = open_file(scan("A page with a picture on it", 0.3), "x.pdf", LIMITS).parts
    assert (page.text, page.load is not None) == ("A page with a picture on it", True)


def test_files_inside_a_pdf_are_opened() -> None:
    document = pdfium.PdfDocument(pdf("outside"))
    document.new_attachment("plan.docx").set_data(word())
    opened = open_file(saved(document), "x.pdf", LIMITS)
    assert opened.unread == ()
    assert PASSAGE in next(part.text or "" for part in opened.parts if part.label == "plan.docx")


def test_a_picture_too_large_to_be_drawn_is_not_drawn() -> None:
    opened = open_file(encoded(Image.new("1", (13_000, 13_000)), "PDF"), "x.pdf", LIMITS)
    assert opened.parts == ()
    assert [(one.reason, one.part) for one in opened.unread] == [("too_many_pixels", "page 1")]

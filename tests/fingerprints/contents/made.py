"""Files as the programs that people use write them, in memory."""

import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from fractions import Fraction
from typing import Any

import av
import docx
import numpy as np
import openpyxl
import pillow_heif
import pptx
import py7zr
from odf.opendocument import OpenDocumentText
from odf.text import P
from PIL import Image

from tests.fingerprints.test_images import drawing, encoded

PASSAGE = "The prototype leaves hall 7 on the ninth of March. 样机三月九日离开七号厂房。"


def word(passage: str = PASSAGE, *, picture: bytes | None = None) -> bytes:
    """Text in the body, in a table, in the header and in the footer."""
    document = docx.Document()
    document.add_paragraph(passage)
    document.add_table(1, 2).rows[0].cells[1].text = "cell 41"
    document.sections[0].header.paragraphs[0].text = "head of the page"
    document.sections[0].footer.paragraphs[0].text = "foot of the page"
    if picture is not None:
        document.add_picture(io.BytesIO(picture))
    return saved(document)


def sheets(*names: str) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in names:
        sheet = book.create_sheet(name)
        for row in (("part", "count"), (f"rotor of {name}", 12), (PASSAGE, 3.5)):
            sheet.append(row)
    return saved(book)


def slides(*texts: str) -> bytes:
    show = pptx.Presentation()
    for text in texts:
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = "Title"
        slide.placeholders[1].text = text
        slide.notes_slide.notes_text_frame.text = f"say about: {text}"
    return saved(show)


def open_text(passage: str = PASSAGE) -> bytes:
    document = OpenDocumentText()
    document.text.addElement(P(text=passage))
    return saved(document)


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def taped(files: Mapping[str, bytes], mode: Any = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def seven_zipped(files: Mapping[str, bytes], password: str | None = None) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password) as archive:
        for name, data in files.items():
            archive.writestr(data, name)
    return out.getvalue()


def mailed(files: Mapping[str, bytes], body: str = PASSAGE, html: str | None = None) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "for you"
    message.set_content(body)
    if html is not None:
        message.add_alternative(html, subtype="html")
    for name, data in files.items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def heic(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(picture).save(out, quality=90)
    return out.getvalue()


def animated(pictures: Sequence[Image.Image], form: str) -> bytes:
    return encoded(pictures[0], form, save_all=True, append_images=list(pictures[1:]), duration=100, loop=0)


def film(scenes: Sequence[Image.Image], seconds: float = 2.0, rate: int = 5, form: str = "mp4", noise: float = 3.0) -> bytes:
    """Each scene so long, with a camera's noise, a key frame each second."""
    out, rng = io.BytesIO(), np.random.default_rng(4)
    with av.open(out, "w", format=form) as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = *scenes[0].size, "yuv420p", rate
        stream.bit_rate, stream.time_base = 2_000_000, Fraction(1, rate)
        for scene in scenes:
            pixels = np.asarray(scene.convert("RGB"), np.float32)
            for _ in range(round(seconds * rate)):
                seen = np.clip(pixels + rng.normal(0, noise, pixels.shape), 0, 255).astype(np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(seen, format="rgb24")))
        container.mux(stream.encode(None))
    return out.getvalue()


PICTURE = encoded(drawing(), "PNG")

"""Files as people send them: what is inside is found whatever the name says, and what is not read is reported."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fingerprints.contents.opening import open_file
from fingerprints.contents.parts import Opened
from fingerprints.contents.pdf import PDF_LONGEST_SIDE
from fingerprints.contents.writing import read_text
from fingerprints.errors import Unreadable
from fingerprints.types import Limits, Picture
from tests.fingerprints.test_images import drawing, encoded, huge_one_bit_png, looks_like_the_drawing, noise

LIMITS = Limits()


def pdf(*pages: str, trailer: str = "", extra: tuple[str, ...] = ()) -> bytes:
    """A minimal PDF with one line of Helvetica a page (ISO 32000-1, Annex H)."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for i, text in enumerate(pages):
        stream = f"BT /F1 24 Tf 40 700 Td ({text}) Tj ET"
        resources = "/Resources << /Font << /F1 3 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {resources} /Contents {5 + 2 * i} 0 R >>")
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out, offsets = "%PDF-1.4\n", []
    for number, body in enumerate([*objects, *extra], 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(offsets) + 1
    out += f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\n"
    return (out + f"startxref\n{out.rindex('xref')}\n%%EOF\n").encode("latin-1")


def encrypted_pdf() -> bytes:
    """Its user key fits no password, so the empty one does not open it."""
    key = "41" * 32
    security = f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{key}> /U <{key}> >>"
    return pdf("secret", extra=(security,), trailer="/Encrypt 6 0 R /ID [<00><00>]")


def picture_of(opened: Opened, index: int = 0) -> Picture:
    load = opened.parts[index].load
    assert load is not None
    return load()


def reasons(opened: Opened) -> list[tuple[str, str]]:
    return [(unread.reason, unread.part) for unread in opened.unread]


def test_a_lone_picture() -> None:
    opened = open_file(encoded(drawing(), "PNG"), "notes.txt", LIMITS)
    assert [(p.label, p.kind, p.text) for p in opened.parts] == [("", "picture", None)]
    assert opened.unread == ()
    assert looks_like_the_drawing(picture_of(opened).pixels)


def test_every_page_of_a_pdf_is_picture_and_text() -> None:
    opened = open_file(pdf("Budget of Project Halcyon", "Second page"), "x.jpg", LIMITS)
    assert [(p.label, p.kind, p.text) for p in opened.parts] == [
        ("page 1", "picture", "Budget of Project Halcyon"),
        ("page 2", "picture", "Second page"),
    ]
    assert opened.unread == ()
    pixels = picture_of(opened).pixels
    assert pixels.shape == (PDF_LONGEST_SIDE, 1202, 3)
    assert pixels[:170].min() == 255
    assert pixels[200:300].min() < 60


def test_a_scanned_pdf_has_no_text() -> None:
    opened = open_file(encoded(drawing(), "PDF"), "scan.pdf", LIMITS)
    assert [(p.label, p.text) for p in opened.parts] == [("page 1", None)]
    assert looks_like_the_drawing(picture_of(opened).pixels)


def test_bytes_before_the_pdf_header() -> None:
    assert open_file(b"\x00\x01junk\n" + pdf("late"), "x", LIMITS).parts[0].text == "late"


def test_pages_beyond_the_limit_are_reported() -> None:
    opened = open_file(pdf(*"abcde"), "x.pdf", Limits(max_pages=3))
    assert [p.text for p in opened.parts] == ["a", "b", "c"]
    assert reasons(opened) == [("too_many_pages", "pages after 3")]


def test_a_password_is_named() -> None:
    opened = open_file(encrypted_pdf(), "x.pdf", LIMITS)
    assert opened.parts == ()
    assert reasons(opened) == [("encrypted", "")]


def test_tiff_pages_and_their_troubles() -> None:
    pages = [drawing(), Image.new("1", (3000, 3000)), drawing(300, 100)]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    opened = open_file(data, "fax", Limits(max_pixels=1_000_000))
    assert [p.label for p in opened.parts] == ["page 1", "page 3"]
    assert reasons(opened) == [("too_many_pixels", "page 2")]
    assert picture_of(opened, 1).width == 300


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_text_in_every_usual_encoding(encoding: str) -> None:
    text = "机密文件：预算 2026\nProject Halcyon, 第一页\n"
    opened = open_file(text.encode(encoding), "photo.jpg", LIMITS)
    assert [(p.label, p.kind, p.text) for p in opened.parts] == [("", "text", text)]


def test_utf_16_of_a_text_almost_without_zeros() -> None:
    text = "关于进一步加强机关保密工作的通知\n各部门要高度重视。第一条本办法适用于所有人员"
    assert [read_text(text.encode(encoding)) for encoding in ("utf-16-le", "utf-16-be")] == [text, text]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_stray_zero_byte_hides_nothing(encoding: str) -> None:
    data = "the secret ORCHID-9 leaves tonight, 今晚\0 ".encode(encoding)
    assert read_text(data) == "the secret ORCHID-9 leaves tonight, 今晚 "


@pytest.mark.parametrize("compression", ["tiff_lzw", "raw"])
def test_pages_behind_a_broken_chain_are_reported(compression: str) -> None:
    pages = [noise(400, 300) for _ in range(4)]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression=compression)
    opened = open_file(data[: int(len(data) * 0.7)], "fax.tif", LIMITS)
    assert "page 1" in [p.label for p in opened.parts]
    assert ("corrupt", _label_after(opened)) in reasons(opened)


def _label_after(opened: Opened) -> str:
    return f"page {len(opened.parts) + 1}"


def test_western_european_text() -> None:
    assert read_text("Le prototype a été livré à l’atelier".encode("cp1252")) == "Le prototype a été livré à l’atelier"


def test_long_text_is_cut_and_said_so() -> None:
    opened = open_file(b"a" * 500, "x.txt", Limits(max_characters=100))
    assert opened.parts[0].text == "a" * 100
    assert reasons(opened) == [("too_many_characters", "")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\xff\xd8\xff\xe0 this is no JPEG", "corrupt"),
        (huge_one_bit_png(), "too_many_pixels"),
        (b"PK\x03\x04" + bytes(40), "corrupt"),
        (b"Rar!\x1a\x07\x01" + bytes(range(256)), "unsupported"),
        (b"\x7fELF" + bytes(range(256)), "unsupported"),
        (b"%PDF-1.7\nand then nothing of the kind \x00\x01", "corrupt"),
        (bytes(1001), "too_many_bytes"),
    ],
)
def test_what_cannot_be_read_is_reported(data: bytes, reason: str) -> None:
    opened = open_file(data, "IMG_1.jpg", Limits(max_bytes=1000 if reason == "too_many_bytes" else 50_000_000))
    assert opened.parts == ()
    assert reasons(opened) == [(reason, "")]
    assert "Send" in opened.unread[0].detail or "send" in opened.unread[0].detail


def test_damage_behind_the_header_shows_when_the_picture_is_asked_for() -> None:
    data = encoded(noise(200, 100), "PNG")
    opened = open_file(data[:70], "x.png", LIMITS)
    assert opened.unread == ()
    with pytest.raises(Unreadable) as caught:
        picture_of(opened)
    assert caught.value.code == "truncated"


SEEDS = [pdf("one", "two"), encrypted_pdf(), encoded(drawing(64, 64), "GIF"), "文字 text".encode("gb18030")]


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.sampled_from(SEEDS), st.binary(max_size=200)),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    st.floats(0.3, 1),
)
def test_no_bytes_make_it_raise(seed: bytes, changes: list[tuple[float, int]], kept: float) -> None:
    damaged = bytearray(seed)
    for where, value in changes if damaged else []:
        damaged[int(where * len(damaged))] = value
    opened = open_file(bytes(damaged[: round(kept * len(damaged))]), "x", LIMITS)
    assert opened.parts or opened.unread
    for part in opened.parts[:2]:
        assert part.text is not None or part.load is not None
        if part.load is not None:
            try:
                assert part.load().pixels.shape[2] == 3
            except Unreadable as error:
                assert error.detail  # noqa: PT017

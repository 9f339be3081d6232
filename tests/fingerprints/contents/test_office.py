"""Office files: all that people can have written into them is read, and what is embedded is opened."""

import zipfile
from io import BytesIO

import pytest

from fingerprints.contents.opening import open_file
from fingerprints.contents.parts import Opened
from fingerprints.types import Limits
from tests.fingerprints.contents.made import PASSAGE, PICTURE, open_text, sheets, slides, word, zipped

LIMITS = Limits()


def text_of(opened: Opened, label: str = "") -> str:
    [text] = [part.text for part in opened.parts if part.label == label]
    assert text is not None
    return text


def changed(data: bytes, name: str, into: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        files = {one: archive.read(one) for one in archive.namelist()}
    return zipped({**files, name: into})


def test_a_word_file_with_everything_written_in_it() -> None:
    opened = open_file(word(), "x.jpg", LIMITS)
    assert opened.unread == ()
    assert [line for line in text_of(opened).split("\n") if line.strip()][:1] == [PASSAGE]
    for said in ("cell 41", "head of the page", "foot of the page"):
        assert said in text_of(opened)


def test_a_picture_in_a_word_file_is_the_picture_itself() -> None:
    opened = open_file(word(picture=PICTURE), "x.docx", LIMITS)
    [alone] = open_file(PICTURE, "x.png", LIMITS).parts
    [picture] = [part for part in opened.parts if part.kind == "picture" and part.label.startswith("image")]
    assert picture.load is not None
    assert alone.load is not None
    assert (picture.load().pixels == alone.load().pixels).all()


def test_sheets_read_row_by_row() -> None:
    opened = open_file(sheets("one", "two"), "x.xlsx", LIMITS)
    assert [part.label for part in opened.parts] == ["sheet 1", "sheet 2"]
    assert text_of(opened, "sheet 2").split("\n")[:3] == ["part\tcount\t", "rotor of two\t12\t", f"{PASSAGE}\t3.5\t"]


def test_slides_and_what_the_speaker_notes() -> None:
    opened = open_file(slides("first", PASSAGE), "x.pptx", LIMITS)
    assert PASSAGE in text_of(opened, "slide 2")
    assert PASSAGE not in text_of(opened, "slide 1")
    assert f"say about: {PASSAGE}" in text_of(opened, "notes")


def test_open_document() -> None:
    assert PASSAGE in text_of(open_file(open_text(), "x.odt", LIMITS))


def test_a_file_embedded_in_an_office_file_is_opened_too() -> None:
    inner = changed(word("outer"), "word/embeddings/inner.xlsx", sheets("hidden"))
    opened = open_file(inner, "x.docx", LIMITS)
    assert "rotor of hidden" in text_of(opened, "inner.xlsx: sheet 1")


ENTITY = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><w:p><w:t>&x;</w:t></w:p>'
LAUGHS = b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><w:p><w:t>&b;&b;</w:t></w:p>'


@pytest.mark.parametrize("xml", [ENTITY, LAUGHS, b"<w:p><w:t>cut"], ids=["external entity", "entities", "cut off"])
def test_hostile_or_damaged_xml_is_reported_and_costs_only_itself(xml: bytes) -> None:
    opened = open_file(changed(word(), "word/document.xml", xml), "x.docx", LIMITS)
    assert [(one.reason, one.part) for one in opened.unread] == [("corrupt", "document.xml")]
    assert "head of the page" in text_of(opened)


def test_a_password_is_named() -> None:
    """An Office file with a password is an OLE file holding an encrypted stream (MS-OFFCRYPTO 2.3.4)."""
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le") + bytes(500)
    assert [one.reason for one in open_file(data, "x.docx", LIMITS).unread] == ["encrypted"]
    locked = changed(open_text(), "META-INF/manifest.xml", b"<m><manifest:encryption-data/></m>")
    assert [one.reason for one in open_file(locked, "x.odt", LIMITS).unread] == ["encrypted"]


def test_what_is_shown_to_older_programs_is_not_said_twice() -> None:
    body = (
        b"<d><Choice><p><w:t>once</w:t></p></Choice><mc:Fallback><p><w:t>once</w:t></p></mc:Fallback><p><w:t>then</w:t></p></d>"
    )
    assert text_of(open_file(changed(word(), "word/document.xml", body), "x.docx", LIMITS)).split()[:2] == ["once", "then"]


def test_long_text_is_cut_over_all_parts_together() -> None:
    opened = open_file(slides("a" * 80, "b" * 80), "x.pptx", Limits(max_characters=100))
    assert sum(len(part.text or "") for part in opened.parts) <= 100
    assert {one.reason for one in opened.unread} == {"too_many_characters"}


@pytest.mark.parametrize("name", ["secret.txt", "word/afchunk.html", "customXml/scan.png"])
def test_what_merely_lies_in_an_office_file_is_opened_too(name: str) -> None:
    """Else anything could be sent unseen beside a list of content types."""
    inside = PICTURE if name.endswith(".png") else PASSAGE.encode()
    opened = open_file(changed(word("outer"), name, inside), "x.docx", LIMITS)
    assert [part.kind for part in opened.parts if part.label == name.rpartition("/")[2]] == [
        "picture" if inside == PICTURE else "text"
    ]


def test_nothing_but_what_was_written_is_found_in_files_as_programs_write_them() -> None:
    """Their own parts of the format are the same in all of them: as references they would accuse each other."""
    for made in (word(), sheets("one"), slides("one"), open_text()):
        opened = open_file(made, "x", LIMITS)
        assert opened.unread == ()
        assert {part.label for part in opened.parts} <= {"", "sheet 1", "slide 1", "notes"}


def test_an_object_in_an_open_document_is_read() -> None:
    inner = changed(open_text("outer"), "Object 1/content.xml", b"<a><p>in the chart</p></a>")
    assert "in the chart" in text_of(open_file(inner, "x.odt", LIMITS))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_members_of_one_name_neither_hides_the_other() -> None:
    out = BytesIO(word("outer"))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("word/document.xml", f"<w:p><w:t>{PASSAGE}</w:t></w:p>")
    said = "".join(part.text or "" for part in open_file(out.getvalue(), "x.docx", LIMITS).parts)
    assert PASSAGE in said
    assert "outer" in said

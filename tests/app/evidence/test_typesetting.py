"""Reports as PDF: whatever people write is set as it is, can be read by programs, and the same words make the same bytes."""

from typing import Any

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.typesetting import printable, typeset
from tests.app.evidence.made import AT
from tests.app.pictures import jpeg


def said(text: str, **more: Any) -> dict[str, Any]:
    block = {"kind": "text", "text": text}
    about = {"lang": "en", "region": "GB", "kicker": "K", "title": "T", "running": "R", "made": "M", "contents": "Contents"}
    facts = {"paging": "page {page} of {pages}", "facts": [["Name", text]], "notice": []}
    return {**about, **facts, "sections": [{"heading": "H", "blocks": [block]}], **more}


def read(data: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))


HOSTILE = [
    "#set page(width: 1cm)",
    '#image("/etc/passwd")',
    "= Heading *bold* _it_ $x^2$ `raw` @ref <label> // comment",
    "\\ \\u{41} ~ -- --- ...",
    "<script>alert(1)</script>",
    "\"quotes\" 'and' {braces} %(x)s {page}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_is_set_as_it_is(text: str) -> None:
    assert text in read(typeset(said(text), {}, AT))


def test_both_scripts_can_be_read_and_copied() -> None:
    text = "机密文件 Harbour plan 港口方案（第 3 页） Ünïcödé Ελλάδα Привет 日本語 한국어"
    assert "".join(text.split()) in "".join(read(typeset(said(text), {}, AT)).split())


def test_an_archive_can_keep_it_and_it_is_the_same_again() -> None:
    made = typeset(said("a"), {}, AT)
    assert b"pdfaid" in made
    assert made == typeset(said("a"), {}, AT)


def test_what_no_font_has_does_not_prevent_it() -> None:
    assert typeset(said("नमस्ते ꙮ a"), {}, AT).startswith(b"%PDF-")


def test_pages_are_counted_and_long_words_stay_on_the_page() -> None:
    rows = [[f"row {number}", "x" * 300] for number in range(120)]
    table = {"kind": "table", "head": ["A", "B"], "widths": ["auto", "1"], "rows": rows, "mono": []}
    picture = {"kind": "pictures", "items": [{"file": "p.jpg", "caption": "a picture"}]}
    made = typeset(said("", sections=[{"heading": "H", "blocks": [table, picture]}]), {"p.jpg": jpeg(7)}, AT)
    document = pypdfium2.PdfDocument(made)
    assert len(document) > 3
    assert f"page 2 of {len(document)}" in read(made)
    for page in document:
        width, text = page.get_width(), page.get_textpage()
        assert all(text.get_charbox(at)[2] <= width - 50 for at in range(0, text.count_chars(), 37))


@given(st.text(max_size=300))
def test_printable_text_hides_and_turns_nothing(text: str) -> None:
    made = printable(text)
    assert all(one.isprintable() or one == "\n" for one in made)
    assert not set(made) & set("\u202e\u2066\u200f\u200b\ufeff\0")


def test_pictures_are_told_in_words() -> None:
    assert printable("ok 👍🏽 \u202egpj.exe") == "ok [thumbs up sign][emoji modifier fitzpatrick type-4] [U+202E]gpj.exe"
    assert printable("a\u3000b\u00a0c\td\n") == "a b c d\n"
    assert printable("\U00020bb7") == "\U00020bb7", "a rare Chinese character"

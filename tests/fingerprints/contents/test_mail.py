"""Saved mails, HTML and RTF."""

import base64
from email import message_from_bytes
from email.policy import default

import pytest

from fingerprints.contents.opening import open_file
from fingerprints.types import Limits
from tests.fingerprints.contents.made import PASSAGE, PICTURE, mailed, word

LIMITS = Limits()


def test_a_mail_says_its_text_and_brings_its_attachments() -> None:
    opened = open_file(mailed({"scan.png": PICTURE, "plan.docx": word("the plan")}), "x", LIMITS)
    assert opened.unread == ()
    assert [part.label for part in opened.parts][:3] == ["", "scan.png", "plan.docx"]
    assert PASSAGE in (opened.parts[0].text or "")
    assert "Subject: for you" in (opened.parts[0].text or "")
    assert "the plan" in (opened.parts[2].text or "")


def test_a_mail_in_a_mail() -> None:
    outer = message_from_bytes(mailed({}, body="see below"), policy=default)
    outer.add_attachment(message_from_bytes(mailed({"scan.png": PICTURE}), policy=default))
    opened = open_file(outer.as_bytes(), "x.eml", LIMITS)
    assert PASSAGE in (opened.parts[0].text or "")
    assert [part.label for part in opened.parts] == ["", "scan.png"]


def test_html_says_what_a_browser_would_show() -> None:
    page = f"<html><head><title>t</title><script>var x = 'no'</script></head><body><p>{PASSAGE}</p><p>R&amp;D</p></body></html>"
    [part] = open_file(page.encode(), "x.html", LIMITS).parts
    assert [line for line in (part.text or "").splitlines() if line.strip()] == [PASSAGE, "R&D"]
    assert PASSAGE in (open_file(mailed({}, html=page), "x", LIMITS).parts[0].text or "")


def test_a_mail_in_a_charset_nobody_knows() -> None:
    body = base64.b64encode(PASSAGE.encode("gb18030")).decode()
    data = f"From: a\nTo: b\nSubject: c\nContent-Type: text/plain; charset=x-none\nContent-Transfer-Encoding: base64\n\n{body}\n"
    assert PASSAGE in (open_file(data.encode(), "x", LIMITS).parts[0].text or "")


def test_a_text_that_begins_like_a_mail_is_still_a_text() -> None:
    text = "Subject: the plan\nis simple"
    assert [part.text for part in open_file(text.encode(), "x", LIMITS).parts] == [text]


def test_rich_text_with_a_picture_in_it() -> None:
    said = "".join(c if c.isascii() else f"\\u{ord(c)}?" for c in PASSAGE)
    data = rf"{{\rtf1\ansi {{\fonttbl\f0 Arial;}}{said}\par{{\pict\pngblip\picw320 {PICTURE.hex()}}}}}".encode()
    opened = open_file(data, "x.rtf", LIMITS)
    assert (opened.parts[0].text or "").strip() == PASSAGE
    assert [(part.label, part.kind) for part in opened.parts[1:]] == [("picture 1", "picture")]


def test_headers_in_other_alphabets() -> None:
    data = b"From: a\nTo: b\nSubject: =?utf-8?b?5qC35py65LiD5Y+3?= =?x-none?q?a?=\n\nsee =?utf-8?b?5qC3?="
    assert "Subject: 样机七号" in (open_file(data, "x.eml", LIMITS).parts[0].text or "")
    for encoding in ("utf-8", "gb18030"):
        data = "From: a\nTo: b\nSubject: 样机七号离开厂房\n\nbody".encode(encoding)
        assert "Subject: 样机七号离开厂房" in (open_file(data, "x.eml", LIMITS).parts[0].text or "")
    data = mailed({"样机.png": PICTURE})
    assert [part.label for part in open_file(data, "x", LIMITS).parts[1:]] == ["样机.png"]


HOSTILE = {
    "header": b"From: a\nTo: b\nSubject: " + b"=?utf-8?q?a?= " * 200_000 + b"\n\nbody",
    "parameters": b"From: a\nTo: b\nSubject: c\nContent-Type: text/plain; " + b'a="b;' * 200_000 + b"\n\nbody",
    "parts": b"From: a\nTo: b\nSubject: c\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 200_000,
    "nesting": b"From: a\nTo: b\nSubject: c\nContent-Type: message/rfc822\n\n" * 5000,
    "tags": b"<html>" + b"<a " * 1_000_000,
    "comments": b"<html>" + b"<!--" * 300_000,
    "entities": b"<html>" + b"&" * 1_000_000,
    "braces": b"{\\rtf1 " + b"{" * 500_000,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_what_is_made_to_take_long_does_not(data: bytes) -> None:
    """Each took minutes, or for ever, in one library or another. (A part that does is ended by its lane's time-out.)"""
    opened = open_file(data, "x", LIMITS)
    assert opened.parts or opened.unread

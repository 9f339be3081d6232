"""Archives: members are opened as if they had come alone, and no archive costs more than is allowed."""

import bz2
import gzip
import hashlib
import lzma
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO

import pytest

from fingerprints.contents.opening import MOST_UNREAD, open_file
from fingerprints.contents.parts import UNSUSPICIOUS, Opened
from fingerprints.types import Limits
from tests.fingerprints.contents.made import PASSAGE, PICTURE, seven_zipped, taped, word, zipped
from tests.fingerprints.contents.test_opening import pdf

LIMITS = Limits()
FILES = {"notes.txt": PASSAGE.encode(), "deep/photo.png": PICTURE, "two.pdf": pdf("one", "two")}
PACKED: dict[str, Callable[[Mapping[str, bytes]], bytes]] = {
    "zip": zipped,
    "stored zip": lambda files: zipped(files, zipfile.ZIP_STORED),
    "tar": taped,
    "tar.gz": lambda files: taped(files, "w:gz"),
    "tar.bz2": lambda files: taped(files, "w:bz2"),
    "tar.xz": lambda files: taped(files, "w:xz"),
    "7z": seven_zipped,
}


def reasons(opened: Opened) -> list[tuple[str, str]]:
    return [(one.reason, one.part) for one in opened.unread]


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
def test_members_are_opened_as_if_they_had_come_alone(pack: Callable[[Mapping[str, bytes]], bytes]) -> None:
    opened = open_file(pack(FILES), "x", LIMITS)
    assert opened.unread == ()
    labels = [part.label.removeprefix("content: ") for part in opened.parts]
    assert labels == ["notes.txt", "deep/photo.png", "two.pdf: page 1", "two.pdf: page 2"]
    assert [part.text for part in opened.parts] == [PASSAGE, None, "one", "two"]
    whole = [hashlib.sha256(FILES[name]).hexdigest() for name in FILES]
    assert [part.digest for part in opened.parts] == [whole[0], whole[1], f"{whole[2]}/page 1", f"{whole[2]}/page 2"]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_one_compressed_file(compress: Callable[[bytes], bytes]) -> None:
    assert [part.text for part in open_file(compress(PASSAGE.encode()), "x", LIMITS).parts] == [PASSAGE]


def test_an_archive_in_a_word_file_in_an_archive() -> None:
    inner = zipped({"secret.txt": PASSAGE.encode()})
    with zipfile.ZipFile(BytesIO(word("outer"))) as archive:
        document = zipped({**{name: archive.read(name) for name in archive.namelist()}, "word/embeddings/in.zip": inner})
    opened = open_file(zipped({"report.docx": document}), "x.zip", LIMITS)
    assert [part.text for part in opened.parts if part.label == "report.docx: in.zip: secret.txt"] == [PASSAGE]


def nested(depth: int) -> bytes:
    data = zipped({"secret.txt": PASSAGE.encode()})
    for _ in range(depth):
        data = zipped({"more.zip": data})
    return data


def test_archives_within_each_other_end_somewhere() -> None:
    assert [part.text for part in open_file(nested(3), "x", LIMITS).parts] == [PASSAGE]
    opened = open_file(nested(4), "x", LIMITS)
    assert opened.parts == ()
    assert [reason for reason, _ in reasons(opened)] == ["too_deep"]


ZEROS = bytes(3 * UNSUSPICIOUS)
BOMBS = {
    "zip": lambda: zipped({"before.txt": b"seen", "a": ZEROS, "after.txt": b"not seen"}),
    "gz": lambda: gzip.compress(ZEROS),
    "tar.xz": lambda: taped({"before.txt": b"seen", "a": ZEROS}, "w:xz"),
    "7z": lambda: seven_zipped({"a": ZEROS}),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_what_grows_too_much_is_reported(bomb: Callable[[], bytes]) -> None:
    opened = open_file(bomb(), "x", LIMITS)
    assert "too_much" in [reason for reason, _ in reasons(opened)]
    assert not any(part.text == "not seen" for part in opened.parts)


def test_what_came_before_a_bomb_is_read() -> None:
    opened = open_file(BOMBS["zip"](), "x", LIMITS)
    assert [part.text for part in opened.parts] == ["seen"]
    assert reasons(opened) == [("too_much", "the rest")]


def test_bombs_in_one_archive_are_counted_together() -> None:
    """Each file inside may be small enough; all of them are not."""
    half = zipped({"a": bytes(UNSUSPICIOUS // 2)})
    opened = open_file(zipped({f"{n}.zip": half for n in range(8)}), "x", LIMITS)
    assert "too_much" in [reason for reason, _ in reasons(opened)]


def test_members_beyond_the_limit_are_reported() -> None:
    opened = open_file(zipped({f"{n}.txt": b"text" for n in range(9)}), "x", Limits(max_members=5))
    assert len(opened.parts) == 5
    assert reasons(opened) == [("too_many_members", "the rest")]


def test_of_many_unread_members_some_are_named_and_the_others_counted() -> None:
    opened = open_file(zipped({f"{n}.bin": b"\x7fELF" + bytes(range(256)) for n in range(200)}), "x", LIMITS)
    assert len(opened.unread) == MOST_UNREAD + 1
    assert "150 more parts" in opened.unread[-1].detail


def locked_zip() -> bytes:
    data = bytearray(zipped({"a.txt": b"text"}))
    data[6] |= 1  # general purpose bit 0 of the local header, and of the central directory's entry
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize("locked", [seven_zipped({"a.txt": b"text"}, password="x"), locked_zip()], ids=["7z", "zip"])
def test_a_password_is_named(locked: bytes) -> None:
    assert [reason for reason, _ in reasons(open_file(locked, "x", LIMITS))] == ["encrypted"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:\\boot.ini", "a\nb\x1b[31m.txt"])
def test_names_lead_nowhere(name: str) -> None:
    [part] = open_file(taped({name: PASSAGE.encode()}), "x", LIMITS).parts
    assert part.text == PASSAGE
    assert part.label.isprintable()


def test_chinese_names_of_archives_that_do_not_say_their_encoding() -> None:
    raw = "机密.txt".encode("gb18030")
    data = zipped({"0" * len(raw): PASSAGE.encode()}).replace(b"0" * len(raw), raw)
    assert [part.label for part in open_file(data, "x", LIMITS).parts] == ["机密.txt"]


def test_a_locked_members_name_is_told_on_one_line() -> None:
    data = locked_zip().replace(b"a.txt", b"a\n\x1b[t")
    [unread] = open_file(data, "x", LIMITS).unread
    assert unread.part.isprintable()


def test_a_damaged_member_costs_only_itself() -> None:
    data = bytearray(zipped({"a.txt": b"first text" * 50, "b.txt": b"second"}, zipfile.ZIP_STORED))
    data[60] ^= 0xFF
    opened = open_file(bytes(data), "x", LIMITS)
    assert [part.label for part in opened.parts] == ["b.txt"]
    assert reasons(opened) == [("corrupt", "a.txt")]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_both_read() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "first")
        archive.writestr("a.txt", PASSAGE)
    assert [part.text for part in open_file(out.getvalue(), "x", LIMITS).parts] == ["first", PASSAGE]


def test_a_member_without_a_name() -> None:
    data = bytearray(zipped({"a": PASSAGE.encode()}))
    for at in (30, data.index(b"PK\x01\x02") + 46):
        data[at] = 0
    assert [part.text for part in open_file(bytes(data), "x", LIMITS).parts] == [PASSAGE]


def test_that_nothing_was_found_is_said() -> None:
    assert reasons(open_file(zipped({}), "x", LIMITS)) == [("empty", "")]
    assert reasons(open_file(zipped({"a.zip": zipped({})}), "x", LIMITS)) == [("empty", "a.zip")]

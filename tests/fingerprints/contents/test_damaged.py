"""Whatever is done to a file, opening it ends, says what was not read, and raises nothing."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from fingerprints.contents import opening
from fingerprints.contents.opening import UNFORESEEN, open_file
from fingerprints.errors import REASONS, Unreadable
from fingerprints.types import Limits
from tests.fingerprints.contents.made import (
    PICTURE,
    animated,
    film,
    heic,
    mailed,
    open_text,
    seven_zipped,
    sheets,
    slides,
    taped,
    word,
    zipped,
)
from tests.fingerprints.contents.test_opening import encrypted_pdf, pdf
from tests.fingerprints.test_images import drawing, noise

FILES = {"a.txt": b"some text", "b.png": PICTURE}
LIMITS = Limits(max_unpacked=20_000_000, max_frames=20, max_pages=5)
SEEDS: dict[str, Callable[[], bytes]] = {
    "docx": lambda: word(picture=PICTURE),
    "xlsx": lambda: sheets("one"),
    "pptx": lambda: slides("one"),
    "odt": open_text,
    "rtf": lambda: rb"{\rtf1 some {\b bold} text {\pict\pngblip " + PICTURE.hex().encode() + b"}}",
    "eml": lambda: mailed(FILES),
    "html": lambda: b"<html><body><p>one<p>two<script>three</script></body></html>",
    "zip": lambda: zipped(FILES),
    "tar": lambda: taped(FILES),
    "tar.gz": lambda: taped(FILES, "w:gz"),
    "tar.xz": lambda: taped(FILES, "w:xz"),
    "7z": lambda: seven_zipped(FILES),
    "pdf": lambda: pdf("one", "two"),
    "locked pdf": encrypted_pdf,
    "gif": lambda: animated([drawing(64, 48), noise(64, 48)], "GIF"),
    "webp": lambda: animated([drawing(64, 48), noise(64, 48)], "WEBP"),
    "heic": lambda: heic(drawing(64, 64)),
    "mp4": lambda: film([drawing(64, 48), Image.new("RGB", (64, 48))], seconds=1),
    "mkv": lambda: film([drawing(64, 48)], seconds=1, form="matroska"),
}


@pytest.mark.parametrize("kind", SEEDS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    kept=st.one_of(st.just(1.0), st.floats(0.02, 1)),
)
def test_damage_is_reported_and_never_raised(kind: str, changes: list[tuple[float, int]], kept: float) -> None:
    data = _seed(kind)
    for where, value in changes:
        data[int(where * len(data))] = value
    opened = open_file(bytes(data[: max(1, round(kept * len(data)))]), "x", LIMITS)
    assert opened.parts or opened.unread
    for one in opened.unread:
        assert one.reason in REASONS
        assert one.detail.endswith(".")
        assert not one.detail.startswith(UNFORESEEN)
    for part in opened.parts[:3]:
        if part.load is not None:
            try:
                assert part.load().pixels.shape[2] == 3
            except Unreadable as error:
                assert error.detail  # noqa: PT017


_MADE: dict[str, bytes] = {}


def _seed(kind: str) -> bytearray:
    if kind not in _MADE:
        _MADE[kind] = SEEDS[kind]()
    return bytearray(_MADE[kind])


def test_an_opener_that_breaks_takes_only_its_file_along(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No file is known that does this; if one comes, the rest of the message is inspected all the same."""

    def breaks(data: bytes, allowance: object) -> None:
        raise MemoryError

    monkeypatch.setattr(opening, "_BY_MAGIC", ((b"{\\rtf", breaks), *opening._BY_MAGIC))
    opened = open_file(zipped({"a.rtf": SEEDS["rtf"](), "b.txt": b"some text"}), "x", LIMITS)
    assert [part.text for part in opened.parts] == ["some text"]
    assert [(one.reason, one.part) for one in opened.unread] == [("corrupt", "a.rtf")]
    assert "MemoryError" in opened.unread[0].detail
    assert "some text" not in caplog.text

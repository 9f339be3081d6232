"""Fingerprints on demand, and what is remembered between visits."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from fingerprints.contents.opening import open_file
from fingerprints.contents.parts import Opened
from fingerprints.extraction import MOST_STRIPS, Extractor, Reading
from fingerprints.layout import Layout, outside
from fingerprints.types import Limits, Line, Picture, Quad, Strip
from tests.detectors.scenes import jpeg, page, pdf, png, scene, sentences
from tests.fingerprints.contents.made import word, zipped
from tests.fingerprints.contents.test_opening import pdf as stated_pdf


class CountingReader:
    """Reads the same lines in every picture, and counts how often it was asked."""

    name = "counting"

    def __init__(self, lines: tuple[Line, ...] = ()) -> None:
        self.reads = 0
        self.strips = 0
        self.lines = lines

    def read(self, picture: Picture) -> tuple[Line, ...]:
        self.reads += 1
        return self.lines

    def layout(self, picture: Picture, beside: Sequence[Quad] = ()) -> Layout:
        return Layout.of(outside(self.read(picture), beside))

    def read_strips(self, picture: Picture, quads: Sequence[Quad]) -> tuple[Strip, ...]:
        self.strips += len(quads)
        return tuple(Strip("", 0.0) for _ in quads)


@pytest.fixture
def reader() -> CountingReader:
    return CountingReader()


@pytest.fixture
def extractor(reader: CountingReader) -> Extractor:
    return Extractor(reader, memory=4)


def lines_of(extractor: Extractor, data: bytes) -> str:
    return extractor.open(data, "x.jpg").parts[0].reading.text


def test_nothing_is_computed_before_it_is_asked_for(extractor: Extractor, reader: CountingReader) -> None:
    part = extractor.open(png(scene(1)), "x.png").parts[0]
    assert part.perceptual is not None
    assert reader.reads == 0


def test_the_same_bytes_are_read_once(extractor: Extractor, reader: CountingReader) -> None:
    data = png(scene(1))
    assert lines_of(extractor, data) == lines_of(extractor, data)
    assert reader.reads == 1


@pytest.mark.parametrize("shade", [0, 220])
def test_what_looks_the_same_in_small_is_read_all_the_same(extractor: Extractor, reader: CountingReader, shade: int) -> None:
    """Neither a mosaic of a page nor an empty sheet may stand for the page that comes after it."""
    written = np.maximum(page(sentences(3)), np.uint8(shade))
    height, width = written.shape[:2]
    mosaic = cv2.resize(cv2.resize(written, (64, 64), interpolation=cv2.INTER_AREA), (width, height))
    alone = Extractor(CountingReader()).open(png(written), "x.png").parts[0].keypoints
    for number, picture in enumerate((np.full_like(written, 255), np.asarray(mosaic, np.uint8), written), 1):
        part = extractor.open(png(picture), "x.png").parts[0]
        assert part.reading.text == ""
        assert reader.reads == number
    assert alone is not None
    assert part.keypoints is not None
    assert np.array_equal(part.keypoints.descriptors, alone.descriptors)


def test_memory_is_bounded(extractor: Extractor, reader: CountingReader) -> None:
    for seed in range(6):
        lines_of(extractor, png(scene(seed, 200, 160)))
    lines_of(extractor, png(scene(0, 200, 160)))
    assert reader.reads == 7


def test_a_reading_knows_where_its_characters_stand() -> None:
    quads = [((0.0, y), (1.0, y), (1.0, y + 0.1), (0.0, y + 0.1)) for y in (0.0, 0.2)]
    reading = Reading.of((Line("first", 1.0, quads[0]), Line("second", 1.0, quads[1])))
    assert reading.text == "first\nsecond"
    assert reading.boxes(0, 5) == [quads[0]]
    assert reading.boxes(4, 8) == quads


def test_registering_says_how_recognisable_a_picture_is(extractor: Extractor) -> None:
    blank = extractor.fingerprint(png(np.full((400, 300, 3), 255, np.uint8)), "blank.png").parts[0]
    rich = extractor.fingerprint(png(scene(6)), "rich.png").parts[0]
    assert (blank.distinctiveness.verdict, rich.distinctiveness.verdict) == ("none", "good")
    assert blank.distinctiveness.score < rich.distinctiveness.score


def test_what_cannot_be_decoded_is_unread_when_registering(extractor: Extractor) -> None:
    made = extractor.fingerprint(b"\xff\xd8\xff\xe0 garbage", "x.jpg")
    assert made.parts == ()
    assert made.unread[0].detail


def test_a_truncated_file_is_registered_and_said_to_be(extractor: Extractor) -> None:
    whole = jpeg(scene(7))
    made = extractor.fingerprint(whole[: len(whole) // 2], "x.jpg")
    assert len(made.parts) == 1
    assert [one.reason for one in made.unread] == ["truncated"]


def test_a_long_file_is_fingerprinted_page_by_page(extractor: Extractor) -> None:
    data = pdf(scene(1), scene(2), scene(3))
    pages = [extractor.fingerprint(data, "x.pdf", first, 1) for first in range(3)]
    assert [page.parts[0].label for page in pages] == ["page 1", "page 2", "page 3"]
    assert [page.more for page in pages] == [True, True, False]
    assert len({page.parts[0].fingerprints.digest for page in pages}) == 3


def test_a_page_that_states_its_text_is_registered_with_where_its_lines_stand() -> None:
    stated = "Readiness review"
    read = (Line("Readiness  Review:", 0.9, ((0.1, 0.1), (0.9, 0.1), (0.9, 0.2), (0.1, 0.2))),)
    made = Extractor(CountingReader(read)).fingerprint(stated_pdf(stated), "x.pdf").parts[0]
    assert made.text == stated
    assert made.fingerprints.lines is not None
    assert made.fingerprints.lines.starts.tolist() == [0]
    assert Extractor(CountingReader(read)).fingerprint(stated.encode(), "x.txt").parts[0].fingerprints.lines is None


def test_places_read_before_are_remembered_but_not_without_end(extractor: Extractor, reader: CountingReader) -> None:
    def quad(left: float) -> Quad:
        return (left, 0.1), (left + 0.1, 0.1), (left + 0.1, 0.2), (left, 0.2)

    data = png(scene(1, 240, 180))
    first, *others = [quad(i / 1000) for i in range(MOST_STRIPS + 1)]
    for _ in range(2):
        assert len(extractor.open(data, "x.png").parts[0].read_strips([first, first])) == 2
    assert reader.strips == 1
    extractor.open(data, "x.png").parts[0].read_strips(others)
    extractor.open(data, "x.png").parts[0].read_strips([first])
    assert reader.strips == 1 + len(others) + 1


def test_a_line_placed_nearly_as_another_page_of_the_form_placed_it_is_read_once(
    extractor: Extractor, reader: CountingReader
) -> None:
    part = extractor.open(png(scene(1, 400, 400)), "x.png").parts[0]

    def quad(top: float) -> Quad:
        return (0.1, top), (0.9, top), (0.9, top + 0.1), (0.1, top + 0.1)

    assert part.read_lines([quad(0.2)]) == part.read_lines([quad(0.21)])
    assert reader.strips == 1
    part.read_lines([quad(0.22), quad(0.2), quad(0.5)])
    assert reader.strips == 3
    part.read_strips([quad(0.205)])
    assert reader.strips == 4


def test_what_was_found_is_remembered_until_what_was_searched_changes(extractor: Extractor) -> None:
    data, searches = png(scene(1)), iter("abc")

    def found(state: object) -> str:
        return extractor.open(data, "x.png").parts[0].found("likenesses", state, lambda: next(searches))

    before, after = object(), object()
    assert [found(before), found(before), found(after), found(after), found(before)] == ["a", "a", "b", "b", "c"]


def test_an_emblem_in_a_document_is_no_reference_but_is_looked_at(extractor: Extractor) -> None:
    """Every paper of the house bears it: registering one of them must not make the others leaks."""
    emblem, drawn = png(scene(1, 240, 180)), png(scene(2, 640, 480))
    made = extractor.fingerprint(word(picture=emblem), "x.docx")
    assert [part.label for part in made.parts] == [""]
    assert [(one.reason, one.part) for one in made.unread] == [("ornament", "image1.png")]
    assert [part.label for part in extractor.open(word(picture=emblem), "x.docx").parts] == ["", "image1.png"]
    assert [part.label for part in extractor.fingerprint(word(picture=drawn), "x.docx").parts] == ["", "image1.png"]
    assert [part.label for part in extractor.fingerprint(emblem, "x.png").parts] == [""]


def test_what_is_packed_bears_the_digest_it_has_alone_and_is_unpacked_once(
    extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = png(scene(1, 240, 180))
    [alone] = extractor.open(picture, "x.png").parts
    opened = 0

    def counted(data: bytes, name: str, limits: Limits) -> Opened:
        nonlocal opened
        opened += 1
        return open_file(data, name, limits)

    monkeypatch.setattr("fingerprints.extraction.open_file", counted)
    parts = extractor.open(zipped({"a.png": picture, "b.png": png(scene(2, 240, 180))}), "x.zip").parts
    assert parts[0].digest == alone.digest
    assert all(part.keypoints is not None or part.perceptual is not None for part in parts)
    assert opened == 1


def test_more_pages_are_registered_than_are_inspected(reader: CountingReader) -> None:
    extractor = Extractor(reader, Limits(max_pages=2), registering=Limits(max_pages=4))
    book = stated_pdf(*(f"page {number}" for number in range(5)))
    assert len(extractor.open(book, "x.pdf").parts) == 2
    made = extractor.fingerprint(book, "x.pdf")
    assert len(made.parts) == 4
    assert [one.reason for one in made.unread] == ["too_many_pages"]
    assert len(extractor.open(book, "x.pdf").parts) == 2

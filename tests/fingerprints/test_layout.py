"""Which lines are read first, and that none is read twice."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprints.layout import FOOT, GAP, HEAD, SHORT, SHORT_HEAD, Layout, LinesRead, grown, outside
from fingerprints.ocr import RapidReader
from fingerprints.types import Line, Picture, Quad
from tests.detectors.drawn import lines
from tests.detectors.scenes import page, sentences


class Asked:
    """Reads what it is asked for, and remembers what that was."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.lines = lines(texts)
        self.asked: list[int] = []

    def __call__(self, which: Sequence[int]) -> LinesRead:
        self.asked += which
        return {index: self.lines[index] for index in which if self.lines[index].text}

    def layout(self, units: Sequence[float], known: Sequence[int] = ()) -> Layout:
        return Layout([line.quad for line in self.lines], units, {i: self.lines[i] for i in known}, self, known)


@given(st.lists(st.floats(1, 60), min_size=1, max_size=80))
def test_no_passage_that_could_be_told_is_passed_over(units: list[float]) -> None:
    chosen = Asked(["x"] * len(units)).layout(units).telling()
    assert chosen == sorted(set(chosen))
    runs = np.split(np.arange(len(units)), chosen)
    assert all(sum(units[i] for i in run if i not in chosen) <= GAP for run in runs)
    assert {*range(min(HEAD, len(units)))} <= {*chosen}
    assert {*range(max(0, len(units) - FOOT), len(units))} <= {*chosen}


def test_short_lines_near_the_head_are_read_and_long_ones_are_not_all() -> None:
    short = Asked(["x"] * 40).layout([SHORT] * 40).telling()
    long = Asked(["x"] * 40).layout([SHORT + 1] * 40).telling()
    assert set(range(SHORT_HEAD)) <= set(short)
    assert not set(range(SHORT_HEAD)) <= set(long)
    assert len(long) < 20


def test_a_line_is_read_once_and_what_is_illegible_is_left_out() -> None:
    asked = Asked(["one", "", "three", "four"])
    layout = asked.layout([5.0] * 4, known=[3])
    assert [line.text for line in layout.read([2, 3])] == ["three", "four"]
    assert [line.text for line in layout.read(range(4))] == ["one", "three", "four"]
    assert layout.read(range(4)) == layout.read([3, 2, 1, 0])
    assert asked.asked == [2, 0, 1]


def test_around_a_line_stands_what_was_not_read_up_to_the_next_that_was() -> None:
    asked = Asked(["x"] * 12)
    layout = asked.layout([5.0] * 12)
    layout.read([0, 4, 9])
    assert layout.around([asked.lines[4]]) == [1, 2, 3, 5, 6, 7, 8]
    assert layout.around([asked.lines[0]]) == [1, 2, 3]
    assert layout.around([asked.lines[9]]) == [5, 6, 7, 8, 10, 11]
    assert layout.around([]) == []


def test_what_was_read_at_once_is_read_again_by_nobody() -> None:
    found = lines(["one", "two"])
    layout = Layout.of(found)
    assert (layout.read(layout.telling()), layout.read(range(2))) == (found, found)


@pytest.mark.parametrize("turned", range(4))
def test_a_place_grows_on_every_side_however_it_lies(turned: int) -> None:
    corners = [(0.2, 0.4), (0.6, 0.4), (0.6, 0.6), (0.2, 0.6)]
    larger = [(0.16, 0.38), (0.64, 0.38), (0.64, 0.62), (0.16, 0.62)]
    a, b, c, d = corners[turned:] + corners[:turned]
    assert np.allclose(grown((a, b, c, d), 0.1), larger[turned:] + larger[:turned])


def test_lines_in_a_place_are_left_out_by_their_middle() -> None:
    top: Quad = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.0, 0.5))
    found = lines([f"line {i}" for i in range(10)])
    assert outside(found, [top]) == found[5:]
    assert outside(found, []) == found
    assert outside([], [top]) == ()


@pytest.fixture(scope="module")
def reader(rapid: RapidReader) -> RapidReader:
    return rapid


def texts(found: Sequence[Line]) -> list[str]:
    return [line.text for line in found]


def test_reading_line_by_line_says_what_reading_at_once_says(reader: RapidReader) -> None:
    image = page(sentences(4, 20), 760, 1080)
    picture = Picture(image, image.shape[1], image.shape[0])
    layout = reader.layout(picture)
    some = layout.read(layout.telling())
    assert 0 < len(some) < len(layout)
    assert {line.quad for line in some} <= {line.quad for line in layout.read(range(len(layout)))}
    assert texts(layout.read(range(len(layout)))) == texts(reader.read(picture))


def test_beside_a_page_only_what_stands_beside_it_is_read(reader: RapidReader) -> None:
    left, right = page(sentences(5, 8), 760, 560), page(sentences(6, 8), 760, 560)
    image = np.ascontiguousarray(np.hstack([left, right]))
    picture = Picture(image, image.shape[1], image.shape[0])
    known: Quad = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    layout = reader.layout(picture, [known])
    read = texts(layout.read(range(len(layout))))
    alone = texts(reader.read(Picture(np.ascontiguousarray(right), 760, 560)))
    assert read == alone
    whole: Quad = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    assert len(reader.layout(picture, [whole])) == 0

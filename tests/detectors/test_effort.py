"""A picture is read no further than it takes: a proved page not at all, and a few lines of what is nobody's."""

from collections.abc import Sequence

import numpy as np
import pytest

from detectors.pipeline import Inspector
from detectors.registry import AssetChange, Registry
from detectors.types import Asset, AssetKind, Level, Verdict
from fingerprints.extraction import Extractor
from fingerprints.layout import Layout, LinesRead, outside
from fingerprints.types import U8, Line, Picture, Quad, Reader, Strip
from tests.detectors.drawn import lines
from tests.detectors.scenes import asset, jpeg, message, page, png, prose, register, scene, sentences


class LineReader:
    """Knows what stands in every picture, and counts the lines it was asked to read."""

    name = "lines"

    def __init__(self, texts: Sequence[str]) -> None:
        self.lines = lines(texts)
        self.read_lines = 0

    def read(self, picture: Picture) -> tuple[Line, ...]:
        layout = self.layout(picture)
        return layout.read(range(len(layout)))

    def layout(self, picture: Picture, beside: Sequence[Quad] = ()) -> Layout:
        there = outside(self.lines, beside)

        def read(which: Sequence[int]) -> LinesRead:
            self.read_lines += len(which)
            return {index: there[index] for index in which}

        return Layout([line.quad for line in there], [float(len(line.text)) for line in there], {}, read)

    def read_strips(self, picture: Picture, quads: Sequence[Quad]) -> tuple[Strip, ...]:
        return tuple(Strip("", 0.0) for _ in quads)


PAGE, OTHER = prose(1), prose(2)


def inspected(
    shown: Sequence[str], registered: Sequence[str] = (), *, words: tuple[str, ...] = (), thorough: bool = False
) -> int:
    """How many lines were read of a picture that shows these lines, while a text of those is registered."""
    registry, reader = Registry(), LineReader(shown)
    watched = Asset("w", "Watched", AssetKind.TEXT, Level.SECRET, terms=words)
    registry.apply(AssetChange(registry.checkpoint + 1, "w", watched, ()))
    if registered:
        known = Extractor(LineReader(registered))
        register(registry, known, asset("d", AssetKind.DOCUMENT), png(scene(8)))
    Inspector(Extractor(reader), thorough=thorough).inspect(message(jpeg(scene(3))), registry)
    return reader.read_lines


def test_of_what_is_nobodys_a_few_lines_are_read() -> None:
    assert 0 < inspected(PAGE) < 0.6 * len(PAGE)
    assert 0 < inspected(PAGE, OTHER) < 0.6 * len(PAGE)


def test_of_what_may_be_registered_all_is_read() -> None:
    assert inspected(PAGE, PAGE) == len(PAGE)


@pytest.mark.parametrize("start", range(5, 32, 3))
def test_a_passage_that_could_be_told_is_found_wherever_it_stands(start: int) -> None:
    quoted = [*OTHER]
    quoted[start : start + 4] = PAGE[10:14]
    assert sum(map(len, PAGE[10:14])) > 120
    assert inspected(quoted, PAGE) == len(quoted)


@pytest.mark.parametrize("start", range(5, 32, 9))
def test_of_what_shares_a_line_here_and_there_only_what_stands_around_is_read(start: int) -> None:
    quoted = [*OTHER]
    quoted[start] = PAGE[10]
    read = inspected(quoted, PAGE)
    assert read < 0.75 * len(quoted)
    quoted[start + 1 : start + 4] = PAGE[11:14]
    assert read < inspected(quoted, PAGE) == len(quoted)


def test_where_words_are_watched_for_all_is_read() -> None:
    assert inspected(PAGE, words=("orchid 9",)) == len(PAGE)


def test_full_effort_reads_all() -> None:
    assert inspected(PAGE, thorough=True) == len(PAGE)


@pytest.fixture(scope="module")
def extractor(reader: Reader) -> Extractor:
    return Extractor(reader)


def sheet() -> U8:
    return page(sentences(1), 760, 1000)


def posted(extractor: Extractor, image: bytes, *, thorough: bool = False) -> Verdict:
    registry = Registry()
    register(registry, extractor, asset("page", AssetKind.DOCUMENT), png(sheet()))
    registry.apply(
        AssetChange(registry.checkpoint + 1, "w", Asset("w", "W", AssetKind.TEXT, Level.SECRET, terms=("orchid9",)), ())
    )
    fresh = Extractor(extractor.reader)
    return Inspector(fresh, thorough=thorough).inspect(message(image), registry)


def test_a_proved_page_is_read_no_further_and_what_stands_beside_it_is(extractor: Extractor) -> None:
    registered = sheet()
    alone = posted(extractor, jpeg(registered, 70))
    assert [match.detector for match in alone.matches] == ["page_copy"]
    thorough = posted(extractor, jpeg(registered, 70), thorough=True)
    assert {match.detector for match in thorough.matches} == {"page_copy", "document_text"}
    note = page(["", "the word of the day is orchid9", ""], 760, 320)
    beside = posted(extractor, jpeg(np.ascontiguousarray(np.vstack([registered, note])), 70))
    assert {match.detector for match in beside.matches} == {"page_copy", "watch_term"}

"""What is kept between runs is what would be made anew, and nothing stale."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fingerprints.layout import Layout, outside
from fingerprints.types import Line, Picture, Quad, Strip
from tests.benchmarks.kept import Kept, keeping, source


class Counting:
    """A reader that counts its pictures."""

    name = "counting"
    count = 0

    def read(self, picture: Picture) -> tuple[Line, ...]:
        self.count += 1
        return (Line(f"页 {picture.width}", 0.1 + 0.2, ((0, 0), (1 / 3, 0), (1, 1), (0, 1))),)

    def layout(self, picture: Picture, beside: Sequence[Quad] = ()) -> Layout:
        return Layout.of(outside(self.read(picture), beside))

    def read_strips(self, picture: Picture, quads: Sequence[Quad]) -> tuple[Strip, ...]:
        return tuple(Strip("页", 0.5) for _ in quads)


def picture(shade: int) -> Picture:
    return Picture(np.full((4, 6, 3), shade, np.uint8), 6, 4)


def test_a_picture_is_read_once_in_all_runs_and_read_the_same(tmp_path: Path) -> None:
    engines = [Counting(), Counting()]
    lines = [keeping(engine, Kept(tmp_path)).read(picture(7)) for engine in engines]
    assert lines[0] == lines[1] == Counting().read(picture(7))
    assert [engine.count for engine in engines] == [1, 0]
    keeping(engines[1], Kept(tmp_path)).read(picture(8))
    assert engines[1].count == 1


def test_a_reader_that_keeps_is_otherwise_the_reader(tmp_path: Path) -> None:
    assert keeping(Counting(), Kept(tmp_path)).name == "counting"


def test_without_a_folder_nothing_is_kept() -> None:
    made: list[bytes] = []

    def make() -> bytes:
        made.append(b"x")
        return b"x"

    assert [Kept(None).get(make, "a"), Kept(None).get(make, "a")] == [b"x", b"x"]
    assert len(made) == 2


def test_other_words_are_another_entry(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    assert [kept.get(lambda: b"1", "a", "b"), kept.get(lambda: b"2", "ab"), kept.get(lambda: b"3", "a", "b")] == [
        b"1",
        b"2",
        b"1",
    ]


def test_sources_tell_other_files_apart() -> None:
    assert source("fingerprints/ocr.py") != source("fingerprints/text.py")
    assert source("fingerprints/*.py") == source("fingerprints/*.py")

"""Both engines read drawn pages; the default one in every orientation, in reading order, quietly and always the same."""

import os
import shutil
import tracemalloc
from abc import ABC, abstractmethod
from collections.abc import Mapping
from difflib import SequenceMatcher
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from fingerprints.errors import EngineMissing
from fingerprints.ocr import RapidReader, TesseractReader, open_reader
from fingerprints.text import folded
from fingerprints.types import U8, Line, Picture, Reader
from tests.fingerprints.test_images import noise

FONT = str(files("noto_cjk_sans_otc") / "NotoSansCJK-Regular.ttc")
SIMPLIFIED = 2
SENTENCES = (
    "Delivery is planned for 14 March 2026",
    "The contractor must not copy this page",
    "关于新型设备运输安排的通知",
    "各单位应当于三月十四日之前完成",
    "Serial number 550199 stays in hall 7",
)
ENGLISH = tuple(s for s in SENTENCES if s.isascii())
WIDTH, HEIGHT = 720, 500
"""No larger than the five lines: looking for lines costs by the pixel."""


def page(lines: tuple[str, ...] = SENTENCES, size: int = 30, width: int = WIDTH, height: int = HEIGHT) -> U8:
    image = Image.new("RGB", (width, height), (250, 248, 240))
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(FONT, size, index=SIMPLIFIED)
    for number, text in enumerate(lines):
        draw.text((70, 60 + number * 3 * size), text, (20, 20, 30), font=font)
    return np.asarray(image)


def strip_corners(lines: int, size: int = 30) -> list[list[tuple[float, float]]]:
    """Where ``page`` writes its lines, as fractions, the longest of them."""
    tops = [(60 + number * 3 * size + 8) / HEIGHT for number in range(lines)]
    high, left, right = 1.2 * size / HEIGHT, 70 / WIDTH, 700 / WIDTH
    return [[(left, top), (right, top), (right, top + high), (left, top + high)] for top in tops]


def picture(pixels: U8) -> Picture:
    return Picture(np.ascontiguousarray(pixels), pixels.shape[1], pixels.shape[0])


def plain(lines: tuple[Line, ...]) -> list[str]:
    return [folded(line.text)[0] for line in lines]


def wanted(sentences: tuple[str, ...] = SENTENCES) -> list[str]:
    return [folded(sentence)[0] for sentence in sentences]


class ReaderContract(ABC):
    """What every engine owes its callers."""

    @pytest.fixture
    @abstractmethod
    def reader(self) -> Reader: ...

    def test_reads_both_languages_in_order(self, reader: Reader) -> None:
        read = plain(reader.read(picture(page())))
        alike = [SequenceMatcher(None, a, b).ratio() for a, b in zip(read, wanted(), strict=True)]
        assert min(alike) > 0.9

    def test_says_where_and_how_sure(self, reader: Reader) -> None:
        for number, line in enumerate(reader.read(picture(page(ENGLISH)))):
            (left, top), (right, _), (_, bottom), _ = line.quad
            assert 0.5 < line.confidence <= 1
            assert left == pytest.approx(70 / WIDTH, abs=0.02)
            assert left < right < 0.9
            assert top < (60 + number * 90 + 25) / HEIGHT < bottom < top + 70 / HEIGHT

    def test_lines_are_read_where_they_are_known_to_stand(self, reader: Reader) -> None:
        self._read_where_known_to_stand(reader, ENGLISH, quarters=0, mirrored=False)

    @pytest.mark.parametrize(("quarters", "mirrored"), [(1, False), (2, False), (3, False), *((n, True) for n in range(4))])
    def test_a_line_is_read_however_the_picture_lies(self, reader: Reader, quarters: int, mirrored: bool) -> None:
        """The quad begins where the text begins."""
        self._read_where_known_to_stand(reader, ENGLISH[:1], quarters, mirrored)

    def _read_where_known_to_stand(self, reader: Reader, texts: tuple[str, ...], quarters: int, mirrored: bool) -> None:
        shown, turned = page(texts), np.array(strip_corners(len(texts)), np.float64)
        if mirrored:
            shown, turned = shown[:, ::-1], turned * [-1, 1] + [1, 0]
        for _ in range(quarters):
            turned = np.stack([turned[..., 1], 1 - turned[..., 0]], axis=-1)
        quads = [tuple((float(x), float(y)) for x, y in quad) for quad in turned]
        strips = reader.read_strips(picture(np.rot90(shown, quarters)), [(a, b, c, d) for a, b, c, d in quads])
        alike = [SequenceMatcher(None, folded(s.text)[0], w).ratio() for s, w in zip(strips, wanted(texts), strict=True)]
        assert min(alike) > 0.9
        assert all(0.5 < strip.confidence <= 1 for strip in strips)

    def test_no_strips_are_no_work_and_an_empty_one_says_nothing(self, reader: Reader) -> None:
        assert reader.read_strips(picture(page()), []) == ()
        [blank] = reader.read_strips(picture(np.full((300, 400, 3), 255, np.uint8)), [((0, 0), (1, 0), (1, 0.1), (0, 0.1))])
        assert (blank.text.strip(), blank.confidence < 0.5) == ("", True)

    def test_the_same_pixels_give_the_same_lines(self, reader: Reader) -> None:
        few = page(SENTENCES[1:3], height=260)
        assert len(reader.read(picture(few))) == 2
        assert reader.read(picture(few)) == reader.read(picture(few))

    @pytest.mark.parametrize("shape", [(300, 400, 3), (8, 8, 3), (1, 1, 3)])
    def test_a_blank_picture_has_no_lines(self, reader: Reader, shape: tuple[int, int, int]) -> None:
        assert reader.read(picture(np.full(shape, 255, np.uint8))) == ()

    def test_nothing_is_printed(self, reader: Reader, capfd: pytest.CaptureFixture[str]) -> None:
        reader.read(picture(page(ENGLISH[:1], height=160)))
        assert capfd.readouterr() == ("", "")


class TestRapidReader(ReaderContract):
    @pytest.fixture
    def reader(self, rapid: RapidReader) -> Reader:
        return rapid

    @pytest.mark.parametrize("quarters", [1, 2, 3])
    def test_a_turned_page_reads_the_same(self, reader: Reader, quarters: int) -> None:
        lines = reader.read(picture(np.rot90(page(), quarters)))
        assert plain(lines) == wanted()

    @pytest.mark.parametrize("degrees", [-30, 60, 200])
    def test_a_tilted_page_reads_the_same(self, reader: Reader, degrees: float) -> None:
        turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), degrees, 1)
        turn[:, 2] += np.array((450 - WIDTH / 2, 450 - HEIGHT / 2))
        tilted = cv2.warpAffine(page(), turn, (900, 900), borderValue=(90, 80, 70))
        assert plain(reader.read(picture(np.asarray(tilted, np.uint8)))) == wanted()

    def test_quads_begin_where_the_text_begins(self, reader: Reader) -> None:
        upside_down = reader.read(picture(np.rot90(page(), 2)))[0].quad
        (x, y), (right, _), (_, below), _ = upside_down
        assert (x, y) == pytest.approx((1 - 70 / WIDTH, 1 - 65 / HEIGHT), abs=0.03)
        assert right < x
        assert below < y

    def test_columns_of_one_row_are_read_left_to_right(self, reader: Reader) -> None:
        both = np.hstack([page(ENGLISH[:1], width=700, height=200), page(ENGLISH[1:2], width=760, height=200)])
        assert plain(reader.read(picture(both))) == wanted(ENGLISH[:2])

    def test_small_print_on_a_large_page(self, reader: Reader) -> None:
        large = page(ENGLISH, size=17, width=1448, height=2048)
        assert plain(reader.read(picture(large))) == wanted(ENGLISH)

    @pytest.mark.parametrize("quarters", [0, 1])
    def test_a_page_of_large_lines_is_laid_out_from_a_smaller_copy_and_read_from_the_whole(self, quarters: int) -> None:
        """Few lines tell too little of how large the others may be."""
        looked_at: list[int] = []

        class Watched(RapidReader):
            def _made(self, side: int, more: Mapping[str, float] | None = None) -> Any:
                engine = super()._made(side, more)

                def watching(pixels: U8, **how: bool) -> Any:
                    looked_at.append(max(pixels.shape))
                    return engine(pixels, **how)

                watching.crop_text_regions, watching.recognize_txt = engine.crop_text_regions, engine.recognize_txt  # type: ignore[attr-defined]
                return watching

        reader = Watched(1)
        for count, rough in ((9, True), (4, False)):
            text = tuple(SENTENCES[number % 5] for number in range(count))
            turned = np.ascontiguousarray(np.rot90(page(text, 44, 960, 1280), quarters))
            shown = picture(np.asarray(cv2.GaussianBlur(turned, (0, 0), 0.6), np.uint8))
            layout = reader.layout(shown)
            assert (layout.rough, looked_at[-1] < 1280) == (rough, rough)
            assert plain(layout.read(range(len(layout)))) == wanted(text)
            assert plain(reader.read(shown)) == wanted(text)
            assert looked_at[-1] == 1280

    @pytest.mark.parametrize(
        "words", [("HALL SEVEN", "KESTREL 42"), ("仅供内部", "第七号库房"), ("8", "")], ids=["latin", "han", "lone"]
    )
    def test_pale_words_in_two_corners_of_a_photograph(self, reader: Reader, words: tuple[str, str]) -> None:
        """Too pale for fine print, too little for a page: a closer look at both corners tells. A lone character is nothing."""
        image = noise(12, 9, 5).resize((1600, 1200), Image.Resampling.BICUBIC)
        draw, font = ImageDraw.Draw(image), ImageFont.truetype(FONT, 44, index=SIMPLIFIED)
        for at, text in zip(((80, 60), (1180, 1080)), words, strict=True):
            around = np.asarray(image.convert("L").crop((*at, at[0] + 280, at[1] + 50))).mean()
            draw.text(at, text, ((int(around) + 70) % 256,) * 3, font=font)
        assert plain(reader.read(picture(np.asarray(image)))) == ([] if "" in words else wanted(words))

    @pytest.mark.parametrize("turns", range(4))
    def test_a_table_is_read_row_by_row_whichever_way_it_lies(self, reader: Reader, turns: int) -> None:
        """Lone digits stand taller than wide, as if they were lines turned by a right angle."""
        image = Image.new("RGB", (800, 440), (250, 250, 250))
        draw, font = ImageDraw.Draw(image), ImageFont.truetype(FONT, 28, index=SIMPLIFIED)
        names = ("离心叶轮", "送料臂", "滑块导轨", "工装夹具")
        for row, name in enumerate(names):
            for column, cell in enumerate((str(row + 1), name, str(11 * row + 11), "合格")):
                draw.text((60 + 210 * column, 50 + 100 * row), cell, (20, 20, 30), font=font)
        read = plain(reader.read(picture(np.rot90(np.asarray(image), turns))))
        assert [cell for cell in read if not cell.isascii()] == [cell for name in names for cell in (name, "合格")]

    def test_a_hair_is_not_blown_up(self, reader: Reader) -> None:
        """Enlarged until its single row were a line of text it would take a gigabyte, and half a minute."""
        hair = np.full((1, 2048, 3), 255, np.uint8)
        tracemalloc.start()
        try:
            assert reader.read(picture(hair)) == ()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 100_000_000

    def test_warming_reads_nothing(self) -> None:
        reader = RapidReader(threads=1)
        reader.warm()
        assert plain(reader.read(picture(page(ENGLISH[:1], height=160)))) == wanted(ENGLISH[:1])


def tesseract_is_installed() -> bool:
    return shutil.which("tesseract") is not None


@pytest.mark.skipif(not tesseract_is_installed() and os.environ.get("CI") != "true", reason="Tesseract is not installed")
class TestTesseractReader(ReaderContract):
    @pytest.fixture
    def reader(self) -> Reader:
        return TesseractReader()

    def test_missing_language_data_is_named(self) -> None:
        with pytest.raises(EngineMissing, match=r"lacks language data \(xyz\).*apt-get install"):
            TesseractReader("eng+xyz").read(picture(page()))


def test_a_missing_command_is_the_operators_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineMissing, match="not installed: apt-get install tesseract-ocr"):
        TesseractReader().read(picture(page()))


def test_engines_are_opened_by_name() -> None:
    assert [open_reader(name).name for name in ("rapidocr", "tesseract")] == ["rapidocr", "tesseract"]
    with pytest.raises(ValueError, match="choose rapidocr or tesseract"):
        open_reader("abbyy")

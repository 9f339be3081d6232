"""Document pages as people print them: official Chinese pages, English memos, mixed pages, tables, drawings.

A4 at 150 dots an inch: 1754 × 1240 pixels. Pages of one kind are siblings: the same letterhead, another content.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from PIL import Image, ImageDraw

from app.demo import stamps, vocabulary
from app.demo.lettering import INK, RED, Colour, spaced, width, wrap, write
from fingerprints.types import U8

WIDTH, HEIGHT = 1240, 1754
_MM = WIDTH / 210
_PAPER: Colour = (253, 253, 251)
INSTITUTE = "远山装备研究院"
WORKS = "NORTHGATE INSTRUMENT WORKS"


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One page. ``pixels``: uint8, (1754, 1240, 3), RGB. ``text``: every line on it, top to bottom."""

    pixels: U8
    text: str


@dataclass(slots=True, eq=False)
class Sheet:
    """A page while it is being drawn; remembers what was written."""

    image: Image.Image = field(default_factory=lambda: Image.new("RGB", (WIDTH, HEIGHT), _PAPER))
    lines: list[str] = field(default_factory=list)

    @property
    def pen(self) -> ImageDraw.ImageDraw:
        """For lines and shapes."""
        return ImageDraw.Draw(self.image)

    def line(
        self, at: tuple[float, float], text: str, size: int, *, colour: Colour = INK, anchor: str = "ls", bold: bool = False
    ) -> None:
        """Write one line and remember it."""
        write(self.pen, at, text, size, colour=colour, anchor=anchor, bold=bold)
        self.lines.append(text)

    def paragraph(self, text: str, box: tuple[float, float, float, float], size: int, pitch: float, indent: float = 0) -> float:
        """Fill ``box`` (left, first baseline, right, last baseline) from the top; returns the next free baseline."""
        left, y, right, bottom = box
        for number, line in enumerate(wrap(text, size, right - left, indent)):
            if y > bottom:
                break
            self.line((left + (0 if number else indent), y), line, size)
            y += pitch
        return y

    def page(self) -> Page:
        """The finished page."""
        return Page(np.asarray(self.image), "\n".join(self.lines))


def _paragraphs(sentences: Iterator[str], rng: np.random.Generator, joint: str = "") -> Iterator[str]:
    while True:
        yield joint.join(islice(sentences, int(rng.integers(2, 5))))


def _fill(
    sheet: Sheet, texts: Iterator[str], box: tuple[float, float, float, float], size: int, pitch: float, indent: float
) -> None:
    left, y, right, bottom = box
    while y <= bottom:
        y = sheet.paragraph(next(texts), (left, y, right, bottom), size, pitch, indent) + pitch * 0.12


def official(seed: int, *, marking: str | None = None, number: int = 1, leaf: int = 1, head: str = INSTITUTE) -> Page:
    """A page of an official document laid out after GB/T 9704-2012.

    ``marking``: level and term such as 机密★10年. ``number``: the document's serial in its register. ``leaf``: page of the
    document; only the first carries the red head, only the last (2) the stamp.
    """
    rng = np.random.default_rng([seed, leaf])
    sheet, left, right = Sheet(), 28 * _MM, WIDTH - 26 * _MM
    top = _red_head(sheet, rng, marking, number, head) if leaf == 1 else 40 * _MM
    if leaf == 1:
        top = _official_title(sheet, np.random.default_rng(seed), top)
    bottom = HEIGHT - (40 if leaf == 1 else 95) * _MM
    _fill(sheet, _paragraphs(vocabulary.chinese(rng), rng), (left, top, right, bottom), 33, 58, 66)
    if leaf > 1:
        _signed(sheet, rng, head)
    sheet.line((right if leaf % 2 else left, HEIGHT - 24 * _MM), f"— {leaf} —", 28, anchor="rs" if leaf % 2 else "ls")
    return sheet.page()


def _red_head(sheet: Sheet, rng: np.random.Generator, marking: str | None, number: int, head: str) -> float:
    left, right = 28 * _MM, WIDTH - 26 * _MM
    if marking:
        sheet.line((left, 24 * _MM), f"{rng.integers(1, 400):06d}", 31)
        sheet.line((left, 33 * _MM), marking, 33, bold=True)
    spaced(sheet.pen, (WIDTH / 2, 57 * _MM), f"{head}文件", 92, 8, RED)
    sheet.lines.append(f"{head}文件")
    sheet.line((WIDTH / 2, 82 * _MM), f"{head[0]}{head[2]}发〔2026〕{number}号", 31, anchor="ms")
    sheet.pen.line((left, 88 * _MM, right, 88 * _MM), fill=RED, width=5)
    return 88 * _MM


def _official_title(sheet: Sheet, rng: np.random.Generator, top: float) -> float:
    y = top + 19 * _MM
    for line in wrap(vocabulary.chinese_title(rng), 44, WIDTH - 90 * _MM):
        sheet.line((WIDTH / 2, y), line, 44, anchor="ms", bold=True)
        y += 64
    sheet.line((28 * _MM, y + 34), "各处室、各车间：", 33)
    return y + 34 + 58


def _signed(sheet: Sheet, rng: np.random.Generator, head: str) -> None:
    x, y = WIDTH - 68 * _MM, HEIGHT - 70 * _MM
    sheet.line((x, y), head, 33, anchor="ms")
    sheet.line((x, y + 60), f"2026年{rng.integers(1, 13)}月{rng.integers(1, 29)}日", 33, anchor="ms")
    stamps.press(sheet.image, head, (x, y + 8), 118, rng)


def memo(seed: int, *, banner: str | None = None, leaf: int = 1, letterhead: str = WORKS) -> Page:
    """An English memorandum; ``banner`` is repeated at top and bottom, as US markings are."""
    rng = np.random.default_rng([seed, leaf, 1])
    sheet, left, right = Sheet(), 145.0, WIDTH - 145.0
    if banner:
        sheet.line((WIDTH / 2, 62), banner, 34, anchor="ms", bold=True)
    top = _letterhead(sheet, np.random.default_rng(seed), letterhead) if leaf == 1 else 170.0
    _fill(sheet, _paragraphs(vocabulary.english(rng), rng, " "), (left, top, right, HEIGHT - 190), 27, 43, 0)
    sheet.line((WIDTH / 2, HEIGHT - 100), f"Page {leaf}", 22, anchor="ms")
    if banner:
        sheet.line((WIDTH / 2, HEIGHT - 48), banner, 34, anchor="ms", bold=True)
    return sheet.page()


def _letterhead(sheet: Sheet, rng: np.random.Generator, letterhead: str) -> float:
    pen, blue, sides = sheet.pen, (24, 62, 112), 5 + len(letterhead) % 5
    pen.regular_polygon((186, 150, 42), sides, fill=blue)
    pen.regular_polygon((186, 150, 24), sides, fill=_PAPER, rotation=30)
    pen.ellipse((176, 140, 196, 160), fill=blue)
    sheet.line((250, 150), letterhead, 42, colour=blue, bold=True)
    address = f"Quay Road {10 + len(letterhead)} · {letterhead.split(maxsplit=1)[0].title()} · Engineering Division"
    sheet.line((250, 184), address, 22, colour=(90, 100, 115))
    pen.line((145, 214, WIDTH - 145, 214), fill=blue, width=3)
    sheet.line((145, 286), "MEMORANDUM", 36, bold=True)
    fields = (
        ("To", "Heads of section"),
        ("From", f"Engineering Division, office {rng.integers(100, 480)}"),
        ("Date", f"{rng.integers(1, 29)} March 2026"),
        ("Subject", vocabulary.english_title(rng)),
    )
    for place, (name, value) in enumerate(fields):
        sheet.line((145, 342 + 42 * place), f"{name}:", 27, bold=True)
        sheet.line((290, 342 + 42 * place), value, 27)
    pen.line((145, 496, WIDTH - 145, 496), fill=(120, 120, 120), width=2)
    return 560.0


def mixed(seed: int, *, marking: str | None = None, leaf: int = 1) -> Page:
    """Chinese paragraphs, each followed by English ones, under a two-language head."""
    rng = np.random.default_rng([seed, leaf, 2])
    sheet, left, right = Sheet(), 130.0, WIDTH - 130.0
    if marking:
        sheet.line((left, 96), marking, 34, bold=True)
    y = _two_language_head(sheet, np.random.default_rng(seed)) if leaf == 1 else 180.0
    chinese, english = _paragraphs(vocabulary.chinese(rng), rng), _paragraphs(vocabulary.english(rng), rng, " ")
    while y < HEIGHT - 190:
        y = sheet.paragraph(next(chinese), (left, y, right, HEIGHT - 160), 29, 47, 58) + 8
        y = sheet.paragraph(next(english), (left, y, right, HEIGHT - 160), 26, 41) + 16
    sheet.line((WIDTH / 2, HEIGHT - 84), f"{leaf} / 2", 24, anchor="ms")
    return sheet.page()


def _two_language_head(sheet: Sheet, rng: np.random.Generator) -> float:
    sheet.line((WIDTH / 2, 178), f"{INSTITUTE} · 联合项目办公室", 40, anchor="ms", bold=True)
    sheet.line((WIDTH / 2, 222), "Yuanshan Equipment Institute · Joint Project Office", 25, anchor="ms", colour=(90, 90, 95))
    sheet.pen.line((130, 250, WIDTH - 130, 250), fill=INK, width=4)
    sheet.pen.line((130, 258, WIDTH - 130, 258), fill=INK, width=1)
    sheet.line((WIDTH / 2, 330), vocabulary.chinese_title(rng), 36, anchor="ms", bold=True)
    sheet.line((WIDTH / 2, 378), vocabulary.english_title(rng), 29, anchor="ms", bold=True)
    return 456.0


_COLUMNS = (
    ("序号", 80),
    ("部件", 220),
    ("项目", 190),
    ("单位", 90),
    ("标称值", 120),
    ("公差", 100),
    ("实测值", 130),
    ("结论", 120),
)


def table(seed: int) -> Page:
    """A form of measurements: ruled table, head and signatures."""
    rng = np.random.default_rng([seed, 3])
    sheet = Sheet()
    sheet.line((WIDTH / 2, 150), f"{INSTITUTE}检测记录表", 46, anchor="ms", bold=True)
    sheet.line((95, 222), f"编号：JC-{rng.integers(1000, 9999)}", 26)
    sheet.line((WIDTH - 95, 222), f"工位：{rng.integers(1, 24)}　温度：{rng.integers(17, 26)} ℃", 26, anchor="rs")
    rows = [(str(number + 1), *row) for number, row in enumerate(vocabulary.rows(rng, 22))]
    bottom = _ruled(sheet, 95, 246, [tuple(name for name, _ in _COLUMNS), *rows], [size for _, size in _COLUMNS])
    sheet.line((95, bottom + 70), "检测：________　　校核：________　　批准：________", 28)
    return sheet.page()


def _ruled(sheet: Sheet, left: int, top: int, rows: list[tuple[str, ...]], sizes: list[int], pitch: int = 56) -> int:
    edges = [left + sum(sizes[:count]) for count in range(len(sizes) + 1)]
    bottom = top + pitch * len(rows)
    sheet.pen.rectangle((left, top, edges[-1], top + pitch), fill=(232, 235, 240))
    for number, row in enumerate(rows):
        for start, end, cell in zip(edges, edges[1:], row, strict=False):
            size = 25 if width(cell, 25) < end - start - 8 else 21
            sheet.line(((start + end) / 2, top + pitch * number + pitch / 2), cell, size, anchor="mm", bold=number == 0)
    for y in range(top, bottom + 1, pitch):
        sheet.pen.line((left, y, edges[-1], y), fill=(60, 60, 64), width=2)
    for x in edges:
        sheet.pen.line((x, top, x, bottom), fill=(60, 60, 64), width=2)
    return bottom

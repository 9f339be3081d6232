"""A page with a line drawing: frame, title block, two views of a turned part, dimensions."""

import math

import numpy as np
from PIL import ImageDraw

from app.demo import vocabulary
from app.demo.lettering import INK
from app.demo.pages import HEIGHT, INSTITUTE, WIDTH, Page, Sheet

_THIN, _THICK = 2, 4
_GREY = (110, 110, 116)


def drawing(seed: int) -> Page:
    """A workshop drawing; each seed another part."""
    rng = np.random.default_rng([seed, 4])
    sheet = Sheet()
    sheet.pen.rectangle((60, 60, WIDTH - 60, HEIGHT - 60), outline=INK, width=_THICK)
    _flange(sheet, rng, (WIDTH * 0.36, 470), float(rng.uniform(230, 270)))
    _section(sheet, rng, 1080)
    _notes(sheet, rng)
    _title_block(sheet, rng)
    return sheet.page()


def _flange(sheet: Sheet, rng: np.random.Generator, centre: tuple[float, float], radius: float) -> None:
    pen, (x, y) = sheet.pen, centre
    rings = sorted(rng.uniform(0.25, 0.9, int(rng.integers(2, 5))))
    for share in (*rings, 1.0):
        _circle(pen, x, y, radius * share, _THICK if share == 1 else _THIN)
    holes = int(rng.integers(4, 13))
    for k in range(holes):
        angle = 2 * math.pi * (k + 0.5) / holes
        _circle(pen, x + 0.8 * radius * math.cos(angle), y + 0.8 * radius * math.sin(angle), radius * 0.055, _THIN)
    reach = radius * 1.15
    _dashed(pen, (x - reach, y), (x + reach, y))
    _dashed(pen, (x, y - reach), (x, y + reach))
    _leader(sheet, (x + radius * 0.7, y - radius * 0.7), f"{holes}×ø{rng.integers(6, 30)} EQS")
    _dimension(sheet, (x - radius, y + radius + 84), (x + radius, y + radius + 84), f"ø{rng.integers(120, 900)}")


def _circle(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, stroke: int) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=INK, width=stroke)


def _dashed(pen: ImageDraw.ImageDraw, start: tuple[float, float], end: tuple[float, float]) -> None:
    length = math.dist(start, end)
    for at in np.arange(0, length, 34):
        a, b = at / length, min(length, at + 24) / length
        pen.line([(start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t) for t in (a, b)], fill=_GREY, width=2)


def _leader(sheet: Sheet, at: tuple[float, float], text: str) -> None:
    x, y = at[0] + 110, at[1] - 70
    sheet.pen.line((*at, x, y, x + 190, y), fill=INK, width=_THIN)
    sheet.line((x + 8, y - 8), text, 24)


def _dimension(sheet: Sheet, start: tuple[float, float], end: tuple[float, float], text: str) -> None:
    pen = sheet.pen
    pen.line((*start, *end), fill=INK, width=_THIN)
    for (x, y), sign in ((start, 1), (end, -1)):
        pen.polygon([(x, y), (x + sign * 18, y - 5), (x + sign * 18, y + 5)], fill=INK)
        pen.line((x, y - 34, x, y + 8), fill=_GREY, width=1)
    sheet.line(((start[0] + end[0]) / 2, start[1] - 8), text, 24, anchor="ms")


def _section(sheet: Sheet, rng: np.random.Generator, y: float) -> None:
    """A stepped shaft in half section, hatched above the axis."""
    pen, x = sheet.pen, 170.0
    for _ in range(int(rng.integers(4, 7))):
        length, half = float(rng.uniform(90, 190)), float(rng.uniform(45, 170))
        end = min(x + length, WIDTH - 150)
        pen.rectangle((x, y - half, end, y + half), outline=INK, width=_THICK)
        _hatch(pen, (x, y - half, end, y - half * 0.35))
        _dimension(sheet, (x, y + 240), (end, y + 240), f"{rng.integers(8, 420)}")
        x = end
    _dashed(pen, (130, y), (WIDTH - 110, y))
    sheet.line((130, y - 250), f"{'ABCDEF'[rng.integers(6)]}—{'ABCDEF'[rng.integers(6)]}  1:{rng.integers(2, 20)}", 30, bold=True)


def _hatch(pen: ImageDraw.ImageDraw, box: tuple[float, float, float, float], pitch: int = 14) -> None:
    left, top, right, bottom = box
    height = bottom - top
    for start in np.arange(left - height, right, pitch):
        x0, x1 = max(left, start), min(right, start + height)
        pen.line((x0, bottom - (x0 - start), x1, bottom - (x1 - start)), fill=_GREY, width=1)
    pen.line((left, bottom, right, bottom), fill=INK, width=_THIN)


def _notes(sheet: Sheet, rng: np.random.Generator) -> None:
    sentences = vocabulary.chinese(rng)
    sheet.line((WIDTH - 390, 560), "技术要求", 30, bold=True)
    y = 608.0
    for number in range(1, 4):
        text = f"{number}. {next(sentences)}"
        y = sheet.paragraph(text, (WIDTH - 390, y, WIDTH - 90, 900), 20, 28)


def _title_block(sheet: Sheet, rng: np.random.Generator) -> None:
    left, top, right, bottom = WIDTH - 620, HEIGHT - 270, WIDTH - 60, HEIGHT - 60
    for y in (top, top + 70, top + 140, bottom):
        sheet.pen.line((left, y, right, y), fill=INK, width=_THIN)
    for x in (left, left + 280):
        sheet.pen.line((x, top, x, bottom), fill=INK, width=_THIN)
    part = vocabulary.rows(rng, 1)[0][0]
    texts = (
        (INSTITUTE, part),
        (f"YS-{rng.integers(100, 999)}.{rng.integers(10, 99)}", f"比例 1:{rng.integers(2, 20)}"),
        ("设计　审核", "共 2 张"),
    )
    for row, cells in enumerate(texts):
        for column, text in enumerate(cells):
            sheet.line((left + 140 + 280 * column, top + 35 + 70 * row), text, 28, anchor="mm")

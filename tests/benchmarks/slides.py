"""Slides of a talk: light letters on dark, large, few words; pages of one deck share their frame."""

import numpy as np
from PIL import Image, ImageDraw

from app.demo import vocabulary
from app.demo.lettering import wrap, write
from app.demo.pages import Page

WIDTH, HEIGHT = 1600, 900
_DARK, _LIGHT, _ACCENT = (18, 28, 52), (232, 236, 244), (255, 176, 64)


def slide(seed: int) -> Page:
    """A heading, five points in two languages, a foot line. 1600 × 900 pixels."""
    rng = np.random.default_rng([seed, 7])
    image, lines = Image.new("RGB", (WIDTH, HEIGHT), _DARK), []
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 28, HEIGHT), fill=_ACCENT)

    def line(at: tuple[float, float], text: str, size: int, colour: tuple[int, int, int]) -> None:
        write(pen, at, text, size, colour=colour)
        lines.append(text)

    line((90, 120), vocabulary.chinese_title(rng), 58, _ACCENT)
    line((90, 190), vocabulary.english_title(rng), 36, _LIGHT)
    chinese, english, y = vocabulary.chinese(rng), vocabulary.english(rng), 290
    for number in range(5):
        for part in wrap(next(english if number % 2 else chinese), 34, WIDTH - 240)[:2]:
            line((120, y), part, 34, _LIGHT)
            y += 52
        y += 22
    line((90, HEIGHT - 40), "Yuanshan Equipment Institute · internal review", 24, (150, 160, 182))
    return Page(np.asarray(image), "\n".join(lines))

"""Text as pixels: one font for Chinese and English, wrapping, imitation bold."""

import re
from functools import cache
from importlib.resources import as_file, files

from PIL import ImageDraw, ImageFont

Colour = tuple[int, int, int]
INK: Colour = (28, 28, 32)
RED: Colour = (203, 22, 30)
_SIMPLIFIED_CHINESE = 2  # the face's place in the collection
_NEVER_FIRST = "，。、；：！？）》”’％%,.;:!?)"


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Noto Sans CJK SC at ``size`` pixels; the same layout whatever shaping library the machine has."""
    with as_file(files("noto_cjk_sans_otc") / "NotoSansCJK-Regular.ttc") as path:
        return ImageFont.truetype(path, size, index=_SIMPLIFIED_CHINESE, layout_engine=ImageFont.Layout.BASIC)


def width(text: str, size: int) -> float:
    """Advance of one line in pixels."""
    return font(size).getlength(text)


def write(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    size: int,
    *,
    colour: Colour = INK,
    anchor: str = "ls",
    bold: bool = False,
) -> None:
    """Draw one line; ``anchor`` as Pillow names them (``ls``: left end of the baseline)."""
    draw.text(at, text, font=font(size), fill=colour, anchor=anchor, stroke_width=size / 34 if bold else 0, stroke_fill=colour)


def spaced(draw: ImageDraw.ImageDraw, centre: tuple[float, float], text: str, size: int, gap: float, colour: Colour) -> None:
    """Draw a centred bold head with extra space between its characters."""
    total = sum(width(letter, size) for letter in text) + gap * (len(text) - 1)
    x = centre[0] - total / 2
    for letter in text:
        write(draw, (x, centre[1]), letter, size, colour=colour, anchor="lm", bold=True)
        x += width(letter, size) + gap


def wrap(text: str, size: int, limit: float, first_indent: float = 0) -> list[str]:
    """Lines no wider than ``limit`` pixels; words stay whole, Chinese breaks anywhere but before closing punctuation."""
    lines, line, room = [], "", limit - first_indent
    for token in re.findall(r"[A-Za-z0-9][A-Za-z0-9.,:;!?'’/%°()-]*|\s+|.", text):
        if line and width(line + token.rstrip(), size) > room and token not in _NEVER_FIRST:
            lines.append(line.rstrip())
            line, room = token.lstrip(), limit
        else:
            line += token
    return [*lines, line.rstrip()] if line.strip() else lines

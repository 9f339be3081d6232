"""What a chat does to a picture: forwarding, cropping, stickers and captions, screenshots of the conversation."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw

from app.demo.camera import jpeg
from app.demo.lettering import Colour, font, width, wrap, write
from fingerprints.types import U8

WIDTH, HEIGHT = 1080, 1920


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of a chat application."""

    back: Colour
    bar: Colour
    theirs: Colour
    mine: Colour
    ink: Colour
    faint: Colour


THEMES = (
    Theme((237, 237, 237), (247, 247, 247), (255, 255, 255), (149, 236, 105), (24, 24, 24), (140, 140, 146)),
    Theme((17, 20, 24), (30, 34, 40), (44, 50, 58), (36, 92, 140), (236, 236, 236), (140, 146, 154)),
    Theme((214, 228, 236), (82, 132, 172), (255, 255, 255), (232, 254, 210), (28, 28, 32), (106, 130, 146)),
)
_AVATARS: tuple[Colour, ...] = ((196, 92, 78), (74, 128, 186), (92, 154, 104), (176, 128, 62), (128, 96, 168), (70, 150, 156))
_CHATTER = (
    ("小周", "刚才谁发的？"),
    ("Lena", "wow, is that real?"),
    ("老陈", "晚上吃什么"),
    ("Ivo", "don't share this further please"),
    ("表姐", "收到，我转给二叔看看"),
    ("Zhang", "look what we have at work"),
    ("阿明", "这个字好小，看不清"),
    ("Mara", "can you send the second page too"),
    ("王老师", "请大家查收"),
    ("Tom", "haha nice"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Bubble:
    """One message on the screen: words, or a picture (uint8, RGB)."""

    name: str
    words: str = ""
    picture: U8 | None = None
    mine: bool = False


def forward(picture: U8, longest: int = 1280, quality: int = 70) -> bytes:
    """What a messenger sends on: rescaled to ``longest`` pixels at most, compressed again as JPEG."""
    scale = min(1.0, longest / max(picture.shape[:2]))
    smaller = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return jpeg(np.asarray(smaller, np.uint8), quality)


def crop(picture: U8, left: float, top: float, right: float, bottom: float) -> U8:
    """The part between the given fractions of width and height."""
    height, across = picture.shape[:2]
    return np.ascontiguousarray(
        picture[round(top * height) : round(bottom * height), round(left * across) : round(right * across)]
    )


def caption(picture: U8, words: str) -> U8:
    """White words on a black band added below."""
    height, across = picture.shape[:2]
    image = Image.new("RGB", (across, height + across // 9), (12, 12, 14))
    image.paste(Image.fromarray(picture))
    size = max(14, across // 18)
    ImageDraw.Draw(image).text((across / 2, height + across / 18), words, font=font(size), fill=(250, 250, 250), anchor="mm")
    return np.asarray(image)


def sticker(picture: U8, seed: int, count: int = 3) -> U8:
    """Round yellow faces stuck onto the picture; each about a sixth of its shorter side."""
    rng = np.random.default_rng([seed, 51])
    result = picture.copy()
    height, across = picture.shape[:2]
    radius = min(height, across) // 12
    for _ in range(count):
        _smiley(result, (int(rng.uniform(0.15, 0.85) * across), int(rng.uniform(0.15, 0.85) * height)), radius)
    return result


def _smiley(picture: U8, centre: tuple[int, int], radius: int) -> None:
    x, y = centre
    cv2.circle(picture, centre, radius, (250, 206, 60), -1, cv2.LINE_AA)
    cv2.circle(picture, centre, radius, (200, 140, 20), max(1, radius // 16), cv2.LINE_AA)
    for side in (-1, 1):
        cv2.circle(picture, (x + side * radius * 2 // 5, y - radius // 4), max(1, radius // 7), (70, 44, 10), -1, cv2.LINE_AA)
    cv2.ellipse(
        picture, (x, y + radius // 8), (radius // 2, radius // 2), 0, 10, 170, (70, 44, 10), max(1, radius // 10), cv2.LINE_AA
    )


def chat_screenshot(picture: U8, seed: int, bubbles: Sequence[Bubble] = (), title: str = "") -> U8:
    """A phone's screen showing a conversation with ``picture`` in it: uint8, (1920, 1080, 3), RGB.

    ``bubbles``: what stands above and below the picture; without it, small talk drawn from the seed.
    """
    rng = np.random.default_rng([seed, 52])
    theme = THEMES[int(rng.integers(len(THEMES)))]
    image = Image.new("RGB", (WIDTH, HEIGHT), theme.back)
    pen = ImageDraw.Draw(image)
    y = 250
    for bubble in bubbles or _small_talk(picture, rng):
        if y < HEIGHT - 330:
            y = _bubble(image, bubble, y, theme)
    _bars(pen, theme, title or str(rng.choice(["相亲相爱一家人", "Weekend plans", "三车间交流群", "Family", "项目部 (28)"])), rng)
    return np.asarray(image)


def _small_talk(picture: U8, rng: np.random.Generator) -> list[Bubble]:
    talk = [Bubble(*_CHATTER[index], mine=bool(rng.random() < 0.3)) for index in rng.permutation(len(_CHATTER))[:5]]
    shown = Bubble(talk[0].name, picture=picture)
    above = int(rng.integers(0, 3))
    return [*talk[:above], shown, *talk[above:]]


def _bubble(image: Image.Image, bubble: Bubble, y: int, theme: Theme) -> int:
    """Draw one bubble under ``y``; returns where the next may begin."""
    pen, x = ImageDraw.Draw(image), WIDTH - 132 if bubble.mine else 32
    colour = _AVATARS[sum(map(ord, bubble.name)) % len(_AVATARS)]
    pen.rounded_rectangle((x, y, x + 100, y + 100), 14, fill=colour)
    write(pen, (x + 50, y + 50), bubble.name[:1], 52, colour=(255, 255, 255), anchor="mm")
    if not bubble.mine:
        write(pen, (154, y + 24), bubble.name, 30, colour=theme.faint)
    top = y if bubble.mine else y + 40
    block = _words(bubble.words, theme, bubble.mine) if bubble.picture is None else _rounded(bubble.picture, theme)
    left = WIDTH - 154 - block.width if bubble.mine else 154
    image.paste(block, (left, top))
    return top + block.height + 46


def _words(words: str, theme: Theme, mine: bool) -> Image.Image:
    lines = wrap(words, 42, 660)
    across = round(max(width(line, 42) for line in lines)) + 56
    block = Image.new("RGB", (across, 62 * len(lines) + 36), theme.back)
    pen = ImageDraw.Draw(block)
    pen.rounded_rectangle((0, 0, block.width - 1, block.height - 1), 16, fill=theme.mine if mine else theme.theirs)
    for row, line in enumerate(lines):
        write(pen, (28, 62 + 62 * row), line, 42, colour=theme.ink)
    return block


def _rounded(picture: U8, theme: Theme, widest: int = 690, tallest: int = 980) -> Image.Image:
    scale = min(widest / picture.shape[1], tallest / picture.shape[0])
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    shown = Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC)
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), 18, fill=255)
    return Image.composite(shown, Image.new("RGB", size, theme.back), mask)


def _bars(pen: ImageDraw.ImageDraw, theme: Theme, title: str, rng: np.random.Generator) -> None:
    pen.rectangle((0, 0, WIDTH, 216), fill=theme.bar)
    write(pen, (54, 62), f"{rng.integers(7, 23):02d}:{rng.integers(60):02d}", 36, colour=theme.ink, bold=True)
    write(pen, (WIDTH - 150, 62), "5G", 32, colour=theme.ink, anchor="rs")
    pen.rounded_rectangle((WIDTH - 128, 34, WIDTH - 62, 64), 8, outline=theme.ink, width=3)
    pen.rectangle((WIDTH - 122, 40, WIDTH - 122 + int(rng.integers(12, 54)), 58), fill=theme.ink)
    pen.line((66, 130, 42, 154, 66, 178), fill=theme.ink, width=6)
    write(pen, (WIDTH / 2, 154), title, 44, colour=theme.ink, anchor="mm", bold=True)
    for k in range(3):
        pen.ellipse((WIDTH - 102 + 22 * k, 150, WIDTH - 94 + 22 * k, 158), fill=theme.ink)
    pen.rectangle((0, HEIGHT - 170, WIDTH, HEIGHT), fill=theme.bar)
    pen.rounded_rectangle((120, HEIGHT - 142, WIDTH - 230, HEIGHT - 54), 14, fill=theme.theirs)
    for x in (66, WIDTH - 170, WIDTH - 72):
        pen.ellipse((x - 32, HEIGHT - 130, x + 32, HEIGHT - 66), outline=theme.ink, width=5)
    pen.line((WIDTH - 90, HEIGHT - 98, WIDTH - 54, HEIGHT - 98), fill=theme.ink, width=5)
    pen.line((WIDTH - 72, HEIGHT - 116, WIDTH - 72, HEIGHT - 80), fill=theme.ink, width=5)

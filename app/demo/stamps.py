"""The round red stamp of an office."""

import math

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from app.demo.lettering import font

_RED = (196, 30, 36)


def press(image: Image.Image, name: str, centre: tuple[float, float], radius: int, rng: np.random.Generator) -> None:
    """Stamp ``name`` onto ``image``: translucent, slightly turned, unevenly inked."""
    ink = _mask(name, radius).rotate(float(rng.uniform(-9, 9)), Image.Resampling.BICUBIC)
    uneven = Image.fromarray(rng.integers(120, 255, (14, 14), dtype=np.uint8)).resize(ink.size, Image.Resampling.BICUBIC)
    patch = Image.new("RGB", ink.size, (255, 255, 255))
    patch.paste(_RED, (0, 0), ImageChops.multiply(ink, uneven))
    corner = (int(centre[0] - ink.width / 2), int(centre[1] - ink.height / 2))
    box = (*corner, corner[0] + ink.width, corner[1] + ink.height)
    image.paste(ImageChops.multiply(image.crop(box), patch), box)


def _mask(name: str, radius: int) -> Image.Image:
    side = 2 * radius + 8
    mask = Image.new("L", (side, side), 0)
    pen, middle = ImageDraw.Draw(mask), side / 2
    pen.ellipse((4, 4, side - 4, side - 4), outline=255, width=7)
    star = [
        (middle + r * math.sin(k * math.pi / 5), middle - r * math.cos(k * math.pi / 5))
        for k in range(10)
        for r in [radius * (0.3 if k % 2 == 0 else 0.115)]
    ]
    pen.polygon(star, fill=255)
    for place, letter in enumerate(name):
        _on_arc(mask, letter, (place / max(1, len(name) - 1) - 0.5) * 230, radius)
    return mask


def _on_arc(mask: Image.Image, letter: str, degrees: float, radius: int) -> None:
    size = int(radius * 0.30)
    glyph = Image.new("L", (2 * size, 2 * size), 0)
    ImageDraw.Draw(glyph).text((size, size), letter, font=font(size), fill=255, anchor="mm", stroke_width=1)
    turned = glyph.rotate(-degrees, Image.Resampling.BICUBIC)
    angle, reach = math.radians(degrees), radius * 0.74
    x, y = mask.width / 2 + reach * math.sin(angle), mask.height / 2 - reach * math.cos(angle)
    box = (round(x - size), round(y - size))
    region = (*box, box[0] + 2 * size, box[1] + 2 * size)
    mask.paste(ImageChops.lighter(mask.crop(region), turned), region)

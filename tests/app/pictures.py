"""Drawn files to send: a picture rich in detail, and every kind of file that has broken somebody's server."""

import io
from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageDraw


def scene(seed: int, width: int = 700, height: int = 520) -> Image.Image:
    """Shapes enough to be recognised again."""
    random = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), random.integers(40, 210, 3), np.uint8)
    for _ in range(120):
        x, y = int(random.integers(0, width)), int(random.integers(0, height))
        colour = tuple(int(c) for c in random.integers(0, 255, 3))
        if random.random() < 0.5:
            end = (x + int(random.integers(8, 120)), y + int(random.integers(8, 120)))
            cv2.rectangle(pixels, (x, y), end, colour, -1)
        else:
            cv2.circle(pixels, (x, y), int(random.integers(4, 50)), colour, -1)
    return Image.fromarray(pixels)


@cache
def jpeg(seed: int, quality: int = 90) -> bytes:
    return encoded(scene(seed), "JPEG", quality=quality)


def pdf(*seeds: int) -> bytes:
    """A scanned document, a page a seed."""
    first, *rest = (scene(seed) for seed in seeds)
    return encoded(first, "PDF", save_all=True, append_images=rest)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _exif_rotated() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(scene(31), "JPEG", exif=exif)


def _bilevel_tiff() -> bytes:
    image = Image.new("1", (400, 300), 1)
    ImageDraw.Draw(image).text((20, 20), "one bit", fill=0)
    return encoded(image, "TIFF", compression="group4")


ACCEPTED: dict[str, Callable[[], bytes]] = {
    "palette.png": lambda: encoded(scene(32).convert("P", palette=Image.Palette.ADAPTIVE), "PNG"),
    "cmyk.jpg": lambda: encoded(scene(33).convert("CMYK"), "JPEG"),
    "bilevel.tiff": _bilevel_tiff,
    "rotated.jpg": _exif_rotated,
    "blank.png": lambda: encoded(Image.new("RGB", (600, 800), "white"), "PNG"),
}
"""Odd, but to be inspected like any other."""

REFUSED: dict[str, Callable[[], bytes]] = {
    "text.jpg": lambda: b"\xff\xd8\xff\xe0 this is no picture",
    "empty.jpg": lambda: b"",
    "huge.png": lambda: encoded(Image.new("1", (13000, 13000)), "PNG"),
}
"""Nothing of these can be inspected, and that must be said."""

TRUNCATED: dict[str, Callable[[], bytes]] = {"truncated.jpg": lambda: jpeg(34)[: len(jpeg(34)) // 2]}
"""Half a picture is inspected, and said to be half."""

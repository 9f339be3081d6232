"""What happens to a picture between the leak and the gateway. Add a function to ``ATTACKS`` and the benchmark measures it."""

import zlib
from collections.abc import Callable

import cv2
import numpy as np

from app.demo.camera import jpeg
from app.demo.camera import print_photo as photographed_print
from app.demo.screens import chat_screenshot as screenshot
from fingerprints.types import U8

Attack = Callable[[U8, int], bytes]
"""Picture (uint8, RGB, any size) and seed to the bytes of a file; the same two give the same bytes."""


def recompress(picture: U8, seed: int) -> bytes:
    """Half the size, JPEG quality 30."""
    return jpeg(np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8), 30)


def crop40(picture: U8, seed: int) -> bytes:
    """A random rectangle of 40 % of the area, its sides within a factor of 1.5 of the picture's own proportion."""
    rng = np.random.default_rng(seed)
    height, width = picture.shape[:2]
    stretch = float(np.exp(rng.uniform(-1, 1) * np.log(1.5) / 2))
    w, h = max(1, round(width * 0.4**0.5 * stretch)), max(1, round(height * 0.4**0.5 / stretch))
    x, y = int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1))
    return jpeg(np.ascontiguousarray(picture[y : y + h, x : x + w]), 85)


def rotate90(picture: U8, seed: int) -> bytes:
    """A right-angle turn to the left or to the right."""
    return jpeg(np.ascontiguousarray(np.rot90(picture, 1 if seed % 2 else 3)), 85)


def chat_screenshot(picture: U8, seed: int) -> bytes:
    """A phone's screenshot of a chat in which the picture was posted."""
    return jpeg(screenshot(picture, seed), 85)


def print_photo(picture: U8, seed: int) -> bytes:
    """A phone photo of the picture's print on a desk."""
    return jpeg(photographed_print(picture, seed), 85)


ATTACKS: dict[str, Attack] = {attack.__name__: attack for attack in (recompress, crop40, rotate90, chat_screenshot, print_photo)}


def seed_of(base: int, *words: str) -> int:
    """A seed that depends on the words alone, the same on every machine."""
    return (zlib.crc32("/".join(words).encode()) + base) % 2**31

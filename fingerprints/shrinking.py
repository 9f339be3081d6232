"""A smaller copy of a picture, every pixel of it the mean of what it stands for.

OpenCV takes the mean of an exact half at a hundredth of what it costs at any other ratio, so halves are taken while they can be.
"""

import cv2
import numpy as np

from fingerprints.types import U8


def shrunk(pixels: U8, side: int) -> U8:
    """uint8, grey or RGB: its longer side at most ``side`` pixels. Of an odd number of rows or columns the last may be lost."""
    factor = min(1.0, side / max(pixels.shape[:2]))
    size = [max(1, round(length * factor)) for length in pixels.shape[1::-1]]
    while max(pixels.shape[:2]) >= 2 * side and min(pixels.shape[:2]) > 1:
        pixels = halved(pixels)
    return pixels if [*pixels.shape[1::-1]] == size else _resized(pixels, size)


def halved(pixels: U8) -> U8:
    """Both sides at least 2 pixels."""
    height, width = (length // 2 for length in pixels.shape[:2])
    return _resized(pixels[: 2 * height, : 2 * width], [width, height])


def _resized(pixels: U8, size: list[int]) -> U8:
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)

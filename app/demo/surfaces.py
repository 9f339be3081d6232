"""What things are made of: noise, painted metal, concrete, wood, brick, cloth; uint8, (height, width, 3), RGB."""

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from app.demo.lettering import Colour
from fingerprints.types import F32, U8


def clouds(shape: tuple[int, int], rng: np.random.Generator, cells: int = 4, octaves: int = 4) -> F32:
    """Value noise, float32, ``shape``, mean about 0, mostly within -1..1; ``cells`` across at the coarsest octave."""
    height, width = shape
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        across = min(width, cells << octave)
        down = max(1, min(height, across * height // width))
        grid = rng.normal(size=(down + 1, across + 1)).astype(np.float32)
        total += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) * np.float32(0.5**octave * 0.6)
    return total


def tinted(shape: tuple[int, int], colour: Colour, shade: npt.ArrayLike) -> U8:
    """``colour`` times ``shade`` (gains, broadcast to ``shape``)."""
    gains = np.broadcast_to(np.asarray(shade, np.float32), shape)[:, :, None]
    return np.asarray(np.clip(np.array(colour, np.float32) * gains, 0, 255), np.uint8)


def painted(shape: tuple[int, int], colour: Colour, rng: np.random.Generator) -> U8:
    """Sheet metal under paint: faint mottling, scratches, grime that gathers below, a bright worn edge."""
    height, width = shape
    shade = 1 + 0.035 * clouds(shape, rng, 3) - 0.10 * np.linspace(0, 1, height, dtype=np.float32)[:, None] ** 4
    shade += rng.normal(0, 0.012, shape).astype(np.float32)
    sheet = tinted(shape, colour, shade)
    for _ in range(max(2, width * height // 26000)):
        x, y, run = rng.integers(width), rng.integers(height), rng.integers(-40, 40, 2)
        tone = tuple(float(min(255, c * g)) for c, g in zip(colour, [rng.choice([0.8, 1.18])] * 3, strict=True))
        cv2.line(sheet, (int(x), int(y)), (int(x + run[0]), int(y + run[1] // 3)), tone, 1, cv2.LINE_AA)
    cv2.rectangle(sheet, (0, 0), (width - 1, height - 1), tuple(c * 0.62 for c in colour), 2)
    cv2.rectangle(sheet, (2, 2), (width - 3, height - 3), tuple(min(255.0, c * 1.22) for c in colour), 1)
    return sheet


def steel(shape: tuple[int, int], rng: np.random.Generator, tone: int = 176) -> U8:
    """Brushed steel, the brush going across."""
    brush = cv2.blur(rng.normal(0, 1, shape).astype(np.float32), (61, 1)) * 0.5
    return tinted(shape, (tone, tone + 3, tone + 8), 1 + 0.16 * brush + 0.06 * clouds(shape, rng, 2, 2))


def concrete(shape: tuple[int, int], rng: np.random.Generator, colour: Colour = (150, 149, 143)) -> U8:
    """A poured floor with stains and joints."""
    shade = 1 + 0.09 * clouds(shape, rng, 8, 6) + rng.normal(0, 0.02, shape).astype(np.float32)
    floor = tinted(shape, colour, shade)
    step = shape[0] // 4
    for at in range(step, max(shape), step):
        cv2.line(floor, (at, 0), (at, shape[0]), tuple(c * 0.62 for c in colour), 2, cv2.LINE_AA)
        cv2.line(floor, (0, at), (shape[1], at), tuple(c * 0.62 for c in colour), 2, cv2.LINE_AA)
    return floor


def wood(shape: tuple[int, int], rng: np.random.Generator, colour: Colour = (168, 122, 78), planks: int = 5) -> U8:
    """A table top: planks with grain that wanders along them."""
    height = shape[0]
    drift = clouds(shape, rng, 3, 3)
    bands = np.arange(height, dtype=np.float32)[:, None] * np.float32(0.35) + 9 * drift
    fibre = cv2.blur(rng.normal(0, 1, shape).astype(np.float32), (91, 1)) * 5
    shade = 1 + 0.055 * np.sin(bands) + 0.05 * fibre + 0.05 * drift
    edges = np.linspace(0, height, planks + 1).astype(int)
    for top, bottom in pairwise(edges):
        shade[top:bottom] *= rng.uniform(0.9, 1.08)
        shade[top : top + 2] *= 0.6
    return tinted(shape, colour, shade)


def brick(shape: tuple[int, int], rng: np.random.Generator, colour: Colour = (158, 92, 74), course: int = 18) -> U8:
    """A brick wall; ``course`` is one brick's height in pixels."""
    wall = tinted(shape, (176, 170, 160), 1 + 0.05 * clouds(shape, rng, 6))
    long = course * 3
    for row, y in enumerate(range(0, shape[0], course)):
        for x in range(-(row % 2) * long // 2, shape[1], long):
            tone = tuple(float(c * rng.uniform(0.8, 1.15)) for c in colour)
            cv2.rectangle(wall, (max(0, x), y), (x + long - 4, y + course - 4), tone, -1)
    return np.asarray(np.clip(wall * (1 + rng.normal(0, 0.03, shape))[:, :, None], 0, 255), np.uint8)


def plaster(shape: tuple[int, int], rng: np.random.Generator, colour: Colour, dado: Colour | None = None) -> U8:
    """A painted wall, with a darker band below when ``dado`` is given."""
    wall = tinted(shape, colour, 1 + 0.03 * clouds(shape, rng, 5, 5))
    if dado:
        cut = int(shape[0] * 0.66)
        wall[cut:] = tinted((shape[0] - cut, shape[1]), dado, 1 + 0.03 * clouds((shape[0] - cut, shape[1]), rng, 5))
        wall[cut - 3 : cut] = (70, 70, 70)
    return wall


def cloth(shape: tuple[int, int], rng: np.random.Generator, colour: Colour = (92, 104, 122)) -> U8:
    """Woven cloth: a table cloth or a desk mat."""
    height, width = shape
    weave = np.sin(np.arange(width) * 1.9)[None, :] * np.sin(np.arange(height) * 1.9)[:, None]
    return tinted(shape, colour, 1 + 0.05 * weave.astype(np.float32) + 0.06 * clouds(shape, rng, 4, 5))


def hazard(shape: tuple[int, int]) -> U8:
    """Yellow and black slanting stripes."""
    height, width = shape
    y, x = np.mgrid[:height, :width]
    stripe = ((x + y) // max(10, height)) % 2 == 0
    return np.where(stripe[:, :, None], np.array((238, 190, 20)), np.array((30, 30, 32))).astype(np.uint8)

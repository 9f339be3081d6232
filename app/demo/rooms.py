"""Where a machine stands: floor with its shadow, walls with windows and posters."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

from app.demo.lettering import Colour
from app.demo.panels import text
from app.demo.solids import F64, Face, Lamp
from app.demo.surfaces import brick, clouds, concrete, hazard, plaster, steel, wood
from fingerprints.types import U8

_DENSITY = 110  # pixels a metre of floor and wall
_FRONT, _BACK, _SIDE, _HEIGHT = -9.0, 2.6, 7.0, 5.2  # metres from where the machine stands


class _Style(NamedTuple):
    floor: Colour
    wall: Colour
    dado: Colour | None
    brick: bool


_STYLES = (
    _Style((150, 149, 143), (206, 208, 200), (110, 140, 126), False),
    _Style((128, 134, 138), (160, 98, 78), None, True),
    _Style((104, 132, 120), (224, 222, 212), (84, 116, 160), False),
    _Style((172, 160, 146), (196, 204, 212), None, False),
    _Style((120, 118, 116), (150, 146, 140), (190, 150, 60), False),
)


def room(seed: int, solids: Sequence[Face], lamp: Lamp) -> list[Face]:
    """The inside of a hall; each seed another place. ``solids`` throw their shadows on its floor."""
    floor, back, left, right = _surfaces(seed)
    floor = floor.copy()
    shadows(floor, solids, lamp, (-_SIDE, _BACK), _DENSITY)
    s, f, b, h = _SIDE, _FRONT, _BACK, _HEIGHT
    return [
        Face(floor, np.array([(-s, b, 0), (s, b, 0), (s, f, 0), (-s, f, 0)])),
        Face(back, np.array([(-s, b, h), (s, b, h), (s, b, 0), (-s, b, 0)])),
        Face(left, np.array([(-s, f, h), (-s, b, h), (-s, b, 0), (-s, f, 0)])),
        Face(right, np.array([(s, b, h), (s, f, h), (s, f, 0), (s, b, 0)])),
    ]


@lru_cache(maxsize=8)
def _surfaces(seed: int) -> tuple[U8, U8, U8, U8]:
    rng = np.random.default_rng([seed, 7])
    style, depth = _STYLES[seed % len(_STYLES)], _BACK - _FRONT
    return _floor(style, rng), _wall(2 * _SIDE, style, rng), _wall(depth, style, rng), _wall(depth, style, rng)


def shadows(floor: U8, solids: Sequence[Face], lamp: Lamp, corner: tuple[float, float], density: float) -> None:
    """Darken ``floor`` (whose top left lies at ``corner``, x right, y up) where the faces stand between it and the lamp."""
    height, width = floor.shape[:2]
    cast, under = (np.zeros((height // 4, width // 4), np.uint8) for _ in range(2))
    for face in solids:
        for mask, points in ((cast, _thrown(face.corners, lamp)), (under, face.corners[:, :2])):
            pixels = (points - np.array(corner)) * [density / 4, -density / 4]
            cv2.fillConvexPoly(mask, cv2.convexHull(pixels.astype(np.float32)).astype(np.int32), 255)
    soft = cv2.GaussianBlur(cast.astype(np.float32), (0, 0), density * 0.022) / 255
    near = cv2.GaussianBlur(under.astype(np.float32), (0, 0), density * 0.04) / 255
    gain = cv2.resize((1 - np.float32(0.42) * soft) * (1 - np.float32(0.5) * near), (width, height))
    np.copyto(floor, (floor * gain[:, :, None]).astype(np.uint8))


def _thrown(corners: F64, lamp: Lamp) -> F64:
    drop = np.maximum(lamp.position[2] - corners[:, 2:], 0.5)
    return np.asarray(lamp.position[:2] + (corners[:, :2] - lamp.position[:2]) * lamp.position[2] / drop)


def _floor(style: _Style, rng: np.random.Generator) -> U8:
    shape = (round((_BACK - _FRONT) * _DENSITY), round(2 * _SIDE * _DENSITY))
    floor = concrete(shape, rng, style.floor)
    for _ in range(9):
        x, y, r = int(rng.integers(shape[1])), int(rng.integers(shape[0])), int(rng.integers(14, 60))
        patch = floor[max(0, y - r) : y + r, max(0, x - r) : x + r]
        stain = np.clip(clouds(patch.shape[:2], rng, 2, 3), 0, 1) * 0.3
        np.copyto(patch, (patch * (1 - stain[:, :, None])).astype(np.uint8))
    lane = round((_BACK - _FRONT) * _DENSITY * float(rng.uniform(0.5, 0.6)))
    floor[lane : lane + 12] = (226, 188, 40)
    return floor


def _wall(length: float, style: _Style, rng: np.random.Generator) -> U8:
    shape = (round(_HEIGHT * _DENSITY), round(length * _DENSITY))
    wall = brick(shape, rng, style.wall) if style.brick else plaster(shape, rng, style.wall, style.dado)
    x = int(rng.integers(30, 140))
    while x < shape[1] - 240:
        size = int(rng.integers(130, 250))
        (_window, _poster, _cabinet, _pipes)[rng.integers(4)](wall, x, size, rng)
        x += size + int(rng.integers(40, 170))
    return wall


def _window(wall: U8, x: int, size: int, rng: np.random.Generator) -> None:
    top, bottom = 60, 60 + int(size * 1.1)
    sky = np.linspace(250, 214, bottom - top)[:, None, None] * np.array([0.93, 0.98, 1.0])
    wall[top:bottom, x : x + size] = np.broadcast_to(sky, (bottom - top, size, 3)).astype(np.uint8)
    for k in range(4):
        at = x + k * size // 3
        cv2.line(wall, (at, top), (at, bottom), (92, 96, 100), 6)
        cv2.line(wall, (x, top + k * (bottom - top) // 3), (x + size, top + k * (bottom - top) // 3), (92, 96, 100), 6)
    cv2.rectangle(wall, (x - 8, bottom), (x + size + 8, bottom + int(rng.integers(8, 14))), (120, 122, 120), -1)


def _poster(wall: U8, x: int, size: int, rng: np.random.Generator) -> None:
    colour = [(176, 34, 38), (26, 84, 148), (24, 112, 76)][rng.integers(3)]
    top = int(rng.integers(150, 210))
    cv2.rectangle(wall, (x, top), (x + size, top + size // 2), colour, -1)
    cv2.rectangle(wall, (x + 5, top + 5), (x + size - 5, top + size // 2 - 5), (240, 236, 220), 2)
    words = str(rng.choice(["安全生产", "质量第一", "SAFETY FIRST", "严禁烟火", "整理 整顿", "BAY 4"]))
    text(wall, (x + 8, top + 8, x + size - 8, top + size // 2 - 8), words, (246, 242, 226), size // 4)


def _cabinet(wall: U8, x: int, size: int, rng: np.random.Generator) -> None:
    tone = int(rng.integers(120, 190))
    top = wall.shape[0] - int(rng.integers(200, 300))
    cv2.rectangle(wall, (x, top), (x + size, wall.shape[0]), (tone, tone + 4, tone - 6), -1)
    for k in range(3):
        left = x + k * size // 3
        cv2.rectangle(wall, (left + 3, top + 6), (left + size // 3 - 3, wall.shape[0] - 8), (tone - 40, tone - 38, tone - 40), 2)
        cv2.circle(wall, (left + size // 3 - 14, (top + wall.shape[0]) // 2), 5, (50, 50, 54), -1, cv2.LINE_AA)
    wall[top - 18 : top, x : x + size] = hazard((18, size))


def _pipes(wall: U8, x: int, size: int, rng: np.random.Generator) -> None:
    for k in range(int(rng.integers(2, 5))):
        at, thick = x + k * size // 4, int(rng.integers(10, 20))
        pipe = np.rot90(steel((wall.shape[0], thick), rng, int(rng.integers(120, 190))), 2)
        shine = 0.55 + 0.6 * np.sin(np.linspace(0.2, np.pi - 0.1, pipe.shape[1]))
        wall[:, at : at + pipe.shape[1]] = np.clip(pipe * shine[None, :, None], 0, 255)


def tabletop(kind: int, rng: np.random.Generator, shape: tuple[int, int] = (1200, 1600)) -> U8:
    """A table's surface seen from above: one of several woods."""
    colours: tuple[Colour, ...] = ((168, 122, 78), (122, 84, 58), (196, 164, 122), (92, 70, 58))
    return wood(shape, rng, colours[kind % len(colours)], planks=3 + kind % 4)

"""Machines that nobody built: composed from a seed, standing in a hall, photographed from anywhere."""

from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

from app.demo.camera import expose
from app.demo.lettering import Colour
from app.demo.panels import DENSITY, panel, text
from app.demo.rooms import room
from app.demo.shapes import Place, box, cylinder, disc
from app.demo.solids import Face, Lamp, orbit, render
from app.demo.surfaces import hazard, painted, steel
from fingerprints.types import U8

SIZE = (1200, 900)
"""Width and height of a photograph of a machine."""


class _Paint(NamedTuple):
    body: Colour
    accent: Colour


_PAINTS = (
    _Paint((96, 132, 116), (222, 214, 190)),
    _Paint((52, 96, 148), (226, 228, 226)),
    _Paint((214, 206, 186), (206, 104, 36)),
    _Paint((196, 204, 206), (30, 122, 128)),
    _Paint((224, 178, 52), (74, 78, 84)),
    _Paint((168, 58, 50), (196, 198, 200)),
    _Paint((110, 116, 124), (60, 150, 90)),
)


def photograph(
    machine_seed: int,
    azimuth: float = 0,
    elevation: float = 15,
    distance: float = 5.6,
    background_seed: int = 0,
    light: float = 0.0,
) -> U8:
    """One photograph of one machine: uint8, (900, 1200, 3), RGB.

    Degrees and metres; azimuth 0 is the machine's front, ±75 still inside the hall. ``background_seed``: which hall.
    ``light``: -1 an evening lamp from the left .. 1 cold daylight from the right.
    """
    lamp = Lamp(
        np.array([4.5 * light - 0.8, -4.0, 4.6]), (1.0 - 0.10 * max(0, light), 1.0, 1.0 + 0.14 * light), 0.52 + 0.12 * light
    )
    solids = machine(machine_seed)
    lens = orbit((0.1, 0.0, 1.15), azimuth, elevation, distance, 1.0)
    picture = render([*room(background_seed, solids, lamp), *solids], lens, lamp, SIZE)
    return expose(
        picture, np.random.default_rng([machine_seed, background_seed, round(azimuth * 7) % 65536, round(distance * 99)])
    )


@lru_cache(maxsize=8)
def machine(seed: int) -> tuple[Face, ...]:
    """The solids of machine ``seed``, standing around the origin, fronts towards -y."""
    rng = np.random.default_rng([seed, 11])
    paint = _PAINTS[int(rng.permutation(len(_PAINTS))[0])]
    faces = (_press, _reactor, _centre, _compressor)[seed % 4](rng, paint)
    return (*faces, *_control_desk(rng, paint), *_name_plate(seed, rng))


def _cabinet(
    base: Place, size: Place, paint: _Paint, rng: np.random.Generator, cell: float = 0.42, inverse: bool = False
) -> list[Face]:
    """A box with fitted sheets on every side."""
    width, depth, height = size
    body, accent = (paint.accent, paint.body) if inverse else paint
    spans = {
        "front": (width, height),
        "right": (depth, height),
        "back": (width, height),
        "left": (depth, height),
        "top": (width, depth),
    }
    return box(base, size, {side: panel(span, body, accent, rng, cell) for side, span in spans.items()})


def _plain(base: Place, size: Place, colour: Colour, rng: np.random.Generator, front: U8 | None = None) -> list[Face]:
    spans = {"right": size[1:], "back": size[::2], "left": size[1:], "top": size[:2], "front": size[::2]}
    sheets = {
        side: painted((max(8, round(b * DENSITY)), max(8, round(a * DENSITY))), colour, rng) for side, (a, b) in spans.items()
    }
    return box(base, size, sheets | ({"front": front} if front is not None else {}))


def _pipe(start: Place, end: Place, radius: float, rng: np.random.Generator, tone: int = 170) -> list[Face]:
    length = float(np.linalg.norm(np.subtract(end, start)))
    sheet = steel((max(12, round(length * 160)), max(24, round(radius * 900))), rng, tone)
    for y in range(20, sheet.shape[0], 70):
        sheet[y : y + 9] = (sheet[y : y + 9] * 0.6).astype(np.uint8)
    return cylinder(start, end, radius, sheet, 12)


def _vessel(x: float, y: float, z: tuple[float, float], radius: float, paint: _Paint, rng: np.random.Generator) -> list[Face]:
    sheet = panel((2 * np.pi * radius * 0.9, z[1] - z[0]), paint.body, paint.accent, rng, 0.38)
    lid = steel((220, 220), rng)
    cv2.circle(lid, (110, 110), 70, (90, 92, 96), 4, cv2.LINE_AA)
    for angle in np.linspace(0, 2 * np.pi, 12, endpoint=False):
        cv2.circle(lid, (int(110 + 92 * np.cos(angle)), int(110 + 92 * np.sin(angle))), 7, (60, 62, 66), -1, cv2.LINE_AA)
    return [*cylinder((x, y, z[0]), (x, y, z[1]), radius, sheet, 28), disc((x, y, z[1]), (0, 0, 1), radius, lid)]


def _press(rng: np.random.Generator, paint: _Paint) -> list[Face]:
    """Two columns, a crosshead and a ram over a table."""
    width, column = float(rng.uniform(1.7, 2.3)), float(rng.uniform(0.38, 0.52))
    crown, depth = float(rng.uniform(1.9, 2.2)), float(rng.uniform(0.9, 1.2))
    ram = float(rng.uniform(1.25, 1.55))
    stripes = hazard((36, round((width - 2 * column) * DENSITY)))
    return [
        *_cabinet((0, 0, 0), (width, depth, 0.75), paint, rng),
        *_cabinet((-(width - column) / 2, 0, 0.75), (column, depth, crown - 0.75), paint, rng, 0.3),
        *_cabinet(((width - column) / 2, 0, 0.75), (column, depth, crown - 0.75), paint, rng, 0.3),
        *_cabinet((0, 0, crown), (width * 1.04, depth * 1.05, 0.62), paint, rng, inverse=True),
        *_plain((0, 0, ram), (width - 2 * column - 0.06, depth * 0.7, 0.22), (150, 154, 160), rng),
        *_plain((0, -0.02, ram - 0.12), (width - 2 * column, depth * 0.72, 0.12), (60, 60, 62), rng, stripes),
        *_pipe((-0.3, 0, ram + 0.2), (-0.3, 0, crown), 0.11, rng, 200),
        *_pipe((0.3, 0, ram + 0.2), (0.3, 0, crown), 0.11, rng, 200),
        *_plain((0, -0.1, 0.75), (width - 2 * column - 0.1, depth * 0.6, 0.14), (120, 124, 130), rng),
    ]


def _reactor(rng: np.random.Generator, paint: _Paint) -> list[Face]:
    """Two or three vessels on a skid, joined by pipes."""
    count = int(rng.integers(2, 4))
    places = np.linspace(-0.75, 0.75, count) + rng.uniform(-0.06, 0.06, count)
    faces = _cabinet((0, 0, 0), (2.5, 1.3, 0.32), paint, rng, 0.3, inverse=True)
    for x in places:
        radius, top = float(rng.uniform(0.28, 0.42)), float(rng.uniform(1.5, 2.3))
        faces += _vessel(float(x), 0.1, (0.32, top), radius, paint, rng)
        faces += _pipe((float(x), 0.1, top), (float(x), 0.1, 2.55), 0.07, rng)
    faces += _pipe((float(places[0]), 0.1, 2.5), (float(places[-1]), 0.1, 2.5), 0.08, rng, 190)
    faces += _pipe((-1.1, -0.5, 0.62), (1.1, -0.5, 0.62), 0.06, rng, 150)
    return faces


def _centre(rng: np.random.Generator, paint: _Paint) -> list[Face]:
    """An enclosed machining centre with a window and a magazine beside it."""
    width, height = float(rng.uniform(1.8, 2.2)), float(rng.uniform(1.8, 2.1))
    glass = painted((round(0.85 * DENSITY), round(width * 0.55 * DENSITY)), (46, 58, 66), rng)
    cv2.line(glass, (20, glass.shape[0] - 10), (glass.shape[1] // 2, 10), (120, 140, 150), 5, cv2.LINE_AA)
    for x in range(40, glass.shape[1] - 30, 46):
        cv2.circle(glass, (x, glass.shape[0] // 2 + int(rng.integers(-30, 50))), 14, (132, 136, 140), -1, cv2.LINE_AA)
    magazine = float(rng.uniform(0.4, 0.55))
    return [
        *_cabinet((0, 0, 0), (width, 1.4, height), paint, rng),
        *_plain((-width * 0.1, -0.74, 0.78), (width * 0.55, 0.1, 0.85), (70, 74, 80), rng, glass),
        *_cabinet((width / 2 + 0.3, 0.1, 0), (0.6, 1.0, 1.2), paint, rng, 0.3, inverse=True),
        *cylinder((width / 2 + 0.3, 0.1, 1.2), (width / 2 + 0.3, 0.1, 1.7), magazine * 0.6, panel((1.6, 0.5), *paint, rng, 0.25)),
        disc((width / 2 + 0.3, 0.1, 1.7), (0, 0, 1), magazine * 0.6, steel((160, 160), rng)),
        *_pipe((-width / 2 + 0.15, 0.3, height), (-width / 2 + 0.15, 0.3, height + 0.5), 0.09, rng),
    ]


def _compressor(rng: np.random.Generator, paint: _Paint) -> list[Face]:
    """A lying drum on a frame, a motor house and a chimney."""
    radius, half = float(rng.uniform(0.42, 0.55)), float(rng.uniform(0.75, 0.95))
    height = 0.45 + radius
    drum = np.ascontiguousarray(np.rot90(panel((2 * half, 2 * np.pi * radius * 0.9), paint.body, paint.accent, rng, 0.4)))
    cap = painted((260, 260), paint.accent, rng)
    cv2.circle(cap, (130, 130), 90, (50, 52, 56), 6, cv2.LINE_AA)
    return [
        *_cabinet((0, 0, 0), (2.3, 1.2, 0.42), paint, rng, 0.3, inverse=True),
        *cylinder((-half - 0.2, 0, height), (half - 0.2, 0, height), radius, drum, 28),
        disc((-half - 0.2, 0, height), (-1, 0, 0), radius, cap),
        disc((half - 0.2, 0, height), (1, 0, 0), radius, cap),
        *_cabinet((-0.3, 0, 0.42 + 2 * radius), (0.9, 0.6, float(rng.uniform(0.4, 0.7))), paint, rng, 0.3),
        *_cabinet((half + 0.25, 0, 0.42), (0.7, 1.0, float(rng.uniform(0.9, 1.5))), paint, rng, 0.35),
        *_pipe((-0.9, 0.2, height), (-0.9, 0.2, 2.5), 0.10, rng, 120),
    ]


def _control_desk(rng: np.random.Generator, paint: _Paint) -> list[Face]:
    side = float(rng.choice([-1.0, 1.0]))
    x, y = side * float(rng.uniform(1.45, 1.65)), float(rng.uniform(-0.9, -0.5))
    return [
        *_plain((x, y, 0), (0.16, 0.16, 0.85), (90, 94, 98), rng),
        *_cabinet((x, y, 0.85), (0.55, 0.32, 0.62), paint, rng, 0.26, inverse=True),
    ]


def _name_plate(seed: int, rng: np.random.Generator) -> list[Face]:
    plate = painted((54, 210), (28, 30, 34), rng)
    maker = ("YUANSHAN", "NORTHGATE", "TIELING", "KESTREL")[int(rng.integers(4))]
    text(plate, (6, 4, 204, 50), f"{maker} {rng.integers(100, 990)}{'XYZ'[seed % 3]}", (235, 235, 228), 30)
    return _plain((0.0, -0.78, 0.05), (0.7, 0.04, 0.18), (28, 30, 34), rng, plate)

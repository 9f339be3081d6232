"""What is mounted on a machine's sheets: vents, doors, gauges, buttons, screens, plates, warnings, screws.

Every fitting is drawn into a rectangle (left, top, right, bottom; pixels) of an RGB sheet by a seeded generator.
"""

from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image, ImageDraw

from app.demo.lettering import Colour, font, width
from app.demo.surfaces import hazard, painted
from fingerprints.types import U8

Area = tuple[int, int, int, int]
Fitting = Callable[[U8, Area, np.random.Generator, Colour], None]
DENSITY = 300
"""Pixels a metre of sheet."""
_DARK: Colour = (38, 40, 44)
_LAMPS: tuple[Colour, ...] = ((214, 40, 36), (36, 160, 74), (240, 196, 40), (40, 90, 190), (230, 232, 235))
_WORDS = "油压 主电源 急停 手动 自动 冷却 送料 回程 启动 复位 检修 TEMP FLOW PUMP AXIS FEED VENT LOAD ZERO AUX".split()


def panel(size: tuple[float, float], colour: Colour, accent: Colour, rng: np.random.Generator, cell: float = 0.42) -> U8:
    """A fitted sheet of ``size`` (width, height; metres), divided into cells of about ``cell`` metres."""
    across, down = (max(40, round(length * DENSITY)) for length in size)
    sheet = painted((down, across), colour, rng)
    columns, rows = max(1, round(size[0] / cell)), max(1, round(size[1] / cell))
    for row in range(rows):
        column = 0
        while column < columns:
            span = min(columns - column, int(rng.integers(1, 3)))
            area = (column * across // columns, row * down // rows, (column + span) * across // columns, (row + 1) * down // rows)
            _fit(sheet, area, rng, accent)
            column += span
    return sheet


def _fit(sheet: U8, area: Area, rng: np.random.Generator, accent: Colour) -> None:
    left, top, right, bottom = area
    pad = max(5, min(right - left, bottom - top) // 12)
    inner = (left + pad, top + pad, right - pad, bottom - pad)
    if min(inner[2] - inner[0], inner[3] - inner[1]) < 28:
        return
    _FITTINGS[rng.integers(len(_FITTINGS))](sheet, inner, rng, accent)
    _screws(sheet, (left + 6, top + 6, right - 6, bottom - 6))


def _screws(sheet: U8, area: Area) -> None:
    for x in (area[0], area[2]):
        for y in (area[1], area[3]):
            cv2.circle(sheet, (x, y), 4, _DARK, -1, cv2.LINE_AA)
            cv2.circle(sheet, (x, y), 3, (170, 172, 176), -1, cv2.LINE_AA)
            cv2.line(sheet, (x - 2, y - 1), (x + 2, y + 1), _DARK, 1)


def _raised(sheet: U8, area: Area, colour: Colour) -> None:
    """A plate standing a little proud: shadow below right, light above left."""
    left, top, right, bottom = area
    cv2.rectangle(sheet, (left + 3, top + 3), (right + 3, bottom + 3), tuple(c * 0.35 for c in colour), -1)
    cv2.rectangle(sheet, (left, top), (right, bottom), colour, -1)
    cv2.rectangle(sheet, (left, top), (right, bottom), tuple(min(255.0, c * 1.25) for c in colour), 1)


def text(sheet: U8, area: Area, words: str, colour: Colour, size: int) -> None:
    """Centred in ``area``; made smaller until it fits."""
    left, top, right, bottom = area
    while size > 9 and width(words, size) > right - left - 4:
        size -= 2
    image = Image.fromarray(sheet[top:bottom, left:right])
    at = ((right - left) / 2, (bottom - top) / 2)
    ImageDraw.Draw(image).text(at, words, font=font(size), fill=colour, anchor="mm", stroke_width=0.5, stroke_fill=colour)
    sheet[top:bottom, left:right] = np.asarray(image)


def _vent(sheet: U8, area: Area, rng: np.random.Generator, accent: Colour) -> None:  # noqa: ARG001
    left, top, right, bottom = area
    pitch = int(rng.integers(9, 16))
    for y in range(top + 4, bottom - pitch // 2, pitch):
        cv2.rectangle(sheet, (left, y), (right, y + pitch // 2), _DARK, -1)
        cv2.line(sheet, (left, y + pitch // 2 + 1), (right, y + pitch // 2 + 1), (196, 198, 200), 1)


def _door(sheet: U8, area: Area, rng: np.random.Generator, accent: Colour) -> None:
    left, top, right, bottom = area
    _raised(sheet, area, accent)
    cv2.rectangle(sheet, (left + 6, top + 6), (right - 6, bottom - 6), tuple(c * 0.8 for c in accent), 2)
    for y in (top + (bottom - top) // 5, bottom - (bottom - top) // 5):
        cv2.rectangle(sheet, (left - 2, y - 9), (left + 7, y + 9), (150, 152, 155), -1)
    x, y = right - 20, (top + bottom) // 2 + int(rng.integers(-12, 12))
    cv2.rectangle(sheet, (x - 5, y - 22), (x + 5, y + 22), _DARK, -1)
    cv2.line(sheet, (x - 2, y - 18), (x - 2, y + 16), (200, 200, 205), 2)


def _gauges(sheet: U8, area: Area, rng: np.random.Generator, accent: Colour) -> None:  # noqa: ARG001
    left, top, right, bottom = area
    radius = min((bottom - top) // 2, (right - left) // 2) - 4
    count = max(1, (right - left) // (2 * radius + 10))
    for k in range(count):
        _gauge(sheet, (left + (right - left) * (2 * k + 1) // (2 * count), (top + bottom) // 2), radius, rng)


def _gauge(sheet: U8, centre: tuple[int, int], radius: int, rng: np.random.Generator) -> None:
    x, y = centre
    cv2.circle(sheet, (x + 3, y + 3), radius, (30, 30, 32), -1, cv2.LINE_AA)
    cv2.circle(sheet, centre, radius, (120, 122, 126), -1, cv2.LINE_AA)
    cv2.circle(sheet, centre, int(radius * 0.86), (240, 240, 236), -1, cv2.LINE_AA)
    cv2.ellipse(sheet, centre, (int(radius * 0.7),) * 2, 0, float(rng.integers(-60, 0)), 45, (200, 40, 36), 3, cv2.LINE_AA)
    for angle in np.radians(np.linspace(135, 405, 19)):
        cosine, sine = float(np.cos(angle)), float(np.sin(angle))
        ends = [(int(x + radius * r * cosine), int(y + radius * r * sine)) for r in (0.68, 0.82)]
        cv2.line(sheet, ends[0], ends[1], (20, 20, 22), 1, cv2.LINE_AA)
    angle = float(np.radians(rng.uniform(135, 405)))
    tip = (int(x + radius * 0.72 * np.cos(angle)), int(y + radius * 0.72 * np.sin(angle)))
    cv2.line(sheet, centre, tip, (20, 20, 22), 2, cv2.LINE_AA)
    cv2.circle(sheet, centre, max(2, radius // 9), (20, 20, 22), -1, cv2.LINE_AA)


def _buttons(sheet: U8, area: Area, rng: np.random.Generator, accent: Colour) -> None:  # noqa: ARG001
    left, top, right, bottom = area
    _raised(sheet, area, (88, 92, 98))
    pitch = 34
    for y in range(top + 22, bottom - 12, pitch + 8):
        for x in range(left + 20, right - 12, pitch):
            if rng.random() < 0.85:
                lamp = _LAMPS[rng.integers(len(_LAMPS))]
                cv2.circle(sheet, (x, y), 11, (24, 24, 26), -1, cv2.LINE_AA)
                cv2.circle(sheet, (x, y), 8, lamp, -1, cv2.LINE_AA)
                cv2.circle(sheet, (x - 3, y - 3), 2, (255, 255, 255), -1, cv2.LINE_AA)
                cv2.rectangle(sheet, (x - 12, y + 14), (x + 12, y + 19), (225, 225, 222), -1)


def _screen(sheet: U8, area: Area, rng: np.random.Generator, accent: Colour) -> None:  # noqa: ARG001
    left, top, right, bottom = area
    _raised(sheet, area, (46, 48, 52))
    cv2.rectangle(sheet, (left + 9, top + 9), (right - 9, bottom - 9), (16, 44, 60), -1)
    for row in range(top + 20, bottom - 22, 15):
        cv2.line(
            sheet, (left + 16, row), (left + 16 + int(rng.integers(10, max(11, (right - left) // 3))), row), (120, 230, 200), 2
        )
    x = np.linspace(left + (right - left) // 2, right - 16, 40)
    wave = np.cumsum(rng.normal(0, 1, 40))
    y = (top + bottom) / 2 + wave / max(1.0, float(np.abs(wave).max())) * (bottom - top) / 4
    cv2.polylines(sheet, [np.stack([x, y], 1).astype(np.int32)], False, (250, 200, 70), 2, cv2.LINE_AA)


def _plate(sheet: U8, area: Area, rng: np.random.Generator, accent: Colour) -> None:  # noqa: ARG001
    left, top, right, bottom = area
    _raised(sheet, area, (206, 208, 206))
    rows = max(1, (bottom - top) // 26)
    for row in range(rows):
        words = f"{_WORDS[rng.integers(len(_WORDS))]} {rng.integers(10, 9999)}-{'ABCDEFGHK'[rng.integers(9)]}"
        text(
            sheet,
            (left + 3, top + row * (bottom - top) // rows, right - 3, top + (row + 1) * (bottom - top) // rows),
            words,
            _DARK,
            22,
        )


def _stencil(sheet: U8, area: Area, rng: np.random.Generator, accent: Colour) -> None:
    words = f"{'ABCDEFGHKLMNPRST'[rng.integers(16)]}{rng.integers(1, 99)}" if rng.random() < 0.6 else str(rng.choice(_WORDS))
    text(sheet, area, words, accent if sum(accent) > 380 else (236, 236, 230), int((area[3] - area[1]) * 0.8))


def _warning(sheet: U8, area: Area, rng: np.random.Generator, accent: Colour) -> None:  # noqa: ARG001
    left, top, right, bottom = area
    side = min(right - left, bottom - top)
    x, y = (left + right) // 2, (top + bottom) // 2
    outer = np.array([(x, y - side // 2), (x + side // 2, y + side * 2 // 5), (x - side // 2, y + side * 2 // 5)])
    cv2.fillPoly(sheet, [outer], (22, 22, 24), cv2.LINE_AA)
    cv2.fillPoly(
        sheet, [((outer - [x, y + side // 12]) * 0.78 + [x, y + side // 12]).astype(np.int64).astype(np.int32)], (244, 200, 24)
    )
    bolt = np.array([(0.04, -0.22), (-0.12, 0.10), (0.0, 0.08), (-0.05, 0.3), (0.13, -0.02), (0.01, 0.0)]) * side
    cv2.fillPoly(sheet, [np.add(bolt, (x, y + int(rng.integers(-2, 3)))).astype(np.int32)], (22, 22, 24), cv2.LINE_AA)


def _cover(sheet: U8, area: Area, rng: np.random.Generator, accent: Colour) -> None:
    left, top, right, bottom = area
    centre, radius = ((left + right) // 2, (top + bottom) // 2), min(right - left, bottom - top) // 2 - 2
    cv2.circle(sheet, (centre[0] + 3, centre[1] + 4), radius, tuple(c * 0.4 for c in accent), -1, cv2.LINE_AA)
    cv2.circle(sheet, centre, radius, accent, -1, cv2.LINE_AA)
    cv2.circle(sheet, centre, int(radius * 0.55), tuple(c * 0.72 for c in accent), 3, cv2.LINE_AA)
    bolts = int(rng.integers(5, 11))
    for angle in np.linspace(0, 2 * np.pi, bolts, endpoint=False) + rng.uniform(0, 1):
        at = (int(centre[0] + radius * 0.8 * np.cos(angle)), int(centre[1] + radius * 0.8 * np.sin(angle)))
        cv2.circle(sheet, at, 5, _DARK, -1, cv2.LINE_AA)
        cv2.circle(sheet, at, 3, (188, 190, 194), -1, cv2.LINE_AA)


def _stripes(sheet: U8, area: Area, rng: np.random.Generator, accent: Colour) -> None:  # noqa: ARG001
    left, top, right, bottom = area
    height = min(bottom - top, int(rng.integers(18, 34)))
    sheet[bottom - height : bottom, left:right] = hazard((height, right - left))


_FITTINGS: tuple[Fitting, ...] = (
    _vent,
    _vent,
    _door,
    _door,
    _gauges,
    _buttons,
    _screen,
    _plate,
    _stencil,
    _stencil,
    _warning,
    _cover,
    _cover,
    _stripes,
)

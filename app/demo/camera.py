"""What a phone does to what it sees: lens, sensor, paper on a desk, a glowing screen."""

import io

import cv2
import numpy as np
from PIL import Image

from app.demo.rooms import tabletop
from app.demo.surfaces import cloth, clouds
from fingerprints.types import F32, U8

_GAMMA = 2.2
_TO_LINEAR = (np.arange(256, dtype=np.float32) / 255) ** _GAMMA
_TO_GAMMA = (np.linspace(0, 1, 4096, dtype=np.float32) ** (1 / _GAMMA) * 255 + 0.5).astype(np.uint8)


def linear(picture: U8) -> F32:
    """Pixels as light, float32, 0..1."""
    return np.asarray(_TO_LINEAR[picture])


def developed(light: F32) -> U8:
    """Inverse of ``linear``; what is brighter than 1 is blown out."""
    return np.asarray(_TO_GAMMA[(np.clip(light, 0, 1) * 4095).astype(np.uint16)])


def jpeg(picture: U8, quality: int = 85) -> bytes:
    """A JPEG file, 4:2:0, without metadata."""
    target = io.BytesIO()
    Image.fromarray(picture).save(target, "JPEG", quality=quality)
    return target.getvalue()


def png(picture: U8) -> bytes:
    """A PNG file."""
    target = io.BytesIO()
    Image.fromarray(picture).save(target, "PNG", compress_level=3)
    return target.getvalue()


def noisy(light: F32, rng: np.random.Generator, electrons: float = 2500.0) -> F32:
    """Photon shot noise for a full well of ``electrons`` and four electrons of read noise (normal approximation)."""
    spread = np.sqrt(np.maximum(light, 0) / electrons + (4 / electrons) ** 2)
    return np.asarray(light + spread * rng.standard_normal(light.shape, dtype=np.float32))


def vignette(shape: tuple[int, int], strength: float = 0.25) -> F32:
    """Fall-off towards the corners (cos⁴, approximated by its second order), float32, (h, w, 1)."""
    height, width = shape
    y, x = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    return np.asarray((1 - strength * (x * x + y * y) / 2)[:, :, None], np.float32)


def expose(picture: U8, rng: np.random.Generator, blur: float = 0.7, electrons: float = 2500.0) -> U8:
    """``picture`` as a small lens and sensor record it. ``blur``: standard deviation of the lens in pixels."""
    light = linear(cv2.GaussianBlur(picture, (0, 0), blur).astype(np.uint8))
    light *= vignette(picture.shape[:2]) * np.float32(rng.uniform(0.96, 1.08))
    return developed(noisy(light, rng, electrons))


def placed(corners: F32, source: tuple[int, int], sway: float, rng: np.random.Generator) -> F32:
    """Homography float32 (3, 3) from a ``source`` (width, height) to ``corners``, each moved by up to ``sway`` pixels."""
    width, height = source
    moved = corners + rng.uniform(-sway, sway, (4, 2)).astype(np.float32)
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(frame, moved.astype(np.float32)), np.float32)


def _frame(source: tuple[int, int], canvas: tuple[int, int], fill: float, degrees: float) -> F32:
    """Corners of ``source`` centred in ``canvas`` (width, height), turned, filling that share of it."""
    width, height = source
    scale = fill * min(canvas[0] / width, canvas[1] / height)
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array([width, height]) * scale / 2
    return np.asarray(half @ turn.T + np.array(canvas) / 2, np.float32)


def print_photo(picture: U8, seed: int, fill: float = 0.92) -> U8:
    """A phone photo of ``picture`` printed on paper, lying on a desk: uint8, RGB, longer side 1600.

    Oblique view, slightly curled paper, uneven light with the phone's own shadow, lens blur, shot noise.
    """
    rng = np.random.default_rng([seed, 21])
    canvas = (1200, 1600) if picture.shape[0] >= picture.shape[1] else (1600, 1200)
    paper = _printed(picture, rng)
    source = (paper.shape[1], paper.shape[0])
    corners = _frame(source, canvas, fill * float(rng.uniform(0.94, 1.0)), float(rng.uniform(-6, 6)))
    view = placed(corners, source, 0.045 * min(canvas), rng)
    desk = _desk(canvas, rng)
    sheet = cv2.warpPerspective(paper, view, canvas, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpPerspective(np.full(paper.shape[:2], 255, np.uint8), view, canvas)
    scene = _laid(desk, sheet.astype(np.uint8), cover.astype(np.uint8))
    curled = _curl(scene, rng)
    light = linear(cv2.GaussianBlur(curled, (0, 0), float(rng.uniform(0.7, 1.15))).astype(np.uint8))
    return developed(noisy(light * _uneven(canvas, rng) * vignette((canvas[1], canvas[0])), rng, 1800.0))


def _printed(picture: U8, rng: np.random.Generator) -> U8:
    """Ink on paper: blacks lifted, whites off-white, a blank margin, shrunk to what the camera can resolve."""
    scale = min(1.0, 1900 / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    margin = round(0.02 * max(small.shape[:2]))
    sheet = cv2.copyMakeBorder(small, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=(252, 252, 250))
    tint = np.array([rng.uniform(0.93, 0.97), rng.uniform(0.92, 0.95), rng.uniform(0.86, 0.93)])
    ink = (26 + np.arange(256)[:, None] * (218 / 255)) * tint
    return np.asarray(cv2.LUT(sheet, ink[None].astype(np.uint8)), np.uint8)


def _desk(canvas: tuple[int, int], rng: np.random.Generator) -> U8:
    shape = (canvas[1], canvas[0])
    kind = int(rng.integers(6))
    return cloth(shape, rng) if kind == 5 else tabletop(kind, rng, shape)


def _laid(desk: U8, sheet: U8, cover: U8) -> U8:
    """The sheet on the desk with its soft shadow."""
    height, width = cover.shape
    shifted = cv2.warpAffine(
        cover, np.array([[1, 0, 7], [0, 1, 9]], np.float32), (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    shade = 1 - cv2.GaussianBlur(shifted, (0, 0), 9).astype(np.float32)[:, :, None] / 510
    alpha = cover.astype(np.float32)[:, :, None] / 255
    return np.asarray(desk * (shade * (1 - alpha)) + sheet * alpha, np.uint8)


def _curl(scene: U8, rng: np.random.Generator, amplitude: float = 3.5) -> U8:
    """Paper is never flat: a smooth displacement of a few pixels."""
    height, width = scene.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    dx, dy = (clouds((height, width), rng, 2, 1) * np.float32(amplitude) for _ in range(2))
    return np.asarray(cv2.remap(scene, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _uneven(canvas: tuple[int, int], rng: np.random.Generator) -> F32:
    """Room light: a gradient, a warm or cold cast, the photographer's shadow from one side."""
    width, height = canvas
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    along = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
    shade = 1 / (1 + np.exp(-(along + np.float32(rng.uniform(0.35, 0.9))) * 7))
    gain = np.float32(rng.uniform(0.9, 1.1)) * (1 + np.float32(0.16) * along) * (np.float32(0.72) + np.float32(0.28) * shade)
    cast = np.array([rng.uniform(0.97, 1.06), 1.0, rng.uniform(0.88, 1.03)], np.float32)
    return np.asarray(gain[:, :, None] * cast, np.float32)


def screen_photo(picture: U8, seed: int, glare: float = 0.25) -> U8:
    """A phone photo of ``picture`` shown on a monitor: uint8, RGB, longer side 1600.

    The monitor is a grid of red, green and blue stripes between black gaps; the lens blurs it by less than a photosite and
    a Bayer sensor samples it, so moiré arises as it does in a camera. ``glare``: strength of a reflected window, 0 none.
    """
    rng = np.random.default_rng([seed, 22])
    canvas = (1200, 1600) if picture.shape[0] >= picture.shape[1] else (1600, 1200)
    grid = _subpixels(_viewer(picture))
    source = (grid.shape[1], grid.shape[0])
    corners = _frame(source, canvas, float(rng.uniform(1.06, 1.2)), float(rng.uniform(-4, 4)))
    view = placed(corners, source, 0.03 * min(canvas), rng)
    light = cv2.warpPerspective(
        grid, view, canvas, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(0.004,) * 3
    )
    light = np.asarray(light * np.float32(2.6) + _reflection(canvas, rng, glare), np.float32)
    return _bayer(noisy(light * vignette((canvas[1], canvas[0])), rng, 1800.0))


def _viewer(picture: U8, longest: int = 960) -> U8:
    """The picture in a document viewer's grey window with its tool bar, in screen pixels."""
    scale = longest / max(picture.shape[:2])
    shown = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    window = cv2.copyMakeBorder(shown, 90, 80, 90, 90, cv2.BORDER_CONSTANT, value=(82, 86, 90))
    window[:46] = (50, 54, 58)
    for x in range(40, window.shape[1] - 60, 64):
        cv2.rectangle(window, (x, 17), (x + 26 - x % 9, 29), (150, 154, 158), -1)
    window[-24:] = (24, 24, 26)
    return np.asarray(window, np.uint8)


def _subpixels(shown: U8) -> F32:
    """Each pixel becomes 3 × 3 cells: red, green, blue columns, the lowest row dark; blurred as by lens and photosite."""
    light = linear(shown)
    height, width = light.shape[:2]
    grid = np.full((height, 3, width, 3, 3), 0.002, np.float32)
    for channel in range(3):
        grid[:, :2, :, channel, channel] = light[:, None, :, channel] * np.float32(1.45)
    return np.asarray(cv2.GaussianBlur(grid.reshape(3 * height, 3 * width, 3), (0, 0), 0.95), np.float32)


def _reflection(canvas: tuple[int, int], rng: np.random.Generator, strength: float) -> F32:
    pane = np.zeros((canvas[1], canvas[0]), np.float32)
    x, y = (int(rng.uniform(0.15, 0.8) * side) for side in canvas)
    box = cv2.boxPoints(((x, y), (canvas[0] * 0.28, canvas[1] * 0.2), float(rng.uniform(-30, 30))))
    cv2.fillConvexPoly(pane, box.astype(np.int32), float(strength))
    return np.asarray(cv2.GaussianBlur(pane, (0, 0), 34)[:, :, None] * np.array([0.9, 0.97, 1.0], np.float32), np.float32)


def _bayer(light: F32) -> U8:
    """Record one colour a photosite (RGGB), then interpolate the others as a phone would."""
    raw = np.empty(light.shape[:2], np.float32)
    for (row, column), channel in {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 2}.items():
        raw[row::2, column::2] = light[row::2, column::2, channel]
    return np.asarray(cv2.cvtColor(developed(raw), cv2.COLOR_BayerBG2RGB), np.uint8)

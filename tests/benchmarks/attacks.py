"""What happens to a picture between the leak and the gateway: seeded, in families, softer and harder.

Add a function to a family and the benchmark can measure it. Optics stand where they belong (app/demo/camera.py): the lens
blurs before the sensor samples, moiré comes from sampling a screen's grid of stripes, noise is photon noise.
"""

import io
import zlib
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image, ImageDraw

from app.demo.camera import developed, jpeg, linear, noisy
from app.demo.camera import print_photo as photographed_print
from app.demo.camera import screen_photo as photographed_screen
from app.demo.lettering import font, width
from app.demo.ordinary import cat, landscape
from app.demo.screens import caption as captioned
from app.demo.screens import chat_screenshot as screenshot
from app.demo.screens import sticker
from fingerprints.types import U8

Attack = Callable[[U8, int], bytes]
"""Picture (uint8, RGB, any size) and seed to the bytes of a file; the same two give the same bytes."""


def resized(picture: U8, factor: float) -> U8:
    """At least one pixel stays of each side."""
    size = [max(1, round(side * factor)) for side in picture.shape[1::-1]]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC), np.uint8)


def cut(picture: U8, share: float, seed: int) -> U8:
    """A random rectangle of that share of the area, its sides within a factor of 1.5 of the picture's own proportion."""
    rng = np.random.default_rng(seed)
    height, across = picture.shape[:2]
    stretch = float(np.exp(rng.uniform(-1, 1) * np.log(min(1.5, 1 / share)) / 2))
    w, h = max(1, round(across * share**0.5 * stretch)), max(1, round(height * share**0.5 / stretch))
    x, y = int(rng.integers(across - w + 1)), int(rng.integers(height - h + 1))
    return np.ascontiguousarray(picture[y : y + h, x : x + w])


def turned(picture: U8, degrees: float) -> U8:
    """Turned about its middle on a grey sheet just large enough."""
    height, across = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((across / 2, height / 2), degrees, 1.0)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    size = max(1, round(across * cos + height * sin)), max(1, round(across * sin + height * cos))
    turn[:, 2] += np.array(size) / 2 - (across / 2, height / 2)
    return np.asarray(cv2.warpAffine(picture, turn, size, flags=cv2.INTER_CUBIC, borderValue=(128, 128, 128)), np.uint8)


# --- recompress


def requality(picture: U8, seed: int) -> bytes:
    """The same size, JPEG quality 50."""
    return jpeg(picture, 50)


def recompress(picture: U8, seed: int) -> bytes:
    """Half the size, JPEG quality 30."""
    return jpeg(np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8), 30)


def forwarded(picture: U8, seed: int) -> bytes:
    """Through three messengers: 1280, 1080 and 960 pixels at most, JPEG quality 70, 60, 50."""
    for longest, quality in ((1280, 70), (1080, 60), (960, 50)):
        data = jpeg(resized(picture, min(1.0, longest / max(picture.shape[:2]))), quality)
        picture = np.asarray(Image.open(io.BytesIO(data)))
    return data


def preview(picture: U8, seed: int) -> bytes:
    """A link preview: 480 pixels at most, JPEG quality 40."""
    return jpeg(resized(picture, min(1.0, 480 / max(picture.shape[:2]))), 40)


# --- colour


def grey(picture: U8, seed: int) -> bytes:
    """Black and white."""
    return jpeg(np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2), 85)


def filtered(picture: U8, seed: int) -> bytes:
    """A photo filter: another contrast, another brightness, a warm or a cold cast."""
    rng = np.random.default_rng(seed)
    gain = float(rng.uniform(0.7, 1.35)) * np.array([rng.uniform(0.88, 1.12), 1.0, rng.uniform(0.85, 1.12)])
    changed = (picture.astype(np.float32) - 128) * gain + 128 + float(rng.uniform(-30, 30))
    return jpeg(np.asarray(np.clip(changed, 0, 255), np.uint8), 85)


def dark(picture: U8, seed: int) -> bytes:
    """A quarter of the light, and the noise a short exposure brings."""
    light = linear(picture) * np.float32(0.25)
    return jpeg(developed(noisy(light, np.random.default_rng(seed), 900.0)), 85)


def negative(picture: U8, seed: int) -> bytes:
    """Light and dark exchanged, every colour its opposite."""
    return jpeg(255 - picture, 85)


# --- crop


def crop70(picture: U8, seed: int) -> bytes:
    """A random rectangle of 70 % of the area."""
    return jpeg(cut(picture, 0.7, seed), 85)


def crop40(picture: U8, seed: int) -> bytes:
    """A random rectangle of 40 % of the area, its sides within a factor of 1.5 of the picture's own proportion."""
    return jpeg(cut(picture, 0.4, seed), 85)


def crop20(picture: U8, seed: int) -> bytes:
    """A random rectangle of 20 % of the area."""
    return jpeg(cut(picture, 0.2, seed), 85)


# --- rotate and mirror


def rotate90(picture: U8, seed: int) -> bytes:
    """A right-angle turn to the left or to the right."""
    return jpeg(np.ascontiguousarray(np.rot90(picture, 1 if seed % 2 else 3)), 85)


def rotate180(picture: U8, seed: int) -> bytes:
    """On its head."""
    return jpeg(np.ascontiguousarray(picture[::-1, ::-1]), 85)


def tilted(picture: U8, seed: int) -> bytes:
    """Between 4 and 12 degrees to either side."""
    rng = np.random.default_rng(seed)
    return jpeg(turned(picture, float(rng.uniform(4, 12) * rng.choice([-1, 1]))), 85)


def askew(picture: U8, seed: int) -> bytes:
    """Any angle."""
    return jpeg(turned(picture, float(np.random.default_rng(seed).uniform(15, 345))), 85)


def mirror(picture: U8, seed: int) -> bytes:
    """Left for right, as a selfie camera shows it."""
    return jpeg(np.ascontiguousarray(picture[:, ::-1]), 85)


# --- overlay


def caption(picture: U8, seed: int) -> bytes:
    """White words on a black band below."""
    return jpeg(captioned(picture, ("谁能解释一下", "you will not believe this")[seed % 2]), 85)


def stickers(picture: U8, seed: int) -> bytes:
    """Five round faces."""
    return jpeg(sticker(picture, seed, 5), 85)


def watermark(picture: U8, seed: int) -> bytes:
    """A name in pale letters, slantwise over everything, as many chat applications print it."""
    height, across = picture.shape[:2]
    side = max(2, round(1.5 * max(height, across)))
    layer = Image.new("L", (side, side), 0)
    size = max(8, min(height, across) // 22)
    word = ("内部资料 王小明 4711", "for internal use: m.weber")[seed % 2]
    step = round(width(word, size) * 1.3) + 1
    for row, y in enumerate(range(0, side, size * 5)):
        for x in range(-(row % 2) * step // 2, side, step):
            ImageDraw.Draw(layer).text((x, y), word, font=font(size), fill=120)
    slant = np.asarray(layer.rotate(24, resample=Image.Resampling.BILINEAR))
    top, left = (side - height) // 2, (side - across) // 2
    alpha = slant[top : top + height, left : left + across, None].astype(np.float32) / 255
    return jpeg(np.asarray(picture * (1 - alpha) + 150 * alpha, np.uint8), 85)


def scribble(picture: U8, seed: int) -> bytes:
    """Strokes of a broad marker, and two black bars as over names."""
    rng, shown = np.random.default_rng(seed), picture.copy()
    size = np.array(picture.shape[1::-1])
    broad = max(1, int(min(size)) // 40)
    for _ in range(4):
        bends = (np.cumsum(rng.normal(0, 0.12, (9, 2)), axis=0) + rng.uniform(0.25, 0.75, 2)) * size
        ink = tuple(int(v) for v in rng.choice([(226, 32, 44), (24, 98, 214), (250, 220, 40)]))
        cv2.polylines(shown, [bends.astype(np.int32)], isClosed=False, color=ink, thickness=broad, lineType=cv2.LINE_AA)
    for _ in range(2):
        x, y = (rng.uniform(0.05, 0.6, 2) * size).astype(int).tolist()
        cv2.rectangle(shown, (x, y), (x + int(size[0] * 0.3), y + int(size[1] * 0.04)), (0, 0, 0), -1)
    return jpeg(shown, 85)


# --- embed


def chat_screenshot(picture: U8, seed: int) -> bytes:
    """A phone's screenshot of a chat in which the picture was posted."""
    return jpeg(screenshot(picture, seed), 85)


def collage(picture: U8, seed: int) -> bytes:
    """One of four tiles of 600 by 600 pixels; the others show nothing that is registered to fill up the references."""
    place, tiles = seed % 4, [cat(seed), landscape(seed + 1), cat(seed + 2), landscape(seed + 3)]
    tiles[place] = picture
    sheet = np.full((1212, 1212, 3), 245, np.uint8)
    for index, tile in enumerate(tiles):
        small = resized(tile, min(600 / tile.shape[0], 600 / tile.shape[1]))[:600, :600]
        top, left = 4 + 604 * (index // 2) + (600 - small.shape[0]) // 2, 4 + 604 * (index % 2) + (600 - small.shape[1]) // 2
        sheet[top : top + small.shape[0], left : left + small.shape[1]] = small
    return jpeg(sheet, 85)


def letterbox(picture: U8, seed: int) -> bytes:
    """Black bars above and below, as a phone shows a picture full screen."""
    shown = resized(picture, min(1080 / picture.shape[1], 2340 / picture.shape[0]))[:2340, :1080]
    top, left = (2340 - shown.shape[0]) // 2, (1080 - shown.shape[1]) // 2
    sheet = np.zeros((2340, 1080, 3), np.uint8)
    sheet[top : top + shown.shape[0], left : left + shown.shape[1]] = shown
    return jpeg(sheet, 85)


def inset(picture: U8, seed: int) -> bytes:
    """Small in another picture: two fifths of its longer side."""
    rng, scene = np.random.default_rng(seed), landscape(seed)
    small = resized(picture, 0.4 * max(scene.shape[:2]) / max(picture.shape[:2]))[: scene.shape[0], : scene.shape[1]]
    top, left = (int(rng.integers(scene.shape[i] - small.shape[i] + 1)) for i in (0, 1))
    scene[top : top + small.shape[0], left : left + small.shape[1]] = small
    return jpeg(scene, 85)


# --- camera


def print_photo(picture: U8, seed: int) -> bytes:
    """A phone photo of the picture's print on a desk."""
    return jpeg(photographed_print(picture, seed), 85)


def screen_photo(picture: U8, seed: int) -> bytes:
    """A phone photo of a monitor that shows the picture."""
    return jpeg(photographed_screen(picture, seed), 85)


def glare(picture: U8, seed: int) -> bytes:
    """The same with a window reflected in the monitor."""
    return jpeg(photographed_screen(picture, seed, glare=0.9), 80)


def oblique(picture: U8, seed: int) -> bytes:
    """A print photographed from one side: the far edge half as long as the near one."""
    photo = photographed_print(picture, seed)
    height, across = photo.shape[:2]
    corners = np.array([(0, 0), (across, 0), (across, height), (0, height)], np.float32)
    far_above = [(0.24, 0.16), (0.76, 0.16), (1.02, 0.94), (-0.02, 0.94)]
    far_left = [(0.14, 0.24), (0.94, -0.02), (0.94, 1.02), (0.14, 0.76)]
    near = np.array(far_left if seed % 2 else far_above, np.float32)
    view = cv2.getPerspectiveTransform(corners, near * np.array([across, height], np.float32))
    seen = cv2.warpPerspective(photo, view, (across, height), flags=cv2.INTER_AREA, borderValue=(92, 84, 76))
    return jpeg(np.asarray(seen, np.uint8), 85)


def shaky(picture: U8, seed: int) -> bytes:
    """A print photographed in poor light by an unsteady hand: seven pixels of motion, strong noise."""
    rng = np.random.default_rng(seed)
    kernel = np.zeros((9, 9), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = 3.5 * np.array([np.cos(angle), np.sin(angle)])
    start, end = (np.round(4 + sign * reach).astype(int).tolist() for sign in (-1, 1))
    cv2.line(kernel, start, end, 1.0, 1, cv2.LINE_AA)
    light = cv2.filter2D(linear(photographed_print(picture, seed)), -1, kernel / kernel.sum()) * np.float32(0.45)
    return jpeg(developed(noisy(np.asarray(light, np.float32), rng, 700.0)), 80)


# --- chains


def rephotographed_chat(picture: U8, seed: int) -> bytes:
    """A chat screenshot, photographed off a monitor."""
    return jpeg(photographed_screen(screenshot(picture, seed), seed), 80)


def worst(picture: U8, seed: int) -> bytes:
    """Cropped to 70 %, photographed off a monitor, stuck over with faces, forwarded at quality 40."""
    photo = photographed_screen(cut(picture, 0.7, seed), seed)
    return jpeg(resized(sticker(photo, seed, 4), 0.8), 40)


# --- two pictures


def two_leaks(one: U8, other: U8, seed: int) -> bytes:
    """Two pictures one above the other, or side by side, each 800 pixels at most, on a grey sheet."""
    small = [resized(picture, 800 / max(picture.shape[:2])) for picture in (one, other)]
    axis = seed % 2
    sheet = np.full((1620, 820, 3) if axis == 0 else (820, 1620, 3), 225, np.uint8)
    for number, picture in enumerate(small):
        corner = [10 + (800 - picture.shape[i]) // 2 + (800 * number if i == axis else 0) for i in (0, 1)]
        sheet[corner[0] : corner[0] + picture.shape[0], corner[1] : corner[1] + picture.shape[1]] = picture
    return jpeg(sheet, 80)


FAMILIES: dict[str, tuple[Attack, ...]] = {
    "recompress": (requality, recompress, forwarded, preview),
    "colour": (grey, filtered, dark, negative),
    "crop": (crop70, crop40, crop20),
    "rotate and mirror": (rotate90, rotate180, tilted, askew, mirror),
    "overlay": (caption, stickers, watermark, scribble),
    "embed": (chat_screenshot, collage, letterbox, inset),
    "camera": (print_photo, screen_photo, glare, oblique, shaky),
    "chain": (rephotographed_chat, worst),
}
ATTACKS: dict[str, Attack] = {attack.__name__: attack for family in FAMILIES.values() for attack in family}
FEW = ("recompress", "crop40", "rotate90", "chat_screenshot", "print_photo")
"""One of each kind: what is measured unless all are asked for."""


def chosen(which: str) -> tuple[str, ...]:
    """Names of attacks: of ``all``, of the ``few``, or of one family."""
    if which == "few":
        return FEW
    return tuple(ATTACKS) if which == "all" else tuple(attack.__name__ for attack in FAMILIES[which])


def seed_of(base: int, *words: str) -> int:
    """A seed that depends on the words alone, the same on every machine."""
    return (zlib.crc32("/".join(words).encode()) + base) % 2**31

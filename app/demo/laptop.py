"""A laptop with an asset label (serial number, QR code), photographed on a table."""

from functools import lru_cache

import cv2
import numpy as np
import zxingcpp

from app.demo.camera import expose
from app.demo.panels import text
from app.demo.rooms import shadows, tabletop
from app.demo.shapes import box
from app.demo.solids import Face, Lamp, orbit, render
from app.demo.surfaces import painted, steel, tinted
from fingerprints.types import U8

SIZE = (1200, 900)
_WIDTH, _DEPTH, _THICK = 3.4, 2.4, 0.16  # decimetres: the scale the lamp's fall-off is made for
_KEYS = ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")


def laptop_photo(
    serial: str,
    code: str,
    azimuth: float = 0,
    elevation: float = 50,
    distance: float = 6.0,
    *,
    opened: bool = False,
    close: bool = False,
    table: int = 0,
) -> U8:
    """One photograph of the laptop whose label says ``serial`` and whose QR code says ``code``; uint8, (900, 1200, 3).

    ``opened``: the label is beside the keyboard, else on the lid. ``close``: the camera looks at the label alone.
    ``table``: on which table. ``distance`` in decimetres.
    """
    lamp = Lamp(np.array([-2.5, -1.5, 8.0]), (1.02, 1.0, 0.95), 0.55)
    solids = _open(serial, code) if opened else _closed(serial, code)
    target = solids[-1].corners.mean(axis=0) if close else np.array([0, 0.3 if opened else 0, 0.6 if opened else 0.1])
    rng = np.random.default_rng([table, 31, opened, close])
    top = tabletop(table, rng)
    shadows(top, solids, lamp, (-12.0, 10.0), 1600 / 24)
    desk = Face(top, np.array([(-12, 10, 0), (12, 10, 0), (12, -8, 0), (-12, -8, 0)], float))
    picture = render([desk, *solids], orbit(tuple(target), azimuth, elevation, distance), lamp, SIZE)
    return expose(picture, rng)


@lru_cache(maxsize=4)
def asset_label(serial: str, code: str) -> U8:
    """The sticker: owner, serial number in print, QR code; uint8, (300, 560, 3)."""
    label = np.full((300, 560, 3), 246, np.uint8)
    cv2.rectangle(label, (0, 0), (559, 299), (30, 30, 34), 4)
    label[4:64, 4:556] = (20, 66, 122)
    text(label, (10, 6, 550, 62), "远山装备研究院 资产标签", (250, 250, 250), 40)
    barcode = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    symbol = np.asarray(zxingcpp.write_barcode_to_image(barcode, scale=6, add_quiet_zones=True))
    grey = symbol if symbol.ndim == 2 else symbol[:, :, 0]
    side = 216
    label[74 : 74 + side, 14 : 14 + side] = cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA)[:, :, None]
    for row, (words, size) in enumerate((("ASSET TAG", 30), ("S/N", 30), (serial, 44), ("请勿撕毁", 28))):
        text(label, (240, 78 + 52 * row, 548, 128 + 52 * row), words, (24, 24, 28), size)
    return label


def _sticker(serial: str, code: str, centre: tuple[float, float], z: float, width: float = 1.05) -> Face:
    x, y, half, tall = *centre, width / 2, width * 300 / 560 / 2
    corners = [(x - half, y + tall, z), (x + half, y + tall, z), (x + half, y - tall, z), (x - half, y - tall, z)]
    return Face(asset_label(serial, code), np.array(corners, float))


def _body(top: U8, height: float) -> list[Face]:
    rng = np.random.default_rng(33)
    edge = steel((24, 600), rng, 90)
    for x in range(60, 300, 44):
        edge[8:17, x : x + 26] = (18, 18, 20)
    return box((0, 0, 0), (_WIDTH, _DEPTH, height), {"front": edge, "left": edge, "right": edge, "back": edge, "top": top})


def _closed(serial: str, code: str) -> list[Face]:
    rng = np.random.default_rng(34)
    lid = painted((720, 1020), (72, 76, 84), rng)
    cv2.circle(lid, (510, 330), 54, (150, 154, 162), 8, cv2.LINE_AA)
    text(lid, (380, 400, 640, 460), "KESTREL", (150, 154, 162), 44)
    cv2.line(lid, (840, 90), (1000, 60), (92, 96, 104), 2, cv2.LINE_AA)
    return [*_body(lid, _THICK), _sticker(serial, code, (0.85, -0.72), _THICK + 0.004)]


def _open(serial: str, code: str) -> list[Face]:
    z, hinge, lean = 0.12, _DEPTH / 2 - 0.05, 0.55
    half, top = _WIDTH / 2, z + 2.15
    screen = [(-half, hinge + lean, top), (half, hinge + lean, top), (half, hinge, z), (-half, hinge, z)]
    return [
        *_body(_keyboard(), z),
        Face(_desktop(), np.array(screen), bright=True),
        _sticker(serial, code, (1.05, -0.85), z + 0.004),
    ]


def _keyboard() -> U8:
    deck = painted((720, 1020), (96, 100, 108), np.random.default_rng(35))
    cv2.rectangle(deck, (50, 40), (970, 370), (28, 30, 34), -1)
    for row in range(5):
        for column in range(13):
            x, y = 58 + column * 70 + (row % 3) * 4, 48 + row * 64
            cv2.rectangle(deck, (x, y), (x + 60, y + 54), (48, 50, 56), -1)
            letters = _KEYS[row - 1] if 1 <= row <= 3 else "1234567890"
            text(deck, (x, y, x + 60, y + 54), letters[column % len(letters)], (214, 216, 220), 24)
    cv2.rectangle(deck, (340, 420), (680, 680), (84, 88, 96), -1)
    cv2.rectangle(deck, (340, 420), (680, 680), (60, 62, 68), 2)
    return deck


def _desktop() -> U8:
    rows = np.linspace(0, 1, 640, dtype=np.float32)[:, None]
    screen = tinted((640, 1020), (40, 96, 150), 0.6 + 0.7 * rows)
    screen[:22], screen[-30:], screen[:, :22], screen[:, -22:] = 14, 14, 14, 14
    cv2.rectangle(screen, (300, 170), (720, 470), (236, 238, 242), -1)
    text(screen, (310, 200, 710, 270), "远山装备研究院", (30, 60, 110), 46)
    text(screen, (310, 280, 710, 330), "请插入密钥登录", (80, 84, 90), 34)
    cv2.rectangle(screen, (380, 360), (640, 410), (255, 255, 255), -1)
    cv2.rectangle(screen, (380, 360), (640, 410), (120, 130, 150), 2)
    return screen

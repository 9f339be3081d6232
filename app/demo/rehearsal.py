"""What may happen to a picture on its way into a chat, drawn for its owner to see which of it would be found.

A dozen and two of the attacks that the benchmarks measure, from the mildest to the worst; camera and screen are the very same
drawings (``app/demo/camera.py``). It stands here, with all else that is drawn, and not among the detectors, which only look.
No letter is written, so that no font is needed: the bubbles of a chat hold strokes in place of words.
"""

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from app.demo.camera import jpeg, print_photo, screen_photo
from app.demo.ordinary import landscape
from app.demo.screens import sticker
from fingerprints.types import U8

Attack = Callable[[U8], bytes]
"""A picture (uint8, RGB) to the bytes of a JPEG file; always the same."""
SEED = 7
_SHEET = (1440, 1080)
_PAPER = (237, 237, 237)
_STROKES = (176, 178, 182)


def recompressed(picture: U8) -> bytes:
    """Half the size, JPEG quality 30."""
    return jpeg(_scaled(picture, 0.5), 30)


def preview(picture: U8) -> bytes:
    """480 pixels at most, JPEG quality 40, as a link's preview."""
    return jpeg(_scaled(picture, min(1.0, 480 / max(picture.shape[:2]))), 40)


def crop40(picture: U8) -> bytes:
    """The part below the middle that has 40 % of the area."""
    return jpeg(_cut(picture, 0.4, 0.3, 0.7), 85)


def crop20(picture: U8) -> bytes:
    """A fifth of the area, off the middle."""
    return jpeg(_cut(picture, 0.2, 0.6, 0.4), 85)


def tilted(picture: U8) -> bytes:
    """Turned by nine degrees on a grey sheet."""
    height, across = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((across / 2, height / 2), 9, 0.9)
    grey = (128, 128, 128)
    return jpeg(np.asarray(cv2.warpAffine(picture, turn, (across, height), flags=cv2.INTER_AREA, borderValue=grey), np.uint8), 85)


def turned(picture: U8) -> bytes:
    """A right angle to the left."""
    return jpeg(np.ascontiguousarray(np.rot90(picture)), 85)


def mirrored(picture: U8) -> bytes:
    """Left for right."""
    return jpeg(np.ascontiguousarray(picture[:, ::-1]), 85)


def stuck_over(picture: U8) -> bytes:
    """Five round faces on it."""
    return jpeg(sticker(picture, SEED, 5), 85)


def screenshot(picture: U8) -> bytes:
    """A telephone's screen with a chat in which it was posted."""
    return jpeg(_chat(picture), 85)


def collage(picture: U8) -> bytes:
    """One of four pictures."""
    sheet = np.full((1212, 1212, 3), 245, np.uint8)
    for index in range(4):
        _pasted(
            sheet, picture if index == 2 else landscape(SEED + index), (4 + 604 * (index // 2), 4 + 604 * (index % 2)), (600, 600)
        )
    return jpeg(sheet, 85)


def inset(picture: U8) -> bytes:
    """Small in another picture: two fifths of its longer side."""
    scene = landscape(SEED).copy()
    side = round(0.4 * max(scene.shape[:2]))
    _pasted(scene, picture, (scene.shape[0] - side - 60, 80), (side, side))
    return jpeg(scene, 85)


def print_photographed(picture: U8) -> bytes:
    """A telephone's photo of its print on a desk."""
    return jpeg(print_photo(picture, SEED), 85)


def screen_photographed(picture: U8) -> bytes:
    """A telephone's photo of a screen that shows it."""
    return jpeg(screen_photo(picture, SEED), 85)


def chat_photographed(picture: U8) -> bytes:
    """A photo of a screen with the chat in which it was posted."""
    return jpeg(screen_photo(_chat(picture), SEED), 80)


ATTACKS: Mapping[str, Attack] = {
    one.__name__: one
    for one in (
        recompressed,
        preview,
        crop40,
        crop20,
        tilted,
        turned,
        mirrored,
        stuck_over,
        screenshot,
        collage,
        inset,
        print_photographed,
        screen_photographed,
        chat_photographed,
    )
}


def _scaled(picture: U8, factor: float) -> U8:
    size = [max(1, round(side * factor)) for side in picture.shape[1::-1]]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC), np.uint8)


def _cut(picture: U8, share: float, along: float, down: float) -> U8:
    """A rectangle of that share of the area; where it lies between the edges: 0..1."""
    height, across = picture.shape[:2]
    h, w = max(1, round(height * share**0.5)), max(1, round(across * share**0.5))
    top, left = round((height - h) * down), round((across - w) * along)
    return np.ascontiguousarray(picture[top : top + h, left : left + w])


def _pasted(sheet: U8, picture: U8, at: tuple[int, int], room: tuple[int, int]) -> None:
    """As large as the room (height, width) lets it be, in the middle of it."""
    small = _scaled(picture, min(room[0] / picture.shape[0], room[1] / picture.shape[1]))[: room[0], : room[1]]
    top, left = (at[i] + (room[i] - small.shape[i]) // 2 for i in (0, 1))
    sheet[top : top + small.shape[0], left : left + small.shape[1]] = small


def _chat(picture: U8) -> U8:
    """Bubbles above and below it, under a bar."""
    sheet = np.full((*_SHEET, 3), _PAPER, np.uint8)
    sheet[:120] = 247
    cv2.rectangle(sheet, (400, 50), (680, 76), _STROKES, -1)
    _bubble(sheet, 150, 150, 520)
    shown = min(690 / picture.shape[1], 800 / picture.shape[0])
    height, across = max(1, round(picture.shape[0] * shown)), max(1, round(picture.shape[1] * shown))
    cv2.circle(sheet, (76, 330), 44, (74, 128, 186), -1, cv2.LINE_AA)
    _pasted(sheet, picture, (290, 150), (height, across))
    _bubble(sheet, 320 + height, 430, 500)
    sheet[-140:] = 247
    cv2.rectangle(sheet, (110, _SHEET[0] - 110), (860, _SHEET[0] - 40), (255, 255, 255), -1)
    return sheet


def _bubble(sheet: U8, top: int, left: int, across: int) -> None:
    cv2.rectangle(sheet, (left, top), (left + across, top + 110), (255, 255, 255), -1)
    for row, share in ((34, 0.86), (68, 0.5)):
        cv2.rectangle(sheet, (left + 28, top + row), (left + 28 + round((across - 56) * share), top + row + 14), _STROKES, -1)

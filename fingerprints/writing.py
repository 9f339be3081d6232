"""Whether a picture might hold fine print, told from its pixels alone: what a quick look at a reduced copy cannot see.

Fine print is thin strokes of strong contrast, crowded in a row. Foliage and gratings are too, now and then; then the picture is
read for nothing. Large letters are none of this module's business: the text detector sees them in a small copy (ocr.py).
"""

import cv2
import numpy as np

from fingerprints.types import U8

SIDE = 1280  # pixels of the longer side
THIN = 5  # pixels: strokes narrower than this
CONTRAST = 60  # of 255, above or below what surrounds the stroke
BLOCK = 16  # pixels
CROWDED = 0.2  # of a block's pixels
ROW = 10  # blocks, level, upright or along a diagonal

_STROKE = np.ones((THIN, THIN), np.uint8)
_DIAGONAL = np.eye(ROW, dtype=np.uint8)
_ROWS = (np.ones((1, ROW), np.uint8), np.ones((ROW, 1), np.uint8), _DIAGONAL, np.ascontiguousarray(_DIAGONAL[::-1]))


def fine_print(grey: U8) -> bool:
    """``grey``: uint8, (height, width)."""
    size = np.array(grey.shape[::-1])
    if size.max() > SIDE:
        size = np.maximum(1, size * SIDE // size.max())
        grey = np.asarray(cv2.resize(grey, size.tolist(), interpolation=cv2.INTER_LINEAR), np.uint8)
    bright, dark = (cv2.morphologyEx(grey, kind, _STROKE) for kind in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT))
    strokes = cv2.threshold(cv2.max(bright, dark), CONTRAST, 255, cv2.THRESH_BINARY)[1]
    share = cv2.resize(strokes, np.maximum(1, size // BLOCK).tolist(), interpolation=cv2.INTER_AREA)
    crowded = (share > 255 * CROWDED).astype(np.uint8)
    return any(cv2.erode(crowded, row, borderType=cv2.BORDER_CONSTANT, borderValue=0).any() for row in _ROWS)

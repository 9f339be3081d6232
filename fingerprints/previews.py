"""A decoded picture encoded anew, so that people may look at it: nothing of the file it came in survives."""

import cv2

from fingerprints.types import Picture


def jpeg(picture: Picture, longest_side: int = 1600, quality: int = 85) -> bytes:
    """JPEG bytes of the picture, its longer side at most ``longest_side`` pixels."""
    pixels = picture.pixels
    scale = longest_side / max(pixels.shape[:2])
    if scale < 1:
        size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(pixels.dtype)
    ok, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert ok, "an 8-bit RGB picture can always be encoded"  # noqa: S101
    return data.tobytes()

"""QR codes and barcodes in a picture."""

import zxingcpp

from fingerprints.types import Code, Picture, Point


def read_codes(picture: Picture) -> tuple[Code, ...]:
    """Every code that decodes, in the order in which they stand (top to bottom, then left to right)."""
    height, width = picture.pixels.shape[:2]

    def fraction(point: zxingcpp.Point) -> Point:
        return min(max(point.x / width, 0.0), 1.0), min(max(point.y / height, 0.0), 1.0)

    found = []
    for code in zxingcpp.read_barcodes(picture.pixels):
        at = code.position
        quad = fraction(at.top_left), fraction(at.top_right), fraction(at.bottom_right), fraction(at.bottom_left)
        found.append(Code(code.text, code.format.name, quad))
    return tuple(sorted(found, key=lambda code: (code.quad[0][1], code.quad[0][0])))

"""How copies of a picture descend from each other, as far as pixels tell: what is kept of a copy for that, and how two are related.

A copy keeps or loses, it never gains: each compression moves the grey values a little further, each reduction takes detail away, a
crop shows part, a screenshot or a caption surrounds or covers with something that its own copies then show as well.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from fingerprints.types import Picture


class Relation(StrEnum):
    """What a copy is of the one it came from."""

    SAME = "same"  # the same bytes
    RECOMPRESSED = "recompressed"  # the whole picture, compressed or scaled anew
    MARKED = "marked"  # the whole picture, with something on it or below it: a caption, stickers
    CROP = "crop"  # a part of it
    SCREENSHOT = "screenshot"  # within something else: a screen, a collage
    PHOTO = "photo"  # photographed: of a screen, or of a print
    UNKNOWN = "unknown"  # pixels do not tell


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What is kept of one copy, in less than a kilobyte, so that copies can be put in order.

    ``width``/``height``: of the upright original, in pixels. ``size``: bytes of the file. ``quality``: of a JPEG, 1..100, as its
    quantisation table tells; 0 for other formats. ``grid``: uint16, (16, 16), mean grey of each part, in 256ths. ``detail``: uint8,
    (4, 4, 4): of each of 4 x 4 parts, what each octave holds, the finest first, in steps of a quarter of an octave of contrast.
    """

    width: int
    height: int
    size: int
    quality: int
    grid: npt.NDArray[np.uint16]
    detail: npt.NDArray[np.uint8]


KIND = "look"


def look_of(picture: Picture, data: bytes) -> Look:
    """``data``: the file's bytes. Deterministic; a few milliseconds beside decoding."""
    raise NotImplementedError


def dump_look(look: Look) -> bytes:
    """Always as many bytes."""
    raise NotImplementedError


def load_look(data: bytes) -> Look:
    """Inverse of ``dump_look``. Raises ValueError for anything else."""
    raise NotImplementedError

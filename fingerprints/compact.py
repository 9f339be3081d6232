"""Keypoints as rows: where, how large and at what angle in seven bytes, as they are stored everywhere, and what they look like.

In the index a reference's descriptors are coded, so that a row has 39 bytes, from which they come back nearly as they were.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fingerprints.types import F32, Keypoints
from fingerprints.vocabulary import quantizer

MOST = 1 << 12
KEPT = 32  # bytes of a descriptor
PLACE = [("xy", "<u2", 2), ("scale", "<f2"), ("angle", "u1")]
ROW = np.dtype([*PLACE, ("code", "u1", KEPT)])
_STEPS = np.float32(65535)  # of a place along a side
_TURN = np.float32(2 * np.pi / 256)  # of an angle

Rows = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """One reference. ``rows``: (n,) of ``ROW``. ``homes``: int32, the cells its listed features lie in."""

    number: int
    aspect: float
    rows: Rows
    homes: npt.NDArray[np.int32]


def lay(rows: Rows, keypoints: Keypoints) -> None:
    """Put places, sizes and angles of the first keypoints into rows that have the fields of ``PLACE``."""
    rows["xy"] = np.rint(keypoints.xy[: len(rows)].clip(0, 1) * _STEPS)
    rows["scale"] = keypoints.scale[: len(rows)]
    rows["angle"] = np.rint(keypoints.angle[: len(rows)] / _TURN) % 256


def laid(rows: Rows) -> tuple[F32, F32, F32]:
    """``xy``, ``scale`` and ``angle`` again."""
    return rows["xy"].astype(np.float32) / _STEPS, rows["scale"].astype(np.float32), rows["angle"].astype(np.float32) * _TURN


def packed(keypoints: Keypoints) -> Rows:
    """The first ``MOST``."""
    rows = np.zeros(min(len(keypoints), MOST), ROW)
    lay(rows, keypoints)
    rows["code"] = quantizer(KEPT).compute_codes(keypoints.descriptors[: len(rows)].astype(np.float32))
    return rows


def unpacked(stored: Stored, coded: bool = True) -> Keypoints:
    """``coded``: with descriptors."""
    rows = stored.rows
    xy, scale, angle = laid(rows)
    if not coded:
        return Keypoints(xy, scale, angle, np.zeros((0, 128), np.uint8), stored.aspect)
    exact: F32 = quantizer(KEPT).decode(np.ascontiguousarray(rows["code"]))
    return Keypoints(xy, scale, angle, np.rint(exact).clip(0, 255).astype(np.uint8), stored.aspect)

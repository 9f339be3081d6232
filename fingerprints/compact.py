"""A reference's keypoints, compact: 39 bytes each, from which they come back nearly as they were."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fingerprints.types import F32, Keypoints
from fingerprints.vocabulary import quantizer

MOST = 1 << 12
KEPT = 32  # bytes of a descriptor
ROW = np.dtype([("xy", "<u2", 2), ("scale", "<f2"), ("angle", "u1"), ("code", "u1", KEPT)])

Rows = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """One reference. ``rows``: (n,) of ``ROW``. ``homes``: int32, the cells its listed features lie in."""

    number: int
    aspect: float
    rows: Rows
    homes: npt.NDArray[np.int32]


def packed(keypoints: Keypoints) -> Rows:
    """The first ``MOST``."""
    rows = np.zeros(min(len(keypoints), MOST), ROW)
    rows["xy"] = np.rint(keypoints.xy[: len(rows)] * 65535)
    rows["scale"] = keypoints.scale[: len(rows)]
    rows["angle"] = np.rint(keypoints.angle[: len(rows)] * (128 / np.pi)) % 256
    rows["code"] = quantizer(KEPT).compute_codes(keypoints.descriptors[: len(rows)].astype(np.float32))
    return rows


def unpacked(stored: Stored, coded: bool = True) -> Keypoints:
    """``coded``: with descriptors."""
    rows = stored.rows
    xy, scale = rows["xy"].astype(np.float32) / np.float32(65535), rows["scale"].astype(np.float32)
    angle = rows["angle"].astype(np.float32) * np.float32(np.pi / 128)
    if not coded:
        return Keypoints(xy, scale, angle, np.zeros((0, 128), np.uint8), stored.aspect)
    exact: F32 = quantizer(KEPT).decode(np.ascontiguousarray(rows["code"]))
    return Keypoints(xy, scale, angle, np.rint(exact).clip(0, 255).astype(np.uint8), stored.aspect)

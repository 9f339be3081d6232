"""Places through many homographies at once: one by one, numpy takes longer to begin than to reckon."""

import numpy as np
import numpy.typing as npt

from fingerprints.geometry import F64

Flags = npt.NDArray[np.bool_]


def projected(views: F64, x: npt.NDArray[np.floating], y: npt.NDArray[np.floating]) -> tuple[F64, F64]:
    """Across and down, each (n, m): the places ``x``, ``y``, (m,) or (n, m), through each of (n, 3, 3). What falls behind is NaN.

    As ``geometry.project``, but for the last bits; how many there are changes none of them.
    """
    (a, b, c), (d, e, f), (g, h, i) = np.moveaxis(views[..., None], 0, 2)
    depth = g * x + h * y + i
    depth[depth * np.sign(g * 0.5 + h * 0.5 + i) <= 1e-9] = np.nan
    return (a * x + b * y + c) / depth, (d * x + e * y + f) / depth


def framed(x: F64, y: F64) -> Flags:
    """Which places lie within 0..1."""
    return np.asarray((x >= 0) & (x <= 1) & (y >= 0) & (y <= 1), np.bool_)

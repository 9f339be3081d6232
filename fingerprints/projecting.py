"""Homographies: where they put places, and whether a camera could have seen it so."""

import math

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CORNERS = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)
_NEXT = [1, 2, 3, 0]
_MIDDLE = np.array([0.5, 0.5, 1.0])
_MOST_DEPTH = 6.0  # how much nearer one corner may be than another
_MOST_STRETCH = 4.0  # foreshortening: about 75 degrees off the frontal view
_SMALLEST, _LARGEST = 0.04, 30.0  # reference's shown side in shown query sides


def project(homography: F64, points: npt.NDArray[np.floating]) -> F64:
    """(n, 2) through a homography. Points that fall behind it come out as NaN."""
    homogeneous = _homogeneous(points) @ homography.T
    depth = homogeneous[:, 2:] * np.sign(homography[2] @ _MIDDLE)
    return np.asarray(np.where(depth > 1e-9, homogeneous[:, :2] / homogeneous[:, 2:], np.nan), np.float64)


def projected(views: F64, x: npt.NDArray[np.floating], y: npt.NDArray[np.floating]) -> tuple[F64, F64]:
    """Many at once: across and down, each (n, m), of the places ``x``, ``y``, (m,) or (n, m), through each of (n, 3, 3).

    As ``project``, but for the last bits; how many there are changes none of them.
    """
    points = np.ones((*x.shape[:-1], 3, x.shape[-1]))
    points[..., 0, :], points[..., 1, :] = x, y
    seen = views @ points
    depth = seen[:, 2]
    depth[depth * np.sign(views[:, 2] @ _MIDDLE)[:, None] <= 1e-9] = np.nan
    return seen[:, 0] / depth, seen[:, 1] / depth


def inverse(views: F64) -> F64:
    """Of one, (3, 3), or of each of many."""
    return np.asarray(np.linalg.inv(views), np.float64)


def framed(x: F64, y: F64) -> Flags:
    """Which places lie within 0..1."""
    return np.asarray((x >= 0) & (x <= 1) & (y >= 0) & (y <= 1), np.bool_)


def plausible(homography: F64, query_aspect: float, reference_aspect: float) -> bool:
    """Whether a camera could have seen the reference so: in front of it, unfolded, not edge-on, neither a speck nor a wall."""
    corners = project(homography, CORNERS)
    if not np.isfinite(corners).all():
        return False
    seen = corners * [query_aspect, 1.0]
    x, y = (seen[_NEXT] - seen).T
    depths = _homogeneous(CORNERS) @ homography[2]
    if (x * y[_NEXT] - y * x[_NEXT] <= 0).any() or np.abs(depths).max() > _MOST_DEPTH * np.abs(depths).min():
        return False
    local = jacobian(homography) * np.array([[query_aspect], [1.0]]) / np.array([reference_aspect, 1.0])
    wide, narrow = _stretched(*local.ravel().tolist())
    return wide <= _MOST_STRETCH * narrow and narrow >= _SMALLEST and wide <= _LARGEST


def _stretched(a: float, b: float, c: float, d: float) -> tuple[float, float]:
    """The singular values of a matrix of two rows, the larger first."""
    both, apart = math.hypot(a + d, b - c), math.hypot(a - d, b + c)
    return (both + apart) / 2, abs(both - apart) / 2


def jacobian(homography: F64) -> F64:
    """At the middle of the reference."""
    return np.asarray(jacobians(homography, _MIDDLE[None, :2])[0], np.float64)


def jacobians(h: F64, points: F64) -> F64:
    """(n, 2, 2): of the homography at each point."""
    homogeneous = _homogeneous(points) @ h.T
    depth = homogeneous[:, 2, None, None]
    seen = homogeneous[:, :2, None] / depth
    return np.asarray((h[None, :2, :2] - seen * h[None, 2:, :2]) / depth, np.float64)


def _homogeneous(points: npt.NDArray[np.floating]) -> F64:
    made = np.ones((len(points), 3))
    made[:, :2] = points
    return made

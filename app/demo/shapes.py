"""Boxes, cylinders and discs as lists of faces."""

from collections.abc import Mapping

import numpy as np

from app.demo.solids import F64, Face
from fingerprints.types import U8

Place = tuple[float, float, float]


def box(base: Place, size: Place, textures: Mapping[str, U8]) -> list[Face]:
    """A box standing on ``base`` (centre of its underside); ``size`` is width (x), depth (y), height (z) in metres.

    ``textures``: by side, ``front`` (towards -y), ``back``, ``left``, ``right``, ``top``; a side not named is not drawn.
    """
    (x, y, z), (w, d, h) = base, size
    x0, x1, y0, y1, z0, z1 = x - w / 2, x + w / 2, y - d / 2, y + d / 2, z, z + h
    sides = {
        "front": [(x0, y0, z1), (x1, y0, z1), (x1, y0, z0), (x0, y0, z0)],
        "right": [(x1, y0, z1), (x1, y1, z1), (x1, y1, z0), (x1, y0, z0)],
        "back": [(x1, y1, z1), (x0, y1, z1), (x0, y1, z0), (x1, y1, z0)],
        "left": [(x0, y1, z1), (x0, y0, z1), (x0, y0, z0), (x0, y1, z0)],
        "top": [(x0, y1, z1), (x1, y1, z1), (x1, y0, z1), (x0, y0, z1)],
    }
    return [Face(textures[side], np.array(corners, float)) for side, corners in sides.items() if side in textures]


def cylinder(start: Place, end: Place, radius: float, texture: U8, facets: int = 20) -> list[Face]:
    """A tube from ``start`` to ``end`` with ``texture`` wrapped round it, its top edge at ``end``."""
    axis = np.subtract(end, start)
    first, second = _across(axis / np.linalg.norm(axis))
    angles = np.linspace(0, 2 * np.pi, facets + 1)
    normals = np.cos(angles)[:, None] * first + np.sin(angles)[:, None] * second
    cuts = np.linspace(0, texture.shape[1], facets + 1).astype(int)
    faces = []
    for k in range(facets):
        pair = normals[[k, k + 1, k + 1, k]]
        corners = pair * radius + np.array([end, end, start, start])
        faces.append(Face(np.ascontiguousarray(texture[:, cuts[k] : max(cuts[k] + 1, cuts[k + 1])]), corners, pair))
    return faces


def disc(centre: Place, axis: Place, radius: float, texture: U8) -> Face:
    """A round plate facing ``axis``; ``texture`` is square and cut to a circle."""
    first, second = _across(np.asarray(axis, float) / np.linalg.norm(axis))
    across, down = (first, -second) if np.cross(-second, first) @ np.asarray(axis) > 0 else (first, second)
    corners = np.array([centre + radius * (i * across + j * down) for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))])
    side = texture.shape[0]
    y, x = np.mgrid[:side, : texture.shape[1]]
    middle = (side - 1) / 2
    mask = np.where((x - middle) ** 2 + (y - middle) ** 2 <= (side / 2) ** 2, 255, 0).astype(np.uint8)
    return Face(texture, corners, mask=mask)


def _across(axis: F64) -> tuple[F64, F64]:
    """Two unit vectors at right angles to ``axis`` and each other; right-handed with it."""
    aside = np.array([0.0, 0.0, 1.0]) if abs(axis[2]) < 0.9 else np.array([0.0, -1.0, 0.0])
    first = np.cross(aside, axis)
    first = first / np.linalg.norm(first)
    return first, np.asarray(np.cross(axis, first))

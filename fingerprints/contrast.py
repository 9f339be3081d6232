"""Which of two known things a query shows, when the two share most of what they show.

What both explain says nothing: it is their form. What only the one explains speaks for it, what only the other explains
against it. Both sides are counted in the same query, so a bad photograph weakens them alike.
"""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from fingerprints.projecting import project
from fingerprints.text import own_units
from fingerprints.types import F32, GeometricHit, Keypoints, Quad, Shingles

NEAR = 0.016  # of the query's longer side: details nearer than this are one detail
MARGIN = 0.02  # an outline is found to within this share of the query


def details(one: GeometricHit, other: GeometricHit | None, aspect: float) -> tuple[int, int]:
    """How many of the query's details only ``one`` explains, and how many only ``other``. ``aspect``: the query's."""
    if other is None:
        return one.inliers, 0
    here, there = _places(one, aspect), _places(other, aspect)
    squared = ((here[:, None] - there[None]) ** 2).sum(axis=2) < NEAR**2
    return int((~squared.any(axis=1)).sum()), int((~squared.any(axis=0)).sum())


def words(query: Shingles, one: Shingles, other: Shingles | None) -> tuple[float, float]:
    """How many units of the query's text only ``one`` holds, and how many only ``other``."""
    units = own_units(query)
    in_one = np.isin(query.hashes, one.hashes)
    in_other = np.isin(query.hashes, other.hashes) if other is not None else np.zeros_like(in_one)
    return float(units[in_one & ~in_other].sum()), float(units[in_other & ~in_one].sum())


def share(query: Shingles, text: Shingles) -> float:
    """How much of the query a text holds, 0..1."""
    units = own_units(query)
    return float(units[np.isin(query.hashes, text.hashes)].sum() / units.sum())


def unexplained(query: Keypoints, hit: GeometricHit) -> Keypoints | None:
    """The query without the details that a hit explains; ``None`` when nothing is left."""
    scale = _scale(query.aspect)
    apart = ((query.xy * scale)[:, None] - (hit.points[:, :2] * scale)[None]) ** 2
    return _only(query, (apart.sum(axis=2) >= NEAR**2).all(axis=1))


def carried(hit: GeometricHit, outline: Quad) -> Quad:
    """An outline on the hit's reference, in the query."""
    a, b, c, d = ((float(x), float(y)) for x, y in project(hit.homography, np.array(outline, np.float64)))
    return a, b, c, d


def overlap(one: Quad, other: Quad) -> float:
    """How much of what two outlines enclose they both enclose, 0..1."""
    this, that = (np.asarray(cv2.convexHull(np.array(quad, np.float32)), np.float32) for quad in (one, other))
    shared, _ = cv2.intersectConvexConvex(this, that)
    whole = cv2.contourArea(this) + cv2.contourArea(that) - shared
    return float(shared / whole) if whole > 0 else 0.0


def beside(query: Keypoints, outline: Quad) -> Keypoints | None:
    """The query without what lies inside the outline; ``None`` when nothing is left."""
    return _only(query, np.array([not inside(outline, (float(x), float(y))) for x, y in query.xy], np.bool_))


def inside(outline: Quad, point: tuple[float, float]) -> bool:
    """Whether a point of the query lies inside an outline, or so near that it may."""
    return cv2.pointPolygonTest(np.array(outline, np.float32), point, measureDist=True) >= -MARGIN


def _only(query: Keypoints, kept: npt.NDArray[np.bool_]) -> Keypoints | None:
    if not kept.any():
        return None
    xy, scale, angle, descriptors = query.xy[kept], query.scale[kept], query.angle[kept], query.descriptors[kept]
    return replace(query, xy=xy, scale=scale, angle=angle, descriptors=descriptors)


def _places(hit: GeometricHit, aspect: float) -> F32:
    return np.asarray(hit.points[:, :2] * _scale(aspect), np.float32)


def _scale(aspect: float) -> F32:
    """Fractions to parts of the longer side."""
    return np.array([aspect, 1.0], np.float32) / np.float32(max(aspect, 1.0))

"""Textured planes seen by a pinhole camera: exact perspective and hidden surfaces, light from one lamp.

The world is in metres, z up. Inverse depth is affine in the image of a plane, so one comparison a pixel settles what hides
what (a z-buffer; Catmull, A Subdivision Algorithm for Computer Display of Curved Surfaces, 1974).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from fingerprints.types import U8

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A textured parallelogram.

    ``texture``: uint8, (h, w, 3), RGB. ``corners``: float64, (4, 3), metres: top left, top right, bottom right, bottom left as
    seen from its front; the back is not drawn. ``normals``: float64, (4, 3), for surfaces that stand for a curve. ``mask``:
    uint8, (h, w), 0 where the plane is not there. ``bright``: it shines or is the world outside: lamp and shade do not matter.
    """

    texture: U8
    corners: F64
    normals: F64 | None = None
    mask: U8 | None = None
    bright: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """Where a camera stands. ``position``, ``target``: float64, (3,), metres. ``focal``: in widths of the picture."""

    position: F64
    target: F64
    focal: float = 1.1


@dataclass(frozen=True, slots=True, eq=False)
class Lamp:
    """One light. ``position``: float64, (3,), metres. ``colour``: RGB gains. ``ambient``: 0..1, what reaches every corner."""

    position: F64
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    ambient: float = 0.5


def orbit(target: Sequence[float], azimuth: float, elevation: float, distance: float, focal: float = 1.1) -> Lens:
    """A camera ``distance`` metres from ``target``; degrees; azimuth 0 looks along +y, positive from the right."""
    a, e = np.radians([azimuth, elevation])
    direction = np.array([np.sin(a) * np.cos(e), -np.cos(a) * np.cos(e), np.sin(e)])
    return Lens(np.asarray(target, float) + distance * direction, np.asarray(target, float), focal)


def render(faces: Sequence[Face], lens: Lens, lamp: Lamp, size: tuple[int, int], oversample: float = 1.3) -> U8:
    """The picture: uint8, (height, width, 3). ``size`` is (width, height); drawn ``oversample`` times larger, then averaged."""
    width, height = round(size[0] * oversample), round(size[1] * oversample)
    canvas = np.zeros((height, width, 3), np.uint8)
    nearness = np.zeros((height, width), np.float32)
    view = _projection(lens, width, height)
    for face in faces:
        if _outward(face.corners) @ (lens.position - face.corners[0]) > 0:
            _paint(canvas, nearness, face, view, lamp)
    return np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.uint8)


def _outward(corners: F64) -> F64:
    normal = np.cross(corners[3] - corners[0], corners[1] - corners[0])
    return np.asarray(normal / np.linalg.norm(normal))


def _projection(lens: Lens, width: int, height: int) -> F64:
    """World to homogeneous pixels, (3, 4); the third coordinate is the depth."""
    forward = lens.target - lens.position
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right = right / np.linalg.norm(right)
    axes = np.stack([right, np.cross(forward, right), forward])
    focal = lens.focal * width
    inner = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    return np.asarray(inner @ np.column_stack([axes, -axes @ lens.position]))


def _paint(canvas: U8, nearness: npt.NDArray[np.float32], face: Face, view: F64, lamp: Lamp) -> None:
    to_picture = _plane(face, view)
    box = _box(to_picture, face.texture.shape, canvas.shape)
    if box is None:
        return
    left, top, right, bottom = box
    moved = _shift(-left - 0.5, -top - 0.5) @ to_picture @ _shift(0.5, 0.5)  # a pixel's centre is half a pixel in
    inverse = np.asarray(np.linalg.inv(moved), np.float64)
    depth = _inverse_depth(inverse, right - left, bottom - top)
    there = _stencil(face, moved, (right - left, bottom - top)) & (depth > nearness[top:bottom, left:right])
    if there.any():
        lit = face.texture if face.bright else _lit(face, lamp)
        seen = cv2.warpPerspective(
            lit, moved, (right - left, bottom - top), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        np.copyto(canvas[top:bottom, left:right], seen, where=there[:, :, None], casting="unsafe")
        np.copyto(nearness[top:bottom, left:right], depth, where=there)


def _shift(x: float, y: float) -> F64:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)


def _plane(face: Face, view: F64) -> F64:
    """Texture pixels to homogeneous picture pixels, third coordinate the depth in metres."""
    height, width = face.texture.shape[:2]
    origin, across, down = face.corners[0], face.corners[1] - face.corners[0], face.corners[3] - face.corners[0]
    world = np.column_stack([np.append(across, 0) / width, np.append(down, 0) / height, np.append(origin, 1)])
    return np.asarray(view @ world)


def _box(to_picture: F64, texture: tuple[int, ...], canvas: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    height, width = texture[:2]
    corners = to_picture @ np.array([[0, width, width, 0], [0, 0, height, height], [1, 1, 1, 1]])
    if (corners[2] <= 0).all():
        return None
    if (corners[2] < 0.01).any():
        return 0, 0, canvas[1], canvas[0]
    x, y = corners[:2] / corners[2]
    left, right = max(0, int(x.min())), min(canvas[1], int(x.max()) + 2)
    top, bottom = max(0, int(y.min())), min(canvas[0], int(y.max()) + 2)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _inverse_depth(inverse: F64, width: int, height: int) -> npt.NDArray[np.float32]:
    a, b, c = inverse[2]
    return np.asarray(a * np.arange(width)[None, :] + b * np.arange(height)[:, None] + c, np.float32)


def _stencil(face: Face, moved: F64, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    mask = np.full(face.texture.shape[:2], 255, np.uint8) if face.mask is None else face.mask
    return np.asarray(cv2.warpPerspective(mask, moved, size, flags=cv2.INTER_LINEAR) > 127)


def _lit(face: Face, lamp: Lamp) -> U8:
    """Lambert's law with fall-off at the corners, blended between them."""
    toward = lamp.position - face.corners
    distance = np.linalg.norm(toward, axis=1, keepdims=True)
    normals = np.broadcast_to(_outward(face.corners), (4, 3)) if face.normals is None else face.normals
    cosine = np.clip((normals * toward / distance).sum(axis=1), 0, 1)
    strength = lamp.ambient + (1.35 - lamp.ambient) * cosine * np.minimum(1.3, (6.0 / distance[:, 0]) ** 0.6)
    gains = (strength[:, None] * np.array(lamp.colour)).reshape(4, 3)[[0, 1, 3, 2]].reshape(2, 2, 3).astype(np.float32)
    height, width = face.texture.shape[:2]
    spread = cv2.resize(gains, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(face.texture * spread, 0, 255), np.uint8)

"""Local features of a picture as a fingerprint: what is still there when half of the picture is not."""

import struct

import cv2
import numpy as np

from fingerprints import features
from fingerprints.compact import PLACE, laid, lay
from fingerprints.shrinking import shrunk
from fingerprints.types import U8, Keypoints, Picture
from fingerprints.vocabulary import root_sift

MOST_ENLARGED = 2.0
FEWEST = 20
QUERY_SIDE, QUERY_MOST = 800, 640
REFERENCE_SIDE, REFERENCE_MOST = 1024, 768
CLOSER_SIDE, CLOSER_MOST = 1024, 2000
_HEADER = struct.Struct("<4sIf")
_MAGIC = b"KPT2"
_ROW = np.dtype([*PLACE, ("descriptors", "u1", 128)])


class KeypointFingerprinter:
    """SIFT with RootSIFT descriptors (features.py), a bounded number balanced over sizes and over the picture.

    Balanced, because the strongest features of a page are all glyphs, and glyphs are gone in a small or blurred copy; in an order
    of which every beginning is balanced as well. ``side``: pixels along the longer side that is looked at; ``most``: keypoints.
    A query is asked for less than a reference: it must be quick, and what it lacks at the small end, a crop of it has.
    """

    kind = "keypoints"

    def __init__(self, side: int = QUERY_SIDE, most: int = QUERY_MOST) -> None:
        self._side = side
        self._most = most

    @classmethod
    def of_references(cls) -> "KeypointFingerprinter":
        """What a registered picture is worth: more details, and finer ones."""
        return cls(REFERENCE_SIDE, REFERENCE_MOST)

    @classmethod
    def closer(cls) -> "KeypointFingerprinter":
        """What a query is worth that may be another view of one reference: most of what that one holds should be among it."""
        return cls(CLOSER_SIDE, CLOSER_MOST)

    def fingerprint(self, picture: Picture) -> Keypoints | None:
        """Deterministic. ``None`` below ``FEWEST`` keypoints."""
        grey = self._working_grey(picture.grey)
        size = (grey.shape[1], grey.shape[0])
        space = features.scale_space(grey)
        found = features.extrema(space)
        if len(found) < FEWEST:
            return None
        found = found[features.balanced(found, size, self._most)]
        found, angle = features.oriented(space, found)
        found, angle = found[np.arange(self._most)[: len(found)]], angle[: self._most]
        descriptors = root_sift(features.described(space, found, angle))
        xy = np.column_stack([found.x, found.y]) / np.array([size], np.float32)
        scale = features.DIAMETER * found.sigma / max(size)
        return _as_stored(Keypoints(xy.astype(np.float32), scale, angle, descriptors, picture.width / picture.height))

    def _working_grey(self, grey: U8) -> U8:
        if max(grey.shape) >= self._side:
            return shrunk(grey, self._side)
        factor = min(self._side / max(grey.shape), MOST_ENLARGED)
        size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
        return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC), np.uint8)

    def dump(self, fingerprint: Keypoints) -> bytes:
        """A header, then a row of 135 bytes a keypoint."""
        rows = np.zeros(len(fingerprint), _ROW)
        lay(rows, fingerprint)
        rows["descriptors"] = fingerprint.descriptors
        return _HEADER.pack(_MAGIC, len(fingerprint), fingerprint.aspect) + rows.tobytes()

    def load(self, data: bytes) -> Keypoints:
        if len(data) < _HEADER.size:
            raise ValueError("keypoints begin with a header")
        magic, count, aspect = _HEADER.unpack_from(data)
        if magic != _MAGIC or len(data) != _HEADER.size + count * _ROW.itemsize or not 0 < aspect < np.inf:
            raise ValueError("these bytes are no keypoints of this version")
        rows = np.frombuffer(data, _ROW, count, _HEADER.size)
        if not (rows["scale"] > 0).all():
            raise ValueError("these bytes are no keypoints: a size is not above zero")
        return Keypoints(*laid(rows), rows["descriptors"].copy(), aspect)


def _as_stored(made: Keypoints) -> Keypoints:
    """With the precision that is stored, so that a fingerprint equals what comes back from the database."""
    rows = np.zeros(len(made), PLACE)
    lay(rows, made)
    return Keypoints(*laid(rows), made.descriptors, float(np.float32(made.aspect)))

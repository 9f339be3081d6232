"""Fingerprints of what was merely seen, as they are kept for a limited time: a third of the size of a reference's.

Details come back nearly as they were (compact.py): the precision by which a live registry judges its references. Of a very long
text the beginning is kept. Kinds already stored are never renamed.
"""

import struct
from collections.abc import Mapping

import numpy as np

from fingerprints import codec
from fingerprints.compact import ROW, Stored, packed, unpacked
from fingerprints.types import Fingerprints, Keypoints, Shingles

PACKED = "packed"
LONGEST = 8192
"""Shingles of a text: some fifteen pages."""
_HEADER = struct.Struct("<4sIf")
_MAGIC = b"KPC1"
_HOMELESS = np.empty(0, np.int32)


def dump(prints: Fingerprints) -> dict[str, bytes]:
    """One entry per kind that is there; the digest is not among them."""
    few = Fingerprints(prints.digest, prints.perceptual, None, _beginning(prints.shingles))
    details = {} if prints.keypoints is None else {PACKED: _dumped(prints.keypoints)}
    return {**codec.dump(few), **details}


def load(digest: str, kinds: Mapping[str, bytes]) -> Fingerprints:
    """What ``dump`` made, or ``codec.dump``. Raises ValueError for damaged bytes."""
    known = codec.load(digest, kinds)
    if PACKED not in kinds:
        return known
    return Fingerprints(digest, known.perceptual, _loaded(kinds[PACKED]), known.shingles, known.lines)


def _dumped(keypoints: Keypoints) -> bytes:
    rows = packed(keypoints)
    return _HEADER.pack(_MAGIC, len(rows), keypoints.aspect) + rows.tobytes()


def _loaded(data: bytes) -> Keypoints:
    if len(data) < _HEADER.size:
        raise ValueError("packed keypoints begin with a header")
    magic, count, aspect = _HEADER.unpack_from(data)
    if magic != _MAGIC or len(data) != _HEADER.size + count * ROW.itemsize or not 0 < aspect < np.inf:
        raise ValueError("these bytes are no packed keypoints of this version")
    return unpacked(Stored(0, aspect, np.frombuffer(data, ROW, count, _HEADER.size), _HOMELESS))


def _beginning(shingles: Shingles | None) -> Shingles | None:
    if shingles is None or len(shingles) <= LONGEST:
        return shingles
    some = slice(LONGEST)
    return Shingles(shingles.hashes[some], shingles.starts[some], shingles.ends[some], shingles.length, shingles.units)

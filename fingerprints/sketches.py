"""What of a picture or text is small enough to ask a million of them whether they were something that is registered only now.

Of a picture: its first details, each as one number: the cell of the fixed vocabulary it lies in, on which side of ``SIDES`` fixed
planes through that cell's middle it lies (Hamming embedding, Jégou, Douze and Schmid, ECCV 2008; the planes are ours), and,
coarsely, where it stands, how large and at what angle, so that what agrees can be told from what merely looks alike. Of a text:
the smallest of its shingles' hashes (bottom-k sampling, Broder, SEQUENCES 1997): two texts that share a passage share what of it
was sampled. Either is for a coarse sieve (sieve.py): whom it lets through is looked at with the whole fingerprints.

A sketch is made with vocabulary.py's tables: with others it tells nothing, and is made anew of the whole fingerprints.
"""

import hashlib
from functools import cache

import numpy as np
import numpy.typing as npt

from fingerprints.sieve import ANGLES, PLACES, SIDES, SIZES, STEP, code
from fingerprints.types import F32, U32, U64, Keypoints, Shingles
from fingerprints.vocabulary import HALF, cells, middles

DETAILS = 128
"""Of a picture; every beginning of its keypoints is balanced over sizes and over the picture."""
PHRASES = 256
NEAREST = 2
"""Cells in which a detail that is sought may lie when it is seen again."""
_SMALLEST = -9.0  # octaves of a keypoint's diameter, of the longer side
_DIMENSIONS = 128


def details(keypoints: Keypoints) -> U64:
    """uint64, (at most ``DETAILS``,)."""
    return _coded(keypoints, 1)[:DETAILS]


def phrases(shingles: Shingles) -> U32:
    """uint32, (at most ``PHRASES``,), ascending."""
    return np.unique(shingles.hashes)[:PHRASES]


def wanted(keypoints: Keypoints, nearest: int = NEAREST) -> U64:
    """Codes to look for where a picture may be seen again: ``nearest`` of every detail, one after the other.

    Its mirror image is another picture: see ``views.mirrored``.
    """
    return _coded(keypoints, nearest)


def _coded(keypoints: Keypoints, nearest: int) -> U64:
    described = keypoints.descriptors if nearest > 1 else keypoints.descriptors[:DETAILS]
    homes = cells(described, nearest)
    lie = described.astype(np.float32) @ _planes()
    even, odd = _middles()
    sides = [lie > even[homes[:, place] // HALF] + odd[homes[:, place] % HALF] for place in range(nearest)]
    signature = np.stack([some @ (1 << np.arange(SIDES)) for some in sides], axis=1)
    return code(homes, signature, *(one[: len(described), None] for one in _lying(keypoints))).ravel()


def _lying(keypoints: Keypoints) -> tuple[npt.NDArray[np.int64], ...]:
    """Across and down in steps of the longer side, size in steps of an octave, angle in steps of a turn."""
    longest = max(keypoints.aspect, 1.0)
    across, down = (keypoints.xy * [keypoints.aspect / longest, 1 / longest] * PLACES).astype(np.int64).clip(0, PLACES - 1).T
    size = ((np.log2(np.maximum(keypoints.scale, 1e-6)) - _SMALLEST) / STEP).round().astype(np.int64).clip(0, SIZES - 1)
    angle = (keypoints.angle / (2 * np.pi) * ANGLES).round().astype(np.int64) % ANGLES
    return across, down, size, angle


@cache
def _planes() -> F32:
    """float32, (128, SIDES): directions of +1 and -1, drawn once and for ever."""
    drawn = np.frombuffer(hashlib.shake_256(b"sides of a cell").digest(_DIMENSIONS * SIDES // 8), np.uint8)
    return (np.unpackbits(drawn).reshape(_DIMENSIONS, SIDES).astype(np.float32) * 2 - 1).astype(np.float32)


@cache
def _middles() -> tuple[F32, F32]:
    """Where the middles of the halves of a cell lie along each direction."""
    even, odd = middles()
    return even @ _planes()[::2], odd @ _planes()[1::2]

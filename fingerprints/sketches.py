"""What of a picture or text is small enough to ask a million of them whether they were something that is registered only now.

Of a picture: its first details, each as one number: the cell of the fixed vocabulary it lies in, and on which side of
``BITS`` fixed planes through that cell's middle (Hamming embedding, Jégou, Douze and Schmid, ECCV 2008; the planes are ours).
Of a text: the smallest of its shingles' hashes (bottom-k sampling, Broder, SEQUENCES 1997): two texts that share a passage share
what of it was sampled. Either is a coarse sieve (sieve.py): whom it lets through is looked at with the whole fingerprints.

A sketch is made with vocabulary.py's tables: with others it tells nothing, and is made anew of the whole fingerprints.
"""

import hashlib
from functools import cache

import numpy as np
import numpy.typing as npt

from fingerprints.sieve import BITS
from fingerprints.types import F32, U8, U32, Keypoints, Shingles
from fingerprints.vocabulary import HALF, cells, middles

DETAILS = 256
"""Of a picture; every beginning of its keypoints is balanced over sizes and over the picture."""
PHRASES = 256
NEAREST = 4
"""Cells in which a detail that is sought may lie when it is seen again."""
_PLANES = 128


def details(keypoints: Keypoints) -> U32:
    """uint32, (at most ``DETAILS``,): cell and side of each."""
    described = keypoints.descriptors[:DETAILS]
    return _coded(described, cells(described, 1))[:, 0]


def phrases(shingles: Shingles) -> U32:
    """uint32, (at most ``PHRASES``,), ascending."""
    return np.unique(shingles.hashes)[:PHRASES]


def wanted(keypoints: Keypoints, nearest: int = NEAREST) -> U32:
    """Codes to look for where a picture may be seen again. Its mirror image is another picture: see ``geometry.mirrored``."""
    return np.unique(_coded(keypoints.descriptors, cells(keypoints.descriptors, nearest)))


def _coded(descriptors: U8, homes: npt.NDArray[np.int64]) -> U32:
    """uint32, (n, cells of each)."""
    described = descriptors.astype(np.float32) @ _planes()
    codes = np.empty(homes.shape, np.uint32)
    for place in range(homes.shape[1]):
        sides = described > _sides()[0][homes[:, place] // HALF] + _sides()[1][homes[:, place] % HALF]
        codes[:, place] = (homes[:, place] << BITS) | (sides @ (1 << np.arange(BITS)))
    return codes


@cache
def _planes() -> F32:
    """float32, (128, BITS): directions of +1 and -1, drawn once and for ever."""
    drawn = np.frombuffer(hashlib.shake_256(b"sides of a cell").digest(_PLANES * BITS // 8), np.uint8)
    return (np.unpackbits(drawn).reshape(_PLANES, BITS).astype(np.float32) * 2 - 1).astype(np.float32)


@cache
def _sides() -> tuple[F32, F32]:
    """Where the middles of the halves of a cell lie along each direction."""
    even, odd = middles()
    return even @ _planes()[::2], odd @ _planes()[1::2]

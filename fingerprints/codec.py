"""Fingerprints to bytes by kind, and back: what the database keeps. Kinds already stored are never renamed."""

from collections.abc import Mapping

from fingerprints.keypoints import KeypointFingerprinter
from fingerprints.lines import dump_lines, load_lines
from fingerprints.perceptual import PerceptualFingerprinter
from fingerprints.text import dump_shingles, load_shingles
from fingerprints.types import Fingerprints

_PERCEPTUAL = PerceptualFingerprinter()
_KEYPOINTS = KeypointFingerprinter()
_SHINGLES = "shingles"
_LINES = "lines"


def dump(fingerprints: Fingerprints) -> dict[str, bytes]:
    """One entry per kind that is there; the digest is not among them."""
    kinds: dict[str, bytes] = {}
    if fingerprints.perceptual is not None:
        kinds[_PERCEPTUAL.kind] = _PERCEPTUAL.dump(fingerprints.perceptual)
    if fingerprints.keypoints is not None:
        kinds[_KEYPOINTS.kind] = _KEYPOINTS.dump(fingerprints.keypoints)
    if fingerprints.shingles is not None:
        kinds[_SHINGLES] = dump_shingles(fingerprints.shingles)
    if fingerprints.lines is not None:
        kinds[_LINES] = dump_lines(fingerprints.lines)
    return kinds


def load(digest: str, kinds: Mapping[str, bytes]) -> Fingerprints:
    """Inverse of ``dump``; kinds of another version of this software are passed over. Raises ValueError for damaged bytes."""
    perceptual, keypoints, shingles, lines = (kinds.get(k) for k in (_PERCEPTUAL.kind, _KEYPOINTS.kind, _SHINGLES, _LINES))
    return Fingerprints(
        digest=digest,
        perceptual=None if perceptual is None else _PERCEPTUAL.load(perceptual),
        keypoints=None if keypoints is None else _KEYPOINTS.load(keypoints),
        shingles=None if shingles is None else load_shingles(shingles),
        lines=None if lines is None else load_lines(lines),
    )

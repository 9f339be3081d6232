"""How well a reference can be recognised again, judged from itself alone, and what its owner should do about it.

A picture is found again by details that occur once, spread over it; a text by its length. What a picture lacks of the former
its light, focus, size and contents explain. Whether other assets look the same is not known here (detectors/recognisability.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from fingerprints.types import F32, U8, Fingerprints, Keypoints, Picture

I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# In brackets: rows of tests/benchmarks/results/recognisability.md, where fewer copies are found.
GOOD_PLACES = 150  # [places]
GOOD_TELLING = 30  # [telling places; tiled]
GOOD_UNITS = 160  # as many as document_text wants where they are a small part of what was said
HARDLY = 0.25  # of either; below, hardly anything but the very file is found [places; telling places]
FEWEST_BLOCKS = 10  # of 64 [in a corner]
DARK = 60.0  # [light]
BLURRED = 1.8  # [sharpness]
SMALL = 160  # [longer side]

_BLOCKS = 8  # along each side
_SIDE = 640  # pixels along the longer side that all of this is judged in
_PLACE = 10.0  # of those pixels: details nearer than this are one place
_NOTHING = 0.02  # curvature of a blank sheet, in grey levels
_ALIKE = 0.92  # cosine of two descriptors that could be taken for each other


class Flaw(StrEnum):
    """Why a reference is hard to recognise; names stored in data."""

    TOO_SMALL = "too_small"
    TOO_DARK = "too_dark"
    TOO_BLURRED = "too_blurred"
    TOO_PLAIN = "too_plain"
    FEW_PLACES = "few_places"
    REPETITIVE = "repetitive"
    TOO_SHORT = "too_short"


ADVICE = {
    Flaw.TOO_SMALL: "The picture is very small: register the original file instead of a preview of it.",
    Flaw.TOO_DARK: "The picture is too dark: take it again with more light.",
    Flaw.TOO_BLURRED: "The picture is out of focus or shaken: take it again with the camera held still.",
    Flaw.TOO_PLAIN: "There is little to see, or little contrast: take it from nearer, or from a side with edges or markings.",
    Flaw.FEW_PLACES: "All there is to recognise huddles in one part: crop the picture to it, or come nearer so that it fills it.",
    Flaw.REPETITIVE: "Its details all look alike: show a part that occurs once, such as a label, a corner or a marking.",
    Flaw.TOO_SHORT: "The text is too short to be told from chance: register more of it, or its telling words as terms and tags.",
}
RECOGNISABLE = "Recognisable: nothing to do."
UNRECOGNISABLE = "Hardly anything but an identical file would be found."


@dataclass(frozen=True, slots=True)
class Distinctiveness:
    """How well a reference can be recognised again: ``score`` 0..1, and what its owner should do about it, in sentences."""

    score: float
    verdict: Literal["good", "weak", "none"]
    advice: str
    flaws: tuple[Flaw, ...] = ()


@dataclass(frozen=True, slots=True)
class Looks:
    """What of a picture decides whether it is found again.

    ``side``: its longer side in pixels. ``light``: the grey level 0..255 that one pixel in a hundred exceeds. ``sharpness``: 5
    and more in focus, towards 1 without (see `_sharpness`). ``places``: where details are, each once; ``telling``: those whose
    detail occurs nowhere else in it; ``blocks``: how many of 64 blocks hold a telling place.
    """

    side: int
    light: float
    sharpness: float
    places: int
    telling: int
    blocks: int

    def flaws(self, written: bool) -> list[Flaw]:
        """``written``: enough text stands in it to find it by, whatever else there is to see."""
        taken = list(self._taken())
        return taken if written else [*taken, *self._shown(bool(taken))]

    def _taken(self) -> Iterator[Flaw]:
        """How the picture was taken."""
        if self.side < SMALL:
            yield Flaw.TOO_SMALL
        if self.light < DARK:
            yield Flaw.TOO_DARK
        if self.places and self.sharpness < BLURRED:
            yield Flaw.TOO_BLURRED

    def _shown(self, explained: bool) -> Iterator[Flaw]:
        """What it shows. ``explained``: it may be only because of how it was taken that it shows little."""
        alike = self.telling < min(GOOD_TELLING, self.places / 3) and self.places >= HARDLY * GOOD_PLACES
        huddled = self.blocks < FEWEST_BLOCKS and self.telling >= HARDLY * GOOD_TELLING
        if huddled:
            yield Flaw.FEW_PLACES
        if alike:
            yield Flaw.REPETITIVE
        if self.strength < 1 and not (alike or huddled or explained):
            yield Flaw.TOO_PLAIN

    @property
    def strength(self) -> float:
        """1: enough to be found by."""
        return min(self.places / GOOD_PLACES, self.telling / GOOD_TELLING)


def looks(picture: Picture, keypoints: Keypoints | None) -> Looks:
    """Measured at the size in which keypoints are found."""
    grey = _working(picture.grey)
    side, light, sharpness = max(picture.width, picture.height), float(np.percentile(grey, 99)), _sharpness(grey)
    if keypoints is None:
        return Looks(side, light, sharpness, 0, 0, 0)
    places, single = _places(keypoints)
    telling = len(np.unique(places[single], axis=0))
    spread = len(blocks(keypoints.xy[single]))
    return Looks(side, light, sharpness, len(np.unique(places, axis=0)), telling, spread)


def blocks(points: F32) -> frozenset[int]:
    """Which of 64 blocks of a picture these points, (n, 2) fractions of it, lie in."""
    column, row = np.clip((points * _BLOCKS).astype(np.intp), 0, _BLOCKS - 1).T
    return frozenset((row * _BLOCKS + column).tolist())


def distinctiveness(fingerprints: Fingerprints, picture: Picture | None) -> Distinctiveness:
    """``picture``: the one fingerprinted, ``None`` where it is a text."""
    units = fingerprints.shingles.units if fingerprints.shingles is not None else 0
    if picture is None:
        return _judged(units / GOOD_UNITS, [Flaw.TOO_SHORT] if units < GOOD_UNITS else [])
    seen = looks(picture, fingerprints.keypoints)
    return _judged(max(seen.strength, units / GOOD_UNITS), seen.flaws(written=units >= GOOD_UNITS))


def _judged(strength: float, flaws: list[Flaw]) -> Distinctiveness:
    score = round(min(1.0, strength), 2)
    if not flaws:
        return Distinctiveness(score, "good", RECOGNISABLE)
    advice = " ".join(ADVICE[flaw] for flaw in flaws)
    if strength >= HARDLY:
        return Distinctiveness(score, "weak", advice, tuple(flaws))
    return Distinctiveness(score, "none", f"{UNRECOGNISABLE} {advice}", tuple(flaws))


def _working(grey: U8) -> U8:
    factor = min(1.0, _SIDE / max(grey.shape))
    size = [max(1, round(side * factor)) for side in grey.shape[::-1]]
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _sharpness(grey: U8) -> float:
    """How much more its sharpest edges curve than they would after a blur: 5 and more in focus, towards 1 without.

    Edges are held against edges, as many of the one as of the other: it does not matter how much of the picture is blank.
    """
    fine, coarse = (_curvature(grey, radius) for radius in (1, 3))
    edges = int((coarse >= np.sort(coarse)[-(len(coarse) // 1000) - 1] / 2).sum())
    strongest = [float(np.sort(curved)[-edges:].mean()) for curved in (fine, coarse)]
    return strongest[0] / max(strongest[1], _NOTHING)


def _curvature(grey: U8, radius: float) -> F32:
    """At every pixel, after a blur of that many pixels."""
    blurred = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), radius)
    return np.asarray(np.abs(cv2.Laplacian(blurred, cv2.CV_32F)), np.float32).ravel()


def _places(keypoints: Keypoints) -> tuple[I64, Flags]:
    """Of each keypoint the cell it is in, (n, 2), and whether no other place of the picture looks the same."""
    longest = max(keypoints.aspect, 1.0)
    at = keypoints.xy * _SIDE * np.array([keypoints.aspect / longest, 1 / longest])
    elsewhere = ((at[:, None] - at) ** 2).sum(axis=2) > _PLACE**2
    unit = keypoints.descriptors / np.linalg.norm(keypoints.descriptors.astype(np.float32), axis=1, keepdims=True).clip(1)
    alike = unit @ unit.T > _ALIKE
    return np.floor(at / _PLACE).astype(np.int64), ~(alike & elsewhere).any(axis=1)

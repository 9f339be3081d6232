"""What is kept of what was merely seen: small, and nearly as it was."""

from collections.abc import Callable

import numpy as np
import pytest

from fingerprints import codec, geometry, kept
from fingerprints.keypoints import KeypointFingerprinter
from fingerprints.perceptual import PerceptualFingerprinter
from fingerprints.text import shingles
from fingerprints.types import Fingerprints, Keypoints, Picture
from tests.app.pictures import scene


def pictured(seed: int) -> tuple[Picture, Keypoints]:
    pixels = np.asarray(scene(seed, 900, 700))
    picture = Picture(pixels, 900, 700)
    found = KeypointFingerprinter().fingerprint(picture)
    assert found is not None
    return picture, found


def test_a_picture_comes_back_nearly_as_it_was_from_a_third_of_the_bytes() -> None:
    picture, details = pictured(1)
    prints = Fingerprints(
        "d", PerceptualFingerprinter().fingerprint(picture), details, shingles("some words that are long enough")
    )
    kinds = kept.dump(prints)
    assert kinds.keys() == {"perceptual", "packed", "shingles"}
    assert len(kinds["packed"]) < 0.31 * len(codec.dump(prints)["keypoints"])
    back = kept.load("d", kinds)
    assert back.keypoints is not None
    assert np.array_equal(back.keypoints.xy, details.xy)
    assert back.keypoints.aspect == details.aspect
    hit = geometry.verify("k", back.keypoints, details)
    assert hit is not None
    assert hit.inliers > 0.3 * len(details)
    assert hit.coverage > 0.9
    assert back.perceptual is not None
    assert prints.perceptual is not None
    assert np.array_equal(back.perceptual.bits, prints.perceptual.bits)


def test_a_reference_s_own_fingerprints_are_read_as_well() -> None:
    _, details = pictured(2)
    back = kept.load("d", codec.dump(Fingerprints("d", None, details)))
    assert back.keypoints is not None
    assert np.array_equal(back.keypoints.descriptors, details.descriptors)


def test_of_a_very_long_text_the_beginning_is_kept() -> None:
    whole = shingles(" ".join(f"word{number}" for number in range(30_000)))
    assert whole is not None
    assert len(whole) > kept.LONGEST
    back = kept.load("d", kept.dump(Fingerprints("d", shingles=whole))).shingles
    assert back is not None
    assert (len(back), back.length) == (kept.LONGEST, whole.length)


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: b"", lambda data: b"XXXX" + data[4:]])
def test_what_is_damaged_is_refused(damage: Callable[[bytes], bytes]) -> None:
    _, details = pictured(3)
    data = kept.dump(Fingerprints("d", None, details))["packed"]
    with pytest.raises(ValueError, match="packed keypoints"):
        kept.load("d", {"packed": damage(data)})

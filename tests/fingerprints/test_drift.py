"""What compression left in a copy is found again in what was made of it, be it a part of it or a screenshot."""

import numpy as np
import pytest

from app.demo.camera import jpeg
from app.demo.equipment import photograph
from app.demo.screens import chat_screenshot, crop, forward
from fingerprints.drift import likelihoods
from fingerprints.images import decode
from fingerprints.keypoints import KeypointFingerprinter
from fingerprints.kin import Copy, Kin
from fingerprints.lineage import Look, look_of
from fingerprints.types import U8, Limits

PHOTO = photograph(3, 10.0, 15, 5.0)
PARENTS = [forward(PHOTO, longest, quality) for longest, quality in ((1280, 70), (1080, 65), (1440, 75), (960, 60))]
CUT = (0.1, 0.15, 0.9, 0.85)


def looked(data: bytes) -> Look:
    return look_of(decode(data, Limits()), data)


def pixels(data: bytes) -> U8:
    return decode(data, Limits()).pixels


LOOKS = [looked(data) for data in PARENTS]
VIEW = np.array(
    [[1 / (CUT[2] - CUT[0]), 0, -CUT[0] / (CUT[2] - CUT[0])], [0, 1 / (CUT[3] - CUT[1]), -CUT[1] / (CUT[3] - CUT[1])], [0, 0, 1]]
)


@pytest.mark.parametrize("parent", range(len(PARENTS)))
def test_a_crop_fits_the_copy_it_was_cut_from(parent: int) -> None:
    child = looked(forward(crop(pixels(PARENTS[parent]), *CUT), 2048, 85))
    found = likelihoods(child, LOOKS, VIEW, lit=False)
    assert found is not None
    assert int(found.argmax()) == parent


def test_a_homography_a_little_off_and_another_light_change_nothing_of_it() -> None:
    brighter = np.clip(crop(pixels(PARENTS[1]), *CUT) * 0.9 + 12, 0, 255).astype(np.uint8)
    off = np.array([[1.004, 0, -0.003], [0, 0.997, 0.002], [0, 0, 1]]) @ VIEW
    found = likelihoods(looked(jpeg(brighter, 90)), LOOKS, off, lit=False)
    assert found is not None
    assert int(found.argmax()) == 1


def test_it_is_the_same_whichever_of_two_equal_grids_is_asked_between_its_places() -> None:
    larger, smaller = (likelihoods(LOOKS[0], LOOKS, np.diag([size, size, 1.0]), lit=False) for size in (1 + 1e-9, 1 - 1e-9))
    assert larger is not None
    assert smaller is not None
    assert np.allclose(larger[1:], smaller[1:], rtol=1e-4)


def test_frames_that_hardly_overlap_tell_nothing() -> None:
    aside = np.array([[1, 0, 0.93], [0, 1, 0.93], [0, 0, 1.0]])
    assert likelihoods(LOOKS[0], LOOKS, aside, lit=False) is None


def test_kin_tell_which_copy_of_a_view_a_crop_was_cut_from() -> None:
    files = [*PARENTS, forward(crop(pixels(PARENTS[2]), *CUT), 2048, 85)]
    copies = [
        Copy(str(n), looked(one), KeypointFingerprinter().fingerprint(decode(one, Limits()))) for n, one in enumerate(files)
    ]
    drifts = [one.drift for _, one in sorted(Kin(copies, [len(copies)] * len(copies)).descents(4).items())]
    assert max(drifts) == drifts[2] == 0
    assert sorted(drifts)[-2] < -1


def test_of_many_screenshots_the_picture_they_show_is_still_asked() -> None:
    files = [PARENTS[0], *(forward(chat_screenshot(PHOTO, seed), 1280, 70) for seed in range(12))]
    copies = [
        Copy(str(n), looked(one), KeypointFingerprinter().fingerprint(decode(one, Limits()))) for n, one in enumerate(files)
    ]
    kin = Kin(copies, [len(copies)] * len(copies))
    assert all(0 in kin.descents(child) for child in range(1, len(copies)))

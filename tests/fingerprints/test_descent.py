"""What a copy is of another one is told from their details: a part, a screenshot, something put on it, and which holds which."""

import numpy as np
import pytest

from app.demo.camera import jpeg
from app.demo.equipment import photograph
from app.demo.screens import chat_screenshot, crop, forward, sticker
from fingerprints.descent import Descent, Relation, across, laid
from fingerprints.images import decode
from fingerprints.keypoints import KeypointFingerprinter
from fingerprints.kin import Copy, Kin
from fingerprints.lineage import look_of
from fingerprints.types import Limits
from tests.benchmarks.attacks import oblique

PHOTO = photograph(3, 10.0, 15, 5.0)
FILES = {
    "photo": jpeg(PHOTO, 88),
    "again": forward(PHOTO, 1280, 70),
    "crop": forward(crop(PHOTO, 0.1, 0.15, 0.8, 0.85), 1280, 75),
    "crop of crop": forward(crop(crop(PHOTO, 0.1, 0.15, 0.8, 0.85), 0.2, 0.1, 0.9, 0.9), 1280, 75),
    "marked": forward(sticker(PHOTO, 5, 3), 1280, 75),
    "crop of marked": forward(crop(sticker(PHOTO, 5, 3), 0.05, 0.05, 0.9, 0.95), 1280, 75),
    "screenshot": forward(chat_screenshot(PHOTO, 8), 2048, 80),
    "photo of it": oblique(PHOTO, 1),
}
NAMES = list(FILES)


def _copy(data: bytes) -> Copy:
    picture = decode(data, Limits())
    return Copy(str(hash(data)), look_of(picture, data), KeypointFingerprinter().fingerprint(picture))


COPIES = {name: _copy(data) for name, data in FILES.items()}
KIN = Kin(list(COPIES.values()), [len(COPIES)] * len(COPIES))


def descent(child: str, parent: str) -> Descent:
    return KIN.descents(NAMES.index(child))[NAMES.index(parent)]


@pytest.mark.parametrize(
    ("child", "parent", "relation"),
    [
        ("again", "photo", Relation.RECOMPRESSED),
        ("crop", "photo", Relation.CROP),
        ("crop of crop", "crop", Relation.CROP),
        ("crop of crop", "photo", Relation.CROP),
        ("marked", "photo", Relation.MARKED),
        ("screenshot", "photo", Relation.SCREENSHOT),
        ("photo of it", "photo", Relation.PHOTO),
    ],
)
def test_what_it_is(child: str, parent: str, relation: Relation) -> None:
    assert descent(child, parent).relation is relation


def test_a_crop_lies_within_its_parent_and_not_the_other_way_round() -> None:
    down, up = descent("crop", "photo"), descent("photo", "crop")
    assert down.inside > 0.97
    assert down.visible == pytest.approx(0.49, abs=0.04)
    assert up.inside == pytest.approx(down.visible, abs=0.05)


def test_a_screenshot_shows_its_parent_whole() -> None:
    one = descent("screenshot", "photo")
    assert one.visible > 0.97
    assert one.inside < 0.8


def test_what_was_put_on_a_copy_ties_its_own_copies_to_it() -> None:
    assert descent("crop of marked", "marked").explained > descent("crop of marked", "photo").explained


def test_a_cut_that_is_not_scaled_has_its_parents_pixels() -> None:
    child, parent = _copy(jpeg(crop(PHOTO, 0.3, 0.3, 0.9, 0.9), 85)), COPIES["photo"]
    assert child.keypoints is not None
    assert parent.keypoints is not None
    assert child.look is not None
    assert parent.look is not None
    view = laid(child.keypoints, parent.keypoints)
    assert view is not None
    (one,) = across((child.keypoints, child.look), [(parent.keypoints, parent.look)], view[None])
    assert one.scale == pytest.approx(0.0, abs=0.02)


def test_other_pictures_are_no_kin() -> None:
    other = _copy(jpeg(photograph(11, 0.0, 15, 5.0), 88))
    kin = Kin([*COPIES.values(), other], [len(COPIES) + 1] * (len(COPIES) + 1))
    assert kin.descents(len(COPIES)) == {}


def test_only_what_may_be_earlier_is_asked_for() -> None:
    kin = Kin(list(COPIES.values()), list(range(len(COPIES))))
    assert [sorted(kin.descents(n)) for n in (0, 1)] == [[], [0]]


def test_a_mirrored_copy_is_laid_as_well() -> None:
    child, parent = _copy(jpeg(np.ascontiguousarray(PHOTO[:, ::-1]), 85)), COPIES["photo"]
    assert child.keypoints is not None
    assert parent.keypoints is not None
    view = laid(child.keypoints, parent.keypoints)
    assert view is not None
    assert np.linalg.det(view[:2, :2]) / view[2, 2] ** 2 < 0

"""What pictures hold of each other does not depend on how many are asked at once."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.demo.camera import jpeg
from app.demo.equipment import photograph
from app.demo.screens import chat_screenshot, crop, forward, sticker
from fingerprints.descent import across, laid
from fingerprints.holding import held
from fingerprints.images import decode
from fingerprints.keypoints import KeypointFingerprinter
from fingerprints.kin import Copy
from fingerprints.lineage import look_of
from fingerprints.types import Keypoints, Limits


@cache
def copies() -> list[Copy]:
    photo = photograph(3, 10.0, 15, 5.0)
    files = [
        jpeg(photo, 88),
        forward(crop(photo, 0.1, 0.15, 0.8, 0.85), 1280, 75),
        forward(sticker(photo, 5, 3), 640, 75),
        forward(chat_screenshot(photo, 8), 2048, 80),
    ]
    pictures = [decode(one, Limits()) for one in files]
    made = zip(pictures, files, strict=True)
    return [Copy("", look_of(picture, data), KeypointFingerprinter().fingerprint(picture)) for picture, data in made]


def keypoints(number: int) -> Keypoints:
    found = copies()[number].keypoints
    assert found is not None
    return found


@settings(max_examples=40)
@given(st.integers(0, 3), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99)), min_size=1, max_size=6))
def test_all_at_once_is_one_by_one(child: int, others: list[tuple[int, int]]) -> None:
    views = np.array([np.eye(3) + np.random.default_rng(seed).normal(0, 0.1, (3, 3)) for _, seed in others])
    explained, kept = held(keypoints(child), [keypoints(n) for n, _ in others], views)
    for at, (other, _) in enumerate(others):
        alone = held(keypoints(child), [keypoints(other)], views[at : at + 1])
        assert [float(one[0]) for one in alone] == [explained[at], kept[at]]
    assert ((explained >= 0) & (explained <= 1) & (kept >= 0) & (kept <= 1)).all()


@pytest.mark.parametrize("child", range(1, 4))
def test_a_copy_holds_what_it_was_made_of_and_tells_the_same_of_it_among_others(child: int) -> None:
    view = laid(keypoints(child), keypoints(0))
    assert view is not None
    aside = np.array([[1, 0, 0.6], [0, 1, 0.6], [0, 0, 1.0]])
    explained, kept = held(keypoints(child), [keypoints(0)] * 2, np.array([view, aside]))
    assert min(explained[0], kept[0]) > 0.7
    assert min(explained[1], kept[1]) < 0.3
    own, *others = (one.shown for one in (copies()[child], copies()[0], copies()[0]))
    assert own is not None
    shown = [one for one in others if one is not None]
    views = np.array([view, aside])
    assert across(own, shown, views) == [across(own, [one], views[n : n + 1])[0] for n, one in enumerate(shown)]

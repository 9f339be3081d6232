"""The coarse search backwards: what brute force says it says as well, and attacked copies come through."""

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.demo.rehearsal import ATTACKS
from fingerprints import geometry
from fingerprints.images import decode
from fingerprints.keypoints import KeypointFingerprinter
from fingerprints.sieve import BITS, Sieve, packed
from fingerprints.sketches import DETAILS, details, phrases, wanted
from fingerprints.text import shingles
from fingerprints.types import Keypoints, Limits, Picture
from tests.app.pictures import scene

U32 = npt.NDArray[np.uint32]
codes = st.lists(st.integers(0, (6 << BITS) - 1), max_size=20).map(lambda some: np.array(sorted(set(some)), np.uint32))


def brute(sketch: U32, picture: U32, near: int) -> int:
    """Details of the sketch that some code of the picture is like."""
    alike = [
        any(one >> BITS == other >> BITS and (int(one) ^ int(other)).bit_count() <= near for other in picture) for one in sketch
    ]
    return sum(alike)


@given(st.lists(codes, min_size=1, max_size=5), st.lists(codes, max_size=3), st.integers(0, 6))
def test_it_counts_as_brute_force_does(sketches: list[U32], pictures: list[U32], near: int) -> None:
    sieve = Sieve([packed(one) for one in pictures], [], near=near)
    votes, likest = sieve.details([packed(one) for one in sketches])
    for sketch, most, which in zip(sketches, votes.tolist(), likest.tolist(), strict=True):
        counts = [brute(sketch, one, near) for one in pictures]
        assert most == max(counts, default=0)
        assert not most or counts[which] == most


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=6), st.lists(st.integers(-(2**63), 2**63 - 1), max_size=9))
def test_whole_pictures_are_as_far_apart_as_their_bits(seen: list[int | None], wholes: list[int]) -> None:
    found = Sieve([], wholes).whole(seen).tolist()
    mask = 2**64 - 1
    assert found == [
        64 if one is None else min((((one ^ other) & mask).bit_count() for other in wholes), default=64) for one in seen
    ]


def test_a_passage_comes_through_and_a_stranger_s_text_does_not() -> None:
    words = [f"word{number}" for number in range(900)]
    whole, quoted, other = (shingles(" ".join(some)) for some in (words[:600], words[200:420], words[600:]))
    assert whole is not None
    assert quoted is not None
    assert other is not None
    sieve = Sieve([], [], packed(whole.hashes))
    assert sieve.words([packed(phrases(quoted)), packed(phrases(other)), b""])[0] > 20
    assert sieve.suspects([b""] * 2, [None] * 2, [packed(phrases(quoted)), packed(phrases(other))]) == [(0, None)]


@pytest.fixture(scope="module")
def prints() -> KeypointFingerprinter:
    return KeypointFingerprinter()


def keypoints(of: KeypointFingerprinter, picture: npt.NDArray[np.uint8]) -> Keypoints:
    found = of.fingerprint(Picture(picture, picture.shape[1], picture.shape[0]))
    assert found is not None
    return found


def test_attacked_copies_come_through_and_strangers_do_not(prints: KeypointFingerprinter) -> None:
    picture = np.asarray(scene(1, 1200, 900))
    reference = keypoints(KeypointFingerprinter.of_references(), picture)
    views = [packed(wanted(one)) for one in (reference, geometry.mirrored(reference))]
    copies = [decode(attack(picture), Limits()) for attack in ATTACKS.values()]
    strangers = [np.asarray(scene(seed, 1200, 900)) for seed in range(50, 62)]
    seen = [details(one) for one in (prints.fingerprint(copy) for copy in copies) if one is not None]
    others = [details(keypoints(prints, stranger)) for stranger in strangers]
    sieve = Sieve(views, [])
    count = len(seen)
    suspects = dict(sieve.suspects([packed(one) for one in [*seen, *others]], [None] * (count + 12), [b""] * (count + 12)))
    assert sum(place < count for place in suspects) >= len(ATTACKS) - 1
    assert sum(place >= count for place in suspects) <= 1
    mirrored = list(ATTACKS).index("mirrored")
    assert suspects[mirrored] == 1, "it is told which of the views it is"


def test_a_sketch_is_small_and_always_the_same(prints: KeypointFingerprinter) -> None:
    one, again = (details(keypoints(prints, np.asarray(scene(2)))) for _ in range(2))
    assert packed(one) == packed(again)
    assert len(one) <= DETAILS
    every = [code >> BITS for code in itertools.chain(one.tolist())]
    assert max(every) < 1 << 18

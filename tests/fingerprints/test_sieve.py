"""The coarse search backwards: what brute force says it says as well, and attacked copies come through."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.demo.rehearsal import ATTACKS
from fingerprints.images import decode
from fingerprints.keypoints import KeypointFingerprinter
from fingerprints.sieve import AGREEING, CROWD, Sieve, code, packed
from fingerprints.sketches import DETAILS, NEAREST, details, phrases, wanted
from fingerprints.text import shingles
from fingerprints.types import Keypoints, Limits, Picture
from fingerprints.views import mirrored
from tests.app.pictures import encoded, scene

U64 = npt.NDArray[np.uint64]
fields = st.tuples(*(st.integers(0, most) for most in (3, 63, 127, 127, 31, 31)))
pictures = st.lists(fields, max_size=12).map(lambda some: code(*np.array(some, np.int64).reshape(-1, 6).T))


def alike(one: int, other: int, near: int) -> bool:
    return one >> 46 == other >> 46 and (one >> 24 ^ other >> 24).bit_count() <= near


@given(st.lists(pictures, min_size=1, max_size=5), st.lists(pictures, max_size=3), st.integers(0, 6))
def test_it_hears_of_what_brute_force_hears_of(sketches: list[U64], known: list[U64], near: int) -> None:
    sieve = Sieve([packed(one) for one in known], [], near=near)
    seen, entries, owners, numbers = sieve.alike([packed(one) for one in sketches])
    found = sorted(zip(seen.tolist(), sieve._codes[entries].tolist(), owners.tolist(), numbers.tolist(), strict=True))
    assert found == sorted(
        (one, other, owner, number)
        for owner, sketch in enumerate(sketches)
        for number, one in enumerate(sketch.tolist())
        for picture in known
        for other in picture.tolist()
        if alike(one, other, near)
    )


@given(st.lists(pictures, min_size=1, max_size=4), st.lists(pictures, min_size=1, max_size=3))
def test_each_is_judged_by_itself(sketches: list[U64], known: list[U64]) -> None:
    """In whatever company a sketch is asked about, and whatever else is sought."""
    together = Sieve([packed(one) for one in known], [], agreeing=1)
    votes, _, likest = together.details([packed(one) for one in sketches])
    alone = [Sieve([packed(one)], [], agreeing=1) for one in known]
    for sketch, most, which in zip(sketches, votes.tolist(), likest.tolist(), strict=True):
        counts = [int(one.details([packed(sketch)])[0][0]) for one in alone]
        assert most == max(counts)
        assert not most or counts[which] == most


@given(st.integers(1, 40), st.integers(0, 7), st.integers(-2, 2), st.integers(0, 2**31))
def test_what_is_moved_turned_and_magnified_agrees(count: int, quarter: int, octaves: int, seed: int) -> None:
    """Every detail of a picture, where a similarity puts it, and as large and turned as that says."""
    made = np.random.default_rng(seed)
    cell, signature = np.arange(count) * 7, made.integers(0, 1 << 22, count)
    x, y, size, angle = (
        made.integers(40, 88, count),
        made.integers(40, 88, count),
        made.integers(12, 20, count),
        made.integers(0, 32, count),
    )
    turn, factor = quarter * np.pi / 4, 2.0**octaves
    dx, dy = (x - 64) * factor, (y - 64) * factor
    there_x = (64 + dx * np.cos(turn) - dy * np.sin(turn)).round().astype(np.int64)
    there_y = (64 + dx * np.sin(turn) + dy * np.cos(turn)).round().astype(np.int64)
    inside = (there_x >= 0) & (there_x < 128) & (there_y >= 0) & (there_y < 128)
    copy = code(cell, signature, there_x, there_y, size + 4 * octaves, (angle + 4 * quarter) % 32)[inside]
    votes, *_ = Sieve([packed(code(cell, signature, x, y, size, angle))], [], agreeing=1).details([packed(copy)])
    assert votes.tolist() == [inside.sum()]


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


@given(st.lists(pictures, min_size=1, max_size=4), pictures)
def test_what_is_shared_is_no_more_than_is_alike_and_no_less_than_agrees(sketches: list[U64], known: U64) -> None:
    sieve, asked = Sieve([packed(known)], [], agreeing=1), [packed(one) for one in sketches]
    votes, *_ = sieve.details(asked)
    shared = sieve.shared([0] * len(asked), asked, [b""] * len(asked))
    for sketch, agreed, numbers in zip(sketches, votes.tolist(), shared, strict=True):
        near = {n for n, one in enumerate(known.tolist()) if any(alike(seen, one, 1) for seen in sketch.tolist())}
        assert set(numbers.tolist()) <= near
        assert len(set(numbers.tolist())) == len(numbers) >= agreed
    assert [len(one) for one in sieve.shared([None] * len(asked), asked, [b""] * len(asked))] == [0] * len(asked)
    assert sieve.shared([], [], []) == []


def test_of_texts_the_phrases_are_shared() -> None:
    sieve = Sieve([], [], packed(np.array([5, 3, 9], np.uint32)))
    [shared] = sieve.shared([None], [b""], [packed(np.array([9, 4, 3], np.uint32))])
    assert shared.tolist() == [0, 2]


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
    views = [packed(wanted(one)) for one in (reference, mirrored(reference))]
    copies = [decode(attack(picture), Limits()) for attack in ATTACKS.values()]
    strangers = [np.asarray(scene(seed, 1200, 900)) for seed in range(50, 62)]
    seen = [details(one) for one in (prints.fingerprint(copy) for copy in copies) if one is not None]
    others = [details(keypoints(prints, stranger)) for stranger in strangers]
    sieve = Sieve(views, [], nearest=NEAREST)
    count = len(seen)
    suspects = dict(sieve.suspects([packed(one) for one in [*seen, *others]], [None] * (count + 12), [b""] * (count + 12)))
    assert sum(place < count for place in suspects) >= len(ATTACKS) - 1
    assert sum(place >= count for place in suspects) <= 2, "drawn by the same hand"
    turned_over = list(ATTACKS).index("mirrored")
    assert suspects[turned_over] == 1, "it is told which of the views it is"


def test_a_part_of_a_picture_in_which_much_is_alike_comes_through(prints: KeypointFingerprinter) -> None:
    picture = scene(20_140, 1100, 800)
    registered = decode(encoded(picture, "JPEG", quality=92), Limits())
    reference = KeypointFingerprinter.of_references().fingerprint(registered)
    part = prints.fingerprint(decode(ATTACKS["crop40"](np.asarray(picture)), Limits()))
    assert reference is not None
    assert part is not None
    sieve = Sieve([packed(wanted(one)) for one in (reference, mirrored(reference))], [], nearest=NEAREST)
    [votes], [pairs], _ = sieve.details([packed(details(part))])
    assert votes - (pairs - votes) / CROWD < AGREEING, "much is alike that does not agree"
    assert sieve.suspects([packed(details(part))], [None], [b""]) == [(0, 0)]


def test_a_sketch_is_small_and_always_the_same(prints: KeypointFingerprinter) -> None:
    one, again = (details(keypoints(prints, np.asarray(scene(2)))) for _ in range(2))
    assert packed(one) == packed(again)
    assert len(one) <= DETAILS

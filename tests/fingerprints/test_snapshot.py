"""One snapshot, many changes: order is kept, repeats change nothing, bytes survive storage."""

import numpy as np
import pytest

from fingerprints import codec
from fingerprints.extraction import Extractor
from fingerprints.snapshot import Snapshot
from fingerprints.types import Change, Fingerprints, Terms
from tests.detectors.scenes import png, scene, sentences
from tests.fingerprints.test_extraction import CountingReader


@pytest.fixture(scope="module")
def prints() -> list[Fingerprints]:
    extractor = Extractor(CountingReader())
    return [extractor.fingerprint(png(scene(seed)), "x.png").parts[0].fingerprints for seed in range(4)]


def found(snapshot: Snapshot, query: Fingerprints) -> set[str]:
    assert query.keypoints is not None
    assert query.perceptual is not None
    by_hash = {hit.key for hit in snapshot.perceptual.search(query.perceptual) if hit.distance == 0}
    by_points = {hit.key for hit in snapshot.keypoints.search(query.keypoints) if hit.inliers > 50}
    assert by_hash == by_points == set(snapshot.exact.search(query.digest))
    return by_hash


def test_changes_are_applied_and_taken_back(prints: list[Fingerprints]) -> None:
    snapshot = Snapshot()
    snapshot.apply(Change(1, put={"a": prints[0], "b": prints[1]}))
    assert found(snapshot, prints[0]) == {"a"}
    snapshot.apply(Change(2, remove=("a",), put={"c": prints[2]}))
    assert found(snapshot, prints[0]) == set()
    assert found(snapshot, prints[2]) == {"c"}
    assert snapshot.checkpoint == 2


def test_applying_twice_is_applying_once(prints: list[Fingerprints]) -> None:
    snapshot = Snapshot()
    change = Change(3, put={"a": prints[0]}, put_terms={"x": Terms(("ORCHID",), ())})
    snapshot.apply(change)
    snapshot.apply(change)
    assert (len(snapshot.exact), len(snapshot.keypoints), len(snapshot.perceptual), len(snapshot.terms)) == (1, 1, 1, 1)


def test_a_key_put_again_is_replaced(prints: list[Fingerprints]) -> None:
    snapshot = Snapshot()
    snapshot.apply(Change(1, put={"a": prints[0]}))
    snapshot.apply(Change(2, put={"a": prints[1]}))
    assert found(snapshot, prints[0]) == set()
    assert found(snapshot, prints[1]) == {"a"}


def test_fingerprints_survive_storage(prints: list[Fingerprints]) -> None:
    extractor = Extractor(CountingReader())
    text = extractor.fingerprint(" ".join(sentences(1)).encode(), "x.txt").parts[0].fingerprints
    for original in (*prints, text):
        stored = codec.dump(original)
        again = codec.load(original.digest, stored)
        assert codec.dump(again) == stored
    assert set(codec.dump(prints[0])) >= {"perceptual", "keypoints"}
    assert set(codec.dump(text)) == {"shingles"}


def test_unknown_kinds_are_passed_over_and_damage_is_named(prints: list[Fingerprints]) -> None:
    again = codec.load(prints[0].digest, {"newer": b"?"})
    assert (again.keypoints, again.perceptual) == (None, None)
    with pytest.raises(ValueError, match=r"."):
        codec.load("d", {"keypoints": b"not keypoints"})


def test_stored_keypoints_answer_the_same(prints: list[Fingerprints]) -> None:
    fresh, loaded = Snapshot(), Snapshot()
    for i, original in enumerate(prints):
        fresh.apply(Change(i + 1, put={str(i): original}))
        loaded.apply(Change(i + 1, put={str(i): codec.load(original.digest, codec.dump(original))}))
    query = prints[2].keypoints
    assert query is not None
    ours, theirs = (s.keypoints.search(query)[0] for s in (fresh, loaded))
    assert (ours.key, ours.inliers) == (theirs.key, theirs.inliers)
    assert np.allclose(ours.homography, theirs.homography)

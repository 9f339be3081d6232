"""The speed benchmark still runs, and its pieces do what they say; not how fast anything is."""

import mmap
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.demo import ordinary
from app.demo.camera import jpeg
from fingerprints.snapshot import Snapshot
from fingerprints.types import Keypoints
from tests.benchmarks import speed
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.growth import Point, resident, together_table
from tests.benchmarks.measure import pixels


@pytest.fixture(scope="module")
def pool() -> list[Keypoints]:
    return speed.details([jpeg(ordinary.lunch(seed)[::2, ::2], 90) for seed in (1, 2)])


def test_quick_run_writes_every_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    threads = cv2.getNumThreads()
    try:
        speed.main(["--quick", "--output", str(tmp_path)])
    finally:
        cv2.setNumThreads(threads)
    page = (tmp_path / "speed.md").read_text(encoding="utf-8")
    assert page == capsys.readouterr().out
    for name in (speed.PDQ, speed.PHASH, speed.FIRST, speed.REPEATED, "`keypoints`", "keypoints: references", "text: references"):
        assert name in page, name
    assert "| PDQ: hash and look-up |" in page
    assert "all indexes together: references" in page
    assert "loaded, s (must: at most 30)" in page
    assert "never" not in page


def test_all_indexes_together_are_added_up_where_all_were_measured() -> None:
    def point(size: int, ms: float) -> Point:
        return Point(size, ms, 9.0, "1/1", 9.0, 9.0)

    made = together_table({"one": [point(10, 4.0), point(20, 9.9), point(30, 5.0)], "other": [point(10, 1.0), point(30, 2.0)]})
    assert made.splitlines()[0] == "| all indexes together: references | one, ms | other, ms | query, ms | × the smallest |"
    assert made.splitlines()[2:] == ["| 10 | 4.00 | 1.00 | 5.00 | 1.00 |", "| 30 | 5.00 | 2.00 | 7.00 | 1.40 |"]


def test_a_crowd_is_seeded_looks_like_its_pool_and_its_copies_are_found(pool: list[Keypoints]) -> None:
    crowd, twin = Crowd(pool, 3), Crowd(pool, 3)
    one, same = crowd.keypoints(), twin.keypoints()
    assert np.array_equal(one.descriptors, same.descriptors)
    lengths = np.linalg.norm(one.descriptors.astype(np.float64), axis=1)
    assert 380 < np.median(lengths) < 560
    index = Snapshot().keypoints
    others = [crowd.keypoints() for _ in range(10)]
    for number, other in enumerate([one, *others]):
        index.add(f"k{number}", other)
    assert index.search(crowd.copy(one))[0].key == "k0"
    assert all(hit.inliers < 20 for hit in index.search(crowd.keypoints()))


def test_a_photo_is_stored_as_a_phone_would(pool: list[Keypoints]) -> None:
    assert pixels(speed.as_taken(ordinary.lunch(1), 300, 400, 0)).shape == (400, 300, 3)


def test_memory_is_counted() -> None:
    before = resident()
    with mmap.mmap(-1, 50_000_000) as held:
        held.write(b"x" * 50_000_000)
        assert 45_000_000 < resident() - before < 110_000_000

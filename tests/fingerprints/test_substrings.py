"""Rows found by their quarters are those a scan finds, whatever happens to them later; where it would not pay, it says so."""

import numpy as np
import pytest

from fingerprints.perceptual import NEAR, PerceptualIndex
from fingerprints.substrings import FARTHEST, Substrings
from fingerprints.types import U64, PerceptualHash

COUNT = 20_000


def drawn(count: int, seed: int) -> U64:
    return np.random.default_rng(seed).integers(0, 1 << 64, count, dtype=np.uint64)


def differing(row: np.uint64, bits: list[int]) -> np.uint64:
    return np.uint64(int(row) ^ sum(1 << bit for bit in bits))


def scanned(asked: U64, rows: U64, most: int) -> set[tuple[int, int, int]]:
    distances = np.bitwise_count(rows[:, None] ^ asked)
    return {(int(distances[place, which]), place, which) for place, which in np.argwhere(distances <= most).tolist()}


def found(asked: U64, rows: U64, most: int) -> set[tuple[int, int, int]]:
    near = Substrings(rows).near(asked, rows, most)
    assert near is not None
    return set(zip(*(values.tolist() for values in near), strict=True))


@pytest.mark.parametrize("most", range(FARTHEST + 1))
def test_everything_within_any_distance_is_found_and_nothing_else(most: int) -> None:
    """Near ones are planted at every distance around the bound, their bits anywhere; among as many strangers none is so near."""
    rng, rows = np.random.default_rng(most), drawn(COUNT, 1)
    asked = drawn(8, 2)
    for place, far in enumerate(np.repeat(np.arange(FARTHEST + 3), 20).tolist()):
        rows[place * 7] = differing(asked[place % 8], rng.choice(64, far, replace=False).tolist())
    expected = scanned(asked, rows, most)
    assert len(expected) >= 20 * (most + 1)
    assert found(asked, rows, most) == expected


@pytest.mark.parametrize("shares", [(3, 3, 3, 1), (1, 3, 3, 3), (0, 0, 0, 10), (10, 0, 0, 0), (2, 2, 3, 3), (3, 2, 2, 3)])
def test_however_the_differing_bits_lie_in_the_quarters(shares: tuple[int, ...]) -> None:
    rows, asked = drawn(COUNT, 3), drawn(8, 4)
    rows[77] = differing(asked[5], [16 * part + bit for part, count in enumerate(shares) for bit in range(count)])
    assert found(asked, rows, NEAR) == {(NEAR, 77, 5)}


def test_it_declines_what_a_scan_does_for_less() -> None:
    """Distances at which nearly all would be looked at, and rows that are all alike: the pages of one form."""
    rows = drawn(COUNT, 5)
    assert Substrings(rows).near(rows[:8], rows, FARTHEST + 1) is None
    assert Substrings(rows).near(rows[:8], rows, -1) is None
    alike = rows[:1].repeat(COUNT)
    assert Substrings(alike).near(alike[:8], alike, NEAR) is None


def hashed(row: np.uint64, seed: int) -> PerceptualHash:
    bits = np.random.default_rng(seed).integers(0, 256, (8, 8), dtype=np.uint8)
    bits[0] = np.array([row]).view(np.uint8)
    return PerceptualHash(bits)


def test_a_large_index_answers_as_a_scan_through_all_that_happens_to_it() -> None:
    """Grown beyond what is scanned, then thousands of keys added, replaced and removed by chance, and at last nearly all."""
    rng, rows, index = np.random.default_rng(6), drawn(12_000, 7), PerceptualIndex()
    held: dict[str, np.uint64] = {}

    def put(key: str, row: np.uint64) -> None:
        index.add(key, hashed(row, 0))
        held[key] = row

    def check() -> None:
        for row in (rng.choice(list(held.values()))[None] if held else rows[:1]).repeat(2):
            query = hashed(differing(row, rng.choice(64, int(rng.integers(0, NEAR + 1)), replace=False).tolist()), 1)
            asked = np.ascontiguousarray(query.bits).view(np.uint64)[:, 0]
            kept = np.array(list(held.values()), np.uint64)
            nearest = np.bitwise_count(kept[:, None] ^ asked).min(axis=1) if held else kept
            expected = sorted((int(far), key) for key, far in zip(held, nearest, strict=True) if far <= NEAR)[:10]
            assert [(hit.distance, hit.key) for hit in index.search(query)] == expected
        assert len(index) == len(held)

    for number, row in enumerate(rows):
        put(f"k{number}", row)
    check()
    for step in range(6_000):
        key = f"k{rng.integers(13_000)}"
        if rng.random() < 0.5:
            index.remove(key)
            held.pop(key, None)
        else:
            put(key, differing(rows[int(rng.integers(40))], [int(rng.integers(64))]))
        if step % 300 == 0:
            check()
    for left, key in enumerate(list(held)[::-1]):
        index.remove(key)
        del held[key]
        if left % 1_500 == 0:
            check()
    check()
    put("again", rows[0])
    check()

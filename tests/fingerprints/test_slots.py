"""Rows by key are what a dictionary and a list would say, whatever was added and removed, and whatever the hashes are."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprints.slots import Places, Slots

KEYS = [f"k{number}" for number in range(40)]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(KEYS)), max_size=200))
def test_places_equal_a_plain_list(changes: list[tuple[bool, str]]) -> None:
    places, plain = Places(), list[str]()
    for adding, key in changes:
        if adding:
            plain += [key] if key not in plain else []
            assert places.add(key) == plain.index(key)
        elif key in plain:
            row, last = plain.index(key), plain.pop()
            plain[row : row + 1] = [last] if row < len(plain) else []
            assert places.remove(key) == row
        else:
            assert places.remove(key) is None
    assert places.keys == plain
    assert [places.find(key) for key in KEYS] == [plain.index(key) if key in plain else None for key in KEYS]
    assert places.find(3) is None


@pytest.mark.parametrize("spread", [1, 5, 1 << 40], ids=["all equal", "a few", "many"])
def test_rows_are_found_under_their_hash_even_where_many_are_alike(spread: int) -> None:
    rng = random.Random(3)
    hashes = [rng.randrange(-spread, spread) for _ in range(300)]
    known = list[int]()
    slots = Slots(lambda: np.array(known, np.int64))
    for row, hashed in enumerate(hashes):
        slots.put(hashed, row)
        known.append(hashed)
    for row in range(100, 300):
        slots.take(hashes[row], row)
    for row in range(50):
        slots.move(hashes[row], row, 1000 + row)
    for row, hashed in enumerate(hashes):
        expected = 1000 + row if row < 50 else row
        assert (expected in set(slots.rows(hashed))) == (row < 100)


def test_coming_and_going_takes_no_more_room() -> None:
    places = Places(KEYS[:10])
    for number in range(5000):
        places.add(f"guest {number}")
        places.remove(f"guest {number}")
    assert len(places._slots._slots) <= 64
    assert [places.find(key) for key in KEYS[:12]] == [*range(10), None, None]

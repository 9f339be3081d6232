"""What is near is found as if every pair were held against each other."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fingerprints.nearness import Places

COORDINATES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=40)


@given(COORDINATES, COORDINATES, st.sampled_from((0.0, 1.0, 5.0, 7.5)), st.integers(0, 3))
def test_near_as_every_pair_tells(own: list[tuple[int, int]], others: list[tuple[int, int]], reach: float, lost: int) -> None:
    here, due = np.array(own, np.float64).reshape(-1, 2), np.array(others, np.float64).reshape(-1, 2)
    due[:lost] = np.nan
    found = Places.of(here[:, 0], here[:, 1]).near(due[:, 0], due[:, 1], reach)
    pairs = sorted(zip(*(one.tolist() for one in found), strict=True))
    off = np.abs(here[:, None] - due[None]).max(axis=2, initial=0)
    assert pairs == [tuple(pair) for pair in np.argwhere(off <= reach).tolist()]

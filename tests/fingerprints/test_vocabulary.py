"""The kept tables are those that learning makes, and small enough codes still say what a descriptor looks like."""

import numpy as np
import pytest

from fingerprints.learning import learn
from fingerprints.vocabulary import CELLS, HALF, SIZES, TABLES, cells, quantizer
from tests.fingerprints.test_keypoints import of_seed


def test_the_kept_tables_are_what_learning_makes() -> None:
    """Up to how another processor rounds: nearly all numbers are the same, none is far off on average."""
    with np.load(TABLES, allow_pickle=False) as kept:
        learnt = learn()
        assert set(kept.files) == set(learnt)
        for name, table in learnt.items():
            assert np.abs(kept[name].astype(float) - table).mean() < 4.0


def test_cells_are_the_nearest_means_of_both_halves() -> None:
    descriptors = of_seed(1).descriptors[:50]
    with np.load(TABLES, allow_pickle=False) as kept:
        nearest = [
            ((part[:, None].astype(float) - kept[name][None]) ** 2).sum(axis=2).argmin(axis=1)
            for part, name in ((descriptors[:, ::2], "even"), (descriptors[:, 1::2], "odd"))
        ]
    found = cells(descriptors, 8)
    assert np.array_equal(found[:, 0], nearest[0] * HALF + nearest[1])
    assert found.shape == (50, 8)
    assert all(len(set(row)) == 8 for row in found.tolist())
    assert ((found >= 0) & (found < CELLS)).all()


@pytest.mark.parametrize(("size", "off"), [(SIZES[0], 0.36), (SIZES[1], 0.27)])
def test_codes_come_back_nearly_as_they_were(size: int, off: float) -> None:
    descriptors = of_seed(2).descriptors.astype(np.float32)
    back = quantizer(size).decode(quantizer(size).compute_codes(descriptors))
    assert np.median(np.linalg.norm(back - descriptors, axis=1)) < off * 512

"""Many homographies at once put places where each of them puts them."""

import numpy as np
import pytest

from fingerprints.projecting import F64, framed, project, projected


def drawn(count: int, seed: int) -> F64:
    """Views: some a little off, some that put places behind them."""
    rng = np.random.default_rng(seed)
    return np.asarray(np.eye(3) + rng.normal(0, 0.3, (count, 3, 3)) * [[1, 1, 1], [1, 1, 1], [3, 3, 0]], np.float64)


@pytest.mark.parametrize("seed", range(5))
def test_all_at_once_is_one_by_one(seed: int) -> None:
    views, points = drawn(20, seed), np.random.default_rng(seed).random((50, 2))
    x, y = projected(views, *points.T)
    one_by_one = np.array([project(view, points) for view in views])
    assert np.isnan(one_by_one).any()
    assert np.allclose(np.stack([x, y], axis=2), one_by_one, rtol=1e-9, atol=1e-9, equal_nan=True)
    alone = [projected(view[None], *points.T) for view in views]
    assert np.array_equal(np.concatenate([one[0] for one in alone]), x, equal_nan=True)
    assert np.array_equal(np.concatenate([one[1] for one in alone]), y, equal_nan=True)


def test_places_of_their_own() -> None:
    views, points = drawn(6, 1), np.random.default_rng(1).random((2, 6, 9))
    x, y = projected(views, *points)
    alone = [projected(view[None], *points[:, n]) for n, view in enumerate(views)]
    assert np.array_equal(np.concatenate([one[0] for one in alone]), x, equal_nan=True)
    assert np.array_equal(np.concatenate([one[1] for one in alone]), y, equal_nan=True)


def test_what_is_behind_lies_in_no_frame() -> None:
    x, y = projected(np.array([[[1, 0, 0], [0, 1, 0], [-3, 0, 1.6]]]), np.array([0.1, 0.9]), np.array([0.1, 0.9]))
    assert framed(x, y).tolist() == [[True, False]]

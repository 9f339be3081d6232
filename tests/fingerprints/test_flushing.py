"""Subnormal numbers are zero inside, in this thread alone, and are themselves again afterwards whatever happened."""

import platform
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from fingerprints.flushing import flushed

KNOWN = sys.platform == "linux" and platform.machine() == "x86_64"
SMALL = np.full(64, 1e-40, np.float32)


def kept() -> bool:
    return bool((SMALL * np.float32(0.5) > 0).all())


@pytest.mark.skipif(not KNOWN, reason="elsewhere nothing is changed")
def test_they_are_zero_inside_and_themselves_outside() -> None:
    assert kept()
    with flushed():
        assert not kept()
        with flushed():
            assert not kept()
        assert not kept()
    assert kept()


def test_other_numbers_stay_what_they_are() -> None:
    numbers = np.random.default_rng(1).standard_normal(1000).astype(np.float32)
    expected = numbers * numbers
    with flushed():
        assert np.array_equal(numbers * numbers, expected)


def test_an_error_inside_changes_nothing_outside() -> None:
    with pytest.raises(ValueError, match="inside"), flushed():
        raise ValueError("inside")
    assert kept()


def test_other_threads_are_not_concerned() -> None:
    with ThreadPoolExecutor(1) as other:
        other.submit(kept).result()
        with flushed():
            assert other.submit(kept).result()

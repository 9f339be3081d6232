"""The benchmark of the spread runs, and what it counts is what it says."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from detectors.spread.likely import FEATURES
from tests.benchmarks import spread
from tests.benchmarks.logit import Choice, fitted
from tests.detectors.spread.copies import sighting


def test_it_measures_and_writes_its_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    threads = cv2.getNumThreads()
    try:
        spread.main(["--quick", "--output", str(tmp_path)])
    finally:
        cv2.setNumThreads(threads)
    page = (tmp_path / "spread.md").read_text(encoding="utf-8")
    assert page == capsys.readouterr().out
    assert "## Confidence of inferred edges" in page
    assert sum(line.startswith("| 10 | ") for line in page.splitlines()) == 2 * len(spread.SETTINGS)


def test_the_peers() -> None:
    seen = [sighting("m0", "photo", 0), sighting("m1", "crop", 5), sighting("m2", "photo", 9), sighting("m3", "crop", 10)]
    assert spread.star(seen) == {"m0": None, "m1": "m0", "m2": "m0", "m3": "m0"}
    assert spread.chain(seen) == {"m0": None, "m1": "m0", "m2": "m1", "m3": "m2"}
    assert spread.same_file(seen) == {"m0": None, "m1": "m0", "m2": "m0", "m3": "m1"}


def test_fitting_finds_the_weights_that_chose() -> None:
    rng = np.random.default_rng(1)
    true = np.zeros(len(FEATURES))
    true[:2] = 2.0, -1.0
    made = []
    for _ in range(1500):
        values = rng.normal(size=(5, len(true))) * (true != 0)
        odds = np.exp(values @ true)
        made.append(Choice(values, int(rng.choice(5, p=odds / odds.sum()))))
    found = list(fitted(made).values())
    assert found[:2] == pytest.approx([2.0, -1.0], abs=0.25)
    assert found[2:] == pytest.approx([0.0] * (len(true) - 2), abs=1e-6)

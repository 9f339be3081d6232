"""Operating points come out of what was measured: on invented measurements the answer is known."""

from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks import looks as written
from tests.benchmarks.looks import Accusation, Look, Weighed
from tests.benchmarks.operating_points import examples, fitted, isotonic, main, sweep


def look(number: int, own: tuple[str, ...], values: dict[str, float], confidence: float = 0.8) -> Look:
    weighed = tuple(Weighed(group, {"inliers": value, "coverage": value / 100}) for group, value in values.items())
    matches = tuple(Accusation(one.group, "equipment_photo", confidence, one.group in own) for one in weighed)
    return Look(0, "crop20", f"picture {number}", "equipment", "", own, "leak", matches, weighed, 1.0, 1.0)


LOOKS = [look(0, ("a",), {"a": 40, "b": 9}), look(1, ("a",), {"b": 12}), look(2, (), {"a": 10}), look(3, ("b",), {"b": 13.3})]


def test_a_threshold_is_the_least_that_accuses_nobody_and_a_margin() -> None:
    points = sweep(LOOKS, "inliers")
    assert points.chosen(1.1) == pytest.approx(13.2)
    assert points.accused(13.2) == 0
    assert points.found(13.2) == pytest.approx(2 / 3)
    assert (points.accused(9), points.accused(11)) == (3, 1)
    assert points.found(-np.inf) == 1


def test_what_was_not_considered_cannot_be_found() -> None:
    assert sweep(LOOKS, "inliers").found(0) == pytest.approx(2 / 3)


def test_a_logistic_law_is_found_again() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(20_000, 2))
    right = rng.random(20_000) < 1 / (1 + np.exp(-(0.5 + 2 * values[:, 0] - values[:, 1])))
    model = fitted(("x", "y"), values, right.astype(np.float64))
    assert model.intercept == pytest.approx(0.5, abs=0.1)
    assert model.slopes == pytest.approx((2.0, -1.0), abs=0.1)


def test_all_likenesses_of_one_picture_are_in_one_fold() -> None:
    values, right, fold = examples(LOOKS, ("inliers", "coverage"))
    assert values.shape == (5, 2)
    assert right.tolist() == [1, 0, 0, 0, 1]
    assert fold[0] == fold[1]


def test_confidence_never_falls_as_the_stated_one_rises() -> None:
    steps = isotonic(np.array([0.6, 0.7, 0.7, 0.8, 0.9]), np.array([0.0, 1.0, 0.0, 0.0, 1.0]))
    assert steps == [(0.6, 0.0, 1), (0.7, pytest.approx(1 / 3), 3), (0.9, 1.0, 1)]


def test_the_page_is_made_of_a_written_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "details.jsonl"
    path.write_text(written.dump(LOOKS * 15), encoding="utf-8")
    main([str(path)])
    page = capsys.readouterr().out
    assert "| **13.2** | **0.667** | 0 |" in page
    assert "logit = " in page
    assert "Stated confidence of `equipment_photo`" in page

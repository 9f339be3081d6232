"""Sketches: alike where texts are alike, telling nothing else; lines to bytes and back."""

import numpy as np
import pytest

from fingerprints import codec
from fingerprints.lines import FEWEST_UNITS, MOST, LineStore, dump_lines, laid_out, likeness, load_lines, located, shared, sketch
from fingerprints.types import Fingerprints, Line, Lines, Quad
from tests.detectors.scenes import sentences

QUAD: Quad = ((0.1, 0.2), (0.9, 0.21), (0.9, 0.25), (0.1, 0.24))


def alike(one: str, other: str) -> float:
    return float(likeness(sketch(one), sketch(other)))


def misread(text: str, rate: float, rng: np.random.Generator) -> str:
    return "".join(str(rng.choice(list("aeil01578日口"))) if rng.random() < rate else c for c in text)


def lines(*texts: str) -> Lines:
    found = laid_out([Line(text, 1.0, QUAD) for text in texts], np.cumsum([0, *(len(text) + 1 for text in texts)])[:-1].tolist())
    assert found is not None
    return found


def test_spacing_case_and_punctuation_do_not_matter() -> None:
    assert alike("Total: 45.20 (RM)", "TOTAL 4520 rm") == 1.0
    assert alike("各处室、各车间：", "各处室 各车间") == 1.0


def test_a_misread_line_is_still_itself_and_another_line_is_not() -> None:
    rng = np.random.default_rng(5)
    texts = [line for seed in range(20) for line in sentences(seed, 10)]
    itself = [alike(text, misread(text, 0.06, rng)) for text in texts]
    other = [alike(one, two) for one, two in zip(texts, texts[7:], strict=False)]
    assert np.percentile(itself, 10) > np.percentile(other, 90) + 0.1


@pytest.mark.parametrize(
    ("one", "other"), [("Invoice No: 2018020951", "Invoice No: 2018032251"), ("Date 09/02/2018", "Date 22/03/2018")]
)
def test_figures_weigh_more_than_the_label_before_them(one: str, other: str) -> None:
    label = one.partition(" ")[0]
    assert alike(one, other) < 0.75
    assert alike(one, one.replace(label, "Nr")) > alike(one, other.replace(label, "Nr"))


def test_half_a_line_is_alike_by_the_square_root_of_its_share() -> None:
    halves = [alike(text, text[: len(text) // 2]) for text in sentences(3, 40)]
    assert np.median(halves) == pytest.approx(0.5**0.5, abs=0.13)


def test_nothing_legible_is_like_nothing() -> None:
    assert sketch("— · —").sum() == 0
    assert abs(alike("", "Readiness review of the depot")) < 0.3


def test_pages_of_one_form_share_their_long_lines() -> None:
    shop = ("SANDHILL STATIONERY AND SUPPLY", "Quay road 25, building 4", "Cash", "Total")
    one, next_ = lines(*shop, "Invoice CR 1803-0064"), lines(*shop, "Invoice CR 1806-0729")
    other = lines("NORTHGATE HARDWARE TRADING", "Cash", "Total")
    assert shared(one, one, 12, 0.8) == 1.0
    assert shared(one, next_, 12, 0.8) == pytest.approx(2 / 3)
    assert shared(one, other, 12, 0.8) == 0.0
    assert shared(one, other, 3, 0.8) == pytest.approx(2 / 5)
    assert shared(other, one, 50, 0.8) == 0.0


def test_lines_survive_bytes() -> None:
    made = lines("NORTHERN DEPOT COMMAND", "编号：JC-4711", "9" * 70)
    again = load_lines(dump_lines(made))
    for name in ("quads", "starts", "ends", "units", "digits", "sketches"):
        assert np.array_equal(getattr(made, name), getattr(again, name))
    assert made.digits.tolist() == [0, 4, 70]
    assert made.units.tolist() == [20, 10, 70]
    assert (made.starts.tolist(), made.ends.tolist()) == ([0, 23, 34], [22, 33, 104])
    assert np.allclose(made.quads[0] / 65535, QUAD, atol=1e-4)
    assert len(dump_lines(made)) == 8 + 60 * 3


@pytest.mark.parametrize(
    "data", [b"", b"LWL1", b"LWL1\0\0\0\0", b"XXXX" + b"\1\0\0\0" + b"\0" * 60, b"LWL1\2\0\0\0" + b"\0" * 60]
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not lines"):
        load_lines(data)


def test_a_reference_carries_its_lines_and_one_stored_before_has_none() -> None:
    kinds = codec.dump(Fingerprints("d", lines=lines("NORTHERN DEPOT")))
    again = codec.load("d", kinds).lines
    assert again is not None
    assert len(again) == 1
    assert codec.load("d", {}).lines is None


def test_what_says_too_little_is_left_out_and_the_rest_bounded() -> None:
    assert laid_out([Line("9" * (FEWEST_UNITS - 1), 1.0, QUAD)], [0]) is None
    assert len(lines(*["a line of text"] * (MOST + 5))) == MOST


def test_lines_are_found_in_a_text_that_was_not_read() -> None:
    text = "  Head\n\nSecond line, here."
    spans = located([Line("Second line here", 1.0, QUAD), Line("elsewhere", 1.0, QUAD)], text)
    assert spans == [text.index("Second"), -1]


def test_the_store_forgets_what_is_removed() -> None:
    store = LineStore()
    store.add("a", lines("one line"))
    store.add("a", lines("one line", "and another"))
    kept = store.get("a")
    assert kept is not None
    assert (len(kept), len(store), "a" in store) == (2, 1, True)
    store.remove("a")
    store.remove("a")
    assert (store.get("a"), len(store)) == (None, 0)

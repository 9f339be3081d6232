"""The better the reading, the more lines must agree, and more than with any other text."""

from dataclasses import replace

import numpy as np
import pytest

from detectors.comparison import Comparison, compare, jaccard, lines_on
from detectors.thresholds import DEFAULT
from fingerprints.extraction import Reading
from fingerprints.text import shingles
from fingerprints.types import Line, Shingles
from tests.detectors.drawn import hit, lines
from tests.detectors.scenes import sentences
from tests.fingerprints.test_text import english

PAGE, SIBLING = sentences(1), sentences(2)


def made(texts: list[str]) -> Shingles:
    value = shingles("\n".join(texts))
    assert value is not None
    return value


def words(seed: int) -> list[str]:
    """Ten lines that share nothing with those of another seed."""
    return [english(100 * seed + i, 12) for i in range(10)]


def found(agreement: float = 1.0, runner_up: float = 0.0, legibility: float = 1.0, confidence: float = 1.0) -> Comparison:
    return Comparison(400, confidence, legibility, agreement, runner_up)


def test_little_text_or_an_unsure_engine_says_nothing() -> None:
    least = replace(found(confidence=DEFAULT.readable_confidence), units=DEFAULT.readable_units)
    assert least.readable(DEFAULT)
    assert not replace(least, units=least.units - 1).readable(DEFAULT)
    assert not replace(least, confidence=least.confidence - 0.01).readable(DEFAULT)


def test_the_better_the_reading_the_more_lines_must_agree() -> None:
    assert found().same_page(DEFAULT)
    assert found(agreement=0.90).same_page(DEFAULT)
    assert not found(agreement=0.88).same_page(DEFAULT)
    assert found(agreement=0.71, legibility=0.5, confidence=0.85).same_page(DEFAULT)
    assert not found(agreement=0.68, legibility=0.5, confidence=0.85).same_page(DEFAULT)


def test_a_sure_engine_whose_lines_agree_only_in_part_read_another_text() -> None:
    assert found(legibility=0.96).same_page(DEFAULT)
    assert not found(legibility=0.94).same_page(DEFAULT)
    assert found(legibility=0.56, confidence=0.9).same_page(DEFAULT)
    assert not found(legibility=0.54, confidence=0.9).same_page(DEFAULT)


def test_a_page_must_agree_more_than_the_nearest_other_text() -> None:
    assert found(agreement=0.95, runner_up=0.89).same_page(DEFAULT)
    assert not found(agreement=0.95, runner_up=0.91).same_page(DEFAULT)
    assert not found(agreement=0.95, runner_up=1.0).same_page(DEFAULT)


def test_a_page_registered_twice_is_itself_all_the_same() -> None:
    assert found(agreement=0.98, runner_up=1.0).same_page(DEFAULT)
    assert not found(agreement=0.96, runner_up=0.96).same_page(DEFAULT)


def test_a_doubt_needs_most_lines_and_a_wide_lead() -> None:
    assert found(agreement=0.65).doubtful(DEFAULT)
    assert not found(agreement=0.63).doubtful(DEFAULT)
    assert found(agreement=0.80, runner_up=0.49).doubtful(DEFAULT)
    assert not found(agreement=0.80, runner_up=0.51).doubtful(DEFAULT)


@pytest.mark.parametrize("cell", [4, 5, 6])
def test_a_table_of_short_cells_agrees_with_itself_and_not_with_its_sibling(cell: int) -> None:
    """Each cell alone is too short for a winnowed text to promise anything."""
    hanzi = "".join(chr(0x4E00 + 7 * i) for i in range(600))
    cells = [hanzi[i * cell : (i + 1) * cell] for i in range(60)]
    sibling = [text if i % 2 else text[::-1] for i, text in enumerate(cells)]
    assert compare(lines(cells, 0.98), made(cells)).same_page(DEFAULT)
    assert not compare(lines(sibling, 0.98), made(cells)).same_page(DEFAULT)


def test_a_label_does_not_vouch_for_the_value_beside_it() -> None:
    """Short lines are compared with each other, never together with a long line that agrees."""
    form = [text for row in range(8) for text in (f"{english(row, 6)}", f"RM {row}4.{row}0", f"No {row}71{row}")]
    other = [text if i % 3 == 0 else text[::-1] for i, text in enumerate(form)]
    assert compare(lines(form), made(form)).agreement == 1.0
    assert compare(lines(other), made(form)).agreement < 0.9


def test_short_lines_at_the_end_count_too() -> None:
    whole = [*PAGE, "第 3 页", "印发"]
    assert compare(lines(whole), made(whole)).units == made(PAGE).units + 9


def test_jaccard() -> None:
    assert jaccard(made(PAGE), made(PAGE)) == 1.0
    assert jaccard(made(PAGE), made(SIBLING)) == jaccard(made(SIBLING), made(PAGE)) < 0.1


def test_a_page_read_well_agrees_with_itself() -> None:
    compared = compare(lines(PAGE, 0.97), made(PAGE), [made(SIBLING)])
    assert compared.confidence == pytest.approx(0.97)
    assert compared.units == made(PAGE).units
    assert compared.legibility > DEFAULT.legibility_best
    assert compared.agreement == 1.0
    assert compared.runner_up < 0.2


def test_a_sibling_agrees_as_far_as_the_form_goes() -> None:
    form, own = words(1), words(2)
    compared = compare(lines([*form[:4], *own]), made(form))
    assert compared.agreement == pytest.approx(made(form[:4]).units / made([*form[:4], *own]).units)
    assert compared.legibility > 0.9


def test_misread_lines_agree_but_less_legibly() -> None:
    misread = [text[:20] + "0" + text[21:40] + "0" + text[41:] for text in words(1)]
    compared = compare(lines(misread), made(words(1)))
    assert compared.legibility < 0.8
    assert compared.agreement == 1.0


def test_a_line_that_keeps_much_less_than_the_others_does_not_agree() -> None:
    page = words(1)
    crossed = [text[:24] + other[24:] for text, other in zip(page[:4], words(2), strict=False)]
    kept = [np.isin(made([text]).hashes, made(page).hashes).mean() for text in crossed]
    assert all(0.15 < share < 0.45 for share in kept)
    assert compare(lines(crossed), made(page)).agreement == 1.0
    beside_good_ones = compare(lines([*page[4:], *crossed]), made(page))
    assert beside_good_ones.agreement == pytest.approx(made(page[4:]).units / made([*page[4:], *crossed]).units)


def test_the_runner_up_is_the_nearest_of_the_other_texts() -> None:
    compared = compare(lines(PAGE), made(PAGE), [made(SIBLING), made(PAGE[:9]), made(sentences(3))])
    assert compared.runner_up == pytest.approx(0.5, abs=0.1)
    assert compare(lines(PAGE), made(PAGE)).runner_up == 0.0


def test_long_lines_weigh_more_than_short_ones() -> None:
    page = words(1)
    whole, short = page[0], page[1][:24]
    misread = short[:12] + "0" + short[13:]
    compared = compare([*lines([whole], 0.9), *lines([misread], 0.5)], made(page))
    share = made([whole]).units / (made([whole]).units + made([misread]).units)
    assert compared.confidence == pytest.approx(0.9 * share + 0.5 * (1 - share))
    alone = compare(lines([misread]), made(page)).legibility
    assert alone < 0.8
    assert compared.legibility == pytest.approx(share + alone * (1 - share))


def test_nothing_read_agrees_with_nothing() -> None:
    for nothing in ((), lines(["ab", "1", "—"])):
        assert compare(nothing, made(PAGE), [made(PAGE)]) == Comparison(0, 0.0, 0.0, 0.0, 0.0)


def test_only_lines_inside_the_outline_count() -> None:
    def at(text: str, x: float, y: float) -> Line:
        return Line(text, 1.0, ((x, y), (x + 0.1, y), (x + 0.1, y + 0.1), (x, y + 0.1)))

    reading = Reading.of((at("on it", 0.3, 0.3), at("right of it", 0.7, 0.3), at("below it", 0.3, 0.7), at("above it", 0.3, 0.0)))
    quarter = np.array([[0.5, 0, 0.15], [0, 0.5, 0.15], [0, 0, 1]])
    assert [line.text for line in lines_on(reading, replace(hit("a", 12, 1.0), homography=quarter))] == ["on it"]
    assert lines_on(Reading.of(()), hit("a", 12, 1.0)) == []

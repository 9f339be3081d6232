"""The benchmarks of markings and of codes draw what they say, and count what they say they count."""

from itertools import islice

import numpy as np
import pytest

from fingerprints.types import U8
from tests.benchmarks import codes, markings
from tests.benchmarks.markings import Shown
from tests.benchmarks.specimens import FORMS, plain


@pytest.mark.parametrize("layout", dict.fromkeys(form.layout for form in FORMS))
def test_a_page_that_bears_a_marking_differs_from_the_same_with_another(layout: str) -> None:
    form = next(form for form in FORMS if form.layout == layout)
    drawn = form.draw(form.text, 3)
    assert np.array_equal(drawn, form.draw(form.text, 3))
    assert not np.array_equal(drawn, form.draw("XXXX", 3))


def test_plain_pages_bear_no_marking_in_their_text() -> None:
    texts = [plain(seed).text for seed in range(4)]
    assert not [form.text for form in FORMS for text in texts if form.text in text]


def test_markings_found_missed_and_seen_where_there_are_none() -> None:
    form = FORMS[0]
    own = (form.scheme, form.level)
    way, other = list(markings.WAYS)[:2]
    shown = [
        Shown(way, form, (own,)),
        Shown(way, form, ()),
        Shown(other, form, (("US", "SECRET"),)),
        Shown(way, None, ()),
        Shown(way, None, (own,)),
    ]
    page = markings.report(shown)
    assert "level right: 0.333 (1/3)" in page
    assert "Of 2 pictures of pages without a marking 1 named one" in page
    assert f"| {way} | 2 | 0.500 (1/2) | 0 |" in page
    assert f"| {form.text} | {form.layout} | {other} | US SECRET |" in page


@pytest.fixture(scope="module")
def photo() -> U8:
    return codes.photograph(1)


@pytest.mark.parametrize(
    ("symbology", "way"),
    [*(("QRCode", way) for way in codes.WAYS), *((symbology, "partly covered") for symbology in codes.SYMBOLOGIES[1:])],
)
def test_labels_are_the_same_again_and_lie_inside_the_photograph(photo: U8, symbology: str, way: str) -> None:
    """How a label lies is one thing and what stands on it another, but for what covers it."""
    one, other = (codes.labelled(photo, "AZ-00000007", symbology, codes.WAYS[way], 5) for _ in range(2))
    assert one == other
    assert one != codes.labelled(photo, "AZ-00000008", symbology, codes.WAYS[way], 5)


def test_codes_are_counted_by_reader() -> None:
    names = list(codes.READERS)
    costs = dict.fromkeys(names, 20.0)
    looks = [
        codes.Look("QRCode", "plain", dict.fromkeys(names, True), dict.fromkeys(names, 0), costs),
        codes.Look("QRCode", "plain", dict.fromkeys(names, False) | {names[0]: True}, dict.fromkeys(names, 0), costs),
        codes.Look(None, "no code", dict.fromkeys(names, False), dict.fromkeys(names, 2), costs),
    ]
    page = codes.report(looks)
    assert "| QRCode, plain | 2 | 1.000 (2/2) | 0.500 (1/2) | 0.500 (1/2) |" in page
    assert f"| {names[0]} | 20.0 | 20.0 | 2 |" in page


def test_a_plain_code_is_read_and_no_code_is_none() -> None:
    plainly = list(islice(codes.looks(1), len(codes.SYMBOLOGIES)))
    assert [(look.way, look.symbology) for look in plainly] == [("plain", symbology) for symbology in codes.SYMBOLOGIES]
    assert plainly[0].found["leakwatch"]
    assert not plainly[0].wrong["leakwatch"]

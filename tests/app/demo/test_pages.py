"""Pages: deterministic, siblings share the form and nothing else, what the text says is on the page."""

from collections.abc import Callable

import numpy as np
import pytest

from app.demo import blueprints, pages
from app.demo.pages import Page

KINDS: dict[str, Callable[[int], Page]] = {
    "official": pages.official,
    "memo": pages.memo,
    "mixed": pages.mixed,
    "table": pages.table,
    "drawing": blueprints.drawing,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_one_page_and_another_seed_another(kind: str) -> None:
    draw = KINDS[kind]
    page, again, sibling = draw(3), draw(3), draw(4)
    assert page.pixels.shape == (pages.HEIGHT, pages.WIDTH, 3)
    assert page.pixels.dtype == np.uint8
    assert page.text == again.text
    assert np.array_equal(page.pixels, again.pixels)
    assert page.text != sibling.text


def test_siblings_share_the_letterhead_and_no_body_line() -> None:
    one, other = pages.official(5), pages.official(6)
    head = np.s_[int(45 * 5.9) : int(70 * 5.9)]
    assert np.array_equal(one.pixels[head], other.pixels[head])
    long = [{line for line in page.text.splitlines() if len(line) > 20} for page in (one, other)]
    assert len(long[0]) > 8
    assert not long[0] & long[1]


def test_marking_stands_at_the_top_only_when_asked_for() -> None:
    marked, plain = pages.official(7, marking="机密★10年"), pages.official(7)
    assert "机密★10年" in marked.text.splitlines()[:2]
    assert "机密" not in plain.text
    corner = np.s_[: int(36 * 5.9), : pages.WIDTH // 2]
    assert marked.pixels[corner].min() < 80
    assert plain.pixels[corner].min() > 200


def test_banner_stands_first_and_last() -> None:
    lines = pages.memo(8, banner="SECRET//NOFORN").text.splitlines()
    assert lines[0] == lines[-1] == "SECRET//NOFORN"


def test_second_leaf_has_other_text_no_head_and_a_red_stamp() -> None:
    first, second = pages.official(9), pages.official(9, leaf=2)
    assert "文件" in first.text
    assert "文件" not in second.text.splitlines()[0]
    red = second.pixels[:, :, 0].astype(int) - second.pixels[:, :, 1] > 80
    assert red[pages.HEIGHT // 2 :].sum() > 2000


def test_text_stays_inside_the_margins() -> None:
    for draw in KINDS.values():
        pixels = draw(11).pixels
        border = np.concatenate([pixels[:30].ravel(), pixels[:, :40].ravel(), pixels[:, -40:].ravel()])
        assert border.min() > 240

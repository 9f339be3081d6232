"""Whatever was registered: of a page is told what there is room for, and on all of its pages everything, once and in order."""

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from app.console.brevity import brief, fitting, last, longer, narrow, pages, weight

WORDS = st.lists(st.text("a密&\"<'🦅", max_size=30), max_size=40)


@given(WORDS, st.integers(1, 7), st.integers(0, 300))
def test_all_pages_together_hold_everything_once(words: list[str], most: int, room: int) -> None:
    parted = pages(words, most, room)
    assert [word for page in parted for word in page] == words
    for page in parted:
        assert len(page) <= most
        assert len(page) <= 1 or sum(map(weight, page)) <= room
    assert all(parted) or parted == [[]], "no page is empty, but that of nothing"


@given(WORDS, st.integers(0, 300))
def test_as_many_as_there_is_room_for_and_one_in_any_case(words: list[str], room: int) -> None:
    some = fitting(words, room)
    assert some == words[: len(some)]
    assert len(some) >= min(1, len(words))
    assert len(some) == len(words) or sum(map(weight, words[: len(some) + 1])) > room


@given(WORDS, st.integers(0, 300))
def test_the_last_are_as_many_as_the_first_of_them_the_other_way_round(words: list[str], room: int) -> None:
    assert last(words, room) == fitting(words[::-1], room)[::-1] == words[len(words) - len(last(words, room)) :]


@given(st.text())
def test_a_text_is_no_heavier_in_a_page_than_was_reckoned(text: str) -> None:
    assert len(str(escape(text)).encode()) <= weight(text)


@given(st.text(max_size=30), st.integers(1, 20))
def test_what_is_told_in_brief_begins_alike_and_shows_that_there_is_more(text: str, most: int) -> None:
    told = brief(text, most)
    assert len(told) <= most + 1
    assert longer(text, most) == (len(text) if told != text else 0)
    assert told == text if len(text) <= most else text.startswith(told.removesuffix("…")) and told.endswith("…")


def test_a_chinese_character_is_as_wide_as_two_others() -> None:
    assert narrow("harbour", 7) == "harbour"
    assert narrow("harbours", 7) == "harbour…"
    assert narrow("港口计划", 8) == "港口计划"
    assert narrow("港口计划", 7) == "港口计…"
    assert narrow("", 0) == ""

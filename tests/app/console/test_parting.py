"""A text in parts is the text, and one part written anew leaves the others."""

from hypothesis import given
from hypothesis import strategies as st

from app.console.incidents.parting import PART, parts, rewritten

LINES = st.lists(st.sampled_from(["密" * 900, "& " * 40, "", "word", "x" * (PART + 3)]), max_size=30)
TEXTS = LINES.map("\n".join).map(str.strip)


@given(TEXTS)
def test_parts_are_the_text_and_fit(text: str) -> None:
    found = parts(text)
    assert "".join(found) == text
    assert max(map(len, found)) <= PART
    assert len(found) <= 2 * len(text) / PART + 1


@given(TEXTS, st.integers(1, 12))
def test_a_part_as_it_was_changes_nothing(text: str, number: int) -> None:
    found = parts(text)
    if number <= len(found):
        assert rewritten(text, number, found[number - 1]) == text


@given(TEXTS, st.integers(1, 12), st.text(max_size=50))
def test_other_parts_stay(text: str, number: int, words: str) -> None:
    found, after = parts(text), rewritten(text, number, words)
    assert words.strip() in after
    for at, part in enumerate(found, 1):
        assert at == number or part.strip() in after


def test_a_text_is_cut_between_lines_and_added_to_at_its_end() -> None:
    text = "\n".join(["a" * 3000, "b" * 1500, "c" * 3000])
    assert [part[0] for part in parts(text)] == ["a", "c"]
    assert rewritten(text, 3, " more\n") == f"{text}\n\nmore"
    assert rewritten("", 1, "first") == rewritten("", 2, "first") == "first"
    assert rewritten(text, 1, "") == "c" * 3000

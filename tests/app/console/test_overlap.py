"""What two passages share is marked in both, and nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from app.console.alerts.overlap import LEAST, Piece, overlap

WORDS = st.lists(st.sampled_from(["alpha", "beta", "12", "机", "密", "，", " ", "\n", "-"]), max_size=40).map("".join)


def same(pieces: tuple[Piece, ...]) -> list[str]:
    return [piece.text for piece in pieces if piece.same]


@given(st.text(max_size=80) | WORDS, st.text(max_size=80) | WORDS)
def test_both_sides_are_whole_and_say_the_same_where_marked(one: str, other: str) -> None:
    left, right = overlap(one, other)
    assert "".join(piece.text for piece in left) == one
    assert "".join(piece.text for piece in right) == other
    assert len(same(left)) == len(same(right))


@given(WORDS.filter(lambda text: len(text.split()) > LEAST))
def test_a_text_is_the_same_as_itself(text: str) -> None:
    left, right = overlap(text, text)
    assert left == right
    assert "".join(same(left)) == text.strip()


def test_capitals_width_and_spacing_make_no_difference() -> None:
    left, right = overlap("The North　Shaft received ＡＢ crates", "the north shaft  RECEIVED AB crates")
    assert same(left) == ["The North　Shaft received ＡＢ crates"]
    assert same(right) == ["the north shaft  RECEIVED AB crates"]


def test_a_number_that_differs_is_not_marked() -> None:
    assert same(overlap("of 276 second valves", "of 279 second valves")[0]) == ["second valves"]
    assert same(overlap("代号雷鸟第3批", "代号雷鸟第4批")[1]) == ["代号雷鸟第"]


def test_one_word_alone_is_chance() -> None:
    assert same(overlap("one red house", "a blue house there")[0]) == []
    assert same(overlap("house", "house")[0]) == ["house"]


def test_what_is_not_kept_is_not_compared() -> None:
    assert overlap("all of it", None) == ((Piece("all of it", True),), ())
    assert overlap("", None) == ((), ())

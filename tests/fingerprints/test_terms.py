"""Watched words: every spelling of theirs is found, nothing that merely contains them is."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprints.terms import TermIndex, check_words
from fingerprints.types import TermHit, Terms


def watching(*terms: str, tags: tuple[str, ...] = ()) -> TermIndex:
    index = TermIndex()
    index.add("asset", Terms(terms, tags))
    return index


def spans(index: TermIndex, text: str, noisy: bool = False) -> list[str]:
    return [text[hit.start : hit.end] for hit in index.search(text, noisy=noisy)]


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("ORCHID-9", "the orchid 9 is here", "orchid 9"),
        ("ORCHID-9", "ORCHID9!", "ORCHID9"),
        ("ORCHID9", "see orchid_9.pdf", "orchid_9"),
        ("orchid 9", "ＯＲＣＨＩＤ－９ came", "ＯＲＣＨＩＤ－９"),
        ("ORCHID-9", "(Orchid.9)", "Orchid.9"),
        ("ORCHID-9", "or-\nchid 9 hyphenated", "or-\nchid 9"),
        ("ORCHID-9", "orchid\n9", "orchid\n9"),
        ("ORCHID-9", "or\u200bchid9", "or\u200bchid9"),
        ("black swan", "#blackswan", "blackswan"),
        ("R&D/17", "our R&D/17 plan", "R&D/17"),
        ("Élan Vital", "elan-vital", "elan-vital"),
        ("straße", "STRASSE 5", "STRASSE"),
        ("红色行动", "关于红色行动的通知", "红色行动"),
        ("红色行动", "红 色\n行 动", "红 色\n行 动"),
        ("红色行动", "關於紅色行動的通知", "紅色行動"),
        ("東風41", "东风41发射车", "东风41"),
        ("东风41", "东风-41发射车", "东风-41"),
        ("X7计划", "参加X7计划", "X7计划"),
    ],
)
def test_spellings_of_a_term(word: str, text: str, found: str) -> None:
    assert spans(watching(word), text) == [found]


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("ORCHID-9", "orchid 95"),
        ("ORCHID-9", "morchid 9"),
        ("ORCHID-9", "orchid, 9 of them"),
        ("nowhere", "now here"),
        ("therapist", "the rapist"),
        ("swan", "blackswan"),
        ("cat", "concatenate"),
        ("black swan", "blacks wan"),
        ("AB CD", "grab cdrom"),
        ("东风41", "东风415"),
        ("fin", "ﬁne"),
        ("ORCHID-9", ""),
        ("ORCHID-9", "-- … 。"),
    ],
)
def test_what_only_looks_like_a_term(word: str, text: str) -> None:
    assert spans(watching(word), text) == []
    assert spans(watching(word), text, noisy=True) == []


@pytest.mark.parametrize("text", ["SN-550199", "sn550199", "S N 5 5 0 1 9 9", "[SN–550199]", "sn_550.199"])
def test_spellings_of_a_tag(text: str) -> None:
    assert len(spans(watching(tags=("SN-550199",)), text)) == 1


@pytest.mark.parametrize("text", ["SN-5501990", "ASN-550199", "SN-550\n199", "SN-550198", "SN-550, 199"])
def test_what_is_another_tag(text: str) -> None:
    assert spans(watching(tags=("SN-550199",)), text) == []
    assert spans(watching(tags=("SN-550199",)), text, noisy=True) == []


@pytest.mark.parametrize("text", ["5N-550199", "SN-55O199", "SN-S5O199", "SN-5501g9", "sn-55oi99"])
def test_confusable_characters_are_equal_in_noisy_text_only(text: str) -> None:
    index = watching(tags=("SN-550199",))
    assert spans(index, text) == []
    assert spans(index, text, noisy=True) == ([text] if "g" not in text else [])


def test_confusion_has_a_limit_and_never_touches_terms() -> None:
    assert spans(watching(tags=("8055-11",)), "boss il", noisy=True) == []
    assert spans(watching("BOIL-05"), "8011-05", noisy=True) == []


def test_an_exact_and_a_confused_hit_are_told_once_each() -> None:
    hits = watching(tags=("A1-005", "AI-005")).search("A1-005", noisy=True)
    assert hits == [TermHit("asset", "tag", "A1-005", 0, 6), TermHit("asset", "tag", "AI-005", 0, 6)]


@pytest.mark.parametrize("word", ["", "  ", "a", "AB", "A-1", "密", "…", "★★★★"])
@pytest.mark.parametrize("kind", ["term", "tag"])
def test_words_too_short_are_refused_and_change_nothing(word: str, kind: str) -> None:
    index = watching("orchid")
    bad = Terms(terms=("fine word", word)) if kind == "term" else Terms(tags=("SN-1234", word))
    with pytest.raises(ValueError, match=f"^{kind} .* is too short to watch for: it needs 3 letters"):
        index.add("asset", bad)
    with pytest.raises(ValueError, match="too short"):
        check_words(bad)
    assert spans(index, "orchid, fine word, SN-1234") == ["orchid"]


def test_add_replaces_and_remove_forgets() -> None:
    index = TermIndex()
    index.add("a", Terms(("orchid",), ("SN-1234",)))
    index.add("b", Terms(("orchid", "tulip")))
    assert {hit.key for hit in index.search("orchid", noisy=False)} == {"a", "b"}
    index.add("a", Terms(("rose",)))
    assert [hit.key for hit in index.search("orchid rose SN-1234", noisy=True)] == ["b", "a"]
    index.remove("b")
    index.remove("b")
    assert "b" not in index
    assert "a" in index
    assert len(index) == 1
    assert spans(index, "orchid tulip rose SN-I234", noisy=True) == ["rose"]


def test_an_asset_without_words_leaves_the_index_empty() -> None:
    index = TermIndex()
    index.add("a", Terms())
    index.add("b", Terms(("orchid",)))
    index.add("b", Terms())
    assert len(index) == 0


def test_hits_come_in_order_of_the_text() -> None:
    hits = watching("tulip", "rose", tags=("SN-1234",)).search("rose SN1234 tulip rose", noisy=False)
    assert [(hit.word, hit.start) for hit in hits] == [("rose", 0), ("SN-1234", 5), ("tulip", 12), ("rose", 18)]
    assert [hit.kind for hit in hits] == ["term", "tag", "term", "term"]


def test_thousands_of_words_are_each_found() -> None:
    rng = random.Random(5)
    words = sorted({"".join(rng.choices(string.ascii_lowercase, k=8)) for _ in range(3000)})
    index = TermIndex()
    for word in words:
        index.add(word, Terms((word,)))
    text = " ".join(words)
    assert [hit.key for hit in index.search(text, noisy=True)] == words
    for word in words:
        index.remove(word)
    assert len(index) == 0
    assert index.search(text, noisy=True) == []


ALPHABET = "ab1-_ .o0\n机é"


@given(st.text(alphabet=ALPHABET, max_size=40), st.text(alphabet=ALPHABET, max_size=8), st.booleans())
def test_a_word_between_spaces_is_always_found_and_spans_fit(text: str, word: str, noisy: bool) -> None:
    try:
        index = watching(word.strip())
    except ValueError:
        return
    whole = f"{text} {word.strip()} {text}"
    hits = index.search(whole, noisy=noisy)
    bare = word.strip(" -_.\n")
    assert any(whole[hit.start : hit.end] == bare for hit in hits) or "-\n" in whole
    assert all(0 <= hit.start < hit.end <= len(whole) for hit in hits)

"""Shingles and their index: found again when reflowed, quoted or misread; form weighs little, content much."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fingerprints.alignment import passages
from fingerprints.text import (
    SHINGLE_UNITS,
    WINDOW,
    TextIndex,
    dump_shingles,
    folded,
    load_shingles,
    own_units,
    rarity,
    shingles,
)
from fingerprints.types import Shingles, TextHit
from tests.fingerprints.index_contract import IndexContract

LETTERS = "etaoinshrdlucmfwypvbgk"
HANZI = "".join(chr(0x4E00 + 7 * i) for i in range(900))


def english(seed: int, words: int = 120) -> str:
    rng = random.Random(seed)
    return " ".join("".join(rng.choices(LETTERS, k=rng.randint(2, 9))) for _ in range(words))


def chinese(seed: int, characters: int = 400) -> str:
    rng = random.Random(seed)
    return "".join(rng.choices(HANZI, k=characters))


def made(text: str) -> Shingles:
    value = shingles(text)
    assert value is not None
    return value


def indexed(texts: Sequence[str]) -> TextIndex:
    index = TextIndex()
    for number, text in enumerate(texts):
        index.add(f"t{number}", made(text))
    return index


def misread(text: str, share: float, seed: int = 3) -> str:
    rng = random.Random(seed)
    letters = HANZI if "\u4e00" <= text[0] <= "\u9fff" else LETTERS
    return "".join(rng.choice([rng.choice(letters), ""]) if rng.random() < share else c for c in text)


class TestTextIndexContract(IndexContract[Shingles, TextHit]):
    def make_index(self) -> TextIndex:
        return TextIndex()

    def make_fingerprint(self, seed: int) -> Shingles:
        return made(english(seed))


@pytest.mark.parametrize("text", ["", "  \n", "!!! ...", "abc", "1234567", "机密件", "★" * 40])
def test_too_little_text_has_no_shingles(text: str) -> None:
    assert shingles(text) is None


@pytest.mark.parametrize("text", ["abcdefgh", "机密文件", "abcd文件"])
def test_the_shortest_texts_have_one_shingle(text: str) -> None:
    value = made(text)
    assert len(value) == 1
    assert (value.starts[0], value.ends[0], value.units) == (0, len(text), SHINGLE_UNITS)


@pytest.mark.parametrize(
    "other",
    [
        "THE REGISTRATION OF NEW EQUIPMENT",
        "the registra-\ntion  of new,\tequipment.",
        "The registration of new equipment",
        "the régistration öf new equipment",
        "the\u200bregistration of new e\u0301quipment",
    ],
)
def test_case_width_marks_spacing_and_hyphenation_change_nothing(other: str) -> None:
    assert np.array_equal(made("the registration of new equipment").hashes, made(other).hashes)


def test_the_hash_is_the_same_everywhere_and_forever() -> None:
    assert [hex(h) for h in made("机密文件 abcdefgh 12345678").hashes.tolist()] == [
        "0x85cf52af",
        "0x556855d9",
        "0x38aa0d99",
        "0x62bd6bc9",
        "0x4b2b0459",
    ]


@given(st.text(alphabet="abcde123 .-\n机密文件É", max_size=300))
def test_spans_lie_in_order_and_equal_hashes_mean_equal_text(text: str) -> None:
    value = shingles(text)
    if value is None:
        assert sum(map(len, folded(text)[0])) < SHINGLE_UNITS
        return
    starts, ends = value.starts.astype(int), value.ends.astype(int)
    assert (starts < ends).all()
    assert ends.max() <= len(text) == value.length
    assert (np.diff(starts) >= 0).all()
    runs = [folded(text[a:b])[0] for a, b in zip(starts, ends, strict=True)]
    assert len(set(zip(runs, value.hashes.tolist(), strict=True))) == len(set(runs)) == len(set(value.hashes.tolist()))


@given(st.integers(0, 200), st.integers(0, 10**6))
def test_every_shared_run_of_guaranteed_length_shares_a_shingle(at: int, seed: int) -> None:
    text = english(5).replace(" ", "")
    run = text[at : at + SHINGLE_UNITS + WINDOW - 1]
    other = english(seed + 10, 5) + run + english(seed + 11, 5)
    assert np.isin(made(other).hashes, made(text).hashes).any()


def test_filler_is_kept_a_few_times_only() -> None:
    assert len(made("a" * 100_000)) == 4
    assert len(made("0000 " * 5_000)) == 4
    phrases = made(f"{english(1, 20)} " * 10)
    assert set(np.unique(phrases.hashes, return_counts=True)[1].tolist()) == {4}


def test_of_equal_hashes_the_last_of_a_window_is_kept() -> None:
    assert made("a" * 40).starts.tolist() == [3, 4, 5, 6]


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=8, max_size=200))
def test_dump_and_load_are_inverse(text: str) -> None:
    value = shingles(text)
    if value is None:
        return
    again = load_shingles(dump_shingles(value))
    assert all(np.array_equal(getattr(value, name), getattr(again, name)) for name in ("hashes", "starts", "ends"))
    assert (again.length, again.units) == (value.length, value.units)
    assert [a.dtype.name for a in (again.hashes, again.starts, again.ends)] == ["uint32", "uint32", "uint32"]


def test_what_was_stored_with_longer_hashes_is_still_understood() -> None:
    value = made(english(1))
    hashes = (value.hashes.astype("<u8") << np.uint64(32)) | np.uint64(0x1234)
    spans = value.starts.astype("<u4").tobytes() + value.ends.astype("<u4").tobytes()
    stored = b"LWS1" + dump_shingles(value)[4:16] + hashes.tobytes() + spans
    assert dump_shingles(load_shingles(stored)) == dump_shingles(value)


GOOD = dump_shingles(made(english(1)))


@pytest.mark.parametrize("data", [b"", b"LWS1", GOOD[:-1], GOOD + b"x", b"PK" + GOOD[2:], GOOD[:16] + b"\xff" * (len(GOOD) - 16)])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not shingles"):
        load_shingles(data)


@settings(max_examples=40)
@given(st.binary(max_size=80))
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not shingles"):
        load_shingles(GOOD[:4] + data)


def test_an_identical_text_is_explained_entirely() -> None:
    for text in (english(1), chinese(1)):
        (hit,) = indexed([text]).search(made(text))
        assert hit.share == pytest.approx(1)
        assert hit.units == pytest.approx(made(text).units, rel=0.1)
        assert [(p.query_start, p.reference_start) for p in hit.passages] == [(hit.passages[0].query_start,) * 2]


@pytest.mark.parametrize(("make", "length"), [(english, 80), (chinese, 40)])
def test_a_quotation_is_found_in_a_long_chat_message(make: type, length: int) -> None:
    secret = english(1) if make is english else chinese(1)
    quoted = secret[100 : 100 + length]
    message = f"did you see this?? {quoted} … unbelievable"
    hit = indexed([english(7), secret, chinese(8)]).search(made(message))[0]
    assert hit.key == "t1"
    assert hit.units >= 40
    (passage,) = hit.passages
    assert message[passage.query_start : passage.query_end] in quoted
    assert secret[passage.reference_start : passage.reference_end] == message[passage.query_start : passage.query_end]


@pytest.mark.parametrize("share", [0.02, 0.05, 0.10])
def test_misread_pages_name_their_reference(share: float) -> None:
    pages = [english(s, 300) for s in range(20)] + [chinese(s, 700) for s in range(20)]
    index = indexed(pages)
    for at in (3, 25):
        first, *rest = index.search(made(misread(pages[at], share)))
        assert first.key == f"t{at}"
        assert first.units > 60
        assert not rest or first.units > 5 * rest[0].units


def test_the_form_weighs_little_once_many_share_it() -> None:
    form = english(99, 60)
    index = indexed([form + " " + english(s, 60) for s in range(40)])
    sibling = index.search(made(form + " " + english(777, 60)))
    assert not sibling or sibling[0].share < 0.02
    true = index.search(made(form + " " + english(7, 60)))
    assert true[0].key == "t7"
    assert true[0].share > 0.95


def test_what_others_hold_counts_however_common_it_is() -> None:
    form, own = english(1), english(2, 40)
    index = TextIndex()
    assert index.held(made(form)) == (0.0, [])
    for number in range(40):
        index.add(f"{number}", made(f"{form} {english(100 + number)}"))
    share, keys = index.held(made(f"{form} {own}"), 3)
    assert share == pytest.approx(0.75, abs=0.05)
    assert len(set(keys)) == 3
    assert index.held(made(english(3)))[0] < 0.02
    index.add("best", made(f"{form} {own}"))
    assert index.held(made(f"{form} {own}"), 3)[1][0] == "best"
    for number in range(40):
        index.remove(f"{number}")
    share, keys = index.held(made(form), 3)
    assert share > 0.98
    assert keys == ["best"]
    index.remove("best")
    assert index.held(made(form)) == (0.0, [])


def test_two_references_with_the_same_text_are_both_found() -> None:
    hits = indexed([english(1), english(1)]).search(made(english(1)))
    assert [hit.key for hit in hits] == ["t0", "t1"]
    assert hits[0].units == hits[1].units > 0.5 * made(english(1)).units


def test_scattered_words_are_no_passage() -> None:
    secret, rng = english(1), random.Random(1)
    words = secret.split()
    rng.shuffle(words)
    scattered = " ".join(f"{word} {english(1000 + i, 12)}" for i, word in enumerate(words))
    assert not indexed([secret]).search(made(scattered))


def test_words_in_another_order_do_not_hide_the_passage_copied_in_order() -> None:
    letters = english(1, 200).replace(" ", "")[:660]
    backwards = "".join(letters[at : at + 11] for at in range(649, -1, -11))
    index = indexed([backwards, english(2, 40) + letters[300:360]])
    assert np.isin(made(letters).hashes, made(backwards).hashes).mean() > 0.2
    assert [hit.key for hit in index.search(made(letters), limit=1)] == ["t1"]


def test_repeating_a_phrase_does_not_make_it_weigh_more() -> None:
    secret = english(1)
    phrase = secret[:60]
    index = indexed([secret])
    once = index.search(made(phrase))[0].units
    often = index.search(made(" ".join(f"{phrase} {english(500 + s, 20)}" for s in range(3))))[0].units
    assert often == pytest.approx(once, rel=0.35)


def test_passages_come_in_order_of_the_query_and_do_not_overlap() -> None:
    secret = english(1, 200)
    message = f"{secret[600:800]} {english(5, 40)} {secret[100:300]}"
    (hit,) = indexed([secret]).search(made(message))
    first, second = hit.passages
    assert first.query_end <= second.query_start
    assert first.reference_start > second.reference_start
    assert hit.units == pytest.approx(first.units + second.units)


def by_hand(texts: dict[str, Shingles], query: Shingles) -> list[tuple[str, float]]:
    """The specification: every reference compared in turn."""
    frequency = np.array([sum(h in t.hashes for t in texts.values()) for h in query.hashes])
    weights = own_units(query) * rarity(frequency, len(texts))
    scores = []
    for key, text in texts.items():
        q, r = np.nonzero((query.hashes[:, None] == text.hashes[None, :]) & (weights > 0)[:, None])
        scores.append((key, sum(p.units for p in passages(query, text, q, r, weights))))
    return sorted(((k, u) for k, u in scores if u), key=lambda s: (-s[1], s[0]))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_the_index_equals_brute_force(seed: int) -> None:
    rng = random.Random(seed)
    pool = [english(s, 12) for s in range(12)]
    texts = {f"t{i}": made(" ".join(rng.choices(pool, k=6))) for i in range(12)}
    index = TextIndex()
    for key, value in texts.items():
        index.add(key, value)
        if rng.random() < 0.5:
            index.search(value)
    query = made(" ".join(rng.choices(pool, k=4)))
    expected = by_hand(texts, query)
    found = [(hit.key, hit.units) for hit in index.search(query, limit=len(texts))]
    assert [k for k, _ in found] == [k for k, _ in expected]
    assert [u for _, u in found] == pytest.approx([u for _, u in expected])


@pytest.mark.parametrize(
    ("frequency", "references", "least", "most"), [(1, 1, 1, 1), (0, 5, 1, 1), (2, 2, 0.7, 0.8), (300, 300, 0, 0)]
)
def test_rarity(frequency: int, references: int, least: float, most: float) -> None:
    assert least <= rarity(np.array([frequency]), references)[0] <= most


def test_frequency_counts_references_and_leaves_out_those_named() -> None:
    index = TextIndex()
    one, two = shingles("the northern depot reports ready"), shingles("the northern depot reports nothing at all")
    assert one is not None
    assert two is not None
    index.add("a", one)
    index.add("b", two)
    index.add("c", one)
    index.remove("c")
    assert set(index.frequency(one.hashes).tolist()) == {1, 2}
    assert index.frequency(one.hashes, ["a"]).max() == 1
    assert index.frequency(one.hashes, ["a", "b", "unknown"]).max() == 0


def test_three_by_four_is_written_with_a_letter_or_with_a_sign() -> None:
    assert folded("1×35.00")[0] == folded("1x35.00")[0] == folded("1 X 35,00")[0]


def test_traditional_and_simplified_are_one_text() -> None:
    """As people retype it: a page registered in one is found in the other, at the very same characters."""
    simplified, traditional = "关于发展头发样机计划后里台湾乾坤的绝密报告", "關於發展頭髮樣機計劃後里臺灣乾坤的絕密報告"
    assert folded(traditional)[0] == folded(simplified)[0]
    one, other = made(simplified), made(traditional)
    assert (one.hashes == other.hashes).all()
    assert (one.starts == other.starts).all()
    [hit] = indexed([simplified, chinese(3)]).search(other)
    assert hit.key == "t0"

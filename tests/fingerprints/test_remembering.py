"""Answers are made once, as long as they are remembered."""

from fingerprints.remembering import Memory, key


def test_what_is_known_is_not_made_again() -> None:
    memory, made = Memory(), list[int]()

    def doubled(places: list[int]) -> list[int]:
        made.extend(places)
        return [place * 2 for place in places]

    keys = [key(bytes([n])) for n in range(4)]
    assert memory.each(keys[1:3], doubled) == [0, 2]
    assert memory.each(keys, doubled) == [0, 0, 2, 6]
    assert made == [0, 1, 0, 3]
    assert memory.one(keys[3], lambda: 99) == 6


def test_none_is_an_answer() -> None:
    memory = Memory()
    assert memory.one(b"k", lambda: None) is None
    assert memory.one(b"k", lambda: 1) is None


def test_what_was_not_asked_for_longest_is_forgotten() -> None:
    memory = Memory(most=2)
    for name in (b"a", b"b", b"a", b"c"):
        memory.one(name, lambda: 1)
    assert [memory.one(name, lambda: 2) for name in (b"a", b"c")] == [1, 1]
    assert memory.one(b"b", lambda: 2) == 2


def test_more_than_is_remembered_can_be_asked_at_once() -> None:
    memory = Memory(most=1)
    assert memory.each([b"a", b"b", b"c"], lambda places: places) == [0, 1, 2]


def test_keys_tell_where_one_part_ends() -> None:
    assert len({key(b"ab", b"c"), key(b"a", b"bc"), key(b"abc"), key(b"abc", b"")}) == 4

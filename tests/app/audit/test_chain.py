"""Any record that was written verifies; whatever is changed in it is found, and named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.audit.chain import GENESIS, LARGEST, Broken, Entry, Place, Walk, canonical, digest, plain, sealed

FIELDS = ("actor", "role", "identity", "address", "action", "object_kind", "object_id", "details")
START = datetime(2026, 3, 2, tzinfo=UTC)
numbers = st.integers(-LARGEST, LARGEST)
plainly = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
done = st.tuples(st.text(), st.text(), st.text(), st.text(), st.text(), st.text(), st.text(), st.dictionaries(st.text(), plainly))


def written(contents: list[Any]) -> list[Entry]:
    """A record of these things."""
    entries: list[Entry] = []
    for number, about in enumerate(contents, 1):
        previous = entries[-1].hash if entries else GENESIS
        fields: dict[str, Any] = dict(zip(FIELDS, (plain(one) for one in about), strict=True))
        entries.append(sealed(Entry(number, START + timedelta(seconds=number), **fields, previous=previous)))
    return entries


def walked(entries: list[Entry]) -> tuple[Place, Broken | None]:
    walk = Walk()
    for entry in entries:
        broken = walk.follow(entry)
        if broken is not None:
            return walk.place, broken
    return walk.place, None


@given(st.lists(done, max_size=6))
def test_what_was_written_verifies(contents: list[Any]) -> None:
    entries = written(contents)
    end = Place(entries[-1].seq, entries[-1].hash) if entries else Place()
    assert walked(entries) == (end, None)


CHANGES: dict[str, Any] = {
    "seq": numbers,
    "at": st.datetimes(timezones=st.just(UTC)),
    **{name: st.text() for name in FIELDS[:-1]},
    "details": st.dictionaries(st.text(), plainly),
    **{name: st.text("0123456789abcdef", min_size=64, max_size=64) for name in ("previous", "hash")},
}


@settings(max_examples=120)
@given(st.lists(done, min_size=1, max_size=5), st.data())
def test_one_field_changed_is_found_at_the_entry_that_was_changed(contents: list[Any], data: st.DataObject) -> None:
    entries = written(contents)
    number = data.draw(st.integers(0, len(entries) - 1))
    name = data.draw(st.sampled_from(sorted(CHANGES)))
    value = data.draw(
        CHANGES[name].filter(lambda value: canonical(plain(value)) != canonical(plain(getattr(entries[number], name))))
    )
    change: dict[str, Any] = {name: value}
    changed = replace(entries[number], **change)
    as_the_database_gives_them = sorted([*entries[:number], changed, *entries[number + 1 :]], key=lambda entry: entry.seq)
    _, broken = walked(as_the_database_gives_them)
    assert broken is not None
    assert broken.seq in ({number + 1, value} if name == "seq" else {number + 1})


@given(st.lists(done, min_size=2, max_size=6), st.data())
def test_one_that_is_missing_is_named_unless_it_was_the_last(contents: list[Any], data: st.DataObject) -> None:
    entries = written(contents)
    number = data.draw(st.integers(0, len(entries) - 2))
    _, broken = walked([*entries[:number], *entries[number + 1 :]])
    assert broken == Broken(number + 1, "it is missing")
    assert walked(entries[:-1])[1] is None, "nobody can tell that from the record alone"


@given(st.lists(done, min_size=2, max_size=6), st.data())
def test_two_that_changed_places_are_named(contents: list[Any], data: st.DataObject) -> None:
    entries = written(contents)
    first = data.draw(st.integers(0, len(entries) - 2))
    second = data.draw(st.integers(first + 1, len(entries) - 1))
    one, other = entries[first], entries[second]
    entries[first], entries[second] = replace(other, seq=one.seq), replace(one, seq=other.seq)
    _, broken = walked(entries)
    assert broken is not None
    assert broken.seq == first + 1


def test_the_encoding_is_that_of_rfc_8785() -> None:
    """Its own example of sorting (§3.2.3), and its escapes (§3.2.2.2)."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    encoded = canonical({key: number for number, key in enumerate(keys)}).decode()
    assert encoded == '{"\\r":1,"1":3,"\u0080":5,"\u00f6":6,"\u20ac":0,"\U0001f600":4,"\ufb33":2}'
    assert canonical({"s": '\u20ac$\u000f\nA\'B"\\\\"/'}).decode() == '{"s":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical([True, None, 1, {"b": [], "a": {}}]) == b'[true,null,1,{"a":{},"b":[]}]'


def test_a_hash_can_be_told_by_others() -> None:
    """Any implementation of RFC 8785 and SHA-256 gives it; this one is written out."""
    entry = Entry(1, START, "zhang", "analyst", "acc_1", "::1", "alert.changed", "alert", "alr_1", {"did": ["resolved"]})
    told = (
        '{"action":"alert.changed","actor":"zhang","address":"::1","at":"2026-03-02T00:00:00.000000Z","details":{"did":["resolved"]},'
        f'"identity":"acc_1","object_id":"alr_1","object_kind":"alert","previous":"{GENESIS}","role":"analyst","seq":1}}'
    )
    assert digest(entry) == sha256(told.encode()).hexdigest()


class Word(StrEnum):
    ONE = "one"


def test_what_is_kept_comes_back_from_json() -> None:
    kept = plain({"word": Word.ONE, "at": START, "some": (1, True, None), "half": "a\ud800"})
    assert kept == {"word": "one", "at": "2026-03-02T00:00:00.000000Z", "some": [1, True, None], "half": "a\ufffd"}
    assert type(kept["word"]) is str


@pytest.mark.parametrize("value", [1.5, LARGEST + 1, b"x", {1: 2}, {"a": object()}, {1, 2}])
def test_what_would_not_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        plain(value)


@pytest.mark.parametrize("text", ["", "57", "57:", ":" + "0" * 64, "x:" + "0" * 64, "5:" + "G" * 64, "٥:" + "0" * 64])
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(ValueError, match="no place"):
        Place.parse(text)


def test_a_place_is_read_as_it_is_shown() -> None:
    place = Place(57, "0123456789abcdef" * 4)
    assert Place.parse(f" {place}\n") == place

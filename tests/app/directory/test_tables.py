"""Tables that spreadsheets write: read whole or not at all, with what is wrong named by line and column."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.directory.tables import COLUMNS, MOST_WRONG, read, write
from app.directory.types import KINDS, LEVELS, Person, Unusable
from detectors.types import Level

WHOLE = """sender,kind,gateway,name,unit,clearance,signed_on,ends_on,responsible
u-1,staff,,Li,Hall 3,secret,2020-01-02,,Chen
u-2,contractor,g1,"Zhang, ""the"" tall
one",Hall 4,,,2026-03-31,Chen
"""
ZHANG = Person("g1", "u-2", 'Zhang, "the" tall\none', "Hall 4", "contractor", "", None, date(2026, 3, 31), "Chen")


def wrong(text: str | bytes) -> set[tuple[int, str]]:
    with pytest.raises(Unusable) as told:
        read(text.encode() if isinstance(text, str) else text)
    return {(one.line, one.column) for one in told.value.wrong}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_is_read_whatever_wrote_it(encoding: str, end: str) -> None:
    text = (
        WHOLE.replace("Li,", "李四,")
        .replace('"\n', f'"{end}')
        .replace("Chen\n", f"Chen{end}")
        .replace("responsible\n", f"responsible{end}")
    )
    first, second = read(text.encode(encoding))
    assert first == Person("", "u-1", "李四", "Hall 3", "staff", "secret", date(2020, 1, 2), None, "Chen")
    assert second == ZHANG


def test_columns_come_in_any_order_and_only_two_are_needed() -> None:
    [one] = read(b"KIND , Sender\nvisitor,u-9\n\n,\n")
    assert one == Person("", "u-9", "", "", "visitor", "", None, None, "")
    assert read(b"sender,kind\n") == []


def test_every_mistake_is_named_by_line_and_column() -> None:
    text = "sender,kind,clearance,signed_on,ends_on\n,king,top secret,2026-3-1,31.12.2026\n"
    text += "u-1,staff,,,\nu-1,staff,,,\nu-2,staff,,,,more\n"
    assert wrong(text) == {(2, name) for name in ("sender", "kind", "clearance", "signed_on", "ends_on")} | {
        (4, "sender"),
        (5, ""),
    }
    assert wrong(f"sender,kind,name\nu,staff,{'x' * 501}\n") == {(2, "name")}
    assert wrong('sender,kind,name\nu-1,staff,"a\nb"\nu-2,king,\n') == {(4, "kind")}, "as an editor counts lines"


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", {(1, "sender"), (1, "kind")}),
        ("name\nx\n", {(1, "sender"), (1, "kind")}),
        ("sender,kind,score\n", {(1, "score")}),
        ("sender,kind,kind\n", {(1, "kind")}),
        ('sender,kind\n"u,staff\n', {(2, "")}),
        (b"\xff\xfes\0e\0n\0d\0e\0r\0", {(1, "")}),
        (b"\x89PNG\r\n\x1a\n\0\0", {(1, "")}),
    ],
)
def test_what_is_no_such_table_is_told(text: str | bytes, places: set[tuple[int, str]]) -> None:
    assert wrong(text) == places


def test_mistakes_are_counted_no_further_than_anybody_reads() -> None:
    with pytest.raises(Unusable) as told:
        read(b"sender,kind\n" + b"u,king\n" * 10_000)
    assert len(told.value.wrong) == MOST_WRONG


def test_levels_and_kinds_are_those_of_the_detectors() -> None:
    assert list(Level) == list(LEVELS)
    assert KINDS == ("staff", "temporary", "contractor", "visitor")


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=20).map(str.strip)
PEOPLE = st.builds(
    Person, WORDS, WORDS.filter(bool), WORDS, WORDS, st.sampled_from(KINDS), st.sampled_from(["", *LEVELS]),
    st.none() | st.dates(), st.none() | st.dates(), WORDS,
)  # fmt: skip


@given(st.lists(PEOPLE, max_size=5, unique_by=lambda one: (one.gateway, one.sender)))
def test_what_is_written_is_read_again_and_starts_no_formula(people: list[Person]) -> None:
    made = write(people)
    assert read(made) == people
    for row in csv.reader(io.StringIO(made.decode("utf-8-sig"), newline="")):
        assert len(row) == len(COLUMNS)
        assert not any(field.startswith(("=", "+", "-", "@", "\t")) for field in row)


@pytest.mark.parametrize("name", ["Müller", "García", "Ångström", "Jürgen Öberg", "O’Brien-Lévy", "Zoë"])
def test_text_of_western_europe_is_refused_and_not_read_as_chinese(name: str) -> None:
    data = f"sender,kind,name\nu-1,staff,Li\nu-2,staff,{name}\n".encode("cp1252")
    with pytest.raises(Unusable) as told:
        read(data)
    assert "save it as UTF-8" in told.value.wrong[0].says


@pytest.mark.parametrize("name", ["李四", "刘珺", "朱镕基", "王A", "喆John", "A座王堃", "李喆Tom", "吕堃 (QA)", "é"])
def test_chinese_as_excel_writes_it_is_read_even_with_rare_names(name: str) -> None:
    [person] = read(f"sender,kind,name\nu-1,staff,{name}\n".encode("gb18030"))
    assert person.name == name


@pytest.mark.parametrize("sign", ["＝", "＋", "－", "＠", "="])
def test_wide_signs_start_no_formula_either(sign: str) -> None:
    person = Person("", "u-1", f"{sign}1+1", "", "staff", "", None, None, "")
    assert f"'{sign}1+1".encode() in write([person])
    assert read(write([person])) == [person]

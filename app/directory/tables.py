"""A directory as a table that spreadsheets write and read (CSV, RFC 4180).

UTF-8, with or without a byte order mark, or GB18030, as Excel in China writes it. What is written starts no formula: a field that
begins like one gets an apostrophe in front (OWASP, CSV Injection), which is taken off again when it is read.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import cast

from app.directory.types import KINDS, LEVELS, MOST_PEOPLE, Kind, Person, Unusable, Wrong

COLUMNS = ("gateway", "sender", "name", "unit", "kind", "clearance", "signed_on", "ends_on", "responsible")
NEEDED = ("sender", "kind")
MOST_BYTES, MOST_WRONG, LONGEST = 50_000_000, 100, 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""The wide ones are read like the others where Chinese or Japanese is written."""
_ALONE = re.compile(r"(?<![^\x00-\x7f])[^\x00-\x7f](?![^\x00-\x7f])")
_SAVE = "save it as UTF-8 (in Excel: “CSV UTF-8”)"


def read(data: bytes) -> list[Person]:
    """Everybody in it, in order. Raises Unusable, naming line and column of what is wrong."""
    rows = csv.reader(io.StringIO(_text(data), newline=""), strict=True)
    wrong: list[Wrong] = []
    people: dict[tuple[str, str], Person] = {}
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        _check(header)
        for row in rows:
            if any(field.strip() for field in row):
                _take(dict(zip(header, row, strict=False)), len(row) - len(header), rows.line_num, people, wrong)
            if len(people) > MOST_PEOPLE or len(wrong) >= MOST_WRONG:
                break
    except csv.Error as error:
        wrong.append(Wrong(rows.line_num, "", f"this is no CSV: {error}"))
    if len(people) > MOST_PEOPLE:
        wrong.append(Wrong(rows.line_num, "", f"there are more than {MOST_PEOPLE:,} people"))
    if wrong:
        raise Unusable(tuple(wrong[:MOST_WRONG]))
    return list(people.values())


def write(people: Iterable[Person]) -> bytes:
    """What ``read`` reads, for spreadsheets: with a byte order mark."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for person in people:
        values = (getattr(person, name) for name in COLUMNS)
        table.writerow([_harmless("" if value is None else str(value)) for value in values])
    return out.getvalue().encode("utf-8-sig", errors="replace")


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise Unusable((Wrong(1, "", f"the file is larger than {MOST_BYTES:,} bytes"),))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "gb18030" and (line := _foreign(text)):
            raise Unusable((Wrong(line, "", f"this is text in neither UTF-8 nor GB18030, by this line: {_SAVE}"),))
        if "\0" not in text:
            return text
    raise Unusable((Wrong(1, "", f"this is text in neither UTF-8 nor GB18030: {_SAVE}"),))


def _foreign(text: str) -> int:
    """The first line that shows that this is no Chinese text, but one of Western Europe (Latin-1) read as such; 0: there is none.

    There an accented letter takes the next letter with it: together they make one rare character (GBK/3 and GBK/4: its second
    byte is a letter), alone within a word.
    """
    for found in _ALONE.finditer(text):
        before, rare, after = text[max(0, found.start() - 1) : found.start()], found[0], text[found.end() : found.end() + 1]
        if (before.isalpha() or after.islower()) and _is_rare(rare):
            return text.count("\n", 0, found.start()) + 1
    return 0


def _is_rare(character: str) -> bool:
    """Whether its second byte is a letter, or nobody has given it a meaning."""
    raw = character.encode("gb18030")
    return (len(raw) == 2 and raw[1:].isalpha()) or "\ue000" <= character <= "\uf8ff"


def _check(header: list[str]) -> None:
    wrong = [Wrong(1, name, "there is no such column") for name in header if name not in COLUMNS]
    wrong += [Wrong(1, name, "this column is missing") for name in NEEDED if name not in header]
    wrong += [Wrong(1, name, "this column is there twice") for name in dict.fromkeys(header) if header.count(name) > 1]
    if wrong:
        raise Unusable(tuple(wrong[:MOST_WRONG]))


def _take(row: Mapping[str, str], more: int, line: int, people: dict[tuple[str, str], Person], wrong: list[Wrong]) -> None:
    fields = {name: _plain(row.get(name, "")) for name in COLUMNS}
    found = [Wrong(line, "", "there are more fields than columns")] if more > 0 else []
    found += list(_faults(line, fields))
    key = fields["gateway"], fields["sender"]
    if not found and key in people:
        found.append(Wrong(line, "sender", "this account is there already"))
    wrong += found
    if not found:
        people[key] = _person(fields)


def _person(fields: Mapping[str, str]) -> Person:
    words = {name: fields[name] for name in ("gateway", "sender", "name", "unit", "clearance", "responsible")}
    signed, ends = (date.fromisoformat(fields[name]) if fields[name] else None for name in ("signed_on", "ends_on"))
    return Person(**words, kind=cast(Kind, fields["kind"]), signed_on=signed, ends_on=ends)


def _faults(line: int, fields: Mapping[str, str]) -> Iterator[Wrong]:
    for name, value in fields.items():
        if len(value) > LONGEST:
            yield Wrong(line, name, f"it is longer than {LONGEST} characters")
    for name, is_right, says in _RULES:
        if not is_right(fields[name]):
            yield Wrong(line, name, says)


def _is_day(value: str) -> bool:
    try:
        return not value or (len(value) == 10 and bool(date.fromisoformat(value)))
    except ValueError:
        return False


def _harmless(value: str) -> str:
    return f"'{value}" if value.startswith((*_FORMULA, "'")) else value


def _plain(value: str) -> str:
    value = value.strip()
    return value[1:] if value.startswith("'") and value[1:].startswith((*_FORMULA, "'")) else value


_DAY = "write a day as 2026-03-31, or nothing"
_RULES: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    ("sender", bool, "write the account's id, as the gateway sends it"),
    ("kind", lambda value: value in KINDS, f"write one of {', '.join(KINDS)}"),
    ("clearance", lambda value: not value or value in LEVELS, f"write one of {', '.join(LEVELS)}, or nothing"),
    ("signed_on", _is_day, _DAY),
    ("ends_on", _is_day, _DAY),
)

"""Whatever stands in a template or a view is said in every language, with the same blanks to fill in."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.console.queue.views import SAID
from app.console.speech import CATALOGUES, LANGUAGES, language

OTHERS = [code for code in LANGUAGES if code != "en"]
CONSOLE = CATALOGUES.parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
OPTIONS = {"templates/**.html": {"trimmed": "true"}}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None, "marked": None, "count": (1, 2), "counted": (1, 2)}
BLANK = re.compile(r"%\((\w+)\)[sd]")


def sentences() -> dict[str | tuple[str, ...], str]:
    """Everything the console says, and where it first does."""
    found: dict[str | tuple[str, ...], str] = {}
    for file, line, message, _, _ in extract_from_dir(str(CONSOLE), METHODS, OPTIONS, KEYWORDS):
        found.setdefault(message, f"{Path(file)}:{line}")
    return found


def catalogue(code: str) -> Catalog:
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        return read_po(file, code)


def forms(value: str | Iterable[str] | None) -> list[str]:
    """A sentence's one or several forms."""
    return [value] if isinstance(value, str) else list(value or ())


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_is_translated(code: str) -> None:
    known = {forms(entry.id)[0]: entry for entry in catalogue(code) if entry.id}
    missing = []
    for message, where in sentences().items():
        entry = known.get(forms(message)[0])
        if entry is None or entry.fuzzy or not all(forms(entry.string)):
            missing.append(f"{where}: {message}")
    assert missing == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_blanks_of_its_sentence(code: str) -> None:
    wrong = []
    for entry in catalogue(code):
        blanks = {blank for one in forms(entry.id) for blank in BLANK.findall(one)}
        optional = {"number"} if not isinstance(entry.id, str) else set()
        wrong += [text for text in forms(entry.string) if not blanks - optional <= set(BLANK.findall(text)) <= blanks]
    assert wrong == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_with_blanks_can_be_filled_in(code: str) -> None:
    """A sign of percent in it is doubled."""
    for entry in catalogue(code):
        for text in forms(entry.string) if "python-format" in entry.flags else ():
            assert text % dict.fromkeys(BLANK.findall(text), "x"), text


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_is_translated_that_nobody_says(code: str) -> None:
    said = {forms(message)[0] for message in sentences()}
    assert [entry.id for entry in catalogue(code) if entry.id and forms(entry.id)[0] not in said] == []


@pytest.mark.parametrize("code", OTHERS)
def test_what_is_counted_is_counted_in_the_language(code: str) -> None:
    """Also where the sentences stand in a constant: as two sentences apart no plural would be found."""
    for one, many in SAID.values():
        assert language(code).count(one, many, 3) != many % {"number": 3}

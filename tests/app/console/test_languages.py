"""Whatever stands in a template or a view is said in every language, with the same blanks to fill in."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.console.speech import CATALOGUES, LANGUAGES

CONSOLE = CATALOGUES.parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
OPTIONS = {"templates/**.html": {"trimmed": "true"}}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None, "marked": None, "count": (1, 2)}
BLANK = re.compile(r"%\((\w+)\)[sd]")


def sentences() -> dict[str | tuple[str, ...], str]:
    """Everything the console says, and where it first does."""
    found = {}
    for file, line, message, _, _ in extract_from_dir(str(CONSOLE), METHODS, OPTIONS, KEYWORDS):
        found.setdefault(message, f"{Path(file)}:{line}")
    return found


def catalogue(code: str) -> Catalog:
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        return read_po(file, code)


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_every_sentence_is_translated(code: str) -> None:
    known = catalogue(code)
    missing = []
    for message, where in sentences().items():
        key = message if isinstance(message, str) else message[0]
        entry = known.get(key)
        strings = [entry.string] if entry and isinstance(entry.string, str) else list(entry.string) if entry else [""]
        if not all(strings) or (entry and entry.fuzzy):
            missing.append(f"{where}: {key}")
    assert missing == []


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_a_translation_has_the_blanks_of_its_sentence(code: str) -> None:
    wrong = []
    for entry in catalogue(code):
        if not entry.id:
            continue
        said = [entry.id] if isinstance(entry.id, str) else list(entry.id)
        strings = [entry.string] if isinstance(entry.string, str) else list(entry.string)
        blanks = {blank for one in said for blank in BLANK.findall(one)}
        wrong += [text for text in strings if not set(BLANK.findall(text)) <= blanks]
        if isinstance(entry.id, str):
            wrong += [text for text in strings if set(BLANK.findall(text)) != blanks]
    assert wrong == []


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_nothing_is_translated_that_nobody_says(code: str) -> None:
    said = {message if isinstance(message, str) else message[0] for message in sentences()}
    assert [
        entry.id for entry in catalogue(code) if entry.id and (entry.id if isinstance(entry.id, str) else entry.id[0]) not in said
    ] == []

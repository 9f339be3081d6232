"""The languages people read the console in: sentences, plurals, times and numbers.

English is what stands in the templates and the views; other languages are gettext catalogues (``languages/*.po``), read as they
are at the first use, so that there is no build step. A sentence without a translation is shown in English.
"""

import gettext
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

CATALOGUES = Path(__file__).parent / "languages"
LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "中文"}
"""Code to the language's own name."""


def marked(message: str) -> str:
    """The same; marks a constant that is translated where it is shown."""
    return message


def counted(one: str, many: str) -> tuple[str, str]:
    """The same; marks what ``Language.count`` says of one and of several."""
    return one, many


class Language:
    """What is said in one language. ``gap``: what stands between two sentences; ``comma``: between parts of one."""

    def __init__(self, code: str, translations: gettext.NullTranslations) -> None:
        self.code, self.translations = code, translations
        self.gap, self.comma = ("", "，") if code == "zh" else (" ", ", ")

    def say(self, message: str, **values: object) -> str:
        """``message`` translated, its ``%(name)s`` filled in."""
        found = self.translations.gettext(message) if message else ""
        return found % values if values else found

    def count(self, one: str, many: str, number: int, **values: object) -> str:
        """One or several; ``%(number)s`` is how many."""
        return self.translations.ngettext(one, many, number) % {"number": self.number(number), **values}

    def listed(self, things: Iterable[str]) -> str:
        """One after the other."""
        return ("、" if self.code == "zh" else ", ").join(things)

    def together(self, *sentences: str) -> str:
        """One after the other, those that say something: Chinese has no space behind a full stop."""
        return self.gap.join(sentence for sentence in sentences if sentence)

    def moment(self, value: datetime | str) -> str:
        """A time in UTC, and that it is."""
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        pattern = "M月d日 HH:mm:ss" if self.code == "zh" else "d MMM HH:mm:ss"
        return format_datetime(moment.astimezone(UTC), pattern, locale=self.code) + " UTC"

    def day(self, value: datetime) -> str:
        """A day in UTC, with its month in words; with its year, if it is another one."""
        year = "" if value.year == datetime.now(UTC).year else ("y年" if self.code == "zh" else " y")
        pattern = f"{year}M月d日" if self.code == "zh" else f"d MMMM{year}"
        return format_datetime(value.astimezone(UTC), pattern, locale=self.code)

    def percent(self, value: float) -> str:
        """A share between 0 and 1."""
        return str(format_percent(value, locale=self.code))

    def number(self, value: float) -> str:
        """With its thousands apart."""
        return str(format_decimal(value, locale=self.code))

    def size(self, count: int) -> str:
        """Bytes in words: 50 MB."""
        for unit, many in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)):
            if count >= many:
                return f"{self.number(round(count / many, 1))} {unit}"
        return f"{self.number(count)} B"


@cache
def language(code: str) -> Language:
    """One of ``LANGUAGES``."""
    return Language(code, _translations(code))


def preferred(chosen: str | None, accepted: str) -> Language:
    """``chosen`` before, else the first that the browser accepts (RFC 9110 §12.5.4), else English."""
    wanted = [chosen or "", *(part.split(";")[0].strip().split("-")[0].lower() for part in accepted.split(","))]
    return language(next((code for code in wanted if code in LANGUAGES), "en"))


def _translations(code: str) -> gettext.NullTranslations:
    path = CATALOGUES / f"{code}.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)

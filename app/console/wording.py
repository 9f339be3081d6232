"""Words and addresses that several rooms share."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from app.console.speech import Language, marked

DETECTORS = {
    "page_copy": marked("copy of a page"),
    "equipment_photo": marked("photo of the equipment"),
    "document_text": marked("registered text"),
    "watch_term": marked("code name"),
    "asset_tag": marked("serial or asset number"),
    "marking": marked("classification marking"),
}
WORDS = (
    marked("open"),
    marked("acknowledged"),
    marked("resolved"),
    marked("true positive"),
    marked("false positive"),
    marked("benign positive"),
    marked("low"),
    marked("medium"),
    marked("high"),
    marked("critical"),
    marked("document"),
    marked("equipment"),
    marked("text"),
    marked("internal"),
    marked("confidential"),
    marked("secret"),
    marked("top secret"),
    marked("gateway"),
    marked("analyst"),
    marked("owner"),
    marked("auditor"),
    marked("admin"),
)
"""What stored words are called; the templates' filter ``words`` looks them up."""


UNREAD: Mapping[str, str] = {
    "corrupt": marked("It is damaged, or not what its name says."),
    "empty": marked("There is nothing in it to inspect."),
    "encrypted": marked("It is locked with a password."),
    "ornament": marked("It is too small or too thin to show anything."),
    "out_of_time": marked("The message took too long; this part was not inspected."),
    "too_deep": marked("It is packed too deep inside other files."),
    "too_many_bytes": marked("It is larger than is read."),
    "too_many_characters": marked("It holds more text than is read; what came after was not inspected."),
    "too_many_frames": marked("It has more frames than are looked at; not all were."),
    "too_many_members": marked("It holds more files than are read."),
    "too_many_pages": marked("It has more pages than are read; the rest was not inspected."),
    "too_many_pixels": marked("The picture is larger than is read."),
    "too_much": marked("It unpacks to more than is read of one file."),
    "truncated": marked("It ends early; what had arrived was inspected."),
    "unsupported": marked("It is of a kind that cannot be read."),
    "missing_blob": marked("The file is gone."),
    "timeout": marked("It took too long."),
    "crashed": marked("The program that looked at it ended unexpectedly."),
    "unavailable": marked("What would read it is not at hand just now."),
    "internal": marked("Something went wrong on our side; it has been logged."),
}
"""Why something was not read, by code (``fingerprints.errors.REASONS``, and what detection itself may fail with)."""
_CODES = "|".join(UNREAD)
_REASON = re.compile(rf"(?:(?P<part>.*?): )??(?P<code>{_CODES})(?:: (?P<says>.*))?", re.DOTALL)
PARTS = (
    marked("page %(number)s"),
    marked("pages after %(number)s"),
    marked("frame %(number)s"),
    marked("frames after %(number)s"),
    marked("some frames from %(time)s on"),
    marked("after %(time)s"),
    marked("at %(time)s"),
    marked("slide %(number)s"),
    marked("sheet %(number)s"),
    marked("part %(number)s"),
    marked("file %(number)s"),
    marked("its text"),
    marked("files of one name"),
)
"""What parts of files are called, alone or after a name."""
_BLANKS = {re.escape("%(number)s"): r"(?P<number>\d+)", re.escape("%(time)s"): r"(?P<time>\d+:[\d:]+)"}


def _pattern(sentence: str) -> re.Pattern[str]:
    written = re.escape(sentence)
    for blank, value in _BLANKS.items():
        written = written.replace(blank, value)
    return re.compile(rf"(?:^|(?<=[,:] )){written}(?=$|[,:])")


_PARTS: Mapping[str, re.Pattern[str]] = {sentence: _pattern(sentence) for sentence in PARTS}
NOTES: Mapping[str, str] = {
    "still": marked("Still remembered because of %(alerts)s."),
    "contradicted": marked("The same file was found to be the registered thing in %(alerts)s."),
    "found": marked("Something that was registered later was found in it."),
}
"""What the program notes in a history, by the field that says it."""


def leaked_picture(alert_id: str, index: int, part: str) -> str:
    """The address of a part of a message as a picture."""
    return f"/pictures/alerts/{alert_id}/{index}" + (f"?{urlencode({'part': part})}" if part else "")


def unread(language: Language, reason: str) -> str:
    """Why a part was not read, from ``[part: ]code[: sentence]``: by its code alone, but in English, as which it was told."""
    found = _REASON.fullmatch(reason)
    if found is None:
        return reason
    place = f"{part(language, found['part'])}: " if found["part"] else ""
    as_told = found["says"] if language.code == "en" else None
    return place + (as_told or language.say(UNREAD[found["code"]]))


def part(language: Language, label: str) -> str:
    """What a part of a file is called: its pages and so on in words, names as they are."""
    for sentence, pattern in _PARTS.items():
        label = pattern.sub(lambda found, sentence=sentence: language.say(sentence, **found.groupdict()), label)  # type: ignore[misc]
    return label


def noted(language: Language, change: Mapping[str, Any], note: str | None) -> str | None:
    """A note in an alert's history; what the program itself noted there is said from what it changed."""
    for name, sentence in NOTES.items():
        if name in change:
            return language.say(sentence, alerts=language.listed(change[name][1]))
    return note

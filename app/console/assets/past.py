"""What happened to an asset, in people's words: in brief beside other things, and some at a time where all of it is told."""

from typing import Any

from app.assets.schemas import AssetEvent
from app.console.brevity import brief, pages
from app.console.refusals import FIELDS
from app.console.speech import Language, marked

EVENTS = 10
"""Entries of a history that are shown at once."""
NAMED, BRIEF = 4, 80
"""Words and files that an entry names, and characters of each; each entry has a page that names all."""
TOGETHER, SAID = 20, 8000
"""Words that stand in one sentence where all are told, and their bytes."""
ROOM = 50_000
"""Bytes of the sentences of a page where all are told."""
ACTIONS = {
    "registered": marked("registered it"),
    "begun": marked("sent a new edition"),
    "replaced": marked("replaced it by a new edition"),
    "completed": marked("All of it is registered"),
    "failed": marked("Nothing in the files could be recognised"),
    "changed": marked("changed it"),
    "taught": marked("A confirmed leak became a reference"),
    "untaught": marked("A confirmed leak is a reference no longer"),
}


def event_view(language: Language, event: AssetEvent) -> dict[str, Any]:
    """An entry of its history in brief. ``changes``: sentences; ``more``: they do not say all of it."""
    changes, files = _changes(language, event, False), _few(language, event.files)
    more = changes != _changes(language, event, True) or files != language.listed(event.files)
    return {**_about(language, event), "changes": changes, "files": files, "more": more}


def whole_view(language: Language, event: AssetEvent, number: int) -> dict[str, Any]:
    """All of an entry, of whose pages the ``number``th, or the last; ``earlier``, ``later``: numbers of those beside it."""
    parted = pages([*_changes(language, event, True), language.listed(event.files)], TOGETHER, ROOM)
    at = min(number, len(parted))
    beside = {"earlier": at - 1 if at > 1 else None, "later": at + 1 if at < len(parted) else None}
    return {**_about(language, event), "changes": [one for one in parted[at - 1] if one], **beside}


def _about(language: Language, event: AssetEvent) -> dict[str, Any]:
    return {"id": event.id, "at": event.at, "actor": event.actor, "says": language.say(ACTIONS[event.action])}


def _changes(language: Language, event: AssetEvent, whole: bool) -> list[str]:
    return [said for name, change in event.change.items() for said in _change(language, name, change, whole)]


def _few(language: Language, names: list[str]) -> str:
    """Of many the first, and how many more there are."""
    told, left = language.listed(brief(one, BRIEF) for one in names[:NAMED]), len(names) - NAMED
    return language.count("%(some)s and %(number)s more", "%(some)s and %(number)s more", left, some=told) if left > 0 else told


def _change(language: Language, name: str, change: list[Any], whole: bool) -> list[str]:
    """Of words which came and which went, of all else what it was and is; nothing, if that is the same."""
    if name == "references":
        return [_counted(language, *change)]
    if name == "parts":
        return [language.count("%(number)s page, photo or text", "%(number)s pages, photos and texts", change[1])]
    field = language.say(FIELDS.get(name, name))
    if not change:
        return [language.say("%(field)s: changed", field=field)]
    if isinstance(change[1], list):
        return _moved(language, field, change[0] or [], change[1], whole)
    before, after = (_value(language, name, one, whole) for one in change)
    return [language.say("%(field)s: %(before)s, now %(after)s", field=field, before=before, after=after)]


def _moved(language: Language, field: str, before: list[str], after: list[str], whole: bool) -> list[str]:
    came = [one for one in after if one not in set(before)]
    went = [one for one in before if one not in set(after)]
    said = [language.say("%(field)s: %(words)s added", field=field, words=some) for some in _quoted(language, came, whole)]
    said += [language.say("%(field)s: %(words)s taken out", field=field, words=some) for some in _quoted(language, went, whole)]
    return said or [language.say("%(field)s: in another order", field=field)]


def _quoted(language: Language, words: list[str], whole: bool) -> list[str]:
    """In brief together, all of them some at a time; none of none."""
    if not words:
        return []
    if not whole:
        return [_few(language, [f"“{brief(one, BRIEF - 2)}”" for one in words])]
    return [language.listed(f"“{one}”" for one in some) for some in pages(words, TOGETHER, SAID)]


def _counted(language: Language, before: int, after: int) -> str:
    now = language.count("%(number)s reference", "%(number)s references", after)
    return language.say("%(now)s in place of %(before)s", now=now, before=language.number(before)) if before else now


def _value(language: Language, name: str, value: Any, whole: bool) -> str:
    shown = str(value) if whole else brief(str(value), BRIEF)
    return language.say(shown.replace("_", " ")) if name == "level" else f"“{shown}”" if shown else "–"

"""Why something did not work, in the reader's language.

What went wrong has a code and values (``AppError.more``), and is said from them: the rest of the program speaks English, to
programs. What has no sentence here is said as it is where it is translated, else by its status.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from app.console.speech import Language, marked
from app.console.wording import unread
from app.errors import AppError
from app.people.strength import LEAST, MOST

BY_CODE: Mapping[str, str] = {
    "wrong_role": marked("This page is for: %(roles)s. You are signed in as: %(role)s."),
    "no_password": marked("You signed in with a token, which has no password."),
    "wrong_password": marked("Name or password is wrong."),
    "invalid_token": marked("This token is not known, or has expired."),
    "no_pages": marked("A token of a gateway has no pages here."),
    "guessing": marked("Too many wrong attempts. Try again in %(seconds)s seconds."),
    "busy": marked("Too many people are signing in at this moment. Try again in a few seconds."),
    "passwords_differ": marked("The new passwords differ."),
    "short_password": marked("A password needs at least %(least)s characters; four random words are easy to remember."),
    "long_password": marked("A password has at most %(most)s characters."),
    "common_password": marked("This is one of the first passwords that would be tried. Four random words are easy to remember."),
    "unknown_alert": marked("There is no such alert."),
    "unknown_match": marked("There is no such match."),
    "unknown_entry": marked("There is no such entry."),
    "unknown_asset": marked("There is no such asset."),
    "unknown_mistake": marked("There is no such mistake; perhaps somebody took it back."),
    "unknown_message": marked("Nothing that this message held is remembered: its fingerprints were not kept, or are gone."),
    "bad_likeness": marked("This address is not complete: choose the picture again."),
    "unknown_bulk": marked("There is no such change to take back."),
    "nothing_undone": marked("Nothing was taken back: somebody has decided otherwise since."),
    "unknown_picture": marked("No picture of this part is kept."),
    "unknown_attack": marked("There is no such attack."),
    "unknown_step": marked("That cannot be done with an alert."),
    "still_fingerprinting": marked("An earlier registration of this asset is not complete yet: wait until it is."),
    "nothing_to_register": marked("Choose at least one file, or give code names or numbers to watch for."),
    "file_missing": marked("Choose a file."),
    "no_text": marked("Paste a text."),
    "text_too_short": marked("Paste more of the text: so little stands in many."),
    "missing_part": marked("Choose at least one file."),
    "bad_term": marked("“%(word)s” is too short to be watched for: it takes three letters or digits, or two Chinese characters."),
    "fingerprinting_failed": marked(
        "“%(file)s” could not be fingerprinted: %(reason)s. Try again, or send it in another format."
    ),
    "unreadable_file": marked("“%(file)s” cannot be used: %(reason)s."),
    "inspection_failed": marked("“%(file)s” could not be inspected: %(reason)s."),
    "opening_failed": marked("“%(file)s” could not be opened: %(reason)s."),
    "attack_failed": marked("This attack could not be tried: %(reason)s."),
    "detection_busy": marked("Detection is busy with messages just now. Try again soon."),
    "reading_failed": marked("The picture could not be read. Try again soon."),
    "resolution_missing": marked("Say what it is."),
    "no_picture": marked("There is no picture in “%(file)s”."),
    "file_too_large": marked("The file “%(file)s” is larger than %(size)s."),
    "body_too_large": marked("These files together are larger than %(size)s."),
    "too_many_files": marked("More than %(most)s files were sent at once."),
    "trials_busy": marked("%(running)s of your trials are running already. Wait until one is done, then try again."),
    "rerun_running": marked("The detectors are being run again already: wait until that is done."),
    "bad_place": marked("That is no end of the record: write it as it is shown here, a number, a colon and a hash."),
}
"""Sentences by code."""
BY_STATUS: Mapping[int, str] = {
    403: marked("This is not yours to do."),
    404: marked("There is nothing of the kind."),
    409: marked("This does not go together with what was done before."),
    413: marked("This is too much at once."),
    415: marked("This form did not come as it was sent. Send it again."),
    422: marked("Something in it is not right. Change it and send it again."),
    429: marked("This is too much at once. Try again soon."),
    503: marked("This cannot be done just now. Try again soon."),
}
CONSTANT = (
    marked("Choose at least one alert."),
    marked("Choose a status or a filter first: not everything at once."),
    marked("Reload the page and choose again."),
    marked("Choose what to do."),
    marked("Reveal the pictures of this alert first."),
    marked("This form is from another session: go back, reload the page and send it again."),
    marked("This form was sent by another site."),
    marked("There is no such page."),
    marked("This address cannot be called up like this."),
    marked("Something went wrong on our side; it has been logged."),
    marked("There is no picture to show."),
    marked("The database cannot be used just now. Try again soon."),
    marked("The store of files cannot be used just now. Try again soon."),
    marked("The stream cannot be used just now. Try again soon."),
    marked("The disk cannot be written just now. Try again soon."),
    marked("Please sign in."),
    marked("Nobody measured the reference."),
)
"""What is told as it is."""
FIELDS: Mapping[str, str] = {
    "title": marked("Title"),
    "kind": marked("Kind"),
    "level": marked("Level"),
    "owner": marked("Owner"),
    "terms": marked("Code names"),
    "tags": marked("Serials and asset numbers"),
    "unit": marked("Unit"),
    "note": marked("Note"),
    "narrative": marked("What happened"),
    "actor": marked("Who"),
    "action": marked("Did what"),
    "object": marked("To what (its id)"),
    "since": marked("From (UTC)"),
    "until": marked("Until (UTC)"),
    "assignee": marked("Assignee"),
    "q": marked("Search"),
    "cursor": marked("Page"),
}
"""What forms and addresses have, as their pages call it."""
WRONG: Mapping[str, str] = {
    "missing": marked("is missing"),
    "string_too_short": marked("is shorter than %(limit)s characters"),
    "string_too_long": marked("is longer than %(limit)s characters"),
    "too_long": marked("has more than %(limit)s entries"),
    "literal_error": marked("is none of the choices"),
    "enum": marked("is none of the choices"),
    "extra_forbidden": marked("is not known"),
    "datetime": marked("is no date and time"),
    "int": marked("is no number"),
    "greater": marked("is too small: at least %(limit)s"),
    "less": marked("is too large: at most %(limit)s"),
}
"""What is wrong with one, by the longest beginning of pydantic's word for it."""
UNKNOWN = marked("is not as it should be")
EMPTY = "string_too_short"
BLANK = re.compile(r"%\((\w+)\)s")
MOST_FIELDS = 5


def refusal(language: Language, error: AppError) -> str:
    """A sentence."""
    if "errors" in error.more:
        return wrong_fields(language, error.more["errors"])
    values = {name: _value(language, name, value) for name, value in error.more.items()}
    values |= {"seconds": error.headers.get("Retry-After", ""), "least": str(LEAST), "most": values.get("most", str(MOST))}
    sentence = BY_CODE.get(error.code, "")
    if sentence and _blanks(sentence) <= values.keys():
        return language.say(sentence, **values)
    return as_it_is(language, error.detail, error.status)


def as_it_is(language: Language, detail: str, status: int) -> str:
    """A sentence that is told as it is, if the language has it."""
    said = language.say(detail)
    return said if said != detail or language.code == "en" else language.say(BY_STATUS.get(status, detail))


def wrong_fields(language: Language, errors: Iterable[Mapping[str, Any]]) -> str:
    """What is wrong with which fields, as ``app.errors.invalid`` tells it: a few of them."""
    said = (language.say("%(field)s: %(says)s", field=_field(language, one), says=_wrong(language, one)) for one in errors)
    return language.say("; ").join(list(dict.fromkeys(said))[:MOST_FIELDS])


def _field(language: Language, one: Mapping[str, Any]) -> str:
    names = [name for name in str(one["at"]).split(".") if not name.isdecimal()]
    known = next((FIELDS[name] for name in names if name in FIELDS), None)
    return language.say(known) if known else (names[-1] if names else "")


def _wrong(language: Language, one: Mapping[str, Any]) -> str:
    code, limit = str(one.get("code", "")), one.get("limit")
    kind = (
        "missing" if code == EMPTY and limit == 1 else max((word for word in WRONG if code.startswith(word)), key=len, default="")
    )
    sentence = WRONG.get(kind, UNKNOWN)
    if "limit" not in _blanks(sentence):
        return language.say(sentence)
    return language.say(sentence, limit=language.number(limit)) if limit is not None else language.say(UNKNOWN)


def _value(language: Language, name: str, value: Any) -> str:
    """Bytes as a size, codes of reasons as what they mean, words of ours translated; a file's name as it is."""
    if isinstance(value, list | tuple):
        return language.listed(_value(language, name, one) for one in value)
    if name == "size":
        return language.size(value)
    if name == "reason":
        return unread(language, str(value)).rstrip(".。")
    if isinstance(value, int | float):
        return language.number(value)
    return language.say(value.replace("_", " ")) if isinstance(value, StrEnum) else str(value)


def _blanks(sentence: str) -> set[str]:
    return set(BLANK.findall(sentence))

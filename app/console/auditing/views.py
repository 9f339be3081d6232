"""Entries of the audit record as sentences. What a sentence cannot say stands beside it, field by field."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from app.alerts.schemas import HistoryOut
from app.audit.chain import Broken
from app.audit.schemas import EntryOut
from app.console.alerts.history import happened
from app.console.speech import Language, marked
from app.db.models import AlertHistoryRow

Details = Mapping[str, Any]
SENTENCES: Mapping[str, str] = {
    "signed_in": marked("signed in"),
    "signed_out": marked("signed out"),
    "sign_in_refused": marked("was refused to sign in"),
    "alert.changed": marked("changed an alert"),
    "alerts.changed": marked("changed several alerts at once"),
    "alerts.undone": marked("took a change of several alerts back"),
    "alerts.removed": marked("removed decided alerts that had been kept long enough"),
    "message.deleted": marked("told that a message was deleted in its chat"),
    "picture.revealed": marked("revealed a picture"),
    "text.read": marked("read registered texts over the API"),
    "sightings.searched": marked("looked where something was seen"),
    "incident.changed": marked("changed an incident"),
    "incident.task": marked("changed a task of an incident"),
    "incident.merged": marked("merged an incident into another"),
    "incident.split": marked("split an incident"),
    "incident.undone": marked("took back that incidents were merged or split"),
    "evidence.exported": marked("exported evidence"),
    "spread.exported": marked("took out where it went, as a file"),
    "asset.registered": marked("registered an asset"),
    "asset.imported": marked("imported an asset"),
    "asset.changed": marked("changed an asset"),
    "asset.replaced": marked("registered a new edition of an asset"),
    "asset.retired": marked("retired an asset"),
    "mistake.forgotten": marked("let a mistake alarm again"),
    "directory.imported": marked("replaced the directory"),
    "directory.exported": marked("took the directory out"),
    "hunt.begun": marked("had what was posted earlier searched for an asset"),
    "rerun.begun": marked("had what was posted earlier looked at again with less evidence"),
    "token.created": marked("made a token"),
    "token.revoked": marked("revoked a token"),
    "account.created": marked("made an account"),
    "account.disabled": marked("disabled an account"),
    "account.enabled": marked("let an account be used again"),
    "account.password_changed": marked("gave an account a new password"),
    "dead_letters.replayed": marked("put dead letters back"),
    "notifications.repeated": marked("let failed notifications be tried again"),
}
"""What may have been done, in the order in which it is offered; told in full by ``TOLD``."""
STEPS: Mapping[str, str] = {
    "acknowledged": marked("acknowledged an alert"),
    "reopened": marked("reopened an alert"),
    "open": marked("put an alert back to open"),
    "assigned": marked("assigned an alert to %(assignee)s"),
    "unassigned": marked("took an alert from its assignee"),
    "noted": marked("wrote a note on an alert"),
    "snoozed": marked("snoozed an alert"),
    "woken": marked("ended an alert's snooze"),
}
RESOLVED: Mapping[str, str] = {
    "true_positive": marked("resolved an alert as a leak"),
    "false_positive": marked("resolved an alert as a false alarm"),
    "benign_positive": marked("resolved an alert as harmless"),
}
REFUSALS: Mapping[str, str] = {
    "wrong": marked("was refused to sign in: wrong password for %(name)s"),
    "disabled": marked("was refused to sign in: the account of %(name)s is disabled"),
    "no_pages": marked("was refused to sign in: the token of %(name)s has no pages"),
}
PURPOSES = ("purpose", "reason")
WORDS = (
    *(marked("operator"), marked("title"), marked("level"), marked("owner"), marked("unit"), marked("terms"), marked("tags")),
    *(marked("note"), marked("kind"), marked("references"), marked("status"), marked("resolution"), marked("assignee")),
    *(marked("snoozed until"), marked("did"), marked("noted"), marked("bulk"), marked("alerts"), marked("changed")),
    *(marked("filter"), marked("severity"), marked("asset"), marked("channel"), marked("since"), marked("until")),
    *(marked("snoozed"), marked("assigned"), marked("gateway"), marked("sender"), marked("external"), marked("detector")),
    *(marked("q"), marked("purpose"), marked("attachment"), marked("fields"), marked("asset id"), marked("name"), marked("role")),
    *(marked("expires"), marked("sessions ended"), marked("was disabled"), marked("by"), marked("why"), marked("turned away")),
    *(
        marked("everywhere"),
        marked("others ended"),
        marked("mistakes"),
        marked("still"),
        marked("contradicted"),
        marked("number"),
    ),
    *(marked("password"), marked("token"), marked("change"), marked("unknown"), marked("wrong"), marked("disabled")),
    *(marked("no pages"), marked("reading"), marked("ready"), marked("fingerprinting"), marked("failed"), marked("reopened")),
    *(marked("unassigned"), marked("woken"), marked("triage"), marked("investigation"), marked("evidence"), marked("training")),
    *(marked("other"), marked("count"), marked("topic"), marked("code"), marked("message"), marked("beside")),
    *(marked("days"), marked("percent"), marked("overruled"), marked("deleted at"), marked("machine")),
)
"""Stored words that entries say: names of fields, and what may stand in them. What people wrote stays as it is."""
UNDONE = "alerts.undone"
MOST_LISTED = 5
"""Of a list in an entry are shown; its own page shows all."""
LONGEST = 200
"""Characters of a value, likewise."""
BROKEN = (
    marked("there is no such place in the record"),
    marked("it is missing"),
    marked("it follows another entry than the one before it"),
    marked("it is not as it was written"),
    marked("it is not the entry that was written down"),
)
"""Why a record does not hold."""
CUT_OFF = re.compile(r"it is missing, with all up to (\d+)")


def entry_view(entry: EntryOut, language: Language, whole: bool = False) -> dict[str, Any]:
    """An entry with what was done in words (``did``) and the rest of it as ``more``, pairs of a name and a value.

    ``cut``: its values are longer, and the ``whole`` was not wanted.
    """
    flat = _flat(entry.details)
    bound = None if whole else MOST_LISTED
    tell = TOLD.get(entry.action)
    did = tell(entry.details, language) if tell else language.say(SENTENCES.get(entry.action, "")) or entry.action
    return entry.model_dump() | {
        "when": _clock(entry.at),
        "did": did,
        "more": [(name, _short(_value(value, language, changed, bound), whole)) for name, value, changed in flat],
        "cut": not whole and any(_long(value) for _, value, _ in flat),
    }


def alert_view(row: AlertHistoryRow, language: Language) -> dict[str, Any]:
    """What was done to one of several alerts; without the note, for which the record has no place."""
    told = happened(language, HistoryOut.model_validate(row, from_attributes=True).model_dump() | {"note": None})
    return told | {"alert": row.alert_id, "when": _clock(row.at)}


def actions(language: Language) -> list[tuple[str, str]]:
    """What may be asked for: the word, and what it means."""
    return [(action, language.say(sentence)) for action, sentence in SENTENCES.items()]


def broken_words(broken: Broken, language: Language) -> str:
    """Why a record does not hold."""
    cut = CUT_OFF.fullmatch(broken.reason)
    if cut:
        return language.say("it is missing, with all up to %(seq)s", seq=cut[1])
    return language.say(broken.reason)


def moment_of(written: str) -> str:
    """What a form says of a time, as a moment in UTC; whatever it is not stays as it is, to be refused."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return written
    return found.replace(tzinfo=found.tzinfo or UTC).isoformat()


def _clock(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


def _alert(details: Details, language: Language) -> str:
    did = next((step for step in details.get("did", []) if step in STEPS or step == "resolved"), "")
    change = details.get("change", {})
    if did == "resolved":
        return language.say(RESOLVED.get(str(_after(change, "resolution")), SENTENCES["alert.changed"]))
    return language.say(STEPS.get(did, SENTENCES["alert.changed"]), assignee=_after(change, "assignee"))


def _alerts(details: Details, language: Language) -> str:
    return language.count("changed %(number)s alert at once", "changed %(number)s alerts at once", details.get("changed", 0))


def _undone(details: Details, language: Language) -> str:
    number = details.get("changed", 0)
    return language.count("took the change of %(number)s alert back", "took the change of %(number)s alerts back", number)


def _refused(details: Details, language: Language) -> str:
    sentence = REFUSALS.get(str(details.get("why")))
    if sentence is not None:
        return language.say(sentence, name=details.get("name", ""))
    if details.get("by") == "token":
        return language.say("was refused to sign in: unknown token")
    return language.say("was refused to sign in: unknown name")


def _signed_in(details: Details, language: Language) -> str:
    return language.say("signed in with a token") if details.get("by") == "token" else language.say("signed in with a password")


def _signed_out(details: Details, language: Language) -> str:
    return language.say("signed out everywhere") if details.get("everywhere") else language.say("signed out")


def _revealed(details: Details, language: Language) -> str:
    purpose = next((details[name] for name in PURPOSES if details.get(name)), None)
    return (
        language.say("revealed a picture: %(purpose)s", purpose=language.say(str(purpose)))
        if purpose
        else language.say("revealed a picture")
    )


def _asset(details: Details, language: Language) -> str:
    fields = language.listed(language.say(str(name)) for name in details.get("fields", []))
    return language.say("changed an asset: %(fields)s", fields=fields) if fields else language.say("changed an asset")


def _named(sentence: str) -> Callable[[Details, Language], str]:
    def tell(details: Details, language: Language) -> str:
        role = language.say(str(details.get("role", "")))
        return language.say(sentence, name=details.get("name", ""), role=role)

    return tell


TOLD: Mapping[str, Callable[[Details, Language], str]] = {
    "alert.changed": _alert,
    "alerts.changed": _alerts,
    "alerts.undone": _undone,
    "sign_in_refused": _refused,
    "signed_in": _signed_in,
    "signed_out": _signed_out,
    "picture.revealed": _revealed,
    "asset.changed": _asset,
    "token.created": _named(marked("made a token for %(name)s, %(role)s")),
    "token.revoked": _named(marked("revoked a token of %(name)s")),
    "account.enabled": _named(marked("let the account of %(name)s be used again")),
    "account.created": _named(marked("made an account for %(name)s, %(role)s")),
    "account.disabled": _named(marked("disabled the account of %(name)s")),
    "account.password_changed": _named(marked("gave %(name)s a new password")),
}


def _after(change: Details, name: str) -> Any:
    values = change.get(name)
    return values[1] if isinstance(values, list) and len(values) == 2 else values


def _flat(details: Details, changed: bool = False) -> list[tuple[str, Any, bool]]:
    """Fields within fields as if they stood outside, and whether their value is what was and what is."""
    found: list[tuple[str, Any, bool]] = []
    for name, value in details.items():
        is_change = changed or name == "change"
        found += _flat(value, is_change) if isinstance(value, dict) else [(name, value, is_change)]
    return found


def _long(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) > MOST_LISTED or any(_long(one) for one in value) or sum(len(str(one)) for one in value) > LONGEST
    return len(str(value)) > LONGEST


def _short(value: str, whole: bool) -> str:
    most = 2 * LONGEST
    return value if whole or len(value) <= most else f"{value[:most]}…"


def _value(value: Any, language: Language, changed: bool = False, most: int | None = None) -> str:
    """``changed``: of what was and what is, what was comes first; ``most``: of a list."""
    if isinstance(value, list):
        if changed and len(value) == 2:
            return " → ".join(_value(one, language, most=most) for one in value)
        return _listed([_value(one, language, most=most) for one in value[:most]], len(value), language)
    if isinstance(value, bool):
        return language.say("yes") if value else language.say("no")
    return "–" if value is None or value == "" else _word(str(value), language)


def _listed(shown: list[str], number: int, language: Language) -> str:
    """Some of so many."""
    told, left = language.listed(shown), number - len(shown)
    if not shown:
        return "–"
    return language.count("%(some)s and %(number)s more", "%(some)s and %(number)s more", left, some=told) if left else told


def _word(value: str, language: Language) -> str:
    """A word of ours in somebody's language, whatever else it is as it is."""
    plain = value.replace("_", " ")
    said = language.say(plain)
    return said if said != plain else value

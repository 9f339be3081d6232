"""What happened to an alert, in words: who did what, and what it changed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.alerts.history import telling
from app.console.speech import Language, marked
from app.console.wording import noted
from app.db import Session
from app.db.models import AlertHistoryRow

RESOLUTIONS = {
    "true_positive": marked("a leak"),
    "benign_positive": marked("harmless"),
    "false_positive": marked("a false alarm"),
}
PURPOSES = {
    "triage": marked("triage"),
    "investigation": marked("an investigation"),
    "evidence": marked("evidence"),
    "training": marked("training"),
    "other": marked("something else"),
}
_STATES = {"open": marked("Open"), "acknowledged": marked("Acknowledged"), "resolved": marked("Resolved")}
_DID = {
    "created": marked("raised the alert"),
    "acknowledged": marked("is looking at it"),
    "open": marked("put it back to open"),
    "reopened": marked("reopened it"),
    "resolved": marked("resolved it"),
    "assigned": marked("assigned it"),
    "unassigned": marked("took the assignment back"),
    "snoozed": marked("snoozed it"),
    "woken": marked("brought it back"),
    "noted": marked("noted"),
    "undone": marked("took a change back"),
    "withdrawn": marked("took a note back"),
    "remembered": marked("let copies of it alarm no longer"),
    "forgotten": marked("let copies of it alarm again"),
    "revealed": marked("saw the pictures"),
    "exported": marked("took the evidence out"),
    "widened": marked("found one more asset in it, which was registered later"),
    "gone": marked("told that the message was deleted in its chat"),
    "taught": marked("let copies of it be recognised at once"),
    "untaught": marked("let copies of it be recognised at once no longer"),
}
_MORE = {
    "resolved": ("resolution", marked("resolved it as %(value)s")),
    "assigned": ("assignee", marked("assigned it to %(value)s")),
    "snoozed": ("snoozed_until", marked("snoozed it until %(value)s")),
    "revealed": ("purpose", marked("saw the pictures, for %(value)s")),
    "exported": ("purpose", marked("took the evidence out, for %(value)s")),
}
_FIELDS = {
    "assignee": marked("Assignee"),
    "resolution": marked("Resolution"),
    "snoozed_until": marked("Snoozed until"),
    "status": marked("Status"),
}

QUIET = ("created", "revealed", "remembered", "forgotten")
"""What nobody needs to be told of at once."""
FEW = 5
BRIEF = 300
"""Characters of a note beside others; all of it has a page of its own."""


def meanwhile(language: Language, entries: Iterable[Mapping[str, Any]], me: str) -> list[dict[str, Any]]:
    """What others, or the clock, did to it: the last few."""
    others = [entry for entry in entries if entry["actor"] != me and entry["action"] not in QUIET]
    return [happened(language, entry) for entry in others[-FEW:]]


def happened(language: Language, entry: Mapping[str, Any], most: int | None = BRIEF) -> dict[str, Any]:
    """One row. ``changes``: field, before and after, as far as the sentence does not say it already.

    ``most``: characters of its note that are told; ``longer``: how many it has, if these are more; ``withdrawn``: who took it
    back, and when.
    """
    action, change = entry["action"], dict(entry["change"])
    field, sentence = _MORE.get(action, ("", ""))
    after = change.get(field, (None, None))[1]
    says = language.say(sentence, value=_value(language, field, after)) if after else language.say(_DID.get(action, action))
    if "overruled" in change:
        others = language.listed(change["overruled"][1])
        says = language.say("%(did)s, without saying that they had seen what %(names)s decided", did=says, names=others)
    told = {field} if after else set()
    if action in ("acknowledged", "resolved", "reopened", "open"):
        told.add("status")
    if action in ("reopened", "undone") and change.get("resolution", (None, None))[1] is None:
        told.add("resolution") if action == "reopened" else None
    changes = [
        (language.say(name), _value(language, one, change[one][0]), _value(language, one, change[one][1]))
        for one, name in _FIELDS.items()
        if one in change and one not in told
    ]
    note, back = noted(language, change, entry["note"]) or "", entry["withdrawn"]
    return {
        "id": entry.get("id"),
        "at": entry["at"],
        "actor": entry["actor"],
        "says": says,
        "note": note[:most],
        "withdrawn": language.say("taken back by %(name)s, %(at)s", name=back["actor"], at=language.moment(back["at"]))
        if back
        else "",
        "longer": len(note) if most is not None and len(note) > most else 0,
        "changes": changes,
    }


async def entries_of(session: Session, rows: Sequence[AlertHistoryRow]) -> list[dict[str, Any]]:
    """Stored rows as ``happened`` takes them."""
    views = await telling.told(session, rows)
    return [view.model_dump() | {"id": row.id} for row, view in zip(rows, views, strict=True)]


def state(language: Language, status: str, resolution: str | None, snoozed: bool) -> str:
    """Where an alert stands."""
    if resolution:
        return language.say("Resolved: %(what)s", what=language.say(RESOLUTIONS.get(resolution, resolution)))
    if snoozed:
        return language.say("Snoozed")
    return language.say(_STATES.get(status, status))


def _value(language: Language, field: str, value: Any) -> str:
    if value is None:
        return "–"
    if field == "snoozed_until":
        return language.moment(value)
    return language.say(RESOLUTIONS.get(value) or PURPOSES.get(value) or str(value))

"""What was found to be something else, in people's words."""

from typing import Any

from app.console.speech import Language, marked
from app.console.wording import leaked_picture, part
from app.mistakes.schemas import MistakeOut, SaidBy

MOST_ALERTS = 5
"""Of a mistake's are named."""
TEXTS = {
    "known": "",
    "waiting": marked("Its text is still being read. Until then copies of it may alarm."),
    "missing": marked("Its text cannot be read any more, so copies of it may alarm."),
}
"""What copies are not recognised by, if anything."""


def mistake_view(language: Language, mistake: MistakeOut, seen: SaidBy | None) -> dict[str, Any]:
    """A mistake with its picture, if there is one. ``seen``: where."""
    shown = leaked_picture(seen.alert_id, seen.attachment, seen.part) if seen and seen.attachment is not None else None
    first = mistake.alerts[0]
    file = (
        language.say("file %(number)s", number=first.attachment + 1)
        if first.attachment is not None
        else language.say("the text of a message")
    )
    what = language.comma.join(name for name in (first.name or file, part(language, first.part)) if name)
    alerts = mistake.alerts[:MOST_ALERTS]
    return mistake.model_dump(exclude={"alerts"}) | {
        "alerts": [one.model_dump() for one in alerts],
        "more_alerts": len(mistake.alerts) - len(alerts),
        "picture": shown,
        "what": what,
        "copies": bool(mistake.fingerprints),
        "lacks": lacks(language, mistake),
    }


def lacks(language: Language, mistake: MistakeOut) -> str:
    """Why its copies may alarm all the same; ``""``: they do not."""
    said = TEXTS[mistake.text]
    return language.say(said) if said and mistake.fingerprints else ""

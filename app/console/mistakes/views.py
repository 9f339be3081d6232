"""What was found to be something else, in people's words."""

from typing import Any

from app.console.speech import Language
from app.console.wording import leaked_picture
from app.mistakes.schemas import MistakeOut, SaidBy


def mistake_view(language: Language, mistake: MistakeOut, seen: SaidBy | None) -> dict[str, Any]:
    """A mistake with its picture, if there is one. ``seen``: where."""
    shown = leaked_picture(seen.alert_id, seen.attachment, seen.part) if seen and seen.attachment is not None else None
    first = mistake.alerts[0]
    file = (
        language.say("file %(number)s", number=first.attachment + 1)
        if first.attachment is not None
        else language.say("the text of a message")
    )
    what = ", ".join(name for name in (first.name or file, first.part) if name)
    return mistake.model_dump() | {"picture": shown, "what": what, "copies": bool(mistake.fingerprints)}

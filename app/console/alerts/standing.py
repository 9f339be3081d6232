"""Why an alert is one step graver than what was found alone would make it: what the organisation says of the sender's access.

A fact of the directory and its date, nothing about what anybody meant.
"""

from collections.abc import Mapping
from typing import Any

from app.console.speech import Language


def raised_words(language: Language, found: Mapping[str, Any] | None) -> str:
    """``""``: it is not."""
    if not found:
        return ""
    say, words = language.say, {name: str(value).replace("_", " ") for name, value in found.items()}
    if found["reason"] == "access_ended":
        return say("Raised by one step because the sender’s access ended on %(day)s.", day=found.get("ended", ""))
    if found["reason"] == "clearance":
        return say(
            "Raised by one step because the sender is cleared for %(clearance)s, and this is %(level)s.",
            clearance=say(words.get("clearance", "")),
            level=say(words["level"]),
        )
    return say("Raised by one step because no confidentiality commitment of the sender is on record.")

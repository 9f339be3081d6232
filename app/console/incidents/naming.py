"""What channels and people are called where many of them are named: chats allow names of any length."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.console.brevity import brief
from app.console.speech import marked

if TYPE_CHECKING:
    from detectors.spread.cascade import First, Seen, Standing

LONGEST = 60
"""Characters of a name."""
ORIGINS: "Mapping[Standing, str]" = {
    "unseen": marked("a message that was not seen"),
    "clear": marked("a message that was inspected and raised no alert"),
    "unread": marked("a message that has not been inspected"),
    "elsewhere": marked("a message whose alert is in another incident"),
    "left_out": marked("a message that is among those not traced"),
}
"""What is known of an origin that is not among what was seen."""


def channel_of(one: "Seen") -> str:
    return brief(one.channel_name or one.channel_id, LONGEST)


def person_of(one: "Seen | First") -> str:
    return brief(one.sender_name or one.sender_id, LONGEST)

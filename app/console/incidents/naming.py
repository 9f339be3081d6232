"""What channels and people are called where many of them are named: chats allow names of any length."""

from typing import TYPE_CHECKING

from app.console.brevity import brief

if TYPE_CHECKING:
    from detectors.spread.cascade import First, Seen

LONGEST = 60
"""Characters of a name."""


def channel_of(one: "Seen") -> str:
    return brief(one.channel_name or one.channel_id, LONGEST)


def person_of(one: "Seen | First") -> str:
    return brief(one.sender_name or one.sender_id, LONGEST)

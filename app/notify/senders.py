"""What delivers notifications, and the two ways in which it can fail. To add a sender: write one, name it in ``configured``."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Notification:
    """A notice going out. ``id`` stays through every attempt and is the same for all senders; ``body`` is JSON."""

    id: str
    event: str
    alert_id: str | None
    body: bytes


class Sender(Protocol):
    """Delivers notifications, perhaps several at once, perhaps one of them twice."""

    async def send(self, notification: Notification) -> None:
        """Returns when it is received for certain. Raises Passing, Permanent."""


class Passing(Exception):
    """Nobody has it for certain, and the same may succeed later; not before ``after``, if the receiver said so.

    The text is kept and logged: it names neither addresses nor secrets nor what the receiver answered.
    """

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Permanent(Exception):
    """The receiver will never take it as it is. The text is kept, as that of ``Passing``."""

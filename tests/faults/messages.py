"""What gateways send while things break, and the ledger of what they were promised."""

import base64
import itertools
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.app.pictures import encoded, scene

WORD = "zephyrine-quartzlane"
"""A watched word: whoever writes it leaks."""
SECRET = 4711
"""The registered photograph's number."""
LEAKS, PICTURES = 0.4, 0.15
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a schedule's load. ``secret``: shows the registered photograph."""

    seed: int
    gateway: str
    message_id: str
    channel: str
    text: str
    picture: bytes | None
    leaks: bool

    def body(self) -> dict[str, Any]:
        """As ``POST /messages`` and the topic take it."""
        files = (
            [{"name": "p.png", "content_type": "image/png", "data": base64.b64encode(self.picture).decode()}]
            if self.picture
            else []
        )
        place = {"gateway": self.gateway, "message_id": self.message_id, "channel": {"id": self.channel}}
        return {**place, "sender": {"id": f"u-{self.message_id}"}, "text": self.text, "attachments": files}


@cache
def picture(number: int) -> bytes:
    """A photograph with detail enough to be registered, and quickly looked at."""
    return encoded(scene(number, 320, 240), "PNG")


def drawn(seed: int, gateway: str, chance: random.Random) -> Message:
    """A message nobody sent before."""
    leaks, pictured = chance.random() < LEAKS, chance.random() < PICTURES
    number = next(_numbers)
    shown = picture(SECRET) if pictured and leaks else picture(number % 3) if pictured else None
    worded = leaks and (not pictured or chance.random() < 0.5)
    text = f"number {number} about {WORD} tonight" if worded else f"number {number}: lunch at noon?"
    return Message(seed, gateway, f"s{seed}-{number}", f"c{chance.randrange(3)}", text, shown, leaks)


@dataclass
class Ledger:
    """What was promised to gateways, and what they were told besides. Filled by several threads."""

    accepted: dict[tuple[str, str], Message] = field(default_factory=dict)
    ids: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, message: Message, ident: str | None) -> None:
        """``ident``: the API's, ``None`` from the broker."""
        with self._turn:
            place = message.gateway, message.message_id
            self.accepted[place] = message
            if ident is not None:
                self.ids.setdefault(place, set()).add(ident)

    def count(self, seed: int) -> int:
        """Messages of a schedule that were accepted."""
        with self._turn:
            return sum(message.seed == seed for message in self.accepted.values())

    def tell(self, what: str) -> None:
        with self._turn:
            self.told[what] += 1

    def complain(self, what: str) -> None:
        """Of an answer that no gateway should get."""
        with self._turn:
            self.wrong.append(what)

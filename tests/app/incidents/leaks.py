"""The staged chat's forwarding case, told further, with whom each copy truly came from.

A clerk forwards a memo unread and deletes it ten minutes later; screenshots of the chat spread: one as it was, a part of it, a
screenshot of that part, a part of that, the first part as it was.
"""

import io
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import numpy as np
from PIL import Image

from app.demo.cast import ASSETS, File
from app.demo.scenes import CANTEEN, CLASSMATES, HU, IVO, LENA, MARKET, OFFICE, SITE, XIE, Channel, Scene, Sender
from app.demo.screens import Bubble, chat_screenshot, crop, forward
from app.demo.story import SCENES
from fingerprints.types import U8

MEMO = next(asset for asset in ASSETS if asset.title == "Hand-over memo")
FIRST, SHOT = (scene for scene in SCENES if scene.case == 5)
CLERK, DELETED = HU, FIRST.minute + 10
"""Who forwarded it, and the minute in which that was deleted."""


def _later(
    id: str, minute: int, channel: Channel, sender: Sender, draw: Callable[[], bytes], source: Scene | None = None
) -> Scene:
    """``source``: as the gateway states it."""
    file = File(f"{id}.jpg", "image/jpeg", cache(draw))
    return Scene(id, 5, minute, "", channel, sender, SHOT.expected, "", (file,), source.id if source else None)


def _data(scene: Scene) -> bytes:
    return scene.attachments[0].draw()


def _pixels(scene: Scene) -> U8:
    return np.asarray(Image.open(io.BytesIO(_data(scene))).convert("RGB"))


def _screenshot(shown: U8) -> U8:
    talk = (Bubble("Lena", "from the teachers"), Bubble("Lena", picture=shown), Bubble("Ivo", "why do you have that?", mine=True))
    return chat_screenshot(shown, 11, talk, "Second-hand market (480)")


SAME = _later("as-it-was", 89, CLASSMATES, Sender("x-102", "表姐"), lambda: _data(SHOT), SHOT)
PART = _later("part", 93, MARKET, LENA, lambda: forward(crop(_pixels(SHOT), 0.1, 0.24, 0.86, 0.8), 1080, 75))
CHAT = _later("part-in-a-chat", 99, CANTEEN, IVO, lambda: forward(_screenshot(_pixels(PART)), 1920, 80))
AGAIN = _later("part-again", 106, SITE, XIE, lambda: forward(crop(_pixels(CHAT), 0.12, 0.2, 0.84, 0.68), 960, 70))
PASSED = _later("part-as-it-was", 109, OFFICE, Sender("u-620", "Novak"), lambda: _data(PART), PART)
STORY = (FIRST, SHOT, SAME, PART, CHAT, AGAIN, PASSED)
STATED = {scene.id: scene.forwarded_from for scene in STORY if scene.forwarded_from}
UNSTATED = {PART.id: SHOT.id, CHAT.id: PART.id, AGAIN.id: CHAT.id}
"""Copy to what it was made of, of which the gateway says nothing."""


def ancestors(id: str | None, parents: Mapping[str, str | None]) -> Iterable[str]:
    """Itself, its parent, and so on."""
    while id is not None:
        yield id
        id = parents.get(id)

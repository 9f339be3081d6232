"""The drawing of a spread in the reader's language."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.console.speech import Language

if TYPE_CHECKING:
    from detectors.spread.cascade import Cascade


async def drawn(cascade: "Cascade", alerts: Mapping[str, str], language: Language) -> str:
    """An ``<svg>``, escaped. ``alerts``: message to alert, which its marks lead to."""
    from app.incidents.drawing import draw  # noqa: PLC0415 (it loads what only a drawing needs)

    links = {one.id: f"/alerts/{alerts[message]}" for one in cascade.seen if (message := one.id.partition("/")[0]) in alerts}
    return await asyncio.to_thread(draw, cascade, words(language), links)


def words(language: Language) -> dict[str, str]:
    """What a drawing says."""
    from app.incidents.drawing import WORDS  # noqa: PLC0415

    return {key: language.say(word) for key, word in WORDS.items()}

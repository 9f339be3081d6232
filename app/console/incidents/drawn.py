"""The drawing of a spread in the reader's language."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.console.incidents.naming import ORIGINS
from app.console.speech import Language, marked

if TYPE_CHECKING:
    from app.incidents.drawing import Leads, Pieces
    from detectors.spread.cascade import Cascade

WORDS: Mapping[str, str] = {
    "title": marked("Where it went"),
    "summary": marked("Sightings: %(sightings)s, channels: %(channels)s, of these external: %(external)s, within %(time)s."),
    "first": marked("first seen"),
    "stated": marked("stated by the gateway"),
    "inferred": marked("inferred"),
    "unconfirmed": marked("unconfirmed"),
    "again": marked("to where it already was"),
    "deleted": marked("deleted"),
    "dismissed": marked("found to be a false alarm"),
    "wrong": marked("states that it was sent %(at)s, which cannot be"),
    "external": marked("external channel"),
    "unseen": marked("Origins that were not seen"),
    "outside": marked("Origins not in the incident"),
    "origin": marked("An origin that the gateway names: %(origin)s"),
    **{f"origin_{standing}": says for standing, says in ORIGINS.items()},
    "more_external": marked("%(count)s more external channels"),
    "more_internal": marked("%(count)s more channels"),
    "sightings": marked("%(count)s sightings"),
    "every": marked("Show every channel"),
    "members": marked("%(count)s members"),
    "seconds": marked("%(count)s s"),
    "minutes": marked("%(count)s min"),
    "hours": marked("%(count)s h"),
    "days": marked("%(count)s d"),
    "sure": marked("%(percent)s %% sure"),
    "same": marked("the same file"),
    "recompressed": marked("compressed again"),
    "marked": marked("something on it"),
    "crop": marked("a part"),
    "screenshot": marked("a screenshot"),
    "photo": marked("a photo"),
    "unknown": marked("pixels do not tell"),
}
"""What ``app.incidents.drawing`` says, to be translated."""


def leads(cascade: "Cascade", alerts: Mapping[str, str], incident: str) -> "Leads":
    """Where a drawing leads to. ``alerts``: message to alert."""
    from app.incidents.drawing import Leads  # noqa: PLC0415 (it loads what only a drawing needs)

    known = {one.id: f"/alerts/{alerts[message]}" for one in cascade.seen if (message := one.id.partition("/")[0]) in alerts}
    return Leads(known, f"/incidents/{incident}/drawing?lanes=all", f"/incidents/{incident}/ways")


async def drawn(cascade: "Cascade", alerts: Mapping[str, str], language: Language, incident: str | None = None) -> str:
    """An ``<svg>``, escaped: the overview. ``incident``: whose other pages it leads to; without it, it leads nowhere."""
    from app.incidents.drawing import NOWHERE, draw  # noqa: PLC0415

    there = leads(cascade, alerts, incident) if incident else NOWHERE
    return await asyncio.to_thread(draw, cascade, words(language), there)


async def drawn_whole(cascade: "Cascade", alerts: Mapping[str, str], language: Language, incident: str) -> "Pieces":
    """Every channel in a lane of its own, escaped."""
    from app.incidents.drawing import pieces  # noqa: PLC0415

    return await asyncio.to_thread(pieces, cascade, words(language), leads(cascade, alerts, incident))


def words(language: Language) -> dict[str, str]:
    """What a drawing says."""
    return {key: language.say(word) for key, word in WORDS.items()}

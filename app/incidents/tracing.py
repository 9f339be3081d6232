"""How an incident spread, from what is known of its alerts' messages: gathered from the database, traced in a thread.

The same sightings give the same cascade, so the last ones are remembered: a page that watches an incident asks again and again.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from app.db import Database
from app.incidents import repository
from app.incidents.copies import copies, loaded
from app.incidents.service import found

if TYPE_CHECKING:
    from detectors.spread.cascade import Cascade, Seen

REMEMBERED = 32
TYPES = {"svg": "image/svg+xml", "json": "application/json", "graphml": "application/graphml+xml"}
Form = Literal["svg", "json", "graphml"]
_known: "OrderedDict[tuple[Any, ...], Cascade]" = OrderedDict()


async def traced(database: Database, incident_id: str) -> "Cascade":
    """Raises NotFound."""
    async with database.reading() as session:
        await found(session, incident_id)
        there = await copies(session, incident_id)
        key = tuple((one.message.id, one.place, one.deleted_at) for one in there)
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
        seen = await loaded(session, there)
        known = await repository.people_in(session, {one.channel for one in seen})
    cascade = _known[key] = await asyncio.to_thread(_trace, seen, known)
    while len(_known) > REMEMBERED:
        _known.popitem(last=False)
    return cascade


async def written(cascade: "Cascade", form: Form, words: Mapping[str, str] | None = None) -> tuple[str, str]:
    """For people or other programs, and its media type. ``words``: what a drawing says, if not in English."""
    from app.incidents.drawing import WORDS, draw  # noqa: PLC0415 (it loads what only a drawing needs)
    from app.incidents.exporting import as_graphml  # noqa: PLC0415

    if form == "json":
        return json.dumps(await plain(cascade), ensure_ascii=False), TYPES[form]
    if form == "graphml":
        return await asyncio.to_thread(as_graphml, cascade), TYPES[form]
    return await asyncio.to_thread(draw, cascade, words or WORDS), TYPES[form]


async def plain(cascade: "Cascade") -> dict[str, Any]:
    """As JSON."""
    from app.incidents.exporting import as_json  # noqa: PLC0415

    return await asyncio.to_thread(as_json, cascade)


def _trace(seen: "Sequence[Seen]", known: Mapping[tuple[str, str], set[tuple[str, str]]]) -> "Cascade":
    """Without what it was traced by: that is large, and nobody needs it any more."""
    from detectors.spread.tracing import trace  # noqa: PLC0415 (it loads what most servers never need)
    from fingerprints.types import Fingerprints  # noqa: PLC0415

    cascade = trace(seen, known)
    return replace(cascade, seen=tuple(replace(one, prints=Fingerprints(one.digest)) for one in cascade.seen))

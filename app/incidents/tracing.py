"""How an incident spread, from what is known of its alerts' messages: gathered from the database, traced in a thread.

The same sightings give the same cascade, so the last ones are remembered: a page that watches an incident asks again and again.
When a sighting came, most of what pixels tell of the others is remembered as well.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from app.db import Database
from app.incidents import repository
from app.incidents.copies import Copy, Loaded, copies, loaded, seen
from app.incidents.origins import origins
from app.incidents.service import found
from app.sightings import service as sightings
from fingerprints.remembering import Memory

if TYPE_CHECKING:
    from detectors.spread.cascade import Cascade, Origins

REMEMBERED = 32
TYPES = {"svg": "image/svg+xml", "json": "application/json", "graphml": "application/graphml+xml"}
Form = Literal["svg", "json", "graphml"]
_memory = Memory()
_known: "OrderedDict[tuple[Any, ...], Cascade]" = OrderedDict()


async def traced(database: Database, incident_id: str) -> "Cascade":
    """Raises NotFound."""
    async with database.reading() as session:
        await found(session, incident_id)
        there, left_out = await copies(session, incident_id)
        channels = {(one.message.gateway, one.message.channel_id) for one in there}
        people = {(one.message.gateway, one.message.sender_id) for one in there}
        known = await repository.people_in(session, channels, people)
        prints = await sightings.fingerprinted(session, (one.digest for one in there))
        outside = await origins(session, incident_id, there)
        key = _key(there, known, prints, outside)
        if key in _known:
            _known.move_to_end(key)
            return replace(_known[key], left_out=left_out)
        kept = await loaded(session, there)
    cascade = _known[key] = await asyncio.to_thread(_trace, kept, known, outside)
    while len(_known) > REMEMBERED:
        _known.popitem(last=False)
    return replace(cascade, left_out=left_out)


def _key(there: Sequence[Copy], known: repository.People, prints: Mapping[str, Set[str]], outside: "Origins") -> tuple[Any, ...]:
    """All that a trace depends on; of messages and files, which never change, their names."""
    copies = (
        ((one.message.id, one.place, one.digest, one.deleted_at, one.dismissed), frozenset(prints.get(one.digest, ())))
        for one in there
    )
    return (
        *copies,
        frozenset((channel, frozenset(people.items())) for channel, people in known.items()),
        frozenset(outside.items()),
    )


async def written(cascade: "Cascade", form: Form, words: Mapping[str, str] | None = None, every: bool = False) -> tuple[str, str]:
    """For people or other programs, and its media type. ``words``: what a drawing says, if not in English; ``every``: whether it
    shows every channel in a lane of its own.
    """
    from app.incidents.drawing import NOWHERE, WORDS, draw  # noqa: PLC0415 (it loads what only a drawing needs)
    from app.incidents.exporting import as_graphml  # noqa: PLC0415

    if form == "json":
        return json.dumps(await plain(cascade), ensure_ascii=False), TYPES[form]
    if form == "graphml":
        return await asyncio.to_thread(as_graphml, cascade), TYPES[form]
    return await asyncio.to_thread(draw, cascade, words or WORDS, NOWHERE, every), TYPES[form]


async def plain(cascade: "Cascade") -> dict[str, Any]:
    """As JSON."""
    from app.incidents.exporting import as_json  # noqa: PLC0415

    return await asyncio.to_thread(as_json, cascade)


def _trace(kept: Sequence[Loaded], known: repository.People, outside: "Origins") -> "Cascade":
    """Without what it was traced by: that is large, and nobody needs it any more."""
    from detectors.spread.tracing import trace  # noqa: PLC0415 (it loads what most servers never need)
    from fingerprints.types import Fingerprints  # noqa: PLC0415

    cascade = trace([seen(one) for one in kept], known, _memory, outside)
    return replace(cascade, seen=tuple(replace(one, prints=Fingerprints(one.digest)) for one in cascade.seen))

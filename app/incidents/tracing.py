"""How an incident spread, from what is known of its alerts' messages: gathered from the database, traced in a thread.

The same sightings give the same cascade, so the last ones are remembered: a page that watches an incident asks again and again.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from app.alerts import repository as alerts
from app.db import Database, Session
from app.db.models import AlertRow, AttachmentRow, MessageRow
from app.incidents import repository
from app.incidents.service import found
from app.ingest import repository as ingest

if TYPE_CHECKING:
    from detectors.spread.cascade import Cascade, Seen

MOST = 1000
"""Alerts of an incident that are traced, the first ones."""
PARTS = 4
"""Parts of one message that are traced."""
REMEMBERED = 32
TYPES = {"svg": "image/svg+xml", "json": "application/json", "graphml": "application/graphml+xml"}
Form = Literal["svg", "json", "graphml"]
_known: "OrderedDict[tuple[Any, ...], Cascade]" = OrderedDict()


async def traced(database: Database, incident_id: str) -> "Cascade":
    """Raises NotFound."""
    async with database.reading() as session:
        await found(session, incident_id)
        seen, known = await sightings(session, incident_id)
    key = tuple((one.id, one.deleted_at) for one in seen), len(known)
    if key not in _known:
        _known[key] = await asyncio.to_thread(_trace, seen, known)
        while len(_known) > REMEMBERED:
            _known.popitem(last=False)
    _known.move_to_end(key)
    return _known[key]


async def sightings(session: Session, incident_id: str) -> "tuple[list[Seen], dict[tuple[str, str], set[tuple[str, str]]]]":
    """Copies that were seen, one a message and part of it; and who was seen in these channels at all."""
    rows = await alerts.by_ids(session, await repository.alerts_of(session, incident_id, MOST))
    messages = await alerts.messages(session, [row.message_id for row in rows])
    files: dict[str, dict[int, AttachmentRow]] = {}
    for file in await ingest.attachments(session, messages):
        files.setdefault(file.message_id, {})[file.position] = file
    digests = await ingest.accused(session, list(messages))
    prints = await ingest.accused_fingerprints(session, list(messages))
    seen = []
    for row in rows:
        message = messages[row.message_id]
        for position, part in _parts(row, files.get(message.id, {})):
            digest = digests.get(message.id, {}).get((position, part)) or _bytes(files, message.id, position) or message.id
            seen.append(_seen(message, position, part, digest, prints.get((message.id, (position, part)), {})))
    return seen, await repository.people_in(session, {(one.gateway, one.channel_id) for one in seen})


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
    from detectors.spread.tracing import trace  # noqa: PLC0415 (it loads what most servers never need)

    return trace(seen, known)


def _parts(row: AlertRow, files: Mapping[int, AttachmentRow]) -> list[tuple[int, str]]:
    """What of a message is what the incident is about: the surest matches' parts, else its first file."""
    found = dict.fromkeys((_position(match), str(match.get("part") or "")) for match in row.matches if isinstance(match, dict))
    return list(found)[:PARTS] or [(0 if files else -1, "")]


def _position(match: Mapping[str, Any]) -> int:
    """-1: the message's own text."""
    index = match.get("attachment")
    return -1 if index is None else int(index)


def _bytes(files: Mapping[str, Mapping[int, AttachmentRow]], message_id: str, position: int) -> str | None:
    file = files.get(message_id, {}).get(position)
    return file.sha256 if file else None


def _seen(message: MessageRow, position: int, part: str, digest: str, kinds: Mapping[str, bytes]) -> "Seen":
    from detectors.spread.cascade import Seen  # noqa: PLC0415
    from fingerprints import codec  # noqa: PLC0415

    body = message.body
    channel, sender, source = body.get("channel") or {}, body.get("sender") or {}, body.get("forwarded_from") or {}
    stated = (source["channel_id"], source["message_id"]) if source.get("channel_id") and source.get("message_id") else None
    return Seen(
        id=sighting_id(message.id, position, part),
        at=_sent(message),
        gateway=message.gateway,
        channel_id=message.channel_id,
        sender_id=message.sender_id,
        message_id=message.message_id,
        digest=digest,
        prints=codec.load(digest, kinds),
        channel_name=channel.get("name") or "",
        external=channel.get("external"),
        members=channel.get("members"),
        sender_name=sender.get("name") or "",
        forwarded_from=stated,
    )


def sighting_id(message_id: str, position: int, part: str) -> str:
    """Of a part of a message."""
    return f"{message_id}/{position}" + (f"/{part}" if part else "")


def _sent(message: MessageRow) -> datetime:
    told = message.body.get("sent_at")
    return datetime.fromisoformat(told) if told else message.received_at

"""The copies an incident is about, as tracing wants them: what was seen of its alerts' messages.

Sightings tell most, for as long as they are kept; after that what was accused stays with the alert, and the message itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.alerts import repository as alerts
from app.db import Session
from app.db.models import AlertRow, MessageRow
from app.incidents import repository
from app.ingest import repository as ingest
from app.sightings import service as sightings
from app.sightings.service import Sighting

if TYPE_CHECKING:
    from detectors.spread.cascade import Seen

MOST = 1000
"""Alerts of an incident that are traced, the first ones."""
PARTS = 4
"""Parts of one message that are traced."""
LOOK = "look"
Place = tuple[int, str]
"""An attachment's index (-1: the message's own text), and which part of it."""


async def copies(session: Session, incident_id: str) -> "list[Seen]":
    """In no order."""
    rows = await alerts.by_ids(session, await repository.alerts_of(session, incident_id, MOST))
    messages = await alerts.messages(session, [row.message_id for row in rows])
    seen = _by_message(await sightings.of_messages(session, list(messages)))
    digests = await ingest.accused(session, list(messages))
    found = [one for row in rows for one in _places(row, messages[row.message_id], seen.get(row.message_id, {}), digests)]
    kinds = await sightings.kinds(session, (digest for _, _, digest, _ in found))
    old = await ingest.accused_fingerprints(session, [message.id for message, _, digest, _ in found if digest not in kinds])
    files = {(file.message_id, file.position): file.sha256 for file in await ingest.attachments(session, messages)}
    return [_seen(message, place, digest, one, kinds.get(digest) or old.get((message.id, place), {}), files) for message, place, digest, one in found]


def sighting_id(message_id: str, place: Place) -> str:
    """Of a part of a message."""
    return f"{message_id}/{place[0]}" + (f"/{place[1]}" if place[1] else "")


def _by_message(some: Iterable[Sighting]) -> dict[str, dict[Place, Sighting]]:
    found: dict[str, dict[Place, Sighting]] = {}
    for one in some:
        found.setdefault(one.message_id, {})[one.position, one.part] = one
    return found


def _places(
    row: AlertRow, message: MessageRow, seen: Mapping[Place, Sighting], accused: Mapping[str, Mapping[Place, str]]
) -> list[tuple[MessageRow, Place, str, Sighting | None]]:
    """What of a message the incident is about: the surest matches' parts, else what there is of it. With digests, ``""``: unknown."""
    matched = dict.fromkeys(_place(match) for match in row.matches if isinstance(match, dict))
    places: Sequence[Place] = list(matched)[:PARTS] or list(seen)[:PARTS] or [(0, "")]
    known = accused.get(message.id, {})
    return [(message, place, _digest(place, seen, known), seen.get(place)) for place in places]


def _digest(place: Place, seen: Mapping[Place, Sighting], accused: Mapping[Place, str]) -> str:
    return seen[place].digest if place in seen else accused.get(place, "")


def _place(match: Mapping[str, Any]) -> Place:
    index = match.get("attachment")
    return (-1 if index is None else int(index)), str(match.get("part") or "")


def _seen(
    message: MessageRow,
    place: Place,
    digest: str,
    sighting: Sighting | None,
    kinds: Mapping[str, bytes],
    files: Mapping[tuple[str, int], str],
) -> "Seen":
    from detectors.spread.cascade import Seen  # noqa: PLC0415 (it loads what most servers never need)
    from fingerprints import kept, lineage  # noqa: PLC0415

    body = message.body
    channel, sender, source = body.get("channel") or {}, body.get("sender") or {}, body.get("forwarded_from") or {}
    stated = (source["channel_id"], source["message_id"]) if source.get("channel_id") and source.get("message_id") else None
    known = digest or files.get((message.id, place[0])) or message.id
    return Seen(
        id=sighting_id(message.id, place),
        at=_sent(message),
        gateway=message.gateway,
        channel_id=message.channel_id,
        sender_id=message.sender_id,
        message_id=message.message_id,
        digest=known,
        prints=kept.load(known, kinds),
        look=lineage.load_look(kinds[LOOK]) if LOOK in kinds else None,
        channel_name=channel.get("name") or "",
        external=channel.get("external"),
        members=channel.get("members"),
        sender_name=sender.get("name") or "",
        forwarded_from=stated,
        deleted_at=sighting.deleted_at if sighting else None,
    )


def _sent(message: MessageRow) -> datetime:
    told = message.body.get("sent_at")
    return datetime.fromisoformat(told) if told else message.received_at

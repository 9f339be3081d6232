"""The copies an incident is about, as tracing wants them: what was seen of its alerts' messages.

Sightings tell most, for as long as they are kept; after that what was accused stays with the alert, and the message itself.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from app.alerts import repository as alerts
from app.db import Session
from app.db.models import AlertRow, MessageRow
from app.incidents import repository
from app.incidents.clocks import counted, impossible
from app.ingest import repository as ingest
from app.sightings import repository as kept
from app.sightings import service as sightings
from app.sightings.service import Sighting

if TYPE_CHECKING:
    from detectors.spread.cascade import Seen

MOST = 1000
"""Alerts of an incident that are traced: those whose messages were posted first."""
PARTS = 4
"""Parts of one message that are traced."""
LOOK = "look"
Place = tuple[int, str]
"""An attachment's index (-1: the message's own text), and which part of it."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One part of a message that the incident is about. ``digest``: ``""``, unknown."""

    message: MessageRow
    place: Place
    digest: str
    deleted_at: datetime | None
    dismissed: bool = False


async def copies(session: Session, incident_id: str) -> tuple[list[Copy], int]:
    """Which there are, without what is large of them; and of how many alerts there are none, because there are too many."""
    ids, left_out = await repository.posted_first(session, incident_id, MOST)
    rows = await alerts.by_ids(session, ids)
    messages = await alerts.messages(session, [row.message_id for row in rows])
    seen = _by_message(await sightings.of_messages(session, list(messages)))
    accused = await ingest.accused(session, list(messages))
    gone = await kept.deletions(session, ((one.gateway, one.message_id) for one in messages.values()))
    found: list[Copy] = []
    for row in rows:
        message = messages[row.message_id]
        deleted = gone.get((message.gateway, message.message_id))
        of_it = seen.get(message.id, {}), accused.get(message.id, {})
        found += _copies(row, message, *of_it, deleted.deleted_at if deleted else None)
    return found, left_out


@dataclass(frozen=True, slots=True)
class Loaded:
    """A copy with the bytes of its fingerprints, by kind. ``digest``: of its file, or what stands for it."""

    copy: Copy
    digest: str
    kinds: Mapping[str, bytes]


async def loaded(session: Session, found: Sequence[Copy]) -> list[Loaded]:
    """With their fingerprints, as far as they are kept."""
    kinds = await sightings.kinds(session, (one.digest for one in found))
    old = await ingest.accused_fingerprints(session, [one.message.id for one in found if one.digest not in kinds])
    ids = dict.fromkeys(one.message.id for one in found)
    files = {(file.message_id, file.position): file.sha256 for file in await ingest.attachments(session, ids)}
    return [
        Loaded(
            one,
            _words(one) or one.digest or files.get((one.message.id, one.place[0])) or one.message.id,
            kinds.get(one.digest) or _old(one, old),
        )
        for one in found
    ]


def _words(one: Copy) -> str:
    """Of a message's own text, however it is spaced and written, so that equal ones are copies; ``""``: it is about a file."""
    text = str(one.message.body.get("text") or "") if one.place[0] < 0 else ""
    same = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return sha256(same.encode(errors="surrogatepass")).hexdigest() if same else ""


def sighting_id(message_id: str, place: Place) -> str:
    """Of a part of a message."""
    return f"{message_id}/{place[0]}" + (f"/{place[1]}" if place[1] else "")


def _by_message(some: Iterable[Sighting]) -> dict[str, dict[Place, Sighting]]:
    found: dict[str, dict[Place, Sighting]] = {}
    for one in some:
        found.setdefault(one.message_id, {})[one.position, one.part] = one
    return found


def _copies(
    row: AlertRow, message: MessageRow, seen: Mapping[Place, Sighting], accused: Mapping[Place, str], deleted_at: datetime | None
) -> Iterator[Copy]:
    """The surest matches' parts, else what there is of the message."""
    matched = dict.fromkeys(_place(match) for match in row.matches if isinstance(match, dict))
    for place in list(matched)[:PARTS] or list(seen)[:PARTS] or [(0, "")]:
        one = seen.get(place)
        yield Copy(message, place, one.digest if one else accused.get(place, ""), deleted_at, row.resolution == "false_positive")


def _old(one: Copy, old: Mapping[tuple[str, Place], Mapping[str, bytes]]) -> Mapping[str, bytes]:
    return old.get((one.message.id, one.place), {})


def _place(match: Mapping[str, Any]) -> Place:
    index = match.get("attachment")
    return (-1 if index is None else int(index)), str(match.get("part") or "")


def seen(loaded: Loaded) -> "Seen":
    """As tracing wants it. Decodes fingerprints: some milliseconds of a thread's, for a message's rows that nobody else uses."""
    from detectors.spread.cascade import Seen  # noqa: PLC0415 (it loads what most servers never need)
    from fingerprints import kept, lineage  # noqa: PLC0415

    one, digest, kinds = loaded.copy, loaded.digest, loaded.kinds
    message, body = one.message, one.message.body
    channel, sender = body.get("channel") or {}, body.get("sender") or {}
    stated_at = _stated(message)
    return Seen(
        id=sighting_id(message.id, one.place),
        at=counted(stated_at, message.received_at),
        gateway=message.gateway,
        channel_id=message.channel_id,
        sender_id=message.sender_id,
        message_id=message.message_id,
        digest=digest,
        prints=kept.load(digest, kinds),
        look=lineage.load_look(kinds[LOOK]) if LOOK in kinds else None,
        channel_name=channel.get("name") or "",
        external=channel.get("external"),
        members=channel.get("members"),
        sender_name=sender.get("name") or "",
        forwarded_from=forwarded_from(message),
        deleted_at=one.deleted_at,
        dismissed=one.dismissed,
        place=one.place,
        stated_at=impossible(stated_at, message.received_at),
    )


def forwarded_from(message: MessageRow) -> tuple[str, str] | None:
    """Channel and message id, in the same gateway, as it states."""
    source = message.body.get("forwarded_from") or {}
    return (source["channel_id"], source["message_id"]) if source.get("channel_id") and source.get("message_id") else None


def _stated(message: MessageRow) -> datetime | None:
    told = message.body.get("sent_at")
    return datetime.fromisoformat(told) if told else None

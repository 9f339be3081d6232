"""What was seen is recorded with its message's verdict, and told with its deletion: it hides nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.db import Session
from app.db.ids import earliest, new_id
from app.db.models import DeletionRow, MessageRow, SightingRow, now
from app.incidents.clocks import counted
from app.ingest.jobs import Sighted
from app.sightings import repository
from app.sightings.repository import Told
from fingerprints.sieve import Sieve

BITS = 10
"""Of 64 by which the same picture, compressed anew or recoloured, differs: what perceptual hashes nominate by."""
ALERTED = 3000


@dataclass(frozen=True, slots=True)
class Sighting:
    """One inspected part of a message. ``message_id``: ours; ``external_id``: the gateway's. ``position``: of the attachment.

    ``digest``: SHA-256 of the innermost file, of a page followed by its label. ``size``: bytes of the attachment. ``perceptual``:
    of the whole picture. ``head``: the message as posted without its text (``channel``, ``sender``, ``forwarded_from``, …).
    """

    id: str
    message_id: str
    external_id: str
    position: int
    part: str
    digest: str
    size: int
    perceptual: int | None
    gateway: str
    sent_at: datetime | None
    received_at: datetime
    head: Mapping[str, Any]
    deleted_at: datetime | None
    deleted_by: str | None

    @property
    def at(self) -> datetime:
        """When it was sent; when it came, where the gateway does not say or states what cannot be."""
        return counted(self.sent_at, self.received_at)

    @property
    def channel_id(self) -> str:
        return str(self.head["channel"]["id"])

    @property
    def sender_id(self) -> str:
        return str(self.head["sender"]["id"])

    @property
    def forwarded_from(self) -> tuple[str, str] | None:
        """Channel and the gateway's id of the message, if the gateway states both."""
        told = self.head.get("forwarded_from") or {}
        return (told["channel_id"], told["message_id"]) if told.get("channel_id") and told.get("message_id") else None


async def record(session: Session, message: MessageRow, sighted: Sequence[Sighted]) -> None:
    """In the transaction that stores the verdict, hence once per message."""
    if not sighted:
        return
    sent = message.body.get("sent_at")
    head = {name: value for name, value in message.body.items() if name not in ("text", "gateway", "message_id", "sent_at")}
    rows = [
        SightingRow(
            id=new_id("sgt", message.received_at.timestamp() + number / 1000),  # in their order
            message_id=message.id,
            position=one.attachment,
            part=one.part,
            size=one.size,
            gateway=message.gateway,
            external_id=message.message_id,
            sent_at=datetime.fromisoformat(sent) if sent else None,
            received_at=message.received_at,
            head=head,
        )
        for number, one in enumerate(sighted)
    ]
    await repository.add(session, rows, sighted)


async def of_messages(session: Session, message_ids: Collection[str]) -> list[Sighting]:
    """In the order of message, attachment and part."""
    return [shown(one) for one in await repository.of_messages(session, message_ids)]


async def of_parts(session: Session, numbers: Collection[int], since: datetime | None) -> list[tuple[int, Sighting]]:
    """Every sighting of these parts since then, the earliest first, each with its part's number."""
    found = await repository.of_parts(session, numbers, earliest("sgt", since) if since else "")
    return [(one.row.seen, shown(one)) for one in found]


async def alerts_alike(session: Session, message_id: str, since: datetime, most: int) -> list[str]:
    """Alerts about messages with a picture that is all but the same, as a whole, as one in this message; the newest first.

    The newest ``ALERTED`` pictures of alerts since then are compared: some milliseconds.
    """
    own = [told.perceptual for told in await repository.of_messages(session, [message_id]) if told.perceptual is not None]
    if not own:
        return []
    known = await repository.in_alerts(session, earliest("sgt", since), ALERTED)
    distances = Sieve((), own).whole([whole for _, whole in known]).tolist()
    near = (alert for (alert, _), distance in zip(known, distances, strict=True) if distance <= BITS)
    return list(dict.fromkeys(near))[:most]


async def kinds(session: Session, digests: Iterable[str]) -> dict[str, dict[str, bytes]]:
    """Whole fingerprints by kind, by digest: for ``fingerprints.kept.load``. They are large: of some parts at a time."""
    return await repository.kinds(session, list(dict.fromkeys(digests)))


async def fingerprinted(session: Session, digests: Iterable[str]) -> dict[str, set[str]]:
    """The kinds of whole fingerprints that ``kinds`` would give."""
    return await repository.fingerprinted(session, list(dict.fromkeys(digests)))


async def deleted(session: Session, gateway: str, message_id: str, at: datetime, by: str | None) -> DeletionRow:
    """That a message was deleted in its chat; the first time it is told counts. The message itself stays as it is."""
    row = DeletionRow(gateway=gateway, message_id=message_id, deleted_at=at, by=by, reported_at=now())
    return await repository.add_deletion(session, row)


def shown(told: Told) -> Sighting:
    row = told.row
    return Sighting(
        id=row.id,
        message_id=row.message_id,
        external_id=row.external_id,
        position=row.position,
        part=row.part,
        digest=told.digest,
        size=row.size,
        perceptual=told.perceptual,
        gateway=row.gateway,
        sent_at=row.sent_at,
        received_at=row.received_at,
        head=row.head,
        deleted_at=told.deleted_at,
        deleted_by=told.deleted_by,
    )

"""Messages, their attachments, and the queue they wait in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import select, union, update
from sqlalchemy.exc import IntegrityError

from app.db import Session
from app.db.models import (
    AccusedFingerprintRow,
    AccusedPartRow,
    AlertRow,
    AttachmentPictureRow,
    AttachmentRow,
    DeathRow,
    MessageRow,
    ReferenceRow,
    RegistrationFileRow,
    now,
)
from app.ingest.jobs import Accused, Place

MOST_BEFORE, LONGEST_BEFORE = 20, 10_000
"""So many messages of a sender before one are read together with it, and so many characters of each."""


async def find(session: Session, gateway: str, message_id: str) -> MessageRow | None:
    return await session.scalar(select(MessageRow).where(MessageRow.gateway == gateway, MessageRow.message_id == message_id))


async def get(session: Session, row_id: str) -> MessageRow | None:
    return await session.get(MessageRow, row_id)


async def find_all(session: Session, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], MessageRow]:
    """Those that are there of these (gateway, message_id)."""
    found: dict[tuple[str, str], MessageRow] = {}
    for gateway, ids in _by_gateway(names).items():
        rows = await session.scalars(select(MessageRow).where(MessageRow.gateway == gateway, MessageRow.message_id.in_(ids)))
        found |= {(row.gateway, row.message_id): row for row in rows}
    return found


def _by_gateway(names: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for gateway, message_id in names:
        found[gateway].append(message_id)
    return found


class Became(NamedTuple):
    """What became of a message."""

    channel_id: str
    status: str
    alert_id: str | None


async def became(session: Session, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Became]:
    """Of those that are there of these (gateway, message_id)."""
    found: dict[tuple[str, str], Became] = {}
    for gateway, ids in _by_gateway(names).items():
        query = select(MessageRow.message_id, MessageRow.channel_id, MessageRow.status, AlertRow.id)
        query = query.outerjoin(AlertRow, AlertRow.message_id == MessageRow.id)
        rows = await session.execute(query.where(MessageRow.gateway == gateway, MessageRow.message_id.in_(ids)))
        found |= {(gateway, row[0]): Became(*row[1:]) for row in rows}
    return found


async def add(session: Session, messages: Iterable[MessageRow], attachments: Iterable[AttachmentRow]) -> bool:
    """Store messages; False when the (gateway, message_id) of one is there already, and nothing is stored."""
    try:
        async with session.begin_nested():
            session.add_all(messages)
            await session.flush()
            session.add_all(attachments)
    except IntegrityError:
        return False
    return True


async def attachments(session: Session, message_ids: Iterable[str]) -> list[AttachmentRow]:
    """Of these messages, in order."""
    query = select(AttachmentRow).where(AttachmentRow.message_id.in_(list(message_ids)))
    return list(await session.scalars(query.order_by(AttachmentRow.message_id, AttachmentRow.position)))


async def said_before(session: Session, message: MessageRow, window: timedelta) -> tuple[str, ...]:
    """Texts of the same sender's last messages in the same channel, in their order; at most ``MOST_BEFORE``."""
    query = select(MessageRow.body).where(
        MessageRow.gateway == message.gateway,
        MessageRow.channel_id == message.channel_id,
        MessageRow.sender_id == message.sender_id,
        MessageRow.id < message.id,
        MessageRow.received_at >= message.received_at - window,
    )
    bodies = await session.scalars(query.order_by(MessageRow.id.desc()).limit(MOST_BEFORE))
    return tuple(body["text"][-LONGEST_BEFORE:] for body in reversed(list(bodies)) if body.get("text"))


async def finish(session: Session, message_id: str, status: str) -> MessageRow | None:
    """End a message's waiting, once: of two that try one waits for the other and is told ``None``."""
    waiting = MessageRow.id == message_id, MessageRow.status == "queued"
    query = update(MessageRow).where(*waiting).values(status=status, finished_at=now()).returning(MessageRow.id)
    if await session.scalar(query) is None:
        return None
    return await session.get(MessageRow, message_id, populate_existing=True)


async def count_attempt(session: Session, message_id: str, more: int = 1) -> int:
    """That a message was taken up once more, or, with -1, that this was no attempt; says how often it was so far."""
    query = update(MessageRow).where(MessageRow.id == message_id).values(attempts=MessageRow.attempts + more)
    return await session.scalar(query.returning(MessageRow.attempts)) or 0


async def reopen(session: Session, message_id: str) -> None:
    """Let a message that was given up wait again."""
    failed = MessageRow.id == message_id, MessageRow.status == "failed"
    values = {"status": "queued", "reason": None, "finished_at": None, "attempts": 0}
    await session.execute(update(MessageRow).where(*failed).values(values))


async def has_died(session: Session, digest: str) -> bool:
    """Whether there is a dead letter of this record, or was."""
    return await session.get(DeathRow, digest) is not None


async def add_death(session: Session, digest: str) -> None:
    """That there is one. Idempotent."""
    with suppress(IntegrityError):
        async with session.begin_nested():
            session.add(DeathRow(digest=digest))


async def forget_bytes(session: Session, message_id: str) -> None:
    """Name the attachments' blobs no longer; their hashes stay."""
    await session.execute(update(AttachmentRow).where(AttachmentRow.message_id == message_id).values(blob=None))


async def add_pictures(session: Session, message_id: str, pictures: Mapping[Place, str]) -> None:
    """Blobs that people may see, by the part of an attachment they show."""
    session.add_all(
        AttachmentPictureRow(message_id=message_id, position=position, part=part, picture=picture)
        for (position, part), picture in pictures.items()
    )


async def pictures(session: Session, message_id: str) -> dict[Place, str]:
    """What ``add_pictures`` stored."""
    rows = await session.scalars(select(AttachmentPictureRow).where(AttachmentPictureRow.message_id == message_id))
    return {(row.position, row.part): row.picture for row in rows}


async def add_accused(session: Session, message_id: str, parts: Iterable[Accused]) -> None:
    """What is needed if the accusation turns out to be a mistake."""
    for one in parts:
        place = {"message_id": message_id, "position": -1 if one.attachment is None else one.attachment, "part": one.part}
        session.add(AccusedPartRow(**place, digest=one.digest))
        await session.flush()
        session.add_all(AccusedFingerprintRow(**place, kind=kind, data=data) for kind, data in one.kinds.items())


async def accused(session: Session, message_ids: Sequence[str]) -> dict[str, dict[Place, str]]:
    """Digests of the accused parts, by message and place; that of the message's own text is (-1, "")."""
    found: defaultdict[str, dict[Place, str]] = defaultdict(dict)
    for start in range(0, len(message_ids), 500):
        some = message_ids[start : start + 500]
        for row in await session.scalars(select(AccusedPartRow).where(AccusedPartRow.message_id.in_(some))):
            found[row.message_id][row.position, row.part] = row.digest
    return found


async def accused_fingerprints(session: Session, message_ids: Iterable[str]) -> dict[tuple[str, Place], dict[str, bytes]]:
    """Bytes by kind, by message and place; of a few messages at a time: they are large."""
    found: defaultdict[tuple[str, Place], dict[str, bytes]] = defaultdict(dict)
    query = select(AccusedFingerprintRow).where(AccusedFingerprintRow.message_id.in_(list(message_ids)))
    for row in await session.scalars(query):
        found[row.message_id, (row.position, row.part)][row.kind] = row.data
    return found


async def named(session: Session, keys: list[str]) -> set[str]:
    """Which of these blobs some row names."""
    columns = (
        AttachmentRow.blob,
        AttachmentPictureRow.picture,
        ReferenceRow.original,
        ReferenceRow.picture,
        RegistrationFileRow.blob,
    )
    found: set[str] = set()
    for start in range(0, len(keys), 500):
        some = keys[start : start + 500]
        query = union(*(select(column).where(column.in_(some)) for column in columns))
        found.update(await session.scalars(query))
    return found

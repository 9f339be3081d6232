"""A message accepted, and its verdict recorded: what is stored when, and what is not kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.alerts import service as alerts
from app.blobs.types import Blobs
from app.db import Session
from app.db.ids import new_id
from app.db.models import AttachmentRow, MessageRow
from app.directory import service as directory
from app.incidents.clocks import counted
from app.ingest import repository
from app.ingest.codec import Posted
from app.ingest.envelope import Stored, seal, stored
from app.ingest.jobs import File, Inspect, Inspected, Place
from app.ingest.schemas import MessageIn, MessageOut, VerdictOut
from app.notify.service import Notices
from app.sightings import service as sightings
from app.streams import repository as streams
from app.streams.types import MESSAGES

Told = tuple[MessageIn, tuple[Stored, ...]]
"""A message and its files, which are among the blobs."""


def keep(blobs: Blobs, posted: Posted) -> None:
    """Put every file among the blobs, durably. Blocks on the disk."""
    for upload in posted.uploads:
        blobs.put_file(upload.path, upload.sha256)


async def accept_all(session: Session, posted: Sequence[Posted]) -> list[tuple[MessageRow, bool]]:
    """Store and queue; or, for a (gateway, message_id) seen before, the message as it is now and False. Files are ``keep``'s."""
    told = [(one.message, tuple(stored(upload) for upload in one.uploads)) for one in posted]
    found = await _stored_all(session, told)
    records = [(seal(*one), row.id) for one, (row, fresh) in zip(told, found, strict=True) if fresh]
    await streams.publish_all(session, MESSAGES, records)
    return found


async def admit(
    session: Session, message: MessageIn, files: tuple[Stored, ...], *, counting: bool, again: bool
) -> tuple[MessageRow, int]:
    """The message of a record, stored if it was not yet; and how often it was taken up, 0 when not ``counting``.

    ``again``: it was given up once and is to be tried anew.
    """
    row, fresh = await _stored(session, message, files)
    if again and not fresh and row.status == "failed":
        await repository.reopen(session, row.id)
        await session.refresh(row)
    return row, await repository.count_attempt(session, row.id) if counting else 0


async def _stored_all(session: Session, told: Sequence[Told]) -> list[tuple[MessageRow, bool]]:
    """At once; one by one where a message is stored by somebody else in this very moment."""
    known = await repository.find_all(session, [(message.gateway, message.message_id) for message, _ in told])
    fresh: dict[tuple[str, str], Told] = {}
    for one in told:
        key = one[0].gateway, one[0].message_id
        if key not in known:
            fresh.setdefault(key, one)
    made = {key: _rows(*one) for key, one in fresh.items()}
    attachments = [file for _, files in made.values() for file in files]
    if made and not await repository.add(session, [row for row, _ in made.values()], attachments):
        return [await _stored(session, *one) for one in told]
    answers: list[tuple[MessageRow, bool]] = []
    for message, _ in told:
        key = message.gateway, message.message_id
        new = made.pop(key, None)
        answers.append((new[0], True) if new else (known[key], False))
        known[key] = answers[-1][0]
    return answers


async def _stored(session: Session, message: MessageIn, files: tuple[Stored, ...]) -> tuple[MessageRow, bool]:
    known = await repository.find(session, message.gateway, message.message_id)
    if known is not None:
        return known, False
    row, attachments = _rows(message, files)
    if await repository.add(session, [row], attachments):
        return row, True
    known = await repository.find(session, message.gateway, message.message_id)
    assert known is not None, "only a message that is there can be in the way"  # noqa: S101
    return known, False


def _rows(message: MessageIn, files: tuple[Stored, ...]) -> tuple[MessageRow, list[AttachmentRow]]:
    row = MessageRow(
        id=new_id("msg"),
        gateway=message.gateway,
        message_id=message.message_id,
        channel_id=message.channel.id,
        sender_id=message.sender.id,
        body=message.body(),
        status="queued",
    )
    return row, [AttachmentRow(message_id=row.id, position=i, **asdict(file), blob=file.sha256) for i, file in enumerate(files)]


@dataclass(frozen=True, slots=True)
class Due:
    """A message that waits to be inspected, its files among the blobs. ``earlier``: what its sender said shortly before.

    ``standing``: the sender's, when it was sent.
    """

    body: Mapping[str, Any]
    files: tuple[Stored, ...]
    earlier: tuple[str, ...]
    standing: Mapping[str, Any] | None = None

    def job(self, paths: Iterable[Path]) -> Inspect:
        """``paths``: where its files lie, in order."""
        files = zip(self.files, paths, strict=True)
        opened = tuple(File(str(path), file.name, file.content_type) for file, path in files)
        return Inspect(self.body, opened, earlier=self.earlier, standing=self.standing)


async def due(session: Session, message_id: str, window: timedelta = timedelta()) -> Due | None:
    """What to inspect; ``None`` when the message is not waiting any more. ``window``: how far back its sender is listened to."""
    row = await repository.get(session, message_id)
    if row is None or row.status != "queued":
        return None
    files = await repository.attachments(session, [message_id])
    earlier = await repository.said_before(session, row, window) if row.body.get("text") and window else ()
    stored = tuple(Stored(f.name, f.content_type, f.blob or f.sha256, f.size) for f in files)
    sent = row.body.get("sent_at")
    at = counted(datetime.fromisoformat(sent) if sent else None, row.received_at)
    return Due(row.body, stored, earlier, await directory.standing(session, row.gateway, row.sender_id, at))


async def record(
    session: Session, message_id: str, found: Inspected, pictures: Mapping[Place, str], notices: Notices
) -> dict[str, Any] | None:
    """Verdict, alert, notifications, sightings, and what is kept of the files, at once. ``None``: it had its verdict already.

    Of a clear message no file stays, only its SHA-256. ``pictures``: blobs safe to show.
    """
    row = await repository.finish(session, message_id, "done")
    if row is None:
        return None
    alert = None
    await sightings.record(session, row, found.sighted)
    if found.verdict["verdict"] == "clear":
        await repository.forget_bytes(session, message_id)
    else:
        alert = await alerts.raise_alert(session, row, found.verdict, notices)
        await repository.add_accused(session, message_id, found.accused)
    await repository.add_pictures(session, message_id, pictures)
    row.verdict = {**found.verdict, "alert_id": alert}
    row.checkpoint = found.checkpoint
    return row.verdict


async def remembered(session: Session, message_id: str, body: Mapping[str, Any], received_at: datetime) -> MessageRow:
    """A message that was seen once: as it is kept, or, if that was not, what is remembered of it, to be kept with its alert."""
    row = await repository.get(session, message_id) or await repository.find(session, body["gateway"], body["message_id"])
    if row is None:
        names = {"gateway": body["gateway"], "message_id": body["message_id"]}
        about = {"channel_id": body["channel"]["id"], "sender_id": body["sender"]["id"], "body": dict(body)}
        row = MessageRow(id=message_id, **names, **about, status="done", received_at=received_at, finished_at=received_at)
        await repository.add(session, [row], [])
    return row


async def fail(session: Session, message_id: str, reason: str) -> None:
    """Give up on a message, openly. Its files stay, for whoever looks into it."""
    row = await repository.finish(session, message_id, "failed")
    if row is not None:
        row.reason = reason


def view(row: MessageRow) -> MessageOut:
    """What a gateway is told."""
    return MessageOut(
        id=row.id,
        gateway=row.gateway,
        message_id=row.message_id,
        status=row.status,
        reason=row.reason,
        verdict=VerdictOut.model_validate(row.verdict) if row.verdict else None,
        received_at=row.received_at,
        finished_at=row.finished_at,
    )

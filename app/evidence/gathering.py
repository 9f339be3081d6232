"""Everything that is kept about one leak, read at one moment."""

from collections.abc import Iterable, Iterator, Sequence

from app.alerts.schemas import AlertOut, AttachmentOut
from app.assets import repository as assets
from app.audit import repository as audit
from app.db import Session
from app.db.models import AttachmentRow
from app.errors import TooLarge
from app.evidence.documents import folder
from app.evidence.hindsight import Left, left, unkept, widened
from app.evidence.naming import numbered
from app.evidence.types import Concerned, Evidence, Piece, Subject
from app.ingest import repository as ingest
from app.ingest.jobs import UNREAD, Place

MOST_ALERTS, MOST_ENTRIES = 2000, 20_000
MOST_FINGERPRINTS = 300_000_000
"""Bytes; they alone are held in memory."""


async def gathered(session: Session, subject: Subject, found: Sequence[AlertOut]) -> Evidence:
    """Of these alerts, in their order. Raises TooLarge."""
    if len(found) > MOST_ALERTS:
        raise TooLarge(f"There are more than {MOST_ALERTS:,} alerts in it.", "evidence_too_large")
    pieces, left_out, held = list[Piece](), list[str](), 0
    for number, alert in enumerate(found, 1):
        rows = await ingest.attachments(session, [alert.message.id])
        pieces += _posted(number, alert, rows)
        left_out += _missing(number, rows)
        pieces += _pictures(number, alert, await ingest.pictures(session, alert.message.id))
        prints = await ingest.accused_fingerprints(session, [alert.message.id])
        known = {place: kinds for (_, place), kinds in prints.items() if kinds.keys() != {UNREAD}}
        later = await left(session, alert, known)
        made = [*_fingerprints(number, alert, known), *_fingerprints(number, alert, later.prints)]
        left_out += _unread(number, alert, known)
        left_out += _hindsight(number, alert, later)
        held += sum(len(piece.data or b"") for piece in made)
        if held > MOST_FINGERPRINTS:
            raise TooLarge("There are too many fingerprints for one bundle.", "evidence_too_large")
        pieces += made
    concerned = await _assets(session, found)
    if concerned:
        left_out.append("the registered originals: they stay with their owners")
    ids = {subject.id, *(one.id for one in found), *(one.id for one in concerned), *_bulks(found)}
    entries = tuple(await audit.concerning(session, sorted(ids), MOST_ENTRIES))
    head = await audit.head(session)
    return Evidence(subject, tuple(found), concerned, (), tuple(pieces), None, entries, head, tuple(left_out))


def title(alert: AlertOut) -> str:
    """What an alert is about first."""
    for match in alert.matches:
        said = match.asset_title or (match.evidence.get("marking") or {}).get("text")
        if said:
            return str(said)
    return alert.message.attachments[0].name if alert.message.attachments else alert.id


def _posted(number: int, alert: AlertOut, rows: Iterable[AttachmentRow]) -> Iterator[Piece]:
    for row in rows:
        if row.blob:
            path = f"{folder(number)}/posted/{numbered(row.position + 1, row.name)}"
            what = f"attachment {row.position + 1} of the message, “{row.name}”, byte for byte as it came"
            yield Piece(path, what, _origin(alert), alert.message.received_at, blob=row.blob, size=row.size)


def _missing(number: int, rows: Iterable[AttachmentRow]) -> Iterator[str]:
    for row in rows:
        if not row.blob:
            kept = f"only its SHA-256, {row.sha256}, is kept"
            yield f"{folder(number)}/posted/{numbered(row.position + 1, row.name)}: attachment “{row.name}”: {kept}"


def _pictures(number: int, alert: AlertOut, pictures: dict[Place, str]) -> Iterator[Piece]:
    for (position, part), blob in sorted(pictures.items()):
        path = f"{folder(number)}/pictures/{numbered(position + 1, part)}.jpg"
        what = f"{_part(alert.message.attachments, position, part)} as a picture, encoded anew by leakwatch when it was inspected"
        yield Piece(path, what, _origin(alert), alert.message.received_at, blob=blob)


def _fingerprints(number: int, alert: AlertOut, prints: dict[Place, dict[str, bytes]]) -> Iterator[Piece]:
    for (position, part), kinds in sorted(prints.items()):
        for kind, data in sorted(kinds.items()):
            if kind == UNREAD:
                continue
            path = f"{folder(number)}/fingerprints/{numbered(position + 1, part, kind)}.bin"
            what = f"the {kind} fingerprint of {_part(alert.message.attachments, position, part)}, made when it was inspected"
            yield Piece(path, what, _origin(alert), alert.message.received_at, data)


def _unread(number: int, alert: AlertOut, prints: dict[Place, dict[str, bytes]]) -> Iterator[str]:
    """What inspecting did not need to read."""
    for (position, part), kinds in sorted(prints.items()):
        if UNREAD in kinds:
            what = _part(alert.message.attachments, position, part)
            yield f"{folder(number)}/fingerprints: {what}: none of its text, since it was recognised before all of it was read"


def _hindsight(number: int, alert: AlertOut, later: Left) -> Iterator[str]:
    """What is missing of what was found later: nobody knew then that it would be wanted."""
    if alert.historic and not widened(alert):
        yield f"{folder(number)}/pictures: it was clear when it came, so no picture of it was kept"
    for position in unkept(alert):
        yield f"{folder(number)}/posted: attachment {position + 1}: nothing of the file is kept any more"
    for position, part in later.missing:
        what = _part(alert.message.attachments, position, part)
        yield f"{folder(number)}/fingerprints: {what}: its fingerprints are not kept (any more)"


def _part(files: Sequence[AttachmentOut], position: int, part: str) -> str:
    named = {file.index: f"attachment {file.index + 1}, “{file.name}”" for file in files}
    name = "the message's text" if position < 0 else named.get(position, f"attachment {position + 1}")
    return f"{part} of {name}" if part else name


def _origin(alert: AlertOut) -> str:
    return f"gateway {alert.message.gateway}, message {alert.message.message_id}"


def _bulks(found: Iterable[AlertOut]) -> set[str]:
    """Changes of many alerts at once have their entries under their own names."""
    return {entry.bulk_id for alert in found for entry in alert.history if entry.bulk_id}


async def _assets(session: Session, found: Iterable[AlertOut]) -> tuple[Concerned, ...]:
    titles = {match.asset_id: match.asset_title for alert in found for match in alert.matches if match.asset_id}
    concerned = []
    for asset_id, called in titles.items():
        row = await assets.get(session, asset_id)
        if row is None:
            concerned.append(Concerned(asset_id, called, there=False))
        else:
            concerned.append(Concerned(row.id, row.title, row.kind, row.level, row.owner, row.unit))
    return tuple(concerned)

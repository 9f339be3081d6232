"""Raising alerts, showing them, and what analysts decide about them. Every step is a row of the history."""

from collections import defaultdict
from collections.abc import Mapping, Set
from typing import Any

from app.alerts import repository
from app.alerts.schemas import AlertChange, AlertFilter, AlertMessage, AlertOut, AttachmentOut, BulkOut, HistoryOut
from app.assets.repository import alone
from app.db import Session
from app.db.ids import new_id
from app.db.models import AlertHistoryRow, AlertRow, AttachmentRow, MessageRow
from app.errors import Conflict, Invalid, NotFound
from app.ingest import repository as ingest
from app.ingest.jobs import Place
from app.mistakes import service as mistakes
from app.mistakes.schemas import MistakeOut
from app.notify import service as notify
from app.notify.service import Notices
from app.paging import Page, cut

MACHINE = "leakwatch"
"""The actor of what no person did."""
Difference = dict[str, list[Any]]
"""Field to [before, after]."""


async def raise_alert(session: Session, message: MessageRow, verdict: Mapping[str, Any], notices: Notices) -> str:
    """Put a verdict above clear before analysts, and tell of it; the alert's id. Once per message."""
    matches = list(verdict["matches"])
    row = AlertRow(
        id=new_id("alr"),
        message_id=message.id,
        channel_id=message.body["channel"]["id"],
        status="open",
        verdict=verdict["verdict"],
        severity=verdict["severity"],
        matches=matches,
    )
    await repository.add(session, row, (match["asset_id"] for match in matches if match["asset_id"]))
    await _happened(session, row.id, MACHINE, "created", {}, None)
    await notify.enqueue(session, notices, "alert.created", row, message)
    return row.id


async def page(session: Session, wanted: AlertFilter, cursor: str | None, size: int) -> Page[AlertOut]:
    """Newest first."""
    ids, after = cut(await repository.find(session, wanted, cursor, size + 1), size)
    return Page(items=await _views(session, await repository.by_ids(session, ids)), next_cursor=after)


async def one(session: Session, alert_id: str) -> AlertOut:
    """Raises NotFound."""
    return (await _views(session, [await _row(session, alert_id)]))[0]


async def change(session: Session, alert_id: str, wanted: AlertChange, actor: str, notices: Notices) -> AlertOut:
    """Assign, change status, resolve, note. Saying what is so already changes nothing. Raises NotFound, Invalid."""
    await alone(session)
    await _change(session, await _row(session, alert_id), wanted, actor, notices)
    return await one(session, alert_id)


async def bulk(session: Session, wanted: AlertFilter, changes: AlertChange, actor: str, notices: Notices) -> BulkOut:
    """The same change to every alert of a filter. Raises Invalid, and then none was changed."""
    if changes.status == "resolved" and changes.resolution is None:
        raise Invalid("Resolving needs a resolution.", "resolution_missing")
    await alone(session)
    bulk_id = new_id("blk")
    rows = await repository.by_ids(session, await repository.find(session, wanted))
    changed = [await _change(session, row, changes, actor, notices, bulk_id) for row in rows]
    return BulkOut(bulk_id=bulk_id, changed=sum(changed))


async def undo(session: Session, bulk_id: str, actor: str, notices: Notices) -> BulkOut:
    """Take a bulk change back, once, wherever nobody changed the same field since. Raises NotFound, Conflict."""
    await alone(session)
    entries = await repository.bulk_history(session, bulk_id)
    if not entries:
        raise NotFound(f"There is no bulk change {bulk_id}.", "unknown_bulk")
    if any(entry.action == "undone" for entry in entries):
        raise Conflict("This bulk change was undone already.", "already_undone")
    changed = [await _undo(session, entry, actor, notices) for entry in entries]
    return BulkOut(bulk_id=bulk_id, changed=sum(changed))


async def kept_picture(session: Session, alert_id: str, index: int, part: str = "") -> str | None:
    """The blob of a part of an attachment, as a JPEG encoded by us, safe to show; ``None``: there is none. Raises NotFound."""
    row = await _row(session, alert_id)
    return (await ingest.pictures(session, row.message_id)).get((index, part))


async def pictured(session: Session, alert: AlertOut) -> Set[Place]:
    """What ``kept_picture`` has."""
    return (await ingest.pictures(session, alert.message.id)).keys()


async def _row(session: Session, alert_id: str) -> AlertRow:
    row = await repository.get(session, alert_id)
    if row is None:
        raise NotFound(f"There is no alert {alert_id}.", "unknown_alert")
    return row


async def _change(
    session: Session, row: AlertRow, wanted: AlertChange, actor: str, notices: Notices, bulk_id: str | None = None
) -> bool:
    difference = _difference(row, wanted)
    if not difference and not wanted.note:
        return False
    before = mistakes.judgement(row)
    _set(row, {field: after for field, (_, after) in difference.items()})
    await _happened(session, row.id, actor, _action(difference), difference, wanted.note, bulk_id)
    await _tell(session, row, actor, difference, notices)
    await mistakes.follow(session, row, before, actor)
    return True


def _difference(row: AlertRow, wanted: AlertChange) -> Difference:
    after = {field: getattr(wanted, field) for field in wanted.model_fields_set - {"note"}}
    if after.get("status") is None:
        after.pop("status", None)
    status = after.get("status", row.status)
    if status != "resolved":
        if after.get("resolution"):
            raise Invalid("Only a resolved alert has a resolution: set status to resolved.", "not_resolved")
        after["resolution"] = None
    elif not after.get("resolution", row.resolution):
        raise Invalid("Resolving needs a resolution.", "resolution_missing")
    return {field: [getattr(row, field), value] for field, value in sorted(after.items()) if getattr(row, field) != value}


def _action(difference: Difference) -> str:
    """The one word for what happened."""
    if "status" in difference:
        before, after = difference["status"]
        return "reopened" if before == "resolved" else str(after)
    if "resolution" in difference:
        return "resolved"
    if "assignee" in difference:
        return "assigned" if difference["assignee"][1] else "unassigned"
    return "noted"


async def _undo(session: Session, entry: AlertHistoryRow, actor: str, notices: Notices) -> bool:
    row = await _row(session, entry.alert_id)
    back = {field: [after, before] for field, (before, after) in entry.change.items() if getattr(row, field) == after}
    if {"status", "resolution"} & entry.change.keys() - back.keys():  # half of a decision taken back would be a third one
        back = {field: value for field, value in back.items() if field not in ("status", "resolution")}
    if not back:
        return False
    before = mistakes.judgement(row)
    _set(row, {field: value for field, (_, value) in back.items()})
    await _happened(session, row.id, actor, "undone", back, None, entry.bulk_id)
    await _tell(session, row, actor, back, notices)
    await mistakes.follow(session, row, before, actor)
    return True


def _set(row: AlertRow, values: Mapping[str, Any]) -> None:
    for field, value in values.items():
        setattr(row, field, value)


async def _happened(
    session: Session, alert_id: str, actor: str, action: str, difference: Difference, note: str | None, bulk_id: str | None = None
) -> None:
    row = AlertHistoryRow(alert_id=alert_id, actor=actor, action=action, change=difference, note=note, bulk_id=bulk_id)
    await repository.add_history(session, row)


async def _tell(session: Session, row: AlertRow, actor: str, difference: Difference, notices: Notices) -> None:
    """Of a change, not of a note. After the alert's row was written, so that of two changes at once the first is told first."""
    if difference and notices.senders:
        [message] = (await repository.messages(session, [row.message_id])).values()
        more = {"actor": actor, "change": difference}
        await notify.enqueue(session, notices, "alert.changed", row, message, more)


async def _views(session: Session, rows: list[AlertRow]) -> list[AlertOut]:
    messages = await repository.messages(session, (row.message_id for row in rows))
    files, histories = defaultdict(list), defaultdict(list)
    for file in await ingest.attachments(session, messages):
        files[file.message_id].append(file)
    for entry in await repository.histories(session, (row.id for row in rows)):
        histories[entry.alert_id].append(HistoryOut.model_validate(entry, from_attributes=True))
    known = await mistakes.said_by(session, (row.id for row in rows))
    return [_view(row, messages[row.message_id], files[row.message_id], histories[row.id], known.get(row.id, [])) for row in rows]


def _view(
    row: AlertRow, message: MessageRow, files: list[AttachmentRow], history: list[HistoryOut], known: list[MistakeOut]
) -> AlertOut:
    fields = ("id", "status", "resolution", "verdict", "severity", "assignee", "matches", "created_at")
    values = {field: getattr(row, field) for field in fields}
    verdict = message.verdict or {}
    told = {field: verdict.get(field, []) for field in ("unread", "excused")}
    return AlertOut(**values, **told, message=_message(message, files), mistakes=known, history=history)


def _message(row: MessageRow, files: list[AttachmentRow]) -> AlertMessage:
    attachments = [
        AttachmentOut(index=f.position, name=f.name, content_type=f.content_type, sha256=f.sha256, size=f.size) for f in files
    ]
    return AlertMessage(**{**row.body, "id": row.id}, received_at=row.received_at, attachments=attachments)

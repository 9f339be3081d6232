"""Raising alerts, showing them, and what analysts decide about them. Every step is a row of the history."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.alerts import queueing, repository
from app.alerts.answering import answerable
from app.alerts.deciding import Step, check, step, taken_back, woken
from app.alerts.history import repository as history
from app.alerts.history import telling
from app.alerts.repository import Seen, State, alone
from app.alerts.schemas import (
    AlertChange,
    AlertFilter,
    AlertMessage,
    AlertOut,
    AttachmentOut,
    BulkOut,
    HistoryOut,
    Order,
    ReplacedOut,
    SpreadOut,
)
from app.assets import repository as assets
from app.db import Session
from app.db.ids import new_id
from app.db.models import AlertHistoryRow, AlertRow, AttachmentRow, MessageRow, now
from app.derived import following as derived
from app.errors import Conflict, Invalid, NotFound
from app.incidents import repository as incidents
from app.incidents import settling
from app.ingest import repository as ingest
from app.ingest.jobs import Place
from app.joining import service as joining
from app.mistakes import service as mistakes
from app.notify import service as notify
from app.notify.service import Notices
from app.paging import Page, cut
from app.sightings import repository as sightings

MACHINE = "leakwatch"
"""The actor of what no person did."""
OVERRULED = "overruled"
"""In a history's change: whose decisions were replaced by somebody who did not say what they had seen."""
FEW = 200
"""Alerts whose verdicts are held in memory at once."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a change is for: alerts, each in the version it was then, ``number`` of which it changes or notes something on.

    ``left``: those that are not as they were seen.
    """

    versions: Mapping[str, int]
    number: int
    left: tuple[str, ...]


async def raise_alert(
    session: Session, message: MessageRow, verdict: Mapping[str, Any], notices: Notices, leaked_at: datetime | None = None
) -> str:
    """Put a verdict above clear before analysts, and tell of it; the alert's id. Once per message.

    ``leaked_at``: it is historic: found later among what was seen, in a message that was sent then.
    """
    matches = list(verdict["matches"])
    row = AlertRow(
        id=new_id("alr"),
        message_id=message.id,
        channel_id=message.body["channel"]["id"],
        status="open",
        verdict=verdict["verdict"],
        severity=verdict["severity"],
        matches=matches,
        historic=leaked_at is not None,
        leaked_at=leaked_at,
    )
    await repository.add(session, row, (match["asset_id"] for match in matches if match["asset_id"]))
    await queueing.enter(session, row, message, verdict)
    await joining.join(session, row, message, verdict)
    await history.add_history(session, AlertHistoryRow(alert_id=row.id, actor=MACHINE, action="created", change={}))
    await notify.enqueue(session, notices, "alert.created", row, message)
    return row.id


async def of_message(session: Session, message_id: str) -> AlertRow | None:
    return await repository.of_message(session, message_id)


async def bring_back(session: Session, step: Step, why: str, more: Mapping[str, list[Any]]) -> None:
    """Have people see an alert again, if ``step`` changes anything. ``why``, ``more``: in its history. Nobody is told of it."""
    if step.after:
        await _apply(session, [step], MACHINE, Notices(), note=why, more=more)


async def page(session: Session, wanted: AlertFilter, cursor: str | None, size: int, order: Order = "newest") -> Page[AlertOut]:
    """``cursor``: the last alert of the page before."""
    ids, after = cut(await repository.find(session, wanted, order, cursor, size + 1), size)
    return Page(items=await _views(session, await repository.by_ids(session, ids)), next_cursor=after)


async def one(session: Session, alert_id: str, last: int | None = None) -> AlertOut:
    """``last``: with so much of its history. Raises NotFound."""
    alert = (await _views(session, [await _row(session, alert_id)], last))[0]
    return alert.model_copy(update={"answerable": await answerable(session, alert)})


async def some(session: Session, ids: Sequence[str]) -> list[AlertOut]:
    """Those of the ids, in their order, that there are."""
    return await _views(session, await repository.by_ids(session, ids))


async def change(
    session: Session, alert_id: str, wanted: AlertChange, actor: str, notices: Notices, *, strict: bool = False
) -> AlertOut:
    """Assign, change status, resolve, snooze, note. What is so already changes nothing. Raises NotFound, Invalid, Conflict.

    ``strict``: not even a note is added to another version than was seen.
    """
    check(wanted, now())
    await alone(session)
    found = await repository.states(session, [alert_id])
    if not found:
        raise NotFound(f"There is no alert {alert_id}.", "unknown_alert")
    if wanted.version not in (None, found[0].version) and (strict or not wanted.notes_only):
        raise await _changed_meanwhile(session, found[0])
    taken = step(found[0], wanted, actor)
    replaced = await _replaced(session, taken, actor) if wanted.version is None else []
    overruled = sorted({one.actor for one in replaced})
    more = {OVERRULED: [None, overruled]} if overruled else {}
    await _apply(session, [taken], actor, notices, note=wanted.note, more=more)
    return (await one(session, alert_id)).model_copy(update={"replaced": replaced})


async def choose(session: Session, wanted: AlertFilter, changes: AlertChange, actor: str, seen: Seen | None) -> Chosen:
    """Every alert of a filter, for a change. Raises Invalid, if one of them cannot be changed like that."""
    ids = await repository.find(session, wanted, upto=seen.newest if seen else None)
    other = await repository.changed_since(session, seen) if seen and not changes.notes_only else set()
    found = await choose_among(session, [one for one in ids if one not in other], {}, changes, actor)
    return Chosen(found.versions, found.number, tuple(one for one in ids if one in other))


async def choose_among(
    session: Session, ids: Sequence[str], versions: Mapping[str, int], changes: AlertChange, actor: str
) -> Chosen:
    """These alerts, but for those that are another version than was seen. Raises Invalid, if one cannot be changed like that."""
    _check(changes)
    found, stale = _seen(await repository.states(session, ids), {} if changes.notes_only else versions)
    number = sum(1 for one in (step(state, changes, actor) for state in found) if one.after or changes.note)
    return Chosen({state.id: state.version for state in found}, number, tuple(stale))


async def change_some(
    session: Session,
    bulk_id: str,
    ids: Sequence[str],
    versions: Mapping[str, int],
    changes: AlertChange,
    actor: str,
    notices: Notices,
) -> BulkOut:
    """A bulk change's part that is about these alerts, but for those that are another version than was seen. Raises Invalid.

    What is only noted, is noted on all of them.
    """
    await alone(session)
    found, stale = _seen(await repository.states(session, ids), {} if changes.notes_only else versions)
    steps = [step(state, changes, actor) for state in found]
    changed = await _apply(session, steps, actor, notices, note=changes.note, bulk_id=bulk_id)
    return BulkOut(bulk_id=bulk_id, changed=changed, changed_meanwhile=stale)


async def change_all(
    session: Session, ids: Sequence[str], versions: Mapping[str, int], changes: AlertChange, actor: str, notices: Notices
) -> BulkOut:
    """The same change to these alerts, but for those that are another version than was seen. Raises Invalid."""
    _check(changes)
    return await change_some(session, new_id("blk"), list(dict.fromkeys(ids)), versions, changes, actor, notices)


async def backwards(session: Session, bulk_id: str, ids: Sequence[str]) -> list[Step]:
    """What takes a bulk change back for these alerts; nothing in it: somebody changed the same fields since."""
    done = await history.bulk_changes(session, bulk_id, ids)
    return [taken_back(state, *done[state.id]) for state in await repository.states(session, ids) if state.id in done]


async def undo_some(session: Session, bulk_id: str, ids: Sequence[str], actor: str, notices: Notices) -> int:
    """Take a bulk change back for these alerts; says for how many there was something to take back."""
    await alone(session)
    return await _apply(session, await backwards(session, bulk_id, ids), actor, notices, bulk_id=bulk_id)


async def wake(session: Session, notices: Notices, at: datetime, limit: int) -> int:
    """Put back into the queue what was snoozed until then; says how many."""
    await alone(session)
    found = await repository.states(session, await repository.due(session, at, limit))
    return await _apply(session, [woken(state) for state in found], MACHINE, notices)


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


def _check(changes: AlertChange) -> None:
    """Raises Invalid."""
    check(changes, now())
    if changes.status == "resolved" and changes.resolution is None:
        raise Invalid("Resolving needs a resolution.", "resolution_missing")


def _seen(found: Sequence[State], versions: Mapping[str, int]) -> tuple[list[State], list[str]]:
    """Those that are as they were seen, and the ids of the others."""
    stale = [state.id for state in found if versions.get(state.id, state.version) != state.version]
    return [state for state in found if state.id not in set(stale)], stale


async def _replaced(session: Session, taken: Step, actor: str) -> list[ReplacedOut]:
    """What others had decided about the fields that a step changes."""
    left, found = set(taken.after), list[ReplacedOut]()
    for at, who, change in await history.changes(session, taken.before.id) if left else ():
        if who not in (actor, MACHINE):
            found += [ReplacedOut(field=one, value=change[one][1], actor=who, at=at) for one in sorted(left & change.keys())]
        left -= change.keys()
    return found


async def _apply(
    session: Session,
    steps: Iterable[Step],
    actor: str,
    notices: Notices,
    note: str | None = None,
    bulk_id: str | None = None,
    more: Mapping[str, list[Any]] | None = None,
) -> int:
    """Take steps that change or note something: all in the same few statements. Says how many there were.

    ``more``: what their histories tell besides.
    """
    steps = [one for one in steps if one.happens or note]
    if await mistakes.concerned(session, [_judged(one) for one in steps]):
        await assets.alone(session)
    for (after, standing), some in _alike(steps).items():
        await repository.set_states(session, [one.before.id for one in some], dict(after), standing)
    said = {"at": now(), "actor": actor, "note": note, "bulk_id": bulk_id}
    rows = [
        {"alert_id": one.before.id, "action": one.action, "change": {**one.difference, **(more or {})}, **said} for one in steps
    ]
    await history.add_histories(session, rows)
    await _follow(session, steps, actor, notices)
    await settling.follow(session, steps, actor)
    return len(steps)


def _judged(one: Step) -> tuple[str, mistakes.Judgement, mistakes.Judgement]:
    """Of which message what was said, and is."""
    before, after = one.before, {"status": one.before.status, "resolution": one.before.resolution, **one.after}
    said = mistakes.judgement(before.status, before.resolution)
    return before.message_id, said, mistakes.judgement(after["status"], after["resolution"])


def _alike(steps: Iterable[Step]) -> Mapping[tuple[tuple[tuple[str, Any], ...], str], list[Step]]:
    """Steps that change the same fields to the same values, and so lead to the same standing."""
    groups: defaultdict[tuple[tuple[tuple[str, Any], ...], str], list[Step]] = defaultdict(list)
    for one in steps:
        if one.after:
            groups[tuple(sorted(one.after.items())), one.standing].append(one)
    return groups


async def _follow(session: Session, steps: Sequence[Step], actor: str, notices: Notices) -> None:
    """Tell of changes (a note is none); remember mistakes or forget them; derive references.

    A few alerts at a time: their verdicts are large.
    """
    changed = [one for one in steps if one.after and (notices.senders or "resolution" in one.after)]
    for start in range(0, len(changed), FEW):
        some = {one.before.id: one for one in changed[start : start + FEW]}
        rows = await repository.by_ids(session, list(some))
        await _tell(session, rows, some, actor, notices)
        judged = ((row, mistakes.judgement(some[row.id].before.status, some[row.id].before.resolution)) for row in rows)
        await mistakes.follow(session, judged, actor)
        before = {row.id: some[row.id].before for row in rows}
        taught = ((row, derived.confirmed(before[row.id].status, before[row.id].resolution)) for row in rows)
        await derived.follow(session, taught, actor)


async def _tell(session: Session, rows: Sequence[AlertRow], steps: Mapping[str, Step], actor: str, notices: Notices) -> None:
    """After the alerts were written, so that of two changes at once the first is told first."""
    if not notices.senders:
        return
    messages = await repository.messages(session, [row.message_id for row in rows])
    changes = {row.id: {"actor": actor, "change": steps[row.id].difference} for row in rows}
    told = [(row, messages[row.message_id], changes[row.id]) for row in rows]
    await notify.enqueue_all(session, notices, "alert.changed", told)


async def _changed_meanwhile(session: Session, state: State) -> Conflict:
    last = await history.last_change(session, state.id)
    told = HistoryOut.model_validate(last, from_attributes=True).model_dump(mode="json") if last else None
    who = f"{last.actor} changed this alert meanwhile" if last else "This alert was changed meanwhile"
    return Conflict(f"{who}; nothing was overwritten.", "changed_meanwhile", version=state.version, last_change=told)


async def _views(session: Session, rows: list[AlertRow], last: int | None = None) -> list[AlertOut]:
    messages = await repository.messages(session, (row.message_id for row in rows))
    files, histories = defaultdict(list), defaultdict(list)
    for file in await ingest.attachments(session, messages):
        files[file.message_id].append(file)
    entries = await history.histories(session, (row.id for row in rows), last)
    for entry, told in zip(entries, await telling.told(session, entries), strict=True):
        histories[entry.alert_id].append(told)
    known = await mistakes.said_by(session, (row.id for row in rows))
    spread = await queueing.spread(session, [row.id for row in rows])
    together = await incidents.of_alerts(session, [row.id for row in rows])
    gone = await sightings.deletions(session, ((one.gateway, one.message_id) for one in messages.values()))
    views = [_view(row, messages[row.message_id], files[row.message_id], histories[row.id], gone) for row in rows]
    more = {row.id: {"mistakes": known.get(row.id, []), "spread": SpreadOut(**spread[row.id]._asdict())} for row in rows}
    views = [view.model_copy(update={"incident_id": together.get(view.id, (None,))[0]}) for view in views]
    return [view.model_copy(update=more[view.id]) for view in views]


def _view(
    row: AlertRow, message: MessageRow, files: list[AttachmentRow], history: list[HistoryOut], gone: sightings.Deletions
) -> AlertOut:
    fields = (
        "id",
        "status",
        "resolution",
        "verdict",
        "severity",
        "assignee",
        "matches",
        "created_at",
        "version",
        "snoozed_until",
        "historic",
        "leaked_at",
    )
    values = {field: getattr(row, field) for field in fields}
    verdict = message.verdict or {}
    told = {field: verdict.get(field, []) for field in ("unread", "excused")} | {"raised": verdict.get("raised")}
    return AlertOut(**values, **told, message=_message(message, files, gone), history=history)


def _message(row: MessageRow, files: list[AttachmentRow], gone: sightings.Deletions) -> AlertMessage:
    attachments = [
        AttachmentOut(index=f.position, name=f.name, content_type=f.content_type, sha256=f.sha256, size=f.size) for f in files
    ]
    deleted = gone.get((row.gateway, row.message_id))
    told = {**row.body, "id": row.id, "deleted_at": deleted and deleted.deleted_at}
    return AlertMessage(**told, received_at=row.received_at, attachments=attachments)

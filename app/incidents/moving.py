"""Merging, splitting, and taking either back exactly; what happened since stays where it happened.

A merge leaves the incident that was merged as a name that leads to the other. A move is undone as a whole or not at all: if an
alert it moved has been moved on since, that later move must be undone first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.alerts.repository import alone
from app.db import Session
from app.db.ids import new_id
from app.db.models import IncidentMoveRow, IncidentRow, now
from app.errors import Conflict, Invalid, NotFound
from app.incidents import repository, settling
from app.incidents.service import changed_meanwhile, check_merge, entry, opened
from app.joining import repository as joining

STANDING = ("status", "closing", "closed_at")


async def merge(session: Session, incident_id: str, into: str, actor: str, version: int | None = None) -> IncidentMoveRow:
    """Everything of one incident goes to another. Raises NotFound, Invalid, Conflict."""
    await opened(session, incident_id, version)
    rows = await repository.locked(session, {incident_id, into})
    if into not in rows:
        raise NotFound(f"There is no incident {into}.", "unknown_incident")
    source, target = rows[incident_id], rows[into]
    check_merge(source, target)
    move = _move("merge", source, target, actor, _standing(source))
    await _carry(session, move)
    ended = {"status": "closed", "closing": "merged", "closed_at": now(), "merged_into": into}
    await _after(session, move, {incident_id: ended, into: {}}, ("merged", "took_in"))
    return move


async def split(
    session: Session, incident_id: str, alerts: Sequence[str], title: str | None, actor: str, version: int | None = None
) -> IncidentMoveRow:
    """These alerts become an incident of their own: the one that they were brought from by a merge, if they are all that a merge
    brought, else a new one. Raises NotFound, Invalid, Conflict.
    """
    source = await opened(session, incident_id, version)
    chosen = sorted(set(alerts))
    inside = await repository.of_alerts(session, chosen)
    if any(inside.get(one, ("", 0))[0] != incident_id for one in chosen):
        raise Conflict("Some of these alerts are not in this incident any more.", "moved_meanwhile")
    if len(chosen) >= source.alert_count:
        raise Invalid("Leave at least one alert: all of them are this incident.", "nothing_left")
    brought = await _brought(session, incident_id, chosen)
    subjects = {
        *await repository.only_with(session, incident_id, chosen),
        *(one for merge, _ in brought for one in merge.subjects),
    }
    merged = next((merge for merge, staying in brought if staying == set(chosen)), None)
    move, values = await (_back(session, source, merged, title, actor) if merged else _new(session, source, title, actor))
    move.alerts = await repository.move_alerts(session, incident_id, move.target, chosen)
    move.subjects = await joining.hand_over(session, incident_id, move.target, subjects) if subjects else []
    did = "came_back" if merged else "split_from"
    await _after(session, move, {incident_id: {}, move.target: values}, ("split", did))
    return move


async def _new(session: Session, source: IncidentRow, title: str | None, actor: str) -> tuple[IncidentMoveRow, dict[str, Any]]:
    target = _begun(source, title)
    await repository.add(session, target)
    return _move("split", source, target, actor, {}), {}


async def _back(
    session: Session, source: IncidentRow, merged: IncidentMoveRow, title: str | None, actor: str
) -> tuple[IncidentMoveRow, dict[str, Any]]:
    """What was merged is an incident again, with its tasks, as if that were undone. ``title``: another than the source's, its new
    one.
    """
    target = (await repository.locked(session, [merged.source]))[merged.source]
    renamed = {"title": title} if title and title != source.title else {}
    move = _move("split", source, target, actor, {"merge": merged.id, "target": _standing(target, "merged_into", *renamed)})
    move.tasks = await repository.move_tasks(session, source.id, target.id, merged.tasks)
    merged.undone_at, merged.undone_by = now(), actor
    return move, _read(merged.before) | renamed


async def undo(session: Session, incident_id: str, move_id: str, actor: str) -> IncidentMoveRow:
    """Take a merge or a split back, once. Raises NotFound, Conflict."""
    await alone(session)
    move = await repository.get_move(session, move_id)
    if move is None or incident_id not in (move.source, move.target):
        raise NotFound(f"There is no such change of incident {incident_id}.", "unknown_move")
    rows = await repository.locked(session, {move.source, move.target})
    await _check_undo(session, move, rows)
    await repository.move_alerts(session, move.target, move.source, move.alerts)
    await repository.move_tasks(session, move.target, move.source, move.tasks)
    await joining.hand_over(session, move.target, move.source, move.subjects)
    move.undone_at, move.undone_by = now(), actor
    values = {move.source: _read(move.before) if move.kind == "merge" else {}, move.target: await _emptied(session, move)}
    await _after(session, move, values, (f"{move.kind}_undone",) * 2, actor)
    return move


async def _carry(session: Session, move: IncidentMoveRow) -> None:
    move.alerts = await repository.move_alerts(session, move.source, move.target)
    move.tasks = await repository.move_tasks(session, move.source, move.target)
    move.subjects = await joining.hand_over(session, move.source, move.target)


async def _brought(session: Session, incident_id: str, chosen: Sequence[str]) -> list[tuple[IncidentMoveRow, set[str]]]:
    """Merges of whose alerts these leave none in an incident, and which of them were in it still, those of merges that were
    merged again first: so a split takes a merge apart as it was put together.
    """
    inside = set(await repository.alerts_of(session, incident_id))
    merges, into = list[IncidentMoveRow](), {incident_id}
    while into:
        more = await repository.merges(session, into)
        merges, into = [*more, *merges], {one.source for one in more}
    left = [(one, inside.intersection(one.alerts)) for one in merges]
    return [(one, some) for one, some in left if some and some.issubset(chosen)]


async def _after(
    session: Session, move: IncidentMoveRow, values: Mapping[str, Mapping[str, Any]], actions: tuple[str, ...], actor: str = ""
) -> None:
    """Both incidents say what they are now, and what happened."""
    await repository.recount(session, list(values))
    for one, changed in values.items():
        await repository.set_values(session, one, changed, version=True)
    pairs = zip((move.source, move.target), (move.target, move.source), actions, strict=True)
    steps = [entry(one, actor or move.actor, did, {"other": other}, move.alerts, move.id) for one, other, did in pairs]
    await repository.add(session, move, *steps)
    await settling.settle(session, list(values))


async def _check_undo(session: Session, move: IncidentMoveRow, rows: Mapping[str, IncidentRow]) -> None:
    """Raises Conflict, and then nothing was changed."""
    if move.undone_at is not None:
        raise Conflict("This was undone already.", "already_undone")
    source = rows[move.source]
    if move.kind == "merge" and source.merged_into != move.target:
        raise await changed_meanwhile(session, source)
    if move.kind == "split" and source.merged_into is not None:
        raise Conflict("What was split was merged since: undo that first.", "moved_meanwhile")
    now_in = await repository.of_alerts(session, move.alerts)
    if any(now_in.get(one, (move.target, 0))[0] != move.target for one in move.alerts):
        raise Conflict("Some of these alerts were moved on since: undo that first.", "moved_meanwhile")
    there = {task.id for task in await repository.tasks(session, move.target)}
    if not there >= set(move.tasks):
        raise Conflict("Some of these tasks were moved on since: undo that first.", "moved_meanwhile")


async def _emptied(session: Session, move: IncidentMoveRow) -> Mapping[str, Any]:
    """What a split made ends, unless alerts came to it since; what was written there goes back too."""
    if move.kind == "merge" or await repository.alerts_of(session, move.target, 1):
        return {}
    await repository.move_tasks(session, move.target, move.source)
    await joining.hand_over(session, move.target, move.source)
    if not move.before:
        return {"status": "closed", "closing": "merged", "closed_at": now(), "merged_into": move.source}
    merged = await repository.get_move(session, move.before["merge"])
    if merged is not None:
        merged.undone_at = merged.undone_by = None
    return _read(move.before["target"])


def _move(kind: str, source: IncidentRow, target: IncidentRow, actor: str, before: dict[str, Any]) -> IncidentMoveRow:
    about = {"kind": kind, "source": source.id, "target": target.id, "actor": actor, "before": before}
    return IncidentMoveRow(id=new_id("mov"), **about, alerts=[], tasks=[], subjects=[])


def _begun(source: IncidentRow, title: str | None) -> IncidentRow:
    same = {name: getattr(source, name) for name in ("gravity", "opened_at", "last_at", "commander")}
    standing = {"status": "open"} if source.closing == "handled" else {name: getattr(source, name) for name in STANDING}
    return IncidentRow(id=new_id("inc"), title=title or source.title, earlier=None, **same, **standing)


def _standing(row: IncidentRow, *more: str) -> dict[str, Any]:
    said = {name: getattr(row, name) for name in (*STANDING, *more)}
    return said | {"closed_at": row.closed_at.isoformat() if row.closed_at else None}


def _read(before: Mapping[str, Any]) -> dict[str, Any]:
    """An incident as it stood before."""
    closed_at = before["closed_at"]
    return {"merged_into": None, **before, "closed_at": datetime.fromisoformat(closed_at) if closed_at else None}

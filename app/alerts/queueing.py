"""An alert's place in the queue: where it enters, and how it rises when the same thing is seen in more and more channels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.alerts import repository
from app.alerts.lines import line
from app.alerts.repository import Spread, State
from app.alerts.schemas import AlertFilter, Order
from app.alerts.urgency import WINDOW, doublings
from app.db import Session
from app.db.models import AlertRow, MessageRow, QueueRow, now
from app.incidents import repository as incidents
from app.ingest import repository as ingest
from app.paging import cut

ONE = Spread(1, 1)
SAID = ("severity", "urgency", "doublings", "detectors", "subject", "words", "shown")
"""What of a line an alert's matches tell."""


@dataclass(frozen=True, slots=True)
class QueuePage:
    """``after``: where the page after begins, if there is one. ``all``: how many alerts match, where that was learnt."""

    lines: list["Line"]
    after: str | None
    all: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What the queue says of one alert. ``incident``: its id, and how many alerts that has."""

    row: QueueRow
    state: State
    spread: Spread
    incident: tuple[str, int] | None = None


async def enter(session: Session, alert: AlertRow, message: MessageRow, verdict: Mapping[str, Any]) -> None:
    """Put a new alert in its place, and those about the same thing higher, if it is seen in more and more channels.

    Of two that come at the same moment neither may know of the other; the next one does.
    """
    files = [] if _registered(alert) else await ingest.attachments(session, [message.id])
    row = line(alert, message.body, verdict.get("unread", ()), [(file.name, file.sha256) for file in files])
    await _spread(session, row)
    await repository.enter(session, row)


async def widened(session: Session, alert: AlertRow, message: MessageRow, files: Sequence[tuple[str, str]]) -> None:
    """Let an alert's line say what the alert is about now. ``files``: name and SHA-256 of its message's."""
    before = (await repository.subjects(session, [alert.id]))[alert.id]
    row = line(alert, message.body, (message.verdict or {}).get("unread", ()), [] if _registered(alert) else files)
    if row.subject != before:
        await _spread(session, row)
    else:
        row.doublings = await repository.doublings(session, alert.id)
        row.urgency += row.doublings
    await repository.set_line(session, alert.id, {name: getattr(row, name) for name in SAID})


async def spread(session: Session, ids: Sequence[str]) -> dict[str, Spread]:
    """How far what these alerts are about went within the window, by alert."""
    subjects = await repository.subjects(session, ids)
    found = await repository.spread(session, {one for one in subjects.values() if one}, now() - WINDOW)
    return {one: found.get(subjects.get(one) or "", ONE) for one in ids}


async def page(session: Session, wanted: AlertFilter, order: Order, cursor: str | None, size: int) -> QueuePage:
    """``cursor``: the last alert of the page before."""
    found = None if cursor else await repository.found(session, wanted, order)
    some = await repository.find(session, wanted, order, cursor, size + 1) if found is None else found[: size + 1]
    ids, after = cut(some, size)
    return QueuePage(await lines(session, ids), after, None if found is None else len(found))


async def lines(session: Session, ids: Sequence[str]) -> list[Line]:
    """Those of the ids, in their order, that there are."""
    far, together = await spread(session, ids), await incidents.of_alerts(session, ids)
    return [Line(row, state, far[state.id], together.get(state.id)) for row, state in await repository.lines(session, ids)]


async def _spread(session: Session, row: QueueRow) -> None:
    if row.subject is None:
        return
    since = row.created_at - WINDOW
    known = await repository.last_seen(session, row, since)
    before = (await repository.spread(session, [row.subject], since)).get(row.subject) if known is None else None
    row.doublings = doublings(before.channels + 1) if before else known or 0
    row.urgency += row.doublings
    if before:
        await repository.raise_up(session, row, since)


def _registered(alert: AlertRow) -> bool:
    return bool(alert.matches and alert.matches[0]["asset_id"])

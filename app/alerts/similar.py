"""Alerts like one: the same file, all but the same picture, the same asset, the same person in the same channel within a day; and
what became of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.alerts import queueing, repository
from app.alerts.history import repository as history
from app.alerts.queueing import Line
from app.alerts.schemas import AlertOut
from app.db import Session
from app.db.ids import earliest
from app.db.models import AlertHistoryRow
from app.sightings import service as sightings

MOST = 50
"""Newest alerts looked at, of each kind."""
SHOWN = 6
WINDOW = timedelta(days=1)
PICTURED = timedelta(days=30)
"""Before a message, and from then on: a picture that returns after a season is another leak."""


@dataclass(frozen=True, slots=True)
class Similar:
    """``line``: as in the queue. ``why``: the most telling of ``file``, ``picture``, ``asset``, ``sender``.

    ``by``: who resolved it.
    """

    line: Line
    why: str
    by: str | None


@dataclass(frozen=True, slots=True)
class Alike:
    """``shown``: the most telling ones, newest first. ``total``: how many there are, ``more`` if not all were looked at.

    ``resolved``: how many of them were resolved as what.
    """

    shown: tuple[Similar, ...]
    total: int
    more: bool
    resolved: Mapping[str, int]


async def alike(session: Session, alert: AlertOut) -> Alike:
    """Bounded, however often the same thing was seen."""
    found = await _found(session, alert)
    why: dict[str, str] = {}
    for kind, ids in found.items():
        for one in ids:
            why.setdefault(one, kind)
    why.pop(alert.id, None)
    states = await repository.states(session, list(why))
    resolved: dict[str, int] = {}
    for state in states:
        if state.resolution:
            resolved[state.resolution] = resolved.get(state.resolution, 0) + 1
    shown = [state.id for state in states][:SHOWN]
    by = {row.alert_id: row.actor for row in await history.histories(session, shown) if _resolves(row)}
    lines = await queueing.lines(session, shown)
    similar = tuple(Similar(one, why[one.state.id], by.get(one.state.id) if one.state.resolution else None) for one in lines)
    return Alike(similar, len(states), any(len(ids) > MOST for ids in found.values()), resolved)


async def _found(session: Session, alert: AlertOut) -> dict[str, list[str]]:
    """The most telling first, the newest first of each."""
    assets = {match.asset_id for match in alert.matches if match.asset_id}
    digests = {file.sha256 for file in alert.message.attachments}
    at = alert.message.received_at
    message: dict[str, Any] = alert.message.model_dump(include={"gateway", "channel", "sender"})
    return {
        "file": await repository.with_bytes(session, digests, MOST + 1) if digests else [],
        "picture": await sightings.alerts_alike(session, alert.message.id, at - PICTURED, MOST + 1),
        "asset": await repository.about_assets(session, assets, MOST + 1) if assets else [],
        "sender": await repository.by_sender(session, message, earliest("msg", at - WINDOW), MOST + 1),
    }


def _resolves(row: AlertHistoryRow) -> bool:
    return "resolution" in row.change and bool(row.change["resolution"][1])

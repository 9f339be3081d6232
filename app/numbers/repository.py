"""What the numbers are made of. Ids of ours sort by time of birth, so a range of them is a range of time."""

from collections import defaultdict
from collections.abc import Sequence, Set
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import exists, func, literal_column, select
from sqlalchemy.orm import aliased

from app.db import Session
from app.db.ids import earliest
from app.db.models import AlertAssetRow, AlertHistoryRow, AlertRow, AssetRow, MessageRow, QueueRow
from app.numbers.figures import Stand

_SOME = 200  # verdicts held in memory at once
_STANDING = ("acknowledged", "resolved", "reopened", "open", "undone")
ASSETS = 50
"""Told of, those with the most alerts."""


class LastMessage(NamedTuple):
    """``unread``: parts that could not be inspected; ``reason``: why it was given up."""

    status: str
    unread: Any
    reason: str | None


class Moment(NamedTuple):
    """``sent``: as the gateway says. ``historic``: it, or part of it, was found later."""

    alert: str
    sent: str | None
    received: datetime
    created: datetime
    historic: bool


async def moments(session: Session, since: datetime, limit: int) -> list[Moment]:
    """Of alerts, the newest."""
    sent = MessageRow.body["sent_at"].as_string()
    columns = AlertRow.id, sent, MessageRow.received_at, AlertRow.created_at, AlertRow.historic
    query = select(*columns).join(MessageRow, MessageRow.id == AlertRow.message_id).where(AlertRow.created_at >= since)
    rows = await session.execute(query.order_by(AlertRow.id.desc()).limit(limit))
    return [Moment(*row) for row in rows]


async def widened(session: Session, first: str) -> set[str]:
    """Alerts from that id on that were raised as their messages came, and are historic only since more was found in them."""
    query = select(AlertHistoryRow.alert_id, AlertHistoryRow.change)
    query = query.where(AlertHistoryRow.alert_id >= first, AlertHistoryRow.action == "widened")
    return {alert for alert, change in await session.execute(query) if "historic" in change}


async def stands(session: Session, first: str) -> dict[str, list[Stand]]:
    """How alerts from that id on stood, one after the other: by alert; nothing of those never touched."""
    query = select(AlertHistoryRow.alert_id, AlertHistoryRow.change, AlertHistoryRow.at).where(
        AlertHistoryRow.alert_id >= first, AlertHistoryRow.action.in_(_STANDING)
    )
    found: defaultdict[str, list[Stand]] = defaultdict(list)
    for alert, change, at in await session.execute(query.order_by(AlertHistoryRow.id)):
        if "status" in change:
            found[alert].append(Stand(change["status"][1], at, "found" in change))
    return dict(found)


async def resolutions(session: Session, since: datetime) -> list[tuple[str, str, int]]:
    """Detectors as the queue has them, resolution, number of alerts."""
    query = select(QueueRow.detectors, QueueRow.resolution, func.count())
    query = query.where(QueueRow.resolution.is_not(None), QueueRow.created_at >= since)
    rows = await session.execute(query.group_by(QueueRow.detectors, QueueRow.resolution))
    return [(detectors, resolution, number) for detectors, resolution, number in rows if resolution]


async def asset_resolutions(session: Session, since: datetime) -> list[tuple[str, str, int]]:
    """Asset, resolution, number of alerts."""
    query = select(AlertAssetRow.asset_id, QueueRow.resolution, func.count())
    query = query.join(QueueRow, QueueRow.alert_id == AlertAssetRow.alert_id)
    query = query.where(QueueRow.resolution.is_not(None), QueueRow.created_at >= since)
    rows = await session.execute(query.group_by(AlertAssetRow.asset_id, QueueRow.resolution))
    return [(asset, resolution, number) for asset, resolution, number in rows if resolution]


async def overtaken(session: Session, since: datetime) -> list[tuple[str, str, str]]:
    """Alert, asset and resolution, where the asset was found in the alert after it was resolved: nobody decided about that."""
    later = aliased(AlertHistoryRow)
    again = exists().where(later.alert_id == AlertHistoryRow.alert_id, later.id > AlertHistoryRow.id, later.action.in_(_STANDING))
    query = select(AlertHistoryRow.alert_id, AlertHistoryRow.change, QueueRow.resolution).join(
        QueueRow, QueueRow.alert_id == AlertHistoryRow.alert_id
    )
    query = query.where(AlertHistoryRow.alert_id >= earliest("alr", since), AlertHistoryRow.action == "widened")
    rows = await session.execute(query.where(QueueRow.created_at >= since, QueueRow.resolution.is_not(None), ~again))
    return [(alert, change["assets"][1], resolution or "") for alert, change, resolution in rows if "assets" in change]


async def titles(session: Session, assets: Sequence[str]) -> dict[str, str]:
    """Of those that are still registered."""
    rows = await session.execute(select(AssetRow.id, AssetRow.title).where(AssetRow.id.in_(assets)))
    return {row[0]: row[1] for row in rows}


async def messages_between(session: Session, start: datetime, end: datetime) -> int:
    """How many were accepted, of those that are kept."""
    query = select(func.count()).select_from(MessageRow)
    return await session.scalar(query.where(MessageRow.id >= earliest("msg", start), MessageRow.id < earliest("msg", end))) or 0


async def alerts_between(session: Session, start: datetime, end: datetime) -> dict[str, int]:
    """How many were raised, by verdict."""
    query = select(AlertRow.verdict, func.count()).where(AlertRow.created_at >= start, AlertRow.created_at < end)
    return {row[0]: row[1] for row in await session.execute(query.group_by(AlertRow.verdict))}


async def last_messages(session: Session, limit: int) -> list[LastMessage]:
    """The newest."""
    columns = MessageRow.status, MessageRow.verdict["unread"], MessageRow.reason
    rows = await session.execute(select(*columns).order_by(MessageRow.id.desc()).limit(limit))
    return [LastMessage(*row) for row in rows]


async def waits_longest(session: Session) -> datetime | None:
    """When the message came that waits longest, of all: the index of those that wait serves no parameter."""
    waits = MessageRow.status == literal_column("'queued'")
    query = select(MessageRow.received_at).where(waits).order_by(MessageRow.id).limit(1)
    found: datetime | None = await session.scalar(query)
    return found


async def labelled(
    session: Session, since: datetime, limit: int, unlabelled: Set[tuple[str, str]]
) -> list[tuple[str, str, list[Any]]]:
    """Alerts that people resolved, newest first: id, resolution, matches; a few at a time, since matches are large.

    ``unlabelled``: alerts, and assets that the resolution says nothing of.
    """
    query = select(QueueRow.alert_id).where(QueueRow.resolution.is_not(None), QueueRow.created_at >= since)
    ids = list(await session.scalars(query.order_by(QueueRow.alert_id.desc()).limit(limit)))
    found: list[tuple[str, str, list[Any]]] = []
    for start in range(0, len(ids), _SOME):
        some = select(AlertRow.id, AlertRow.resolution, AlertRow.matches).where(AlertRow.id.in_(ids[start : start + _SOME]))
        rows = await session.execute(some.order_by(AlertRow.id.desc()))
        told = ((alert, says, [one for one in some if (alert, one["asset_id"]) not in unlabelled]) for alert, says, some in rows)
        found += [(alert, says, [_brief(match) for match in some]) for alert, says, some in told if says]
    return found


def _brief(match: Any) -> tuple[str, float]:
    return str(match["detector"]), float(match["confidence"])

"""Incidents as they come about from alerts, without anything to detect them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.alerts import service as alerts
from app.alerts import widening
from app.alerts.schemas import AlertChange
from app.alerts.widening import Late
from app.db import Database, Session
from app.db.ids import new_id
from app.db.models import (
    AlertRow,
    AttachmentRow,
    IncidentAlertRow,
    IncidentHistoryRow,
    IncidentMoveRow,
    IncidentRow,
    MessageRow,
    now,
)
from app.incidents import moving, repository, service
from app.incidents.schemas import IncidentChange, IncidentFilter, IncidentOut, TaskChange, TaskIn
from tests.app.alerts.conftest import NOBODY, Desk, desk, match
from tests.app.conftest import fresh

__all__ = ["desk"]


@dataclass
class Room(Desk):
    """A database, and what people do about incidents in it."""

    async def of(self, alert: str) -> str:
        """The incident it belongs to."""
        async with self.database.reading() as session:
            return (await repository.of_alerts(session, [alert]))[alert][0]

    async def incident(self, incident: str) -> IncidentOut:
        async with self.database.reading() as session:
            return await service.one(session, incident)

    async def set(self, incident: str, actor: str = "ana", **change: Any) -> None:
        async with self.database.writing() as session:
            await service.change(session, incident, IncidentChange(**change), actor)

    async def task(self, incident: str, text: str = "call them") -> str:
        async with self.database.writing() as session:
            return await service.add_task(session, incident, TaskIn(text=text), "ana")

    async def set_task(self, incident: str, task: str, **change: Any) -> None:
        async with self.database.writing() as session:
            await service.change_task(session, incident, task, TaskChange(**change), "ana")

    async def merge(self, incident: str, into: str, version: int | None = None) -> IncidentMoveRow:
        async with self.database.writing() as session:
            return await moving.merge(session, incident, into, "ana", version)

    async def split(self, incident: str, some: Sequence[str], title: str | None = None) -> IncidentMoveRow:
        async with self.database.writing() as session:
            return await moving.split(session, incident, some, title, "ana")

    async def take_back(self, incident: str, move: str) -> IncidentMoveRow:
        async with self.database.writing() as session:
            return await moving.undo(session, incident, move, "ana")

    async def message(self, session: Session, channel: str) -> MessageRow:
        """One that was inspected."""
        body = {"gateway": "g1", "channel": {"id": channel}, "sender": {"id": "u1"}}
        names = {"gateway": "g1", "message_id": fresh(), "channel_id": channel, "sender_id": "u1"}
        row = MessageRow(id=new_id("msg"), **names, body=body, status="done")
        session.add(row)
        await session.flush()
        return row

    async def historic(self, days: float, asset: str, files: tuple[str, ...] = ()) -> str:
        """A leak so many days ago, found only now."""
        async with self.database.writing() as session:
            message = await self.message(session, "c9")
            for position, digest in enumerate(files):
                about = {"name": "", "content_type": "", "size": 1, "blob": None}
                session.add(AttachmentRow(message_id=message.id, position=position, sha256=digest, **about))
            await session.flush()
            verdict = {"verdict": "leak", "severity": "low", "matches": [match(asset_id=asset)], "unread": []}
            return await alerts.raise_alert(session, message, verdict, NOBODY, leaked_at=now() - timedelta(days=days))

    async def widen(self, alert: str, asset: str, **about: Any) -> None:
        """A hunt finds one more asset in its message."""
        async with self.database.writing() as session:
            row = await session.get_one(AlertRow, alert)
            message = await session.get_one(MessageRow, row.message_id)
            late = Late(asset, "leak", "high", [match(asset_id=asset, **about)], now())
            await widening.widen(session, row, message, late, NOBODY)

    def others(self, count: int) -> "list[Room]":
        """Servers on the same database."""
        url = self.database.engine.url.render_as_string(hide_password=False)
        return [Room(Database(url)) for _ in range(count)]

    async def resolve(self, alert: str, resolution: str) -> None:
        async with self.database.writing() as session:
            await alerts.change(session, alert, AlertChange(status="resolved", resolution=resolution), "ana", NOBODY)

    async def age(self, incident: str, days: float) -> None:
        """Let an incident's last alert be so long ago."""
        async with self.database.writing() as session:
            row = (await session.scalars(select(IncidentRow).where(IncidentRow.id == incident))).one()
            at = row.last_at - timedelta(days=days)
            await session.execute(update(IncidentRow).where(IncidentRow.id == incident).values(last_at=at))

    async def listed(self, **wanted: Any) -> list[str]:
        async with self.database.reading() as session:
            return await repository.find(session, IncidentFilter(**wanted), None, 200)

    async def members(self) -> dict[str, str]:
        """Every alert's incident."""
        async with self.database.reading() as session:
            rows = await session.execute(select(IncidentAlertRow.alert_id, IncidentAlertRow.incident_id))
            return {row[0]: row[1] for row in rows}

    async def did(self, incident: str) -> list[str]:
        """What happened to it, a word each."""
        async with self.database.reading() as session:
            query = select(IncidentHistoryRow.action).where(IncidentHistoryRow.incident_id == incident)
            return list(await session.scalars(query.order_by(IncidentHistoryRow.id)))


def room_of(database: Database) -> Room:
    return Room(database)


@pytest.fixture
async def room(desk: Desk) -> Room:
    return Room(desk.database)

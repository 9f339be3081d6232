"""Alerts as they are raised, without anything to detect them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.alerts import bulk, repository, service
from app.alerts.history import repository as history
from app.alerts.repository import Seen, State
from app.alerts.schemas import AlertChange, AlertFilter, BulkOut, Order
from app.db import Database, Session
from app.db.ids import new_id
from app.db.models import AlertHistoryRow, AttachmentRow, MessageRow, QueueRow
from app.db.upgrading import bring_up_to_date
from app.ingest.jobs import Sighted
from app.ingest.schemas import MessageIn
from app.notify.service import Notices
from app.people.service import Principal, Role, create_token
from app.settings import Settings
from app.sightings import service as sightings
from tests.app.conftest import fresh

NOBODY = Notices()


def analyst(name: str) -> Principal:
    return Principal("tok_1", name, Role.ANALYST)


def match(**more: Any) -> dict[str, Any]:
    about = {"asset_id": "ast_1", "asset_title": "Harbour plan", "reference": "page 1", "detector": "page_copy"}
    return {**about, "confidence": 0.9, "attachment": 0, "part": "", "evidence": {}, **more}


@dataclass
class Desk:
    """A database, and what happens to it."""

    database: Database

    async def alert(
        self,
        asset: str | None = "ast_1",
        severity: str = "high",
        channel: dict[str, Any] | None = None,
        files: tuple[str, ...] = (),
        unread: tuple[dict[str, Any], ...] = (),
        gateway: str = "g1",
        sender: dict[str, Any] | None = None,
        text: str = "",
        pictures: tuple[int, ...] = (),
        also: tuple[dict[str, Any], ...] = (),
        **about: Any,
    ) -> str:
        """A new one, its id. ``about``: its match, ``also``: more; ``files``: SHA-256; ``pictures``: their perceptual hashes."""
        where = channel or {"id": "c1"}
        async with self.database.writing() as session:
            raised = await _raise(session, asset, severity, where, files, unread, gateway, sender, about, text, pictures, also)
        return raised

    async def alerts(self, count: int, asset: str = "ast_1") -> None:
        """So many at once, all alike."""
        async with self.database.writing() as session:
            for _ in range(count):
                await _raise(session, asset, "high", {"id": "c1"}, (), (), "g1", None, {})

    async def change(self, alert: str, actor: str = "ana", **change: Any) -> None:
        async with self.database.writing() as session:
            await service.change(session, alert, AlertChange(**change), actor, NOBODY)

    async def known(self, *names: str) -> None:
        """Analysts of these names."""
        async with self.database.writing() as session:
            for name in names:
                await create_token(session, name, Role.ANALYST)

    async def seen(self, actor: str = "ana") -> Seen:
        """What a page would know that is drawn now."""
        async with self.database.reading() as session:
            newest, happened = await repository.newest(session), await history.last_happening(session)
        return Seen(newest or "", happened, actor)

    async def bulk(self, wanted: AlertFilter, actor: str = "ana", seen: Seen | None = None, **change: Any) -> BulkOut:
        return await bulk.bulk(self.database, wanted, AlertChange(**change), analyst(actor), NOBODY, seen)

    async def change_all(self, ids: list[str], versions: dict[str, int] | None = None, **change: Any) -> BulkOut:
        return await bulk.change_all(self.database, ids, versions or {}, AlertChange(**change), analyst("ana"), NOBODY)

    async def undo(self, bulk_id: str, actor: str = "ana") -> BulkOut:
        return await bulk.undo(self.database, bulk_id, analyst(actor), NOBODY)

    async def found(self, order: Order = "urgent", **wanted: Any) -> list[str]:
        async with self.database.reading() as session:
            return await repository.find(session, AlertFilter(**wanted), order)

    async def state(self, alert: str) -> State:
        async with self.database.reading() as session:
            return (await repository.states(session, [alert]))[0]

    async def line(self, alert: str) -> QueueRow:
        async with self.database.reading() as session:
            return (await session.scalars(select(QueueRow).where(QueueRow.alert_id == alert))).one()

    async def history(self, alert: str) -> list[AlertHistoryRow]:
        async with self.database.reading() as session:
            return await history.histories(session, [alert])


async def _raise(
    session: Session,
    asset: str | None,
    severity: str,
    channel: dict[str, Any],
    files: tuple[str, ...],
    unread: tuple[dict[str, Any], ...],
    gateway: str,
    sender: dict[str, Any] | None,
    about: dict[str, Any],
    text: str = "",
    pictures: tuple[int, ...] = (),
    also: tuple[dict[str, Any], ...] = (),
) -> str:
    names = {"gateway": gateway, "message_id": fresh(), "channel": channel, "sender": sender or {"id": "u1"}, "text": text}
    posted = MessageIn.model_validate(names)
    message = MessageRow(
        id=new_id("msg"),
        gateway=gateway,
        message_id=posted.message_id,
        channel_id=posted.channel.id,
        sender_id=posted.sender.id,
        body=posted.body(),
        status="done",
    )
    rows = [
        AttachmentRow(message_id=message.id, position=i, name=f"{i}.jpg", content_type="", sha256=sha256, size=1, blob=None)
        for i, sha256 in enumerate(files)
    ]
    matches = [] if unread else [match(asset_id=asset, **about), *also]
    verdict = {"verdict": "leak", "severity": severity, "matches": matches, "unread": list(unread)}
    session.add(message)
    await session.flush()
    session.add_all(rows)
    looks = zip(files, pictures, strict=False)
    await sightings.record(session, message, [Sighted(i, "", digest, 1, look) for i, (digest, look) in enumerate(looks)])
    return await service.raise_alert(session, message, verdict, NOBODY)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    database = Database(Settings(data_dir=tmp_path).database)
    await bring_up_to_date(database)
    yield Desk(database)
    await database.close()

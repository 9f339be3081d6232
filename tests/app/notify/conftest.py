"""An outbox with alerts to tell of, a receiver, and senders that keep what they are given."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.alerts import service as alerts
from app.alerts.schemas import AlertChange
from app.db import Database
from app.db.ids import new_id
from app.db.models import MessageRow, OutboxRow
from app.db.upgrading import bring_up_to_date
from app.ingest.schemas import MessageIn
from app.notify.senders import Notification
from app.notify.service import Notices
from app.settings import Settings
from tests.app.conftest import fresh
from tests.app.notify.receiver import Receiver, receiving

SAID = "the harbour plan is under the mat"
READ = "TOP SECRET // of the picture"
NOTICES = Notices(("kept",), "https://console.example")


@dataclass
class Clock:
    """Goes when it is told to; a minute ahead, so that what was written just now is due."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(minutes=1))

    def __call__(self) -> datetime:
        return self.at

    def go(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Kept:
    """A sender that keeps what it delivers, and before that fails as it is told to."""

    failures: list[Exception] = field(default_factory=list)
    slow: float = 0.0
    got: list[Notification] = field(default_factory=list)
    tried: int = 0

    async def send(self, notification: Notification) -> None:
        self.tried += 1
        await asyncio.sleep(self.slow)
        if self.failures:
            raise self.failures.pop(0)
        self.got.append(notification)

    def ids(self) -> list[str]:
        return [one.id for one in self.got]


async def until(true: Callable[[], object]) -> None:
    """Raises TimeoutError."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 (what is waited for knows nothing of us)
            await asyncio.sleep(0.005)


def match(**more: Any) -> dict[str, Any]:
    evidence = {"summary": f"It reads {READ}.", "text": {"passage": SAID}}
    about = {"asset_id": "ast_1", "asset_title": "Harbour plan", "reference": "page 1", "detector": "page_copy"}
    return {**about, "confidence": 0.9, "attachment": 0, "part": "", "evidence": evidence, **more}


@dataclass
class Outbox:
    """The database, and what tests do to it."""

    database: Database

    async def alert(self, notices: Notices = NOTICES, matches: list[dict[str, Any]] | None = None) -> str:
        """A new alert, raised as a verdict raises it."""
        about = {"gateway": "g1", "message_id": fresh(), "text": SAID, "channel": {"id": "c1"}}
        posted = MessageIn.model_validate({**about, "sender": {"id": "u1", "name": "Uncle"}})
        names = {"gateway": "g1", "message_id": posted.message_id, "channel_id": "c1", "sender_id": "u1"}
        row = MessageRow(id=new_id("msg"), body=posted.body(), status="done", **names)
        verdict = {"verdict": "leak", "severity": "high", "matches": [match()] if matches is None else matches}
        async with self.database.writing() as session:
            session.add(row)
            await session.flush()
            return await alerts.raise_alert(session, row, verdict, notices)

    async def change(self, alert: str, notices: Notices = NOTICES, **change: Any) -> None:
        async with self.database.writing() as session:
            await alerts.change(session, alert, AlertChange(**change), "ana", notices)

    async def rows(self) -> list[OutboxRow]:
        """All, in order."""
        async with self.database.reading() as session:
            return list(await session.scalars(select(OutboxRow).order_by(OutboxRow.seq)))

    async def states(self) -> list[tuple[str, int, str | None]]:
        return [(row.status, row.attempts, row.last_error) for row in await self.rows()]


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[Outbox]:
    database = Database(Settings(data_dir=tmp_path).database)
    await bring_up_to_date(database)
    yield Outbox(database)
    await database.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found

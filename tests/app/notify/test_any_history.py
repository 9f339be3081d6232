"""Whatever happens, in whatever order: all of an alert's notifications arrive, in their order, and no oftener than they must."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from app.db import Database
from app.db.models import OutboxRow
from app.notify import repository
from app.notify.delivery import Delivery
from app.notify.senders import Notification, Passing
from app.notify.service import Notices
from app.observability import Metrics
from tests.app.notify.conftest import Clock, Outbox

Step = tuple[Literal["tell", "deliver", "fail", "crash", "later", "back"], int]
STEPS = st.tuples(st.sampled_from(["tell", "tell", "deliver", "fail", "crash", "later", "back"]), st.integers(0, 2))


@dataclass
class Flaky:
    """A sender that fails every notification in ``failing`` turns."""

    failing: bool = False
    got: list[Notification] = field(default_factory=list)

    async def send(self, notification: Notification) -> None:
        if self.failing:
            raise Passing("down")
        self.got.append(notification)


@dataclass
class World:
    """An outbox about three alerts, a sender, a clock; ``told``: by alert, what was told of it, in order."""

    outbox: Outbox
    alerts: list[str]
    clock: Clock = field(default_factory=Clock)
    sender: Flaky = field(default_factory=Flaky)
    told: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    crashes: int = 0

    async def take(self, step: Step) -> None:
        what, number = step
        if what == "tell":
            await self._tell(self.alerts[number])
        elif what == "crash":
            await self._crash()
        elif what in ("deliver", "fail"):
            self.sender.failing = what == "fail"
            await self.deliver()
        else:
            self.clock.go(hours=(number + 1) * (1 if what == "later" else -1))

    async def deliver(self) -> None:
        await Delivery(self.outbox.database, {"kept": self.sender}, Metrics(), self.clock).deliver_due()

    async def _tell(self, alert: str) -> None:
        at, told = self.clock.at, self.told[alert]
        told.append(f"{alert}-{len(told)}")
        row = OutboxRow(id=told[-1], sender="kept", alert_id=alert, event="e", body={}, created_at=at, not_before=at)
        async with self.outbox.database.writing() as session:
            await repository.add(session, [row])

    async def _crash(self) -> None:
        """Delivered, and nothing of it recorded."""
        async with self.outbox.database.writing() as session:
            seqs = await repository.waiting(session, "kept", self.clock.at, 2)
            rows = await repository.claim(session, seqs, self.clock.at)
        self.sender.got += [Notification(row.id, row.event, row.alert_id, b"") for row in rows]
        self.crashes += len(rows)


async def _live(outbox: Outbox, alerts: list[str], steps: list[Step]) -> World:
    async with outbox.database.writing() as session:
        await session.execute(delete(OutboxRow))
    world = World(outbox, alerts)
    for step in steps:
        await world.take(step)
    world.sender.failing = False
    for _ in range(20):
        world.clock.go(hours=2)
        await world.deliver()
    return world


def check(world: World) -> None:
    got = [one.id for one in world.sender.got]
    for told in world.told.values():
        assert sorted((one for one in set(got) if one in told), key=got.index) == told
    assert len(got) <= len(set(got)) + world.crashes


def test_any_history(tmp_path: Path) -> None:
    async def begin() -> list[str]:
        from app.db.upgrading import bring_up_to_date  # noqa: PLC0415

        await bring_up_to_date(database)
        return [await Outbox(database).alert(Notices()) for _ in range(3)]

    database = Database(f"sqlite+aiosqlite:///{tmp_path}/leakwatch.db")
    with asyncio.Runner() as runner:
        alerts = runner.run(begin())

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        @given(steps=st.lists(STEPS, max_size=12))
        def hold(steps: list[Step]) -> None:
            check(runner.run(_live(Outbox(database), alerts, steps)))

        hold()
        runner.run(database.close())

"""Looking for what is due, every second for months, leaves nothing behind."""

import gc
from pathlib import Path

from app.notify.delivery import Delivery
from app.notify.senders import Notification
from app.observability import Metrics
from tests.app.db.test_database import opened

ROUNDS = 50


class Nobody:
    """See ``Sender``."""

    async def send(self, notification: Notification) -> None:
        raise AssertionError("nothing is due")


async def test_nothing_is_left_to_the_garbage_collector(tmp_path: Path) -> None:
    """Objects that refer to each other go with its next full run, which in a program of this size comes after many minutes."""
    database = await opened(tmp_path)
    delivery = Delivery(database, {"webhook": Nobody(), "stream": Nobody()}, Metrics())
    await delivery.deliver_due()
    gc.collect()
    gc.disable()
    try:
        for _ in range(ROUNDS):
            await delivery.deliver_due()
        left = gc.collect()
    finally:
        gc.enable()
        await database.close()
    assert left < 10 * ROUNDS

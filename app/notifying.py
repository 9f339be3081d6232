"""Delivery as a process of its own: beside a server, or anywhere its database is reached; as many as wanted."""

import asyncio
import logging
import signal
from contextlib import AsyncExitStack

from app.assets.announcing import Announcer
from app.audit import service as audit
from app.db import Database
from app.db.models import now
from app.db.upgrading import bring_up_to_date
from app.errors import Invalid
from app.garbage import spare_what_stays
from app.notify import repository
from app.notify.configured import open_senders
from app.notify.delivery import Delivery
from app.observability import Metrics, log_to_stderr
from app.settings import PREFIX, Settings
from app.streams.opening import open_stream
from app.streams.table import TableStream
from app.streams.types import Stream

log = logging.getLogger(__name__)


def notify(settings: Settings, once: bool, again: bool) -> bool:
    """Blocks until SIGTERM or SIGINT, with ``once`` until nothing is due; whether nothing failed for good. Raises Invalid.

    ``again``: what failed for good before is tried once more.
    """
    log_to_stderr(settings.log_level)
    spare_what_stays()
    return asyncio.run(_notify(settings, once, again))


async def _notify(settings: Settings, once: bool, again: bool) -> bool:
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(settings.database)
    try:
        await bring_up_to_date(database)
        async with AsyncExitStack() as stack:
            stream = await _stream(stack, settings, database)
            senders = await stack.enter_async_context(open_senders(settings, stream))
            if not senders:
                raise Invalid(f"Nobody is to be notified: set {PREFIX}WEBHOOK_URL.")
            if again:
                await _again(database)
            return await _deliver(Delivery(database, senders, Metrics()), once)
    finally:
        await database.close()


async def _stream(stack: AsyncExitStack, settings: Settings, database: Database) -> Stream | None:
    """A fleet's, which is told of alerts and of what changes in the registry."""
    if not settings.is_fleet:
        return None
    stream = await stack.enter_async_context(open_stream(settings, TableStream(database)))
    await stack.enter_async_context(Announcer(database, stream))
    return stream


async def _again(database: Database) -> None:
    async with database.writing() as session:
        if count := await repository.again(session, now()):
            await audit.record(session, audit.operator(), "notifications.repeated", "outbox", "", count=count)


async def _deliver(delivery: Delivery, once: bool) -> bool:
    work = asyncio.create_task(delivery.deliver_due() if once else _until_told(delivery))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, work.cancel)
    try:
        return await work == 0
    except asyncio.CancelledError:
        return True


async def _until_told(delivery: Delivery) -> int:
    async with delivery:
        log.info("delivering")
        await asyncio.Event().wait()
    return 0

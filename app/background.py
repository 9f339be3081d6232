"""Tasks that work behind the requests: how they wait, and how they end."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

INSIST = 5.0


async def signalled(event: asyncio.Event, seconds: float) -> None:
    """Until ``event`` is set, or ``seconds`` are over. Unlike ``asyncio.wait_for`` before Python 3.12 it loses no cancellation
    that comes in the moment of the event (https://github.com/python/cpython/issues/86296).
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def end(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel until every one has ended; a library that loses a cancellation gets another after ``INSIST`` seconds."""
    waiting = ending = set(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=INSIST)
    await asyncio.gather(*ending, return_exceptions=True)

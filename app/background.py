"""Tasks that work behind the requests: how they wait, and how they end."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Self

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


class Working:
    """One task that works from the entering of a context to its leaving."""

    _task: "asyncio.Task[None] | None" = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._work(), name=type(self).__name__)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            await end([self._task])

    async def _work(self) -> None:
        """Until cancelled."""
        raise NotImplementedError

"""Tasks that work behind the requests end when they are told to."""

import asyncio

from app import background
from app.background import end, signalled


async def test_waiting_ends_with_the_event_or_the_time() -> None:
    event = asyncio.Event()
    await signalled(event, 0.01)
    event.set()
    await asyncio.wait_for(signalled(event, 60), 60)


async def test_an_end_in_the_moment_of_the_event_is_not_lost() -> None:
    """``asyncio.wait_for`` of Python 3.11 would go on: the event is there when the cancellation comes."""
    event = asyncio.Event()
    task = asyncio.create_task(signalled(event, 60))
    await asyncio.sleep(0.01)
    event.set()
    task.cancel()
    await asyncio.wait([task], timeout=60)
    assert task.cancelled()


async def test_who_loses_an_end_gets_another() -> None:
    lost = 0

    async def stubborn() -> None:
        nonlocal lost
        while lost < 2:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                lost += 1

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    before, background.INSIST = background.INSIST, 0.01
    try:
        await asyncio.wait_for(end([task]), 60)
    finally:
        background.INSIST = before
    assert task.done()

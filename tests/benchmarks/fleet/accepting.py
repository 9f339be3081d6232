"""What the API accepts: at most, and how quickly while detection has nothing to do and more than it can do."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.fleet.posts import Posted, flood, pace, pictured, texts
from tests.benchmarks.fleet.sizes import Sizes

CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Door:
    """A server to post to. ``through``: how many messages have come to where they wait for detection."""

    port: int
    token: str
    through: Callable[[], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Accepted:
    """``rate``: messages a second, from ``CONNECTIONS``; ``alone``: from one; ``through``: a second until in their queue."""

    rate: float
    alone: float
    through: float
    idle: Posted
    busy: Posted

    @property
    def stretched(self) -> float:
        """The 99th percentile while detection is saturated, in medians of when it is not."""
        return quantile(self.busy.ms, 0.99) / quantile(self.idle.ms, 0.5)


def quantile(values: list[float], share: float) -> float:
    return float(np.quantile(values, share)) if values else float("nan")


async def idle(door: Door, sizes: Sizes) -> Posted:
    """Messages of words at a moderate rate, none waiting."""
    await pace(door.port, texts(door.token), sizes.per_second, 10)
    return await pace(door.port, texts(door.token), sizes.per_second, sizes.idle)


async def flooded(door: Door, sizes: Sizes) -> tuple[Posted, float]:
    """As many as go in; and how many a second have come to their queue."""
    before = await door.through()
    posted = await flood(door.port, texts(door.token), CONNECTIONS, sizes.seconds)
    seconds = posted.seconds
    while (there := await door.through() - before) < len(posted.ms):
        await asyncio.sleep(0.05)
        seconds += 0.05
        if seconds > sizes.seconds + 60:
            break
    return posted, there / seconds


async def alone(door: Door, sizes: Sizes) -> Posted:
    """One after the other."""
    return await flood(door.port, texts(door.token), 1, sizes.seconds / 2)


async def saturated(door: Door, sizes: Sizes, pictures: list[bytes], fresh: Callable[[bytes, int], bytes]) -> Posted:
    """As ``idle``, behind more pictures than can be looked at meanwhile."""
    waiting = pictured(door.token, pictures, fresh)
    await flood(door.port, (next(waiting) for _ in range(sizes.backlog)), 4, 60)
    return await pace(door.port, texts(door.token), sizes.per_second, sizes.busy)

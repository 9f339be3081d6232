"""Pictures as somebody may see them: plain, or veiled on the server, so that what they must not see yet never leaves it."""

import asyncio
from collections.abc import Sequence

from fingerprints.overlay import aspect_of, laid_over, veiled


async def veil(data: bytes | None) -> bytes | None:
    """``None`` for none."""
    return None if data is None else await asyncio.to_thread(veiled, data)


async def aspect(data: bytes | None) -> float | None:
    """Width by height; ``None`` for no picture."""
    return None if data is None else await asyncio.to_thread(aspect_of, data)


async def aligned(posted: bytes | None, homography: Sequence[float], width_by_height: float) -> bytes | None:
    """See ``laid_over``; ``None`` where there is nothing to lay over."""
    return None if posted is None else await asyncio.to_thread(laid_over, posted, homography, width_by_height)

"""Blobs from an event loop, which may wait for no disk and no network."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from app.blobs.types import Blobs


@asynccontextmanager
async def at_hand(blobs: Blobs, keys: Iterable[str]) -> AsyncIterator[list[Path]]:
    """``Blobs.local``. Raises FileNotFoundError, BlobsDown.

    A thread cannot be cancelled: what one still fetches for a caller who has left is let go of when it has come.
    """
    local = blobs.local(keys)
    entering = asyncio.ensure_future(asyncio.to_thread(local.__enter__))
    try:
        paths = await asyncio.shield(entering)
    except asyncio.CancelledError:
        entering.add_done_callback(lambda entered: entered.cancelled() or entered.exception() or local.__exit__(None, None, None))
        raise
    try:
        yield paths
    finally:
        local.__exit__(None, None, None)


async def fetched(blobs: Blobs, key: str | None) -> bytes | None:
    """``Blobs.get``; ``None`` for no key, and for a blob that is gone. Raises BlobsDown."""
    try:
        return await asyncio.to_thread(blobs.get, key) if key else None
    except FileNotFoundError:
        return None

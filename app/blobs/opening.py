"""The store that settings name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.blobs.folder import BlobFolder
from app.blobs.types import Blobs
from app.settings import Settings


@asynccontextmanager
async def open_blobs(settings: Settings) -> AsyncIterator[Blobs]:
    """Nobody is asked whether a bucket can be reached: its first use tells. Raises OSError for a folder that cannot be used."""
    if settings.blob_folder is not None:
        yield BlobFolder(settings.blob_folder)
        return
    from app.blobs.bucket import BlobBucket  # noqa: PLC0415 (only who uses S3 loads it, and has it installed)
    from app.blobs.cache import Cache  # noqa: PLC0415

    blobs = BlobBucket(settings.blob_url, Cache(settings.data_dir / "cache" / "blobs", settings.blob_cache))
    try:
        yield blobs
    finally:
        await asyncio.to_thread(blobs.close)

"""The stream that settings name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.settings import Settings
from app.streams.table import TableStream
from app.streams.types import Stream


@asynccontextmanager
async def open_stream(settings: Settings, table: TableStream) -> AsyncIterator[Stream]:
    """``table``: what ``table:`` names. Raises ValueError for a URL that is none."""
    if not settings.is_fleet:
        yield table
        return
    from app.streams.kafka.stream import KafkaStream  # noqa: PLC0415 (only who uses Kafka loads it)

    copies = settings.replicas, settings.min_insync_replicas
    async with KafkaStream(settings.stream_url, settings.partitions, *copies) as stream:
        yield stream

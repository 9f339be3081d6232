"""The stream that settings name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.streams.table import TableStream
from app.streams.types import Stream


@asynccontextmanager
async def open_stream(url: str, table: TableStream, partitions: int) -> AsyncIterator[Stream]:
    """``table``: what ``table:`` names. Raises ValueError for a URL that is none."""
    if url == "table:":
        yield table
        return
    from app.streams.kafka import KafkaStream  # noqa: PLC0415 (only who uses Kafka loads it)

    async with KafkaStream(url, partitions) as stream:
        yield stream

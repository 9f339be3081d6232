"""The directory on the command line."""

import asyncio
from pathlib import Path

from app.audit import service as audit
from app.directory import service, tables
from app.offline import opened
from app.settings import Settings


async def replace(settings: Settings, path: Path, *, nobody: bool = False) -> int:
    """Everybody by who is in a file; how many they are. ``nobody``: see ``service.checked``. Raises Invalid, OSError."""
    people = service.checked(await asyncio.to_thread(_read, path), nobody=nobody)
    async with opened(settings) as database, database.writing() as session:
        await service.replace(session, people, audit.operator())
    return len(people)


async def taken(settings: Settings) -> bytes:
    """All of it as a table. That it was taken is written down."""
    async with opened(settings) as database, database.writing() as session:
        people = await service.take(session, audit.operator())
    return tables.write(people)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(tables.MOST_BYTES + 1)

"""Where Alembic begins: on the connection it is handed, or on the configured database when run from its command line."""

import asyncio
from typing import Literal

from alembic import context
from sqlalchemy import Connection

from app.db.columns import Moment, Text
from app.db.engine import Database
from app.db.models import Table
from app.settings import Settings


def as_written(_kind: str, value: object, _context: object) -> str | Literal[False]:
    """A migration names no type of ours: it must read the same when that type has moved."""
    if isinstance(value, Text):
        return "sa.String()"
    return "sa.DateTime(timezone=True)" if isinstance(value, Moment) else False


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True, render_item=as_written)
    with context.begin_transaction():
        context.run_migrations()


async def from_command_line() -> None:
    database = Database(Settings().database)
    async with database.migrating() as connection:
        await connection.run_sync(run)
    await database.close()


handed = context.config.attributes.get("connection")
if handed is not None:
    run(handed)
else:
    asyncio.run(from_command_line())

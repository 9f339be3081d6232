"""The schema's history. ``migrate`` brings a database to ``HEAD``; doing it again changes nothing.

To write the next one:
``alembic revision --autogenerate -m "…"`` (configured in ``pyproject.toml``), then set ``HEAD`` in ``app/db/models.py``.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from app.db.engine import Database
from app.db.models import HEAD


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, working on ``connection``."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.attributes["connection"] = connection
    return settings


async def migrate(database: Database) -> None:
    """Bring the database to ``HEAD``, in one transaction; of several processes at once, one does."""
    async with database.migrating() as connection:
        await connection.run_sync(lambda sync: command.upgrade(config(sync), HEAD))


async def take_back(database: Database, revision: str) -> None:
    """Bring the database back to an earlier ``revision`` (``base``: to nothing), in one transaction."""
    async with database.migrating() as connection:
        await connection.run_sync(lambda sync: command.downgrade(config(sync), revision))

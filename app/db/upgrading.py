"""A database brought to the present schema by whoever opens it first."""

from app.db import Database, DatabaseFailure
from app.db.models import HEAD


async def bring_up_to_date(database: Database) -> None:
    """Migrate a database that is not at the present schema. Raises DatabaseFailure."""
    found = await database.revision()
    if found is not None and found > HEAD:
        raise DatabaseFailure(f"it belongs to a newer leakwatch: its schema is {found}, this one's {HEAD}")
    if found != HEAD:
        from app.db.migrations import migrate  # noqa: PLC0415 (Alembic is loaded only to migrate)

        await migrate(database)

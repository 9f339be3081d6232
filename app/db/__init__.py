"""The database: connections and transactions (``engine``), tables (``models``), their history (``migrations``)."""

from sqlalchemy.exc import DBAPIError as DatabaseFailure
from sqlalchemy.ext.asyncio import AsyncSession as Session

from app.db.engine import Database

__all__ = ["Database", "DatabaseFailure", "Session"]

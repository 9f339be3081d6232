"""The database: connections and transactions (``engine``), how its two kinds differ (``dialect``), tables (``models``), their
history (``migrations``).
"""

from sqlalchemy.ext.asyncio import AsyncSession as Session

from app.db.engine import Database, turn
from app.db.failure import DatabaseFailure

__all__ = ["Database", "DatabaseFailure", "Session", "turn"]

"""What happened to alerts, as it is told: a note that somebody took back stands there still, with who did and when."""

from collections.abc import Sequence

from app.alerts.history import repository
from app.alerts.schemas import HistoryOut, WithdrawnOut
from app.db import Session
from app.db.models import AlertHistoryRow


async def told(session: Session, rows: Sequence[AlertHistoryRow]) -> list[HistoryOut]:
    """In their order."""
    back = await repository.taken_back(session, (row for row in rows if row.note))
    views = [HistoryOut.model_validate(row, from_attributes=True) for row in rows]
    return [
        view.model_copy(update={"withdrawn": WithdrawnOut(actor=by.actor, at=by.at)}) if (by := back.get(row.id)) else view
        for row, view in zip(rows, views, strict=True)
    ]

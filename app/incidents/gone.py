"""That a message was deleted in its chat, told to its alert and its incident as well: whoever looks at them sees it at once."""

from datetime import datetime

from app.alerts.history import repository as histories
from app.db import Session
from app.db.models import DeletionRow, now
from app.incidents import repository
from app.ingest import repository as ingest
from app.sightings import repository as kept
from app.sightings import service as sightings

GONE = "gone"


async def deleted(session: Session, gateway: str, message_id: str, at: datetime, by: str | None) -> DeletionRow:
    """As ``app.sightings.service.deleted``; told again, it is nothing new."""
    known = await kept.deletions(session, [(gateway, message_id)])
    row = await sightings.deleted(session, gateway, message_id, at, by)
    if not known:
        message = (await ingest.became(session, [(gateway, message_id)])).get((gateway, message_id))
        if message and message.alert_id:
            await _tell(session, message.alert_id, gateway)
    return row


async def _tell(session: Session, alert: str, gateway: str) -> None:
    told = {"at": now(), "actor": gateway, "action": GONE, "change": {}}
    await histories.add_histories(session, [{**told, "alert_id": alert}])
    about = {**told, "alerts": [alert], "count": 1, "move_id": None}
    incidents = await repository.of_alerts(session, [alert])
    await repository.record(session, [{**about, "incident_id": one} for one, _ in incidents.values()])

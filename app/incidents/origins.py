"""What is known of messages that gateways name as origins and of which an incident has no copy."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.db import Session
from app.incidents import repository
from app.incidents.copies import Copy, forwarded_from
from app.ingest import repository as ingest

if TYPE_CHECKING:
    from detectors.spread.cascade import Origins, Standing


async def origins(session: Session, incident_id: str, there: Iterable[Copy]) -> "Origins":
    """Of those that were received: what became of them. The others were not seen, or are forgotten."""
    messages = {one.message.id: one.message for one in there}.values()
    stated = {(one.gateway, *source) for one in messages if (source := forwarded_from(one))}
    names = stated - {(one.gateway, one.channel_id, one.message_id) for one in messages}
    received = await ingest.became(session, ((gateway, message_id) for gateway, _, message_id in names))
    found = {name: row for name in names if (row := received.get((name[0], name[2]))) and row.channel_id == name[1]}
    inside = await repository.of_alerts(session, [row.alert_id for row in found.values() if row.alert_id])
    incidents = {name: inside.get(row.alert_id or "", ("", 0))[0] for name, row in found.items()}
    return {name: _standing(row.status, incidents[name], incident_id) for name, row in found.items()}


def _standing(status: str, incident: str, ours: str) -> "tuple[Standing, str]":
    if incident:
        return ("left_out", "") if incident == ours else ("elsewhere", incident)
    return ("clear" if status == "done" else "unread"), ""

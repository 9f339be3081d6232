"""Whom to call about an alert: the owners of what was found, and whoever is responsible for the sender's unit."""

from app.alerts.schemas import AlertOut, AnswerableOut
from app.assets import repository as assets
from app.db import Session
from app.directory import repository as directory


async def answerable(session: Session, alert: AlertOut) -> list[AnswerableOut]:
    """Of the sender nothing more is told than their unit and who is responsible for it; nothing, if nobody said."""
    found = []
    for asset_id in dict.fromkeys(match.asset_id for match in alert.matches if match.asset_id):
        row = await assets.get(session, asset_id)
        if row is not None:
            found.append(AnswerableOut(what="asset", title=row.title, unit=row.unit, name=row.owner))
    person = await directory.find(session, alert.message.gateway, alert.message.sender.id)
    if person is not None and (person.unit or person.responsible):
        found.append(AnswerableOut(what="sender", title="", unit=person.unit, name=person.responsible))
    return found

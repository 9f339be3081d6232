"""Whom to call about what was posted: the owners of what was found, and whoever is responsible for the senders' units.

They can help to stop it. Of a sender nothing more is told than that, and nothing of it says that anybody did wrong.
"""

from collections.abc import Collection, Iterable

from app.alerts.schemas import AlertOut, AnswerableOut
from app.assets import repository as assets
from app.db import Session
from app.directory import repository as directory


async def answerable(session: Session, alert: AlertOut) -> list[AnswerableOut]:
    """About one alert."""
    about = dict.fromkeys(match.asset_id for match in alert.matches if match.asset_id)
    return [*await owners(session, about), *await units(session, [(alert.message.gateway, alert.message.sender.id)])]


async def owners(session: Session, asset_ids: Iterable[str]) -> list[AnswerableOut]:
    """Of those assets that are still registered, in their order."""
    rows = [row for one in asset_ids if (row := await assets.get(session, one)) is not None]
    return [AnswerableOut(what="asset", title=row.title, unit=row.unit, name=row.owner) for row in rows]


async def units(session: Session, accounts: Collection[tuple[str, str]]) -> list[AnswerableOut]:
    """Of those accounts (gateway, sender) whose unit or responsible the directory names, each once, in their order."""
    people = await directory.find_all(session, accounts)
    known = [people[one] for one in accounts if one in people]
    said = dict.fromkeys((one.unit, one.responsible) for one in known if one.unit or one.responsible)
    return [AnswerableOut(what="sender", title="", unit=unit, name=name) for unit, name in said]

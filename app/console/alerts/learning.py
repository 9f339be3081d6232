"""Why nothing was learnt from a confirmed alert, in plain words."""

from collections.abc import Mapping

from app.alerts import repository
from app.alerts.schemas import AlertOut
from app.console.speech import Language, marked
from app.db import Session
from app.derived.following import confirmed, taught_nothing

UNLEARNT: Mapping[str, str] = {
    "no_picture": marked("Nothing was learnt from it: only pictures of what is registered teach."),
    "unsure": marked("Nothing was learnt from it: the machine was not sure of it, and what is doubtful does not teach."),
    "derived": marked("Nothing was learnt from it: it was recognised by a confirmed leak, or by what is registered no longer."),
    "not_kept": marked("Nothing was learnt from it: no picture of it was kept."),
    "registered": marked("Nothing was learnt from it: the very file is registered already."),
    "enough": marked("Nothing was learnt from it: its asset has learnt from as many confirmed pictures as it may."),
}


async def unlearnt(session: Session, language: Language, found: AlertOut) -> str:
    """``""``: something was, or it is not confirmed."""
    if not confirmed(found.status, found.resolution):
        return ""
    row = await repository.get(session, found.id)
    why = await taught_nothing(session, row) if row else ""
    return language.say(UNLEARNT[why]) if why else ""

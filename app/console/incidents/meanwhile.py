"""Why a form about an incident was refused, in somebody's words."""

from app.console.refusals import refusal
from app.console.speech import Language
from app.db import Database
from app.errors import AppError
from app.incidents import repository


async def why(database: Database, language: Language, incident: str, error: AppError) -> str:
    """If somebody changed it meanwhile, who."""
    if error.code != "changed_meanwhile":
        return refusal(language, error)
    async with database.reading() as session:
        last = await repository.last_change(session, incident)
    who = language.say("%(actor)s changed this incident meanwhile.", actor=last.actor) if last else ""
    return language.together(who, language.say("Nothing was overwritten: look again."))

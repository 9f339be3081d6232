"""Taking the evidence about an alert out: what it holds, what for, and then the file."""

from functools import partial
from typing import Annotated, Any

from fastapi import Query, Request, Response

from app.alerts import service as alerts
from app.alerts.reveals import checked
from app.console.alerts.history import PURPOSES
from app.console.routes import Analyst, Posted, look_of, page, room
from app.console.signed_in import Visitor
from app.errors import Invalid
from app.evidence import gathering
from app.evidence.routes import download, signer_of, wanted
from app.house import House
from app.security import InHouse

router = room()


@router.get("/alerts/{alert}/evidence")
async def alert_form(
    request: Request, alert: str, house: InHouse, who: Analyst, queue: Annotated[str | None, Query()] = None
) -> Response:
    """What an export of it holds, and the form that asks what for."""
    return await _form(request, alert, house, who, queue)


@router.post("/alerts/{alert}/evidence")
async def alert_evidence(request: Request, alert: str, house: InHouse, who: Analyst, form: Posted) -> Response:
    """The file, for a purpose; that it was taken is written down."""
    purpose, words, language = form.get("purpose", ""), form.get("words", ""), form.get("language", "")
    try:
        checked(purpose, words)
    except Invalid as error:
        says = look_of(request).language.say(error.detail)
        return await _form(request, alert, house, who, form.get("queue"), error.status, form=form, problem=says)
    by = wanted(house, who.principal, purpose, words, language or look_of(request).language.code)
    return await download(house, partial(gathering.of_alert, alert_id=alert), alert, by)


async def _form(
    request: Request, alert: str, house: House, who: Visitor, queue: str | None, code: int = 200, **more: Any
) -> Response:
    async with house.database.reading() as session:
        found = await alerts.one(session, alert)
    about = {"title": gathering.title(found), "address": f"/alerts/{alert}", "id": alert, "files": len(found.message.attachments)}
    key = (await signer_of(house)).fingerprint
    values = {"about": about, "queue": queue, "purposes": PURPOSES, "key": key, "form": {}, "problem": None} | more
    return page(request, who, "evidence/export.html", code, section="alerts", **values)

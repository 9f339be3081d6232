"""Taking evidence out: what it holds, what for, and then the file."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from app.alerts import service as alerts
from app.alerts.reveals import checked
from app.console.alerts.history import PURPOSES
from app.console.routes import Posted, look_of, page, room, visitor
from app.console.signed_in import Visitor
from app.errors import Invalid
from app.evidence.gathering import title
from app.evidence.routes import TAKERS, download, signer_of, wanted
from app.evidence.subjects import gather_of
from app.house import House
from app.incidents import service as incidents
from app.people.service import Role
from app.security import InHouse

router = room()
Taker = Annotated[Visitor, Depends(visitor(*TAKERS))]
Queue = Annotated[str | None, Query()]
LONGEST = 500
"""Characters of words that a field takes."""


@router.get("/alerts/{about}/evidence")
@router.get("/incidents/{about}/evidence")
async def evidence_form(request: Request, about: str, house: InHouse, who: Taker, queue: Queue = None) -> Response:
    """What an export holds, and the form that asks what for."""
    return await _form(request, about, house, who, queue)


@router.post("/alerts/{about}/evidence")
@router.post("/incidents/{about}/evidence")
async def evidence(request: Request, about: str, house: InHouse, who: Taker, form: Posted) -> Response:
    """The file, for a purpose; that it was taken is written down."""
    purpose, words, language = form.get("purpose", ""), form.get("words", ""), form.get("language", "")
    try:
        checked(purpose, words)
    except Invalid as error:
        says = look_of(request).language.say(error.detail)
        typed = form | {"words": words[:LONGEST]}
        return await _form(request, about, house, who, form.get("queue"), error.status, form=typed, problem=says)
    by = wanted(house, who.principal, purpose, words, language or look_of(request).language.code)
    return await download(house, gather_of(about), about, by)


async def _form(
    request: Request, about: str, house: House, who: Visitor, queue: str | None, code: int = 200, **more: Any
) -> Response:
    told = await _about(house, about)
    if who.principal.role != Role.ANALYST:
        told |= {"section": "audit", "back": f"/audit?{urlencode({'object': about})}"}
    key = (await signer_of(house)).fingerprint
    values = {"about": told, "queue": queue, "purposes": PURPOSES, "key": key, "form": {}, "problem": None} | more
    return page(request, who, "evidence/export.html", code, section=told["section"], **values)


async def _about(house: House, about: str) -> dict[str, Any]:
    """Raises NotFound."""
    async with house.database.reading() as session:
        if about.startswith("inc_"):
            incident = await incidents.one(session, about)
            return {
                "kind": "incident",
                "section": "incidents",
                "title": incident.title,
                "address": f"/incidents/{about}",
                "back": f"/incidents/{about}",
                "alerts": incident.alert_count,
            }
        alert = await alerts.one(session, about)
    address = f"/alerts/{about}"
    return {"kind": "alert", "section": "alerts", "title": title(alert), "address": address, "back": address, "alerts": 1}

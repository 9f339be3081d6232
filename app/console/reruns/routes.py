"""The card on the page of numbers that runs the detectors again when asked to, and tells how far that is."""

from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from app.console.reruns.views import rerun_view
from app.console.routes import Posted, by_htmx, look_of, page, room, visitor, why
from app.console.signed_in import Visitor
from app.db import Session
from app.errors import Conflict, Invalid
from app.house import House
from app.numbers.routes import READERS
from app.people.service import Role
from app.reruns import service
from app.reruns.schemas import RerunIn
from app.security import InHouse

HERE = "/numbers#rerun"
Reader = Annotated[Visitor, Depends(visitor(*READERS))]
router = room()


@router.post("/numbers/rerun")
async def rerun(request: Request, house: InHouse, who: Reader, form: Posted) -> Response:
    """Begin; if one runs already, that one is shown."""
    wanted, problem = _wanted(form), ""
    try:
        async with house.database.writing() as session:
            await service.ask(session, wanted, who.principal)
    except Conflict as error:
        problem = why(request, error)
    house.rerunner.wake()
    return await _card(request, house, who, problem) if by_htmx(request) else RedirectResponse(HERE, 303)


@router.get("/numbers/rerun")
async def how_far(request: Request, house: InHouse, who: Reader) -> Response:
    """How far it is."""
    return await _card(request, house, who) if by_htmx(request) else RedirectResponse(HERE, 303)


async def card(session: Session, request: Request, who: Visitor) -> dict[str, Any]:
    """What the card says. Messages are named to analysts alone."""
    return rerun_view(look_of(request).language, await service.last(session), named=who.principal.role == Role.ANALYST)


async def _card(request: Request, house: House, who: Visitor, problem: str = "") -> Response:
    async with house.database.reading() as session:
        values = await card(session, request, who)
    return page(request, who, "reruns/card.html", section="numbers", rerun=values, problem=problem)


def _wanted(form: dict[str, str]) -> RerunIn:
    """Shares in hundredths, as people say them. Raises Invalid."""
    try:
        return RerunIn(days=int(form["days"]), less=int(form["less"]) / 100)
    except (KeyError, ValueError, ValidationError):
        raise Invalid("Something in it is not right. Change it and send it again.", "invalid") from None

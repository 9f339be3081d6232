"""The card on an asset's page that tells whether it was seen before, and looks when asked to."""

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from app.alerts import queueing
from app.alerts import repository as alerts
from app.assets import service as assets
from app.console.hunts.views import hunt_view
from app.console.routes import Posted, Viewer, by_htmx, look_of, page, room
from app.console.signed_in import Visitor
from app.db import Session
from app.house import House
from app.hunts import service
from app.people.service import Role
from app.security import InHouse

SHOWN = 8
router = room()


@router.post("/assets/{asset}/hunts")
async def hunt(request: Request, asset: str, house: InHouse, who: Viewer, form: Posted) -> Response:  # noqa: ARG001
    """Look among everything that is remembered. One that runs already is enough."""
    async with house.database.writing() as session:
        running = any(one.status in ("queued", "running") for one in await service.last(session, asset))
        if not running:
            await service.ask(session, asset, who.principal, who.owner, None)
    house.hunter.wake()
    return await _card(request, house, who, asset) if by_htmx(request) else RedirectResponse(f"/assets/{asset}#hunt", 303)


@router.get("/assets/{asset}/hunts")
async def hunted(request: Request, asset: str, house: InHouse, who: Viewer) -> Response:
    """How far it is."""
    if not by_htmx(request):
        return RedirectResponse(f"/assets/{asset}#hunt", 303)
    return await _card(request, house, who, asset)


async def card(session: Session, request: Request, who: Visitor, asset: str) -> dict[str, object]:
    """What the card says. Alerts are named to analysts alone."""
    last = await service.last(session, asset)
    ids = await alerts.historic(session, asset, SHOWN) if who.principal.role == Role.ANALYST else []
    lines = await queueing.lines(session, ids)
    return hunt_view(look_of(request).language, last[0] if last else None, lines)


async def _card(request: Request, house: House, who: Visitor, asset: str) -> Response:
    async with house.database.reading() as session:
        found = await assets.one(session, asset, who.owner)
        values = await card(session, request, who, asset)
    return page(request, who, "hunts/card.html", section="assets", asset=found, hunt=values)

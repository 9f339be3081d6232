"""What was found to be something else, and alarms no longer."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse

from app.assets import service as assets
from app.console.mistakes.views import mistake_view
from app.console.routes import PAGE, Analyst, Posted, by_htmx, look_of, page, room
from app.console.signed_in import Visitor
from app.mistakes import service as mistakes
from app.paging import Cursor
from app.security import InHouse

router = room()


@router.get("/mistakes")
async def mistake_list(
    request: Request,
    house: InHouse,
    who: Analyst,
    asset: Annotated[str | None, Query(max_length=100)] = None,
    cursor: Annotated[Cursor, Query()] = None,
) -> Response:
    """What alarms no longer because it was a mistake, of one asset or of all."""
    return await _mistakes(request, house, who, asset, cursor)


@router.post("/mistakes/{mistake}/forget")
async def forget(request: Request, mistake: str, house: InHouse, who: Analyst, form: Posted) -> Response:
    """Take a mistake back, in the list."""
    asset = form.get("asset") or None
    async with house.database.writing() as session:
        await mistakes.forget(session, mistake, who.principal)
    if by_htmx(request):
        return await _mistakes(request, house, who, asset)
    return RedirectResponse("/mistakes" + (f"?{urlencode({'asset': asset})}" if asset else ""), 303)


async def _mistakes(request: Request, house: InHouse, who: Visitor, asset: str | None, cursor: str | None = None) -> Response:
    async with house.database.reading() as session:
        about = await assets.one(session, asset) if asset else None
        found = await mistakes.page(session, asset, cursor, PAGE)
        seen = await mistakes.pictures(session, found.items)
    shown = [mistake_view(look_of(request).language, one, seen.get(one.id)) for one in found.items]
    values: dict[str, Any] = {"mistakes": shown, "asset": about, "next_cursor": found.next_cursor}
    return page(request, who, "mistakes/mistakes.html", section="mistakes", **values)

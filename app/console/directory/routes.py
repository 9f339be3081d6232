"""The directory's page: how many are in it, replacing them by a table, and taking them out."""

import asyncio
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.console.directory.columns import columns
from app.console.routes import Posted, look_of, ours, page, room, visitor
from app.console.signed_in import Visitor
from app.directory import repository, service, tables
from app.errors import Invalid
from app.house import House
from app.people.service import Role
from app.security import InHouse
from app.uploads import Bounds, read_form, spool

BOUNDS = Bounds(tables.MOST_BYTES + 10_000, tables.MOST_BYTES, 1)
router = room()
Keeper = Annotated[Visitor, Depends(visitor(Role.ADMIN))]


@router.get("/directory")
async def directory(request: Request, house: InHouse, who: Keeper, done: bool = False) -> Response:
    """How many are in it. ``done``: it was just replaced."""
    return await _shown(request, house, who, done=done)


@router.post("/directory")
async def replace(request: Request, house: InHouse, who: Keeper) -> Response:
    """Everybody by who is in a table; if anything in it is wrong, where, and nothing is changed."""
    try:
        with spool(house.settings.data_dir / "tmp") as folder:
            form = await read_form(request.stream(), request.headers.get("content-type", ""), folder, BOUNDS)
            ours(who, form.fields.get("csrf", b"").decode(errors="replace"))
            if not form.uploads or not form.uploads[0].size:
                raise Invalid(look_of(request).language.say("Choose a file."), "file_missing")
            nobody = form.fields.get("nobody") == b"yes"
            people = await asyncio.to_thread(lambda: service.checked(form.uploads[0].path.read_bytes(), nobody=nobody))
    except Invalid as error:
        wrong, empty = error.more.get("errors", []), error.code == "directory_empty"
        return await _shown(request, house, who, error.status, problem=error.detail, wrong=wrong, empty=empty)
    async with house.database.writing() as session:
        await service.replace(session, people, who.principal)
    return RedirectResponse("/directory?done=true", 303)


@router.post("/directory/file")
async def take(house: InHouse, who: Keeper, _: Posted) -> Response:
    """All of it as a table; that it was taken is written down."""
    async with house.database.writing() as session:
        people = await service.take(session, who.principal)
    headers = {"Content-Disposition": 'attachment; filename="directory.csv"'}
    return Response(await asyncio.to_thread(tables.write, people), media_type="text/csv; charset=utf-8", headers=headers)


async def _shown(request: Request, house: House, who: Visitor, code: int = 200, **more: Any) -> Response:
    async with house.database.reading() as session:
        count = await repository.count(session)
    values = {"count": count, "columns": columns(look_of(request).language), "wrong": [], "empty": False, "done": False} | more
    return page(request, who, "directory/directory.html", code, section="directory", **values)

"""``POST /directory``, ``GET /directory``: whoever keeps the directory replaces it, and takes it out, as a table."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from app.directory import service, tables
from app.people.service import Principal, Role
from app.security import InHouse, require
from app.uploads import Bounds, read_body

router = APIRouter(prefix="/api/v1/directory", tags=["directory"])
Keeper = Annotated[Principal, Depends(require(Role.ADMIN))]
Nobody = Annotated[bool, Query(description="a table with nobody in it is no mistake: remove everybody")]
BOUNDS = Bounds(tables.MOST_BYTES, tables.MOST_BYTES, 1)


class ImportedOut(BaseModel):
    """How many people there are now."""

    people: int


@router.post("", openapi_extra={"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}})
async def replace_directory(request: Request, house: InHouse, who: Keeper, nobody: Nobody = False) -> ImportedOut:
    """Everybody by who is in this table (CSV). If anything in it is wrong nothing is changed; `errors` names line and column."""
    data = await read_body(request.stream(), BOUNDS)
    people = await asyncio.to_thread(lambda: service.checked(data, nobody=nobody))
    async with house.database.writing() as session:
        await service.replace(session, people, who)
    return ImportedOut(people=len(people))


@router.get("", response_class=Response)
async def take_directory(house: InHouse, who: Keeper) -> Response:
    """All of it as such a table. That it was taken is written down."""
    async with house.database.writing() as session:
        people = await service.take(session, who)
    headers = {"Content-Disposition": 'attachment; filename="directory.csv"', "Cache-Control": "no-store"}
    return Response(await asyncio.to_thread(tables.write, people), media_type="text/csv; charset=utf-8", headers=headers)

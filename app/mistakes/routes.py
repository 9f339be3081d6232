"""``GET /mistakes``, ``DELETE /mistakes/{id}``."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.mistakes import service
from app.mistakes.schemas import MistakeOut
from app.paging import Cursor, Page, Size
from app.people.service import Principal, Role
from app.security import InHouse, require

router = APIRouter(prefix="/api/v1/mistakes", tags=["mistakes"])
Analyst = Annotated[Principal, Depends(require(Role.ANALYST))]


@router.get("", dependencies=[Depends(require(Role.ANALYST, Role.AUDITOR))])
async def list_mistakes(
    house: InHouse,
    asset: Annotated[str | None, Query(max_length=100)] = None,
    cursor: Annotated[Cursor, Query()] = None,
    limit: Annotated[Size, Query()] = 50,
) -> Page[MistakeOut]:
    """Pictures and texts that alarm for an asset no longer, newest first; of one asset, or of all."""
    async with house.database.reading() as session:
        return await service.page(session, asset, cursor, limit)


@router.delete("/{mistake}", status_code=204)
async def forget_mistake(mistake: str, house: InHouse, who: Analyst) -> None:
    """Take it back: the picture and its copies alarm again. The alerts it comes from stay resolved."""
    async with house.database.writing() as session:
        await service.forget(session, mistake, who)

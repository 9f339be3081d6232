"""``POST /assets/{id}/hunts``, ``GET /hunts/{id}``."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.hunts import service
from app.hunts.schemas import HuntIn, HuntOut
from app.people.service import Principal, Role
from app.security import InHouse, require

router = APIRouter(prefix="/api/v1", tags=["hunts"])
Viewer = Annotated[Principal, Depends(require(Role.OWNER, Role.ANALYST, Role.ADMIN))]
NO_LIMIT = HuntIn()


@router.post("/assets/{asset}/hunts", status_code=202)
async def hunt(asset: str, house: InHouse, who: Viewer, body: HuntIn = NO_LIMIT) -> HuntOut:
    """Whether an asset was seen before it was registered: as long as fingerprints of what was posted are kept.

    Messages that showed it raise alerts marked historic, once; one that has an alert brings that before people anew.
    ``GET /hunts/{id}`` tells how far it is.
    """
    async with house.database.writing() as session:
        begun = await service.ask(session, asset, who, _only(who), body.days)
    house.hunter.wake()
    return begun


@router.get("/hunts/{hunt}")
async def get_hunt(hunt: str, house: InHouse, who: Viewer) -> HuntOut:
    """How far it is, and how many alerts it raised or brought back; an owner sees those of their own assets."""
    async with house.database.reading() as session:
        return await service.one(session, hunt, _only(who))


def _only(who: Principal) -> str | None:
    return who.name if who.role == Role.OWNER else None

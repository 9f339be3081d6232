"""``POST /messages/deletions``, ``GET /sightings``."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.audit import service as audit
from app.errors import Forbidden
from app.incidents import gone
from app.people.service import Principal, Role
from app.security import InHouse, require
from app.sightings import repository as sightings
from app.sightings import service
from app.sightings.schemas import DeletionIn, DeletionOut, LikenessQuery, SightingsOut

router = APIRouter(prefix="/api/v1", tags=["messages"])
Gateway = Annotated[Principal, Depends(require(Role.GATEWAY))]


@router.post("/messages/deletions")
async def tell_deletion(body: DeletionIn, house: InHouse, who: Gateway) -> DeletionOut:
    """That a message was deleted or recalled in its chat. It is shown with what was found, and hides nothing.

    It may come before its message; the same message again changes nothing.
    """
    if body.gateway != who.name:
        raise Forbidden(f"This token may speak only for the gateway {who.name}.", "other_gateway")
    async with house.database.writing() as session:
        known = await sightings.deletions(session, [(body.gateway, body.message_id)])
        row = await gone.deleted(session, body.gateway, body.message_id, body.deleted_at, body.by)
        if not known:
            about = {"gateway": row.gateway, "deleted_at": row.deleted_at, "by": row.by}
            await audit.record(session, who, "message.deleted", "message", row.message_id, **about)
        return DeletionOut(gateway=row.gateway, message_id=row.message_id, deleted_at=row.deleted_at, by=row.by)


@router.get("/sightings", dependencies=[Depends(require(Role.ANALYST))])
async def alike(wanted: Annotated[LikenessQuery, Query()], house: InHouse) -> SightingsOut:
    """Where else what a message holds was seen: the same bytes, or all but the same picture, whether it was clear or not."""
    async with house.database.reading() as session:
        return await service.like_message(session, wanted)

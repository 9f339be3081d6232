"""``POST /messages/deletions``, ``GET /sightings``, ``POST /sightings``."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from app.audit import service as audit
from app.db.models import now
from app.errors import Forbidden, Invalid
from app.incidents import gone
from app.people.service import Principal, Role
from app.security import InHouse, require
from app.sightings import repository as sightings
from app.sightings import seeking
from app.sightings.schemas import DeletionIn, DeletionOut, LikenessQuery, MessageQuery, SightingsOut
from app.sightings.telling import sightings_out
from app.uploads import Bounds, read_form, spool

router = APIRouter(prefix="/api/v1", tags=["messages"])
Gateway = Annotated[Principal, Depends(require(Role.GATEWAY))]
Analyst = Annotated[Principal, Depends(require(Role.ANALYST))]
_FILES = {"type": "array", "maxItems": 1, "items": {"type": "string", "format": "binary"}}
_SCHEMA = {"type": "object", "properties": {"files": _FILES}, "required": ["files"]}
FORM: dict[str, Any] = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _SCHEMA}}}}


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


@router.get("/sightings")
async def alike(wanted: Annotated[MessageQuery, Query()], house: InHouse, who: Analyst) -> SightingsOut:
    """Where else what a message holds was seen: the same bytes, all but the same picture, or text of it, whether it was clear or
    not.

    Who looked for what is written down, once an hour.
    """
    async with house.database.reading() as session:
        likes = await seeking.of_message(session, wanted.message)
        found = await seeking.seek(session, likes, since(wanted.days), wanted.message)
    await house.reads.sought(who, "message", wanted.message)
    return sightings_out(found, wanted.limit)


@router.post("/sightings", openapi_extra=FORM)
async def alike_file(request: Request, wanted: Annotated[LikenessQuery, Query()], house: InHouse, who: Analyst) -> SightingsOut:
    """The same of a file, of which nothing is kept: of the first parts of a document. Two at once a person."""
    with spool(house.settings.data_dir / "tmp") as folder:
        bounds = Bounds(house.bounds.body, house.bounds.file, 1)
        form = await read_form(request.stream(), request.headers.get("content-type", ""), folder, bounds)
        if not form.uploads:
            raise Invalid("Send a file.", "missing_part")
        with house.turns.one(who.id):
            brought = await seeking.of_file(house.lanes, form.uploads[0])
    async with house.database.reading() as session:
        found = await seeking.seek(session, brought.parts, since(wanted.days))
    await house.reads.sought(who, "file", brought.parts[0].digest)
    return sightings_out(found, wanted.limit)


def since(days: int) -> datetime:
    """So many days ago."""
    return now() - timedelta(days=days)

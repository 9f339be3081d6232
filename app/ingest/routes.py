"""``POST /messages``, ``GET /messages/{id}``, ``POST /check``."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from app.db.models import MessageRow
from app.errors import Forbidden, NotFound, Uninspected
from app.house import House
from app.ingest import repository, service
from app.ingest.codec import Posted, decode
from app.ingest.schemas import Accepted, MessageIn, MessageOut, Pending, VerdictOut, inlined
from app.people.service import Principal, Role
from app.security import InHouse, require
from app.uploads import spool

router = APIRouter(prefix="/api/v1", tags=["messages"])
Gateway = Annotated[Principal, Depends(require(Role.GATEWAY))]
Reader = Annotated[Principal, Depends(require(Role.GATEWAY, Role.ANALYST))]
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": inlined(MessageIn)},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["message"],
                    "properties": {
                        "message": {"type": "string", "description": "the same JSON, attachments without data"},
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                    },
                }
            },
        },
    }
}


@router.post("/messages", status_code=202, openapi_extra=BODY)
async def post_message(request: Request, response: Response, house: InHouse, who: Gateway) -> Accepted:
    """Accept one message. Durable when answered; the same (gateway, message_id) again answers 200 with the same id."""
    await house.admission.check(who.name)
    row, fresh = await _accept(request, house, who, waits=True)
    if fresh:
        house.grounds.table.wake()
    else:
        response.status_code = 200
    return Accepted(id=row.id, status=row.status)


@router.get("/messages/{message}")
async def get_message(message: str, house: InHouse, who: Reader, wait: Annotated[float, Query(ge=0, le=30)] = 0) -> MessageOut:
    """What became of a message; ``wait`` holds the answer, so many seconds, until it is done.

    That an analyst read registered texts among the evidence is written down; a gateway is told what it posted itself.
    """
    row = await _mine(house, who, message)
    if row.status == "queued" and wait:
        await house.consumer.wait(message, wait)
        row = await _mine(house, who, message)
    told = service.view(row)
    if who.role == Role.ANALYST and told.verdict is not None and told.verdict.alert_id is not None:
        await house.reads.wrote_down(who, {told.verdict.alert_id: told.verdict.matches})
    return told


@router.post("/check", openapi_extra=BODY)
async def check(
    request: Request, house: InHouse, who: Gateway, timeout_ms: Annotated[int, Query(ge=0, le=60_000)] = 3000
) -> VerdictOut | Pending:
    """Accept one message and answer with its verdict, before all others; ``pending`` when time runs out."""
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout_ms / 1000
    row, _ = await _accept(request, house, who, waits=False)
    if row.status == "queued":
        await house.consumer.hurry(row.id)
        await house.consumer.wait(row.id, max(0.0, end - loop.time()))
        row = await _mine(house, who, row.id)
    if row.status == "failed":
        raise Uninspected(f"This message is kept, but could not be inspected: {row.reason}.", id=row.id)
    told = service.view(row).verdict
    return told or Pending(id=row.id)


async def _accept(request: Request, house: House, who: Principal, *, waits: bool) -> tuple[MessageRow, bool]:
    """``waits``: its turn may be long in coming."""
    async with house.admission.body(_length(request)):
        return await _received(request, house, who, waits=waits)


def _length(request: Request) -> int | None:
    told = request.headers.get("content-length", "")
    return int(told) if told.isdecimal() else None


async def _received(request: Request, house: House, who: Principal, *, waits: bool) -> tuple[MessageRow, bool]:
    with spool(house.settings.data_dir / "tmp") as folder:
        posted = await decode(request.headers.get("content-type", ""), request.stream(), folder, house.bounds)
        if posted.message.gateway != who.name:
            raise Forbidden(f"This token may post only as the gateway {who.name}.", "other_gateway")
        if waits:
            await house.admission.check(who.name, posted.message.channel.id)
        return await _store(house, posted)


async def _store(house: House, posted: Posted) -> tuple[MessageRow, bool]:
    """Files are kept before the message is; those of a message that is there already are left alone."""
    if posted.uploads:
        async with house.database.reading() as session:
            known = await repository.find(session, posted.message.gateway, posted.message.message_id)
        if known is not None:
            return known, False
        await asyncio.to_thread(service.keep, house.blobs, posted)
    row, fresh = await house.accepting.accept(posted)
    if fresh:
        house.metrics.accepted.labels(row.gateway).inc()
    return row, fresh


async def _mine(house: House, who: Principal, message: str) -> MessageRow:
    async with house.database.reading() as session:
        row = await repository.get(session, message)
    if row is None or (who.role == Role.GATEWAY and row.gateway != who.name):
        raise NotFound(f"There is no message {message}.", "unknown_message")
    return row

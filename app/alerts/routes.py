"""``GET /alerts``, ``GET/PATCH /alerts/{id}``, ``POST /alerts/bulk``."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response

from app.alerts import bulk as several
from app.alerts import reading, recorded, service
from app.alerts.schemas import AlertChange, AlertFilter, AlertOut, Bulk, BulkOut, Order, ReadingOut
from app.audit import service as audit
from app.errors import Conflict, Invalid, Stale
from app.paging import Cursor, Page, Size
from app.people.service import Principal, Role
from app.security import InHouse, require

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])
Analyst = Annotated[Principal, Depends(require(Role.ANALYST))]


IfMatch = Annotated[str | None, Header(description="the `ETag` that was seen; if it is another by now, the answer is 412")]


class AlertQuery(AlertFilter):
    """A filter, in which order, and which page of it."""

    order: Order = "newest"
    cursor: Cursor = None
    limit: Size = 50


@router.get("")
async def list_alerts(query: Annotated[AlertQuery, Query()], house: InHouse, who: Analyst) -> Page[AlertOut]:
    """Alerts, newest first; or `order=urgent`: gravest first, then those that went furthest.

    That registered texts among the evidence were read is written down.
    """
    async with house.database.reading() as session:
        found = await service.page(session, query, query.cursor, query.limit, query.order)
    await house.reads.wrote_down(who, {one.id: one.matches for one in found.items})
    return found


@router.post("/bulk", response_model_exclude_defaults=True)
async def bulk(body: Bulk, house: InHouse, who: Analyst) -> BulkOut:
    """One change to all alerts of a filter, or to those named; ``{"undo": bulk_id}`` takes it back.

    Thousands are changed some at a time; what somebody else changes meanwhile is left alone, and told.
    """
    if body.filter is not None and body.change is not None:
        return await several.bulk(house.database, body.filter, body.change, who, house.notices)
    if body.ids is not None and body.change is not None:
        return await several.change_all(house.database, body.ids, body.versions, body.change, who, house.notices)
    return await several.undo(house.database, body.undo or "", who, house.notices)


@router.get("/{alert}")
async def get_alert(alert: str, house: InHouse, who: Analyst, response: Response) -> AlertOut:
    """One alert with all that is known. That registered texts among the evidence were read is written down."""
    async with house.database.reading() as session:
        found = await service.one(session, alert)
    await house.reads.wrote_down(who, {found.id: found.matches})
    return _tagged(response, found)


@router.get("/{alert}/reading")
async def read_picture(alert: str, house: InHouse, who: Analyst, attachment: int = 0, part: str = "") -> ReadingOut:
    """Everything a posted picture says; that somebody asked is written down. It takes seconds: inspecting reads less."""
    with house.turns.one(who.id):
        found = await reading.read(house.database, house.blobs, house.lanes, alert, attachment, part)
    async with house.database.writing() as session:
        await audit.record(session, who, "picture.revealed", "alert", alert, purpose="reading", attachment=attachment)
    return found


@router.patch("/{alert}")
async def change_alert(
    alert: str, change: AlertChange, house: InHouse, who: Analyst, response: Response, if_match: IfMatch = None
) -> AlertOut:
    """Assign, change status, resolve, snooze, note. What changed since `version` or `If-Match` stays as it is.

    A note alone is added to whatever version there is, unless `If-Match` forbids it. Without either, `replaced` in the answer
    and the history say what others had decided and this put something else in place of.
    """
    seen = _version(if_match)
    wanted = change if seen is None else change.model_copy(update={"version": seen})
    try:
        async with house.database.writing() as session:
            changed = await recorded.change(session, alert, wanted, who, house.notices, strict=seen is not None)
    except Conflict as error:
        if seen is None:
            raise
        raise Stale(error.detail, error.code, **error.more) from None
    await house.reads.wrote_down(who, {changed.id: changed.matches})
    return _tagged(response, changed)


def _tagged(response: Response, alert: AlertOut) -> AlertOut:
    response.headers["ETag"] = f'"{alert.version}"'
    return alert


def _version(tag: str | None) -> int | None:
    """Raises Invalid."""
    if tag is None or tag.strip() == "*":
        return None
    number = tag.strip().removeprefix("W/").strip('"')
    if not number.isdecimal() or len(number) > 9:
        raise Invalid("If-Match is no ETag of an alert.", "invalid_etag")
    return int(number)

"""``GET /alerts``, ``GET/PATCH /alerts/{id}``, ``POST /alerts/bulk``."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.alerts import reading, recorded, service
from app.alerts.schemas import AlertChange, AlertFilter, AlertOut, Bulk, BulkOut, ReadingOut
from app.paging import Cursor, Page, Size
from app.people.service import Principal, Role
from app.security import InHouse, require

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])
analyst = Depends(require(Role.ANALYST))
Analyst = Annotated[Principal, analyst]


class AlertQuery(AlertFilter):
    """A filter, and which page of it."""

    cursor: Cursor = None
    limit: Size = 50


@router.get("", dependencies=[analyst])
async def list_alerts(query: Annotated[AlertQuery, Query()], house: InHouse) -> Page[AlertOut]:
    """Alerts, newest first."""
    async with house.database.reading() as session:
        return await service.page(session, query, query.cursor, query.limit)


@router.post("/bulk")
async def bulk(body: Bulk, house: InHouse, who: Analyst) -> BulkOut:
    """One change to all alerts of a filter; ``{"undo": bulk_id}`` takes it back."""
    async with house.database.writing() as session:
        if body.filter is not None and body.change is not None:
            return await recorded.bulk(session, body.filter, body.change, who, house.notices)
        return await recorded.undo(session, body.undo or "", who, house.notices)


@router.get("/{alert}", dependencies=[analyst])
async def get_alert(alert: str, house: InHouse) -> AlertOut:
    """One alert with all that is known."""
    async with house.database.reading() as session:
        return await service.one(session, alert)


@router.get("/{alert}/reading", dependencies=[analyst])
async def read_picture(alert: str, house: InHouse, attachment: int = 0, part: str = "") -> ReadingOut:
    """Everything a posted picture says. Inspecting it read no further than it took to be certain; this takes seconds."""
    return await reading.read(house.database, house.blobs, house.lanes, alert, attachment, part)


@router.patch("/{alert}")
async def change_alert(alert: str, change: AlertChange, house: InHouse, who: Analyst) -> AlertOut:
    """Assign, change status, resolve, note."""
    async with house.database.writing() as session:
        return await recorded.change(session, alert, change, who, house.notices)

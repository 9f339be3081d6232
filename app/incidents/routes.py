"""``GET /incidents``, ``GET/PATCH /incidents/{id}``, its spread, and merging, splitting, undoing and tasks."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from app.incidents import recorded, service, tracing
from app.incidents.schemas import (
    IncidentChange,
    IncidentFilter,
    IncidentLine,
    IncidentOut,
    Merge,
    MoveOut,
    Split,
    TaskChange,
    TaskIn,
    Undo,
)
from app.paging import Cursor, Page, Size
from app.people.service import Principal, Role
from app.security import InHouse, require

router = APIRouter(prefix="/api/v1/incidents", tags=["incidents"])
analyst = Depends(require(Role.ANALYST))
Analyst = Annotated[Principal, analyst]


class IncidentQuery(IncidentFilter):
    """A filter, and which page of it."""

    cursor: Cursor = None
    limit: Size = 50


@router.get("", dependencies=[analyst])
async def list_incidents(query: Annotated[IncidentQuery, Query()], house: InHouse) -> Page[IncidentLine]:
    """Open ones first, then contained, then closed; of each the gravest first, then what came last."""
    async with house.database.reading() as session:
        return await service.page(session, query, query.cursor, query.limit)


@router.get("/{incident}", dependencies=[analyst])
async def get_incident(incident: str, house: InHouse) -> IncidentOut:
    """One incident with its alerts, how it spread, tasks and history. One that was merged says into which."""
    return await _told(house, incident)


@router.get("/{incident}/spread.{form}")
async def spread(
    incident: str,
    form: Literal["svg", "json", "graphml"],
    house: InHouse,
    who: Analyst,
    lanes: Annotated[Literal["all"] | None, Query(description="`svg`: every channel in a lane of its own")] = None,
) -> Response:
    """How it went on, for people (SVG) and for other programs. That it was taken is written down."""
    cascade = await tracing.traced(house.database, incident)
    data, media_type = await tracing.written(cascade, form, every=lanes == "all")
    async with house.database.writing() as session:
        await recorded.taken(session, incident, form, who)
    return Response(data, media_type=media_type)


@router.patch("/{incident}")
async def change_incident(incident: str, change: IncidentChange, house: InHouse, who: Analyst) -> IncidentOut:
    """Name, contain, close, reopen, give somebody the lead, tell. What changed since `version` stays as it is."""
    async with house.database.writing() as session:
        await recorded.change(session, incident, change, who)
    return await _told(house, incident)


@router.post("/{incident}/merge")
async def merge(incident: str, body: Merge, house: InHouse, who: Analyst) -> MoveOut:
    """Everything of this incident goes to another; this one is left as a name that says so."""
    async with house.database.writing() as session:
        return await recorded.merge(session, incident, body, who)


@router.post("/{incident}/split")
async def split(incident: str, body: Split, house: InHouse, who: Analyst) -> MoveOut:
    """These alerts become an incident of their own, and stay so. All that a merge brought: what was merged is back."""
    async with house.database.writing() as session:
        return await recorded.split(session, incident, body, who)


@router.post("/{incident}/undo")
async def undo(incident: str, body: Undo, house: InHouse, who: Analyst) -> MoveOut:
    """Take a merge or a split back, once, as a whole or not at all."""
    async with house.database.writing() as session:
        return await recorded.undo(session, incident, body.move, who)


@router.post("/{incident}/tasks", status_code=201)
async def add_task(incident: str, task: TaskIn, house: InHouse, who: Analyst) -> IncidentOut:
    """Something to be done."""
    async with house.database.writing() as session:
        await recorded.add_task(session, incident, task, who)
    return await _told(house, incident)


@router.patch("/{incident}/tasks/{task}")
async def change_task(incident: str, task: str, change: TaskChange, house: InHouse, who: Analyst) -> IncidentOut:
    """Done or not, whose, and what."""
    async with house.database.writing() as session:
        await recorded.change_task(session, incident, task, change, who)
    return await _told(house, incident)


async def _told(house: InHouse, incident: str) -> IncidentOut:
    async with house.database.reading() as session:
        found = await service.one(session, incident)
    cascade = await tracing.traced(house.database, incident)
    return found.model_copy(update={"spread": await tracing.plain(cascade)})

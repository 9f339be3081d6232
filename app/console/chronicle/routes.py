"""All of an incident's story, of its tasks and of its history."""

from typing import Annotated, Any

from fastapi import Query, Request, Response

from app.console.chronicle.views import history_page_view, story_page_view, tasks_page_view
from app.console.routes import Analyst, gone, look_of, page, room
from app.db import Session
from app.incidents import repository, service, tracing
from app.incidents.schemas import HistoryOut, IncidentOut
from app.security import InHouse

AT_ONCE = 50
"""Rows of a history that are read for a page."""
Number = Annotated[int, Query(ge=1, le=9999)]
router = room()


@router.get("/incidents/{incident}/story")
async def story(request: Request, incident: str, house: InHouse, who: Analyst, part: Number = 1) -> Response:
    """What happened: what somebody wrote, part by part, to be written anew; after it, or without it, what writes itself."""
    async with house.database.reading() as session:
        found, happened = await _found(session, incident)
    if found.merged_into:
        return gone(request, f"/incidents/{found.merged_into}/story")
    cascade = await tracing.traced(house.database, incident)
    values = story_page_view(found, cascade, look_of(request).language, part)
    return page(request, who, "chronicle/story.html", section="incidents", incident=found, happened=happened, **values)


@router.get("/incidents/{incident}/tasks")
async def tasks(
    request: Request, incident: str, house: InHouse, who: Analyst, number: Annotated[Number, Query(alias="page")] = 1
) -> Response:
    """Everything that is to be done or was, some at a time."""
    async with house.database.reading() as session:
        found, happened = await _found(session, incident)
    if found.merged_into:
        return gone(request, f"/incidents/{found.merged_into}/tasks")
    values = tasks_page_view(found, number)
    return page(request, who, "chronicle/tasks.html", section="incidents", incident=found, happened=happened, **values)


@router.get("/incidents/{incident}/history")
async def history(
    request: Request, incident: str, house: InHouse, who: Analyst, before: Annotated[int | None, Query(ge=1, lt=10**18)] = None
) -> Response:
    """What people did about it, the last of it or what was before an entry."""
    async with house.database.reading() as session:
        line = (await service.lines(session, [(await service.found(session, incident)).id]))[0]
        rows = await repository.history(session, incident, limit=AT_ONCE + 1, before=before)
    entries = [HistoryOut.model_validate(row) for row in reversed(rows)]
    values: dict[str, Any] = history_page_view(entries, AT_ONCE, look_of(request).language)
    return page(request, who, "chronicle/history.html", section="incidents", incident=line, before=before, **values)


async def _found(session: Session, incident: str) -> tuple[IncidentOut, int]:
    """All but its alerts, and the last that happened to any. Raises NotFound."""
    return await service.one(session, incident, shown=0), await repository.last_happening(session)

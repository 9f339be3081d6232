"""All of an incident's story, which can be written here, of its tasks and of its history."""

from typing import Annotated, Any

from fastapi import Query, Request, Response

from app.console.chronicle.views import history_page_view, story_page_view, tasks_page_view
from app.console.incidents import acting
from app.console.incidents.meanwhile import why
from app.console.incidents.parting import FIELD
from app.console.routes import Analyst, Form, Posted, by_htmx, gone, look_of, page, room
from app.console.signed_in import Visitor
from app.db import Session
from app.errors import AppError, Conflict, Invalid
from app.incidents import recorded, repository, service, tracing
from app.incidents.schemas import HistoryOut, IncidentOut
from app.security import InHouse

AT_ONCE = 50
"""Rows of a history that are read for a page."""
Number = Annotated[int, Query(ge=1, le=9999)]
router = room()


@router.get("/incidents/{incident}/story")
async def story(request: Request, incident: str, house: InHouse, who: Analyst, part: Number = 1) -> Response:
    """What happened: what somebody wrote, part by part, to be written anew; after it, or without it, what writes itself."""
    return await _story(request, incident, house, who, part)


@router.post("/incidents/{incident}/tell")
async def tell(request: Request, incident: str, house: InHouse, who: Analyst, form: Posted) -> Response:
    """What happened, or one ``part`` of it, in other words; back to the incident."""
    try:
        async with house.database.writing() as session:
            before = (await service.found(session, incident)).narrative or ""
            whole = acting.in_part(form, before) if form.get("part") else form
            await recorded.change(session, incident, acting.wanted("tell", whole, who.principal.name), who.principal)
    except (Invalid, Conflict) as error:
        return await _refused(request, incident, house, who, form, error)
    return gone(request, f"/incidents/{incident}")


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


async def _refused(request: Request, incident: str, house: InHouse, who: Visitor, form: Form, error: AppError) -> Response:
    """The part that was to be written, with the words still in its field."""
    says = await why(house.database, look_of(request).language, incident, error)
    code, typed = 200 if by_htmx(request) else error.status, form.get("narrative", "")[:FIELD]
    return await _story(request, incident, house, who, acting.part_of(form) or 1, code, problem=says, typed=typed)


async def _story(
    request: Request, incident: str, house: InHouse, who: Visitor, part: int, code: int = 200, **more: Any
) -> Response:
    async with house.database.reading() as session:
        found, happened = await _found(session, incident)
    if found.merged_into and not more:
        return gone(request, f"/incidents/{found.merged_into}/story")
    cascade = await tracing.traced(house.database, incident)
    values = story_page_view(found, cascade, look_of(request).language, part) | more
    return page(request, who, "chronicle/story.html", code, section="incidents", incident=found, happened=happened, **values)


async def _found(session: Session, incident: str) -> tuple[IncidentOut, int]:
    """All but its alerts, and the last that happened to any. Raises NotFound."""
    return await service.one(session, incident, shown=0), await repository.last_happening(session)

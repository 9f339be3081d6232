"""The list of incidents, an incident's page, what happens to it live, and what analysts do about it."""

from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.assets import repository as assets
from app.console.brevity import brief, fitting, last
from app.console.incidents import acting, listing, spreading, ways
from app.console.incidents.asking import Asked
from app.console.incidents.drawn import drawn, drawn_whole, words
from app.console.incidents.meanwhile import why
from app.console.incidents.views import (
    ASSETS,
    EMPTY,
    NAMES,
    Members,
    asset_view,
    candidates,
    choices,
    incident_view,
    line_view,
    tab_views,
)
from app.console.queue.views import NAMED
from app.console.routes import PAGE, Analyst, Form, Posted, by_htmx, gone, look_of, page, room, visitor
from app.console.signed_in import Visitor
from app.console.speech import Language
from app.console.streaming import listening
from app.db import Session
from app.db.models import now
from app.errors import AppError, Conflict, Invalid
from app.incidents import recorded, repository, service, tracing
from app.incidents.schemas import IncidentFilter, IncidentLine, IncidentOut, MoveOut
from app.incidents.tracing import Form as FileForm
from app.paging import Cursor
from app.people.service import Role
from app.security import InHouse

if TYPE_CHECKING:
    from detectors.spread.cascade import Cascade

MEMBERS, ROOM = 15, 4000
"""Alerts on a page, and bytes of the channels and people that are named there."""
SMALL = 8000
"""Bytes of a drawing that comes with its page; a larger one comes after it."""
LARGE = 80_000
"""The same of one that has a page of its own: where it is asked for alone it comes however large it is."""
SUGGESTED = 8
"""Incidents that are offered to merge into."""
router = room()
Words = Annotated[str, Query(max_length=200)]
Lanes = Annotated[Literal["all"] | None, Query()]
"""All: every channel in a lane of its own."""


@router.get("/incidents")
async def incidents(request: Request, house: InHouse, who: Analyst, asked: Annotated[Asked, Query()]) -> Response:
    """Incidents of one standing, the gravest first, or as the address says."""
    language, at, me = look_of(request).language, now(), who.principal.name
    async with house.database.reading() as session:
        found = await service.page(session, asked.filter(me), asked.cursor, PAGE)
        values: dict[str, Any] = {
            "lines": [line_view(line, language, at) for line in found.items],
            "next_cursor": found.next_cursor,
            "tabs": tab_views(asked, await repository.counts(session), language),
            "menus": choices(asked, await repository.commanders(session), language),
            "asset": await _asset(session, asked.asset),
            "happened": await repository.last_happening(session),
        }
    return page(
        request,
        who,
        "incidents/incidents.html",
        section="incidents",
        asked=asked,
        empty=language.say(EMPTY[asked.status]),
        **values,
    )


@router.get("/incidents/events", dependencies=[Depends(visitor(Role.ANALYST))])
async def events(request: Request, house: InHouse, after: Annotated[int | None, Query(ge=0)] = None) -> Response:
    """Server-sent events: which incidents changed. Raises TooMany."""
    return listening(request, house, house.incidents_live, after, "incidents")


@router.get("/incidents/{incident}")
async def incident_page(
    request: Request, incident: str, house: InHouse, who: Analyst, done: str = "", find: Words = "", before: Cursor = None
) -> Response:
    """One incident. ``done``: a merge or split to tell of; ``find``: words of an incident to merge into; ``before``: an alert."""
    return await _incident(request, incident, house, who, done=done, find=find, before=before)


@router.get("/incidents/{incident}/candidates")
async def incident_candidates(request: Request, incident: str, house: InHouse, who: Analyst, find: Words = "") -> Response:
    """What it could be merged into, by words of the title."""
    if not by_htmx(request):
        return RedirectResponse(_address(incident, find=find), 303)
    language = look_of(request).language
    async with house.database.reading() as session:
        found = await _candidates(session, await service.one(session, incident), find)
    shown = candidates(found, incident, language, now())
    return page(request, who, "incidents/candidates.html", section="incidents", candidates=shown)


@router.get("/incidents/{incident}/drawing")
async def drawing(
    request: Request, incident: str, house: InHouse, who: Analyst, lanes: Lanes = None, alone: bool = False
) -> Response:
    """The spread, drawn, on a page of its own; htmx takes the drawing out of it."""
    language = look_of(request).language
    cascade, values = await _spread(house, incident)
    if values["incident"].merged_into:
        return gone(request, f"{_address(values['incident'].merged_into)}/drawing{'?lanes=all' if lanes else ''}")
    ids = values.pop("ids")
    values |= {"channels": spreading.lanes(cascade), "lanes": lanes}
    if lanes:
        values["pieces"] = await drawn_whole(cascade, ids, language, incident)
        body = values["pieces"].names + values["pieces"].body
    else:
        values["drawing"] = body = await drawn(cascade, ids, language, incident)
    values |= {"drawn": _digest(body), "apart": not alone and len(body.encode()) > LARGE}
    return page(request, who, "incidents/drawing.html", section="incidents", **values)


@router.get("/incidents/{incident}/ways")
async def ways_page(
    request: Request, incident: str, house: InHouse, who: Analyst, asked: Annotated[listing.Asked, Query()]
) -> Response:
    """Who had it from whom and how sure that is, the newest first, as the address says."""
    language = look_of(request).language
    cascade, values = await _spread(house, incident)
    if values["incident"].merged_into:
        return gone(request, f"{_address(values['incident'].merged_into)}/ways{asked.query()}")
    found = listing.listed(cascade, asked, PAGE)
    values["rows"] = ways.rows(cascade, found.seen, values.pop("ids"), language)
    values |= {"asked": asked, "found": found, "tabs": listing.tabs(asked, found.counts, language)}
    return page(request, who, "incidents/ways.html", section="incidents", **values)


@router.get("/incidents/{incident}/spread.{form}")
async def spread(request: Request, incident: str, form: FileForm, house: InHouse, who: Analyst, lanes: Lanes = None) -> Response:
    """The drawing, or its file for other programs. That it was taken is written down."""
    cascade = await tracing.traced(house.database, incident)
    data, media_type = await tracing.written(cascade, form, words(look_of(request).language), lanes == "all")
    async with house.database.writing() as session:
        await recorded.taken(session, incident, form, who.principal)
    return Response(data, media_type=media_type, headers={"Content-Disposition": f'inline; filename="{incident}.{form}"'})


@router.post("/incidents/{incident}/merge")
async def merge(request: Request, incident: str, house: InHouse, who: Analyst, form: Posted) -> Response:
    """Everything goes to another incident, which is shown."""
    try:
        async with house.database.writing() as session:
            done = await recorded.merge(session, incident, acting.merge(form), who.principal)
    except (Invalid, Conflict) as error:
        return await _refused(request, incident, house, who, "merge", form, error)
    return gone(request, _address(done.target, done=done.id))


@router.post("/incidents/{incident}/split")
async def split(request: Request, incident: str, house: InHouse, who: Analyst, form: Posted) -> Response:
    """The ticked alerts become an incident of their own."""
    ticked = [str(one) for one in (await request.form(max_files=0)).getlist("one")]
    try:
        async with house.database.writing() as session:
            done = await recorded.split(session, incident, acting.split(form, ticked), who.principal)
    except (Invalid, Conflict) as error:
        return await _refused(request, incident, house, who, "split", form, error, ticked)
    return await _shown(request, incident, house, who, done.id)


@router.post("/incidents/{incident}/undo")
async def undo(request: Request, incident: str, house: InHouse, who: Analyst, form: Posted) -> Response:
    """Take a merge or a split back; what was merged is shown again."""
    try:
        async with house.database.writing() as session:
            done = await recorded.undo(session, incident, form.get("move", ""), who.principal)
    except (Invalid, Conflict) as error:
        return await _refused(request, incident, house, who, "undo", form, error)
    return await _shown(request, done.source if done.kind == "split" else incident, house, who, done.id)


@router.post("/incidents/{incident}/tasks")
async def add_task(request: Request, incident: str, house: InHouse, who: Analyst, form: Posted) -> Response:
    """Something to be done."""
    try:
        async with house.database.writing() as session:
            await recorded.add_task(session, incident, acting.task(form), who.principal)
    except (Invalid, Conflict) as error:
        return await _refused(request, incident, house, who, "tasks", form, error)
    return await _shown(request, incident, house, who, step="tasks")


@router.post("/incidents/{incident}/tasks/{task}")
async def change_task(request: Request, incident: str, task: str, house: InHouse, who: Analyst, form: Posted) -> Response:
    """Done, or not after all. ``page``: of the page that tells all tasks, to which one comes back."""
    try:
        async with house.database.writing() as session:
            await recorded.change_task(session, incident, task, acting.done(form), who.principal)
    except Conflict as error:
        return await _refused(request, incident, house, who, "tasks", form, error)
    if (number := form.get("page", "")).isdecimal():
        return RedirectResponse(f"/incidents/{incident}/tasks?page={number[:4]}#{task}", 303)
    return await _shown(request, incident, house, who, step=task)


@router.post("/incidents/{incident}/{step}")
async def change(request: Request, incident: str, step: str, house: InHouse, who: Analyst, form: Posted) -> Response:
    """Contain, close, reopen, lead, name, let it tell itself."""
    try:
        async with house.database.writing() as session:
            await recorded.change(session, incident, acting.wanted(step, form, who.principal.name), who.principal)
    except (Invalid, Conflict) as error:
        return await _refused(request, incident, house, who, step, form, error)
    return await _shown(request, incident, house, who, step=step)


async def _incident(
    request: Request,
    incident: str,
    house: InHouse,
    who: Visitor,
    *,
    code: int = 200,
    done: str = "",
    find: str = "",
    before: str | None = None,
    step: str = "",
    form: Form | None = None,
    ticked: list[str] | None = None,
    problem: str | None = None,
) -> Response:
    """``problem``: why the ``form`` of a ``step`` was refused."""
    language, at = look_of(request).language, now()
    async with house.database.reading() as session:
        found = await service.one(session, incident, shown=0)
        if found.merged_into and not problem:
            return gone(request, _address(found.merged_into, done=done))
        members = await _members(session, incident, before)
        values: dict[str, Any] = {
            "assets": [asset_view(row) for one in found.assets[:ASSETS] if (row := await assets.get(session, one))],
            "more_assets": max(0, len(found.assets) - ASSETS),
            "candidates": candidates(await _candidates(session, found, find), incident, language, at),
            "people": fitting(await repository.commanders(session), NAMES),
            "done": await _done(session, language, incident, done) if done else None,
            "happened": await repository.last_happening(session),
            "same": next(iter(await service.lines(session, [found.earlier])), None) if found.earlier else None,
        }
    cascade = await tracing.traced(house.database, incident)
    async with house.database.reading() as session:
        ids = await repository.messages_of(session, incident)  # after tracing: whatever is drawn leads to its alert
    values["incident"] = incident_view(found, members, cascade, ids, language, at)
    drawing = await drawn(cascade, ids, language, incident)
    values["drawing"] = drawing if len(drawing.encode()) <= SMALL else None
    values["drawn"] = _digest(drawing)
    more = {"find": find, "form": acting.given_back(form or {}), "step": step, "ticked": ticked or [], "problem": problem}
    return page(request, who, "incidents/incident.html", code, section="incidents", **values, **more)


async def _spread(house: InHouse, incident: str) -> tuple["Cascade", dict[str, Any]]:
    """Where it went, and what pages about it alone say of the incident. ``ids``: message to alert. Raises NotFound."""
    cascade = await tracing.traced(house.database, incident)
    async with house.database.reading() as session:
        line = (await service.lines(session, [incident]))[0]
        ids = await repository.messages_of(session, incident)
        happened = await repository.last_happening(session)
    return cascade, {"incident": line, "ids": ids, "happened": happened, "left_out": cascade.left_out}


def _digest(drawing: str) -> str:
    """By which a page knows that it is drawn anew."""
    return sha256(drawing.encode()).hexdigest()[:16]


async def _members(session: Session, incident: str, before: str | None) -> Members:
    """The last alerts, or those before one."""
    ids = await repository.last_alerts(session, incident, MEMBERS + 1, before)
    lines = await service.alert_lines(session, ids[-MEMBERS:])
    shown = last(lines, ROOM, lambda one: f"{brief(one.channel, NAMED)} {brief(one.sender, NAMED)}")
    return Members(shown, shown[0].id if len(shown) < len(ids) else None)


async def _candidates(session: Session, found: IncidentOut, find: str) -> list[IncidentLine]:
    """By words of the title; without any, those about the same assets, then the last ones."""
    if find:
        return (await service.page(session, IncidentFilter(q=find), None, SUGGESTED + 1)).items
    ids: dict[str, None] = {}
    for asset in found.assets[:3]:
        ids |= dict.fromkeys(await repository.find(session, IncidentFilter(asset=asset), None, SUGGESTED))
    ids |= dict.fromkeys(await repository.find(session, IncidentFilter(status="open"), None, SUGGESTED))
    return await service.lines(session, [one for one in ids if one != found.id][:SUGGESTED])


async def _done(session: Session, language: Language, incident: str, move_id: str) -> dict[str, Any] | None:
    """What was just merged, split or taken back."""
    row = await repository.get_move(session, move_id)
    if row is None or incident not in (row.source, row.target):
        return None
    other = row.target if row.source == incident else row.source
    return {"says": _says(language, service.move_out(row)), "move": row.id, "undo": row.undone_at is None, "other": other}


def _says(language: Language, move: MoveOut) -> str:
    if move.undone_at is not None:
        return language.say("Taken back: everything is where it was.")
    if move.kind == "merge":
        return language.count("Merged: %(number)s alert came here.", "Merged: %(number)s alerts came here.", move.moved)
    return language.count(
        "%(number)s alert is an incident of its own now.", "%(number)s alerts are an incident of their own now.", move.moved
    )


async def _refused(
    request: Request,
    incident: str,
    house: InHouse,
    who: Visitor,
    step: str,
    form: Form,
    error: AppError,
    ticked: list[str] | None = None,
) -> Response:
    """The page as it is now, with the words still in the form."""
    says = await why(house.database, look_of(request).language, incident, error)
    code = 200 if by_htmx(request) else error.status
    return await _incident(request, incident, house, who, code=code, step=step, form=form, ticked=ticked, problem=says)


async def _shown(request: Request, incident: str, house: InHouse, who: Visitor, done: str = "", step: str = "") -> Response:
    """The same incident, as it is now."""
    if by_htmx(request):
        return await _incident(request, incident, house, who, done=done, step=step)
    return RedirectResponse(_address(incident, done=done), 303)


async def _asset(session: Session, asset_id: str | None) -> str | None:
    row = await assets.get(session, asset_id) if asset_id else None
    return row.title if row else asset_id


def _address(incident: str, **more: str) -> str:
    said = {name: value for name, value in more.items() if value}
    return f"/incidents/{incident}" + (f"?{urlencode(said)}" if said else "")

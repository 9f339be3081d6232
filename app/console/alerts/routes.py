"""One alert: what was posted, what is registered, why they are held to be the same, and the decision."""

from typing import Any, get_args

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from app.alerts import reading, recorded
from app.alerts import service as alerts
from app.alerts.schemas import AlertChange, Resolution
from app.assets import service as assets
from app.blobs.reading import fetched
from app.console.alerts.views import alert_view
from app.console.routes import Analyst, Form, Posted, by_htmx, look_of, page, picture, posted, room, visitor
from app.console.signed_in import Visitor
from app.errors import Invalid, NotFound, invalid
from app.mistakes import service as mistakes
from app.people.service import Role
from app.security import InHouse

router = room()


@router.get("/alerts/{alert}")
async def alert_page(request: Request, alert: str, house: InHouse, who: Analyst) -> Response:
    """One alert: what was posted, what is registered, and why they are held to be the same."""
    return await _alert(request, alert, house, who)


@router.post("/alerts/{alert}/{step}")
async def decide(request: Request, alert: str, step: str, house: InHouse, who: Analyst, form: Posted) -> Response:
    """Acknowledge, resolve or reopen. A resolution needs its reason."""
    try:
        wanted = _step(step, form, who)
        async with house.database.writing() as session:
            await recorded.change(session, alert, wanted, who.principal, house.notices)
    except Invalid as error:
        return await _alert(request, alert, house, who, form, error.detail)
    if by_htmx(request):
        return await _alert(request, alert, house, who)
    return RedirectResponse(f"/alerts/{alert}", 303)


@router.post("/alerts/{alert}/mistakes/{mistake}/forget", dependencies=[Depends(posted)])
async def forget_here(request: Request, alert: str, mistake: str, house: InHouse, who: Analyst) -> Response:
    """Take back what an alert let be remembered, on its own page."""
    async with house.database.writing() as session:
        await mistakes.forget(session, mistake, who.principal)
    return await _alert(request, alert, house, who) if by_htmx(request) else RedirectResponse(f"/alerts/{alert}", 303)


@router.get("/alerts/{alert}/reading/{index}")
async def whole_reading(request: Request, alert: str, index: int, house: InHouse, who: Analyst, part: str = "") -> Response:
    """Everything the posted picture says: in its place by htmx, else on a page of its own."""
    found = await reading.read(house.database, house.blobs, house.lanes, alert, index, part)
    return page(request, who, "alerts/reading.html", section="alerts", alert=alert, lines=found.lines)


@router.get("/pictures/alerts/{alert}/{index}", dependencies=[Depends(visitor(Role.ANALYST))])
async def leaked_picture(alert: str, index: int, house: InHouse, part: str = "") -> Response:
    """The posted picture or page, encoded anew."""
    async with house.database.reading() as session:
        key = await alerts.kept_picture(session, alert, index, part)
    return picture(await fetched(house.blobs, key))


async def _alert(
    request: Request, alert: str, house: InHouse, who: Visitor, form: Form | None = None, problem: str | None = None
) -> Response:
    """``problem``: why the ``form`` was refused."""
    async with house.database.reading() as session:
        found = await alerts.one(session, alert)
        kept = await assets.pictured(session, (match.reference_id for match in found.matches if match.reference_id))
        shown = alert_view(look_of(request).language, found, kept, await alerts.pictured(session, found))
    status = 422 if problem and not by_htmx(request) else 200
    return page(request, who, "alerts/alert.html", status, section="alerts", alert=shown, form=form or {}, problem=problem)


def _step(step: str, form: Form, who: Visitor) -> AlertChange:
    """Raises Invalid, NotFound."""
    steps: dict[str, dict[str, Any]] = {
        "acknowledge": {"status": "acknowledged", "assignee": who.principal.name},
        "resolve": {"status": "resolved", "resolution": form.get("resolution"), "note": form.get("note", "").strip()},
        "reopen": {"status": "open"},
    }
    if step not in steps:
        raise NotFound(f"An alert cannot be “{step}”.")
    if step == "resolve":
        _complete(form)
    try:
        return AlertChange.model_validate(steps[step])
    except ValidationError as error:
        raise invalid(error) from None


def _complete(form: Form) -> None:
    """Raises Invalid."""
    if form.get("resolution") not in get_args(Resolution):
        raise Invalid("Say what it is.", "resolution_missing")
    if not form.get("note", "").strip():
        raise Invalid("Give a reason.", "note_missing")

"""The console's pages: sign-in, alerts, assets, and the pictures they show."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from pydantic import ValidationError

from app.alerts import reading
from app.alerts import service as alerts
from app.alerts.schemas import AlertChange, AlertFilter, Resolution, Status
from app.assets import service as assets
from app.assets.schemas import AssetSpec
from app.blobs.reading import fetched
from app.console.rendering import render
from app.console.signed_in import COOKIE, HEADERS, HOME, Visitor, form_secret, is_ours
from app.console.views import alert_view, api_view, asset_view, field_problem, mistake_view
from app.errors import AppError, Forbidden, Invalid, NotFound, Unauthenticated, invalid
from app.mistakes import service as mistakes
from app.paging import Cursor
from app.people import service as people
from app.people.service import Role
from app.security import InHouse, house_of
from app.uploads import read_form, spool

PAGE = 50
SIGN_IN = "/sign-in"
Form = dict[str, str]


class ConsoleRoute(APIRoute):
    """Failures are told on a page, not as a problem document; every answer carries the console's headers."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except Unauthenticated:
                response = _to_sign_in(request)
            except RequestValidationError as error:
                response = explained(request, Invalid.status, invalid(error).detail)
            except AppError as error:
                response = explained(request, error.status, error.detail)
            response.headers.update(HEADERS)
            return response

        return answer


def explained(request: Request, status: int, detail: str) -> Response:
    """What did not work, on a page; htmx puts its alert where the page it is on has a place for problems."""
    page = render("problem.html", _by_htmx(request), title="That did not work", detail=detail)
    return HTMLResponse(page, status, HEADERS)


router = APIRouter(include_in_schema=False, route_class=ConsoleRoute)


def visitor(*roles: Role) -> Callable[..., Awaitable[Visitor]]:
    """A dependency: who is signed in, if they are one of ``roles``. Raises Unauthenticated, Forbidden."""

    async def known(request: Request) -> Visitor:
        cookie = request.cookies.get(COOKIE, "")
        async with house_of(request).database.reading() as session:
            principal = await people.who_signed_in(session, cookie) if cookie else None
        if principal is None:
            raise Unauthenticated("Please sign in.")
        if roles and principal.role not in roles:
            raise Forbidden(
                f"This page is for {' and '.join(f'{role}s' for role in roles)}; you are signed in as {principal.role}."
            )
        return Visitor(principal, form_secret(cookie))

    return known


Anybody = Annotated[Visitor, Depends(visitor())]
Analyst = Annotated[Visitor, Depends(visitor(Role.ANALYST))]
Viewer = Annotated[Visitor, Depends(visitor(Role.ANALYST, Role.OWNER, Role.ADMIN))]
Registrar = Annotated[Visitor, Depends(visitor(Role.OWNER, Role.ADMIN))]


async def posted(request: Request, who: Anybody) -> Form:
    """The fields of a form that came from one of our pages. Raises Forbidden."""
    form = {name: value for name, value in (await request.form(max_files=0)).items() if isinstance(value, str)}
    _ours(who, form.get("csrf", ""))
    return form


Posted = Annotated[Form, Depends(posted)]


@router.get("/")
async def home(who: Anybody) -> Response:
    """To the page this person works on."""
    return RedirectResponse(_home(who.principal.role), 303)


@router.get(SIGN_IN)
async def sign_in_page() -> Response:
    return HTMLResponse(render("sign_in.html"))


@router.post(SIGN_IN)
async def sign_in(request: Request, house: InHouse) -> Response:
    """A token becomes a session."""
    token = str((await request.form(max_files=0)).get("token", "")).strip()
    async with house.database.writing() as session:
        principal = await people.who_holds(session, token)
        cookie = await people.sign_in(session, token) if principal and principal.role in HOME else None
    if principal is None or cookie is None:
        problem = f"A {principal.role} token has no pages here." if principal else "This token is not known, or has expired."
        return HTMLResponse(render("sign_in.html", problem=problem), 403 if principal else 401)
    response = RedirectResponse(_home(principal.role), 303)
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, cookie, int(people.SESSION.total_seconds()), httponly=True, samesite="strict", secure=secure)
    return response


@router.post("/sign-out", dependencies=[Depends(posted)])
async def sign_out(request: Request, house: InHouse) -> Response:
    async with house.database.writing() as session:
        await people.sign_out(session, request.cookies[COOKIE])
    response = RedirectResponse(SIGN_IN, 303)
    response.delete_cookie(COOKIE)
    return response


@router.get("/alerts")
async def alert_queue(
    request: Request,
    house: InHouse,
    who: Analyst,
    status: Status = "open",
    cursor: Annotated[Cursor, Query()] = None,
) -> Response:
    """Alerts of one status, newest first; htmx asks again every few seconds."""
    async with house.database.reading() as session:
        page = await alerts.page(session, AlertFilter(status=status), cursor, PAGE)
    here = "/alerts?" + urlencode({"status": status} | ({"cursor": cursor} if cursor else {}))
    shown = [alert_view(alert) for alert in page.items]
    return _page(
        request, who, "alerts.html", section="alerts", alerts=shown, status=status, here=here, next_cursor=page.next_cursor
    )


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
            await alerts.change(session, alert, wanted, who.principal.name, house.notices)
    except Invalid as error:
        return await _alert(request, alert, house, who, form, error.detail)
    if _by_htmx(request):
        return await _alert(request, alert, house, who)
    return RedirectResponse(f"/alerts/{alert}", 303)


@router.post("/alerts/{alert}/mistakes/{mistake}/forget", dependencies=[Depends(posted)])
async def forget_here(request: Request, alert: str, mistake: str, house: InHouse, who: Analyst) -> Response:
    """Take back what an alert let be remembered, on its own page."""
    async with house.database.writing() as session:
        await mistakes.forget(session, mistake, who.principal.name)
    return await _alert(request, alert, house, who) if _by_htmx(request) else RedirectResponse(f"/alerts/{alert}", 303)


@router.get("/mistakes")
async def mistake_list(
    request: Request,
    house: InHouse,
    who: Analyst,
    asset: Annotated[str | None, Query(max_length=100)] = None,
    cursor: Annotated[Cursor, Query()] = None,
) -> Response:
    """What alarms no longer because it was a mistake, of one asset or of all."""
    return await _mistakes(request, house, who, asset, cursor)


@router.post("/mistakes/{mistake}/forget")
async def forget(request: Request, mistake: str, house: InHouse, who: Analyst, form: Posted) -> Response:
    """Take a mistake back, in the list."""
    asset = form.get("asset") or None
    async with house.database.writing() as session:
        await mistakes.forget(session, mistake, who.principal.name)
    if _by_htmx(request):
        return await _mistakes(request, house, who, asset)
    return RedirectResponse("/mistakes" + (f"?{urlencode({'asset': asset})}" if asset else ""), 303)


@router.get("/assets")
async def asset_list(request: Request, house: InHouse, who: Viewer, cursor: Annotated[Cursor, Query()] = None) -> Response:
    """What is registered; an owner sees their own."""
    async with house.database.reading() as session:
        page = await assets.page(session, who.owner, cursor, PAGE)
    return _page(request, who, "assets.html", section="assets", assets=page.items, next_cursor=page.next_cursor)


@router.get("/assets/new")
async def asset_form(request: Request, who: Registrar) -> Response:
    return _page(request, who, "asset_new.html", section="assets", form={})


@router.post("/assets")
async def register(request: Request, house: InHouse, who: Registrar) -> Response:
    """Register what the form brought; what is wrong is said above the form, with the words still in it."""
    fields: Form = {}
    try:
        with spool(house.settings.data_dir / "tmp") as folder:
            form = await read_form(request.stream(), request.headers.get("content-type", ""), folder, house.registration_bounds)
            fields = {name: value.decode(errors="replace") for name, value in form.fields.items()}
            _ours(who, fields.get("csrf", ""))
            spec, uploads = _spec(fields), [upload for upload in form.uploads if upload.name or upload.size]
            asset = await house.registrar.register(spec, who.principal.name, uploads)
    except ValidationError as error:
        return _again(request, who, fields, field_problem(error))
    except Forbidden:
        raise
    except AppError as error:
        return _again(request, who, fields, error.detail, error.status)
    return RedirectResponse(f"/assets/{asset.id}", 303)


@router.get("/assets/{asset}")
async def asset_page(request: Request, asset: str, house: InHouse, who: Viewer) -> Response:
    async with house.database.reading() as session:
        found = await assets.one(session, asset, who.owner)
        kept = await assets.pictured(session, (reference.id for reference in found.references))
    return _page(request, who, "asset.html", section="assets", asset=asset_view(found, kept))


@router.post("/assets/{asset}/retire", dependencies=[Depends(posted)])
async def retire(asset: str, house: InHouse, who: Registrar) -> Response:
    async with house.database.writing() as session:
        await assets.forget(session, asset, who.owner)
    return RedirectResponse("/assets", 303)


@router.get("/alerts/{alert}/reading/{index}")
async def whole_reading(request: Request, alert: str, index: int, house: InHouse, who: Analyst, part: str = "") -> Response:
    """Everything the posted picture says: in its place by htmx, else on a page of its own."""
    found = await reading.read(house.database, house.blobs, house.lanes, alert, index, part)
    return _page(request, who, "reading.html", section="alerts", alert=alert, lines=found.lines)


@router.get("/pictures/alerts/{alert}/{index}", dependencies=[Depends(visitor(Role.ANALYST))])
async def leaked_picture(alert: str, index: int, house: InHouse, part: str = "") -> Response:
    """The posted picture or page, encoded anew."""
    async with house.database.reading() as session:
        key = await alerts.kept_picture(session, alert, index, part)
    return _picture(await fetched(house.blobs, key))


@router.get("/pictures/references/{reference}")
async def reference_picture(reference: str, house: InHouse, who: Viewer) -> Response:
    """A registered picture, if it was kept; an owner sees their own."""
    async with house.database.reading() as session:
        key = await assets.kept_picture(session, reference, who.owner)
    return _picture(await fetched(house.blobs, key))


@router.get("/api/docs")
async def api_docs(request: Request) -> Response:
    """The API's calls, from its own description; nothing is loaded from elsewhere."""
    return HTMLResponse(render("api.html", calls=api_view(request.app.openapi())))


async def _alert(
    request: Request, alert: str, house: InHouse, who: Visitor, form: Form | None = None, problem: str | None = None
) -> Response:
    """``problem``: why the ``form`` was refused."""
    async with house.database.reading() as session:
        found = await alerts.one(session, alert)
        kept = await assets.pictured(session, (match.reference_id for match in found.matches if match.reference_id))
        shown = alert_view(found, kept, await alerts.pictured(session, found))
    status = 422 if problem and not _by_htmx(request) else 200
    return _page(request, who, "alert.html", status, section="alerts", alert=shown, form=form or {}, problem=problem)


async def _mistakes(request: Request, house: InHouse, who: Visitor, asset: str | None, cursor: str | None = None) -> Response:
    async with house.database.reading() as session:
        about = await assets.one(session, asset) if asset else None
        page = await mistakes.page(session, asset, cursor, PAGE)
        seen = await mistakes.pictures(session, page.items)
    shown = [mistake_view(one, seen.get(one.id)) for one in page.items]
    values: dict[str, Any] = {"mistakes": shown, "asset": about, "next_cursor": page.next_cursor}
    return _page(request, who, "mistakes.html", section="mistakes", **values)


def _page(request: Request, who: Visitor, template: str, code: int = 200, **values: Any) -> Response:
    return HTMLResponse(render(template, _by_htmx(request), user=who.principal, csrf=who.csrf, **values), code)


def _again(request: Request, who: Visitor, fields: Form, problem: str, status: int = 422) -> Response:
    return _page(request, who, "asset_new.html", status, section="assets", form=fields, problem=problem)


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


def _spec(fields: Form) -> AssetSpec:
    """Raises ValidationError."""
    words = {name: [word.strip() for word in fields.get(name, "").split(",") if word.strip()] for name in ("terms", "tags")}
    plain = {name: fields.get(name, "") for name in ("title", "kind", "level", "unit", "note")}
    return AssetSpec.model_validate({**plain, **words, "keep_originals": "keep_originals" in fields})


def _picture(data: bytes | None) -> Response:
    if data is None:
        raise NotFound("There is no picture to show.")
    return Response(data, media_type="image/jpeg")


def _ours(who: Visitor, brought: str) -> None:
    if not is_ours(who, brought):
        raise Forbidden("This form is from another session: go back, reload the page and send it again.", "stale_form")


def _to_sign_in(request: Request) -> Response:
    """A redirect that htmx would follow puts the sign-in page inside the old one; so htmx is told to leave."""
    return Response(status_code=204, headers={"HX-Redirect": SIGN_IN}) if _by_htmx(request) else RedirectResponse(SIGN_IN, 303)


def _home(role: Role) -> str:
    return HOME.get(role, SIGN_IN)


def _by_htmx(request: Request) -> bool:
    return request.headers.get("HX-Request") == "true"

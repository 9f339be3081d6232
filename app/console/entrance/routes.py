"""Coming in: signing in and out, which language and theme, and what the API offers."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.console.coming_back import SIGN_IN, ours
from app.console.entrance.views import api_view
from app.console.rendering import THEMES, render
from app.console.routes import LANGUAGE, THEME, Anybody, Posted, cookie_of, gone, look_of, page, room, whoever, why
from app.console.signed_in import HOME, cookie_name
from app.console.speech import LANGUAGES
from app.errors import AppError, Forbidden, Invalid
from app.people import service as people
from app.people.service import Role
from app.people.strength import LEAST
from app.security import InHouse, address_of

HOUR = timedelta(hours=1)
YEAR = 365 * 86_400
LONG = 200
"""Characters of a typed name, more than any account's has."""

router = room()


@router.get("/")
async def home(who: Anybody) -> Response:
    """To the page this person works on."""
    return RedirectResponse(_home(who.principal.role), 303)


@router.get(SIGN_IN)
async def sign_in_page(request: Request, onward: Annotated[str, Query(alias="next")] = "") -> Response:
    """``onward``: where whoever signs in was going."""
    return HTMLResponse(render("entrance/sign_in.html", look_of(request), next=ours(onward, "")))


@router.post(SIGN_IN)
async def sign_in(request: Request, house: InHouse) -> Response:
    """A name and its password, or a token, becomes a session; from there one goes on to where one was going."""
    form = {name: str(value) for name, value in (await request.form(max_files=0)).items()}
    address, before = address_of(request), cookie_of(request)
    try:
        if token := form.get("token", "").strip():
            entered = await house.entrance.by_token(token, address, before)
        else:
            entered = await house.entrance.by_password(form.get("name", "")[:LONG], form.get("password", ""), address, before)
    except AppError as error:
        values = {"problem": why(request, error), "name": form.get("name", "")[:LONG], "next": ours(form.get("next", ""), "")}
        return HTMLResponse(render("entrance/sign_in.html", look_of(request), **values), error.status, error.headers)
    return _let_in(request, entered.cookie, ours(form.get("next", ""), _home(entered.principal.role)))


@router.post("/sign-out")
async def sign_out(request: Request, house: InHouse, who: Anybody, form: Posted) -> Response:
    """Of this session; ``everywhere``: of all that were begun with the same account or token."""
    await house.entrance.leave(who.principal, cookie_of(request), everywhere=bool(form.get("everywhere")))
    response, scheme = RedirectResponse(SIGN_IN, 303), request.url.scheme
    response.delete_cookie(cookie_name(scheme), httponly=True, samesite="strict", secure=scheme == "https")
    return response


@router.get("/account")
async def account_page(request: Request, house: InHouse, who: Anybody, changed: bool = False) -> Response:
    """Where one is signed in, and another password."""
    return await _account(request, house, who, changed=changed)


@router.post("/account/password")
async def change_password(request: Request, house: InHouse, who: Anybody, form: Posted) -> Response:
    """One's own; all other sessions end, and this one is begun anew."""
    if not who.has_password:
        raise Forbidden("You signed in with a token, which has no password.", "no_password")
    try:
        if form.get("new") != form.get("again"):
            raise Invalid("The new passwords differ.", "passwords_differ")
        entered = await house.entrance.change_password(who.principal, form.get("old", ""), form.get("new", ""))
    except AppError as error:
        return await _account(request, house, who, 422 if error.status == 401 else error.status, problem=why(request, error))
    return _let_in(request, entered.cookie, "/account?changed=1")


@router.post("/preferences")
async def prefer(request: Request) -> Response:
    """Remember a language or a theme in the browser, and go back. It concerns nobody else: the form needs no secret."""
    form = await request.form(max_files=0)
    response = RedirectResponse(ours(str(form.get("back", ""))), 303)
    secure = request.url.scheme == "https"
    for cookie, name, known in ((LANGUAGE, "language", LANGUAGES), (THEME, "theme", THEMES)):
        value = str(form.get(name, ""))
        if value in known:
            response.set_cookie(cookie, value, YEAR, httponly=True, samesite="strict", secure=secure)
    return response


@router.get("/api/docs")
async def api_docs(request: Request) -> Response:
    """The API's calls, from its own description; nothing is loaded from elsewhere."""
    calls = api_view(request.app.openapi())
    return page(request, await whoever(request), "entrance/api.html", section="api", calls=calls)


async def _account(request: Request, house: InHouse, who: Anybody, code: int = 200, **values: Any) -> Response:
    async with house.database.reading() as session:
        sessions = await people.sessions(session, who.principal, cookie_of(request))
        count = await people.count_sessions(session, who.principal)
    hours = {"idle": int(people.IDLE / HOUR), "most": int(people.SESSION / HOUR)}
    about = {"sessions": sessions, "count": count, "has_password": who.has_password, "least": LEAST, **hours}
    return page(request, who, "entrance/account.html", code, section="account", **about, **values)


def _let_in(request: Request, cookie: str, address: str) -> Response:
    """To a page, signed in. htmx is told to go there: what it shows carries the secret of the session before."""
    response = gone(request, address)
    scheme, lasts = request.url.scheme, int(people.SESSION.total_seconds())
    response.set_cookie(cookie_name(scheme), cookie, lasts, httponly=True, samesite="strict", secure=scheme == "https")
    return response


def _home(role: Role) -> str:
    return HOME.get(role, SIGN_IN)

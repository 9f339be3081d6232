"""Coming in: signing in and out, which language and theme, and what the API offers."""

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.console.entrance.views import api_view
from app.console.rendering import THEMES, render
from app.console.routes import LANGUAGE, SIGN_IN, THEME, Anybody, look_of, posted, room
from app.console.signed_in import COOKIE, HOME
from app.console.speech import LANGUAGES
from app.people import service as people
from app.people.service import Role
from app.security import InHouse

YEAR = 365 * 86_400

router = room()


@router.get("/")
async def home(who: Anybody) -> Response:
    """To the page this person works on."""
    return RedirectResponse(_home(who.principal.role), 303)


@router.get(SIGN_IN)
async def sign_in_page(request: Request) -> Response:
    return HTMLResponse(render("entrance/sign_in.html", look_of(request)))


@router.post(SIGN_IN)
async def sign_in(request: Request, house: InHouse) -> Response:
    """A token becomes a session."""
    look = look_of(request)
    token = str((await request.form(max_files=0)).get("token", "")).strip()
    async with house.database.writing() as session:
        principal = await people.who_holds(session, token)
        cookie = await people.sign_in(session, token) if principal and principal.role in HOME else None
    if principal is None or cookie is None:
        say = look.language.say
        problem = say("This token is not known, or has expired.")
        if principal:
            problem = say("A %(role)s token has no pages here.", role=say(principal.role))
        return HTMLResponse(render("entrance/sign_in.html", look, problem=problem), 403 if principal else 401)
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


@router.post("/preferences")
async def prefer(request: Request) -> Response:
    """Remember a language or a theme in the browser, and go back. It concerns nobody else: the form needs no secret."""
    form = await request.form(max_files=0)
    response = RedirectResponse(_here(str(form.get("back", ""))), 303)
    secure = request.url.scheme == "https"
    for cookie, name, known in ((LANGUAGE, "language", LANGUAGES), (THEME, "theme", THEMES)):
        value = str(form.get(name, ""))
        if value in known:
            response.set_cookie(cookie, value, YEAR, httponly=True, samesite="strict", secure=secure)
    return response


@router.get("/api/docs")
async def api_docs(request: Request) -> Response:
    """The API's calls, from its own description; nothing is loaded from elsewhere."""
    return HTMLResponse(render("entrance/api.html", look_of(request), calls=api_view(request.app.openapi())))


def _home(role: Role) -> str:
    return HOME.get(role, SIGN_IN)


def _here(address: str) -> str:
    """An address of ours: a path, which browsers cannot take for another host's."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else "/"

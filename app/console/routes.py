"""What the console's rooms share: failures told on a page, who is signed in, forms that are ours, and how somebody sees pages."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute

from app.console.coming_back import asked_from, sign_in
from app.console.refusals import as_it_is, refusal
from app.console.rendering import THEMES, Look, render
from app.console.signed_in import HEADERS, Visitor, cookie_name, form_secret, is_foreign, is_ours
from app.console.speech import preferred
from app.db import DatabaseFailure
from app.errors import AppError, Forbidden, NotFound, Unauthenticated, invalid
from app.people import service as people
from app.people.service import Role
from app.security import address_of, house_of
from app.uploads import Bounds, Upload, read_form

PAGE = 50
LANGUAGE, THEME = "leakwatch_language", "leakwatch_theme"
"""Cookies."""
Form = dict[str, str]


class ConsoleRoute(APIRoute):
    """Failures are told on a page, not as a problem document; every answer carries the console's headers."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                _from_here(request)
                response = await handle(request)
            except Unauthenticated:
                response = _to_sign_in(request)
            except RequestValidationError as error:
                response = await told(request, invalid(error))
            except AppError as error:
                response = await told(request, error)
            response.headers.update(HEADERS)
            return response

        return answer


def room() -> APIRouter:
    """A router for some of the console's pages."""
    return APIRouter(include_in_schema=False, route_class=ConsoleRoute)


async def explained(request: Request, status: int, detail: str) -> Response:
    """What did not work, on a page; htmx puts its alert where the page it is on has a place for problems."""
    return await _problem(request, status, as_it_is(look_of(request).language, detail, status), {})


async def told(request: Request, error: AppError) -> Response:
    """The same of a failure of ours."""
    return await _problem(request, error.status, why(request, error), error.headers)


async def _problem(request: Request, status: int, says: str, headers: Mapping[str, str]) -> Response:
    """With the way to other pages, for whoever is signed in as far as that can be told."""
    try:
        who = await whoever(request)
    except DatabaseFailure:
        who = None
    return HTMLResponse(render("problem.html", look_of(request), detail=says, **_known(who)), status, {**HEADERS, **headers})


async def whoever(request: Request) -> Visitor | None:
    """Who is signed in, if anybody is. That does not keep them signed in."""
    cookie = cookie_of(request)
    if not cookie:
        return None
    async with house_of(request).database.reading() as session:
        found = await people.who_signed_in(session, cookie)
    return Visitor(found.principal, form_secret(cookie)) if found else None


def _known(who: Visitor | None) -> dict[str, Any]:
    return {"user": who.principal, "csrf": who.csrf} if who else {}


def why(request: Request, error: AppError) -> str:
    """What did not work, in the language of whoever asks, for a page that has a place for it."""
    return refusal(look_of(request).language, error)


def look_of(request: Request) -> Look:
    """As chosen before, else as the browser says."""
    language = preferred(request.cookies.get(LANGUAGE), request.headers.get("accept-language", ""))
    theme = request.cookies.get(THEME, "")
    here = _address(request) if request.method == "GET" else "/"
    return Look(language, theme if theme in THEMES else THEMES[0], by_htmx(request), here)


def visitor(*roles: Role) -> Callable[..., Awaitable[Visitor]]:
    """A dependency: who is signed in, if they are one of ``roles``. Raises Unauthenticated, Forbidden."""

    async def known(request: Request) -> Visitor:
        cookie = cookie_of(request)
        async with house_of(request).database.reading() as session:
            found = await people.who_signed_in(session, cookie) if cookie else None
        if found is None:
            raise Unauthenticated("Please sign in.")
        if found.is_rested and not _by_itself(request):
            async with house_of(request).database.writing() as session:
                await people.notice(session, cookie)
        principal = replace(found.principal, address=address_of(request))
        if roles and principal.role not in roles:
            raise Forbidden("This page is for others.", "wrong_role", roles=roles, role=principal.role)
        return Visitor(principal, form_secret(cookie))

    return known


Anybody = Annotated[Visitor, Depends(visitor())]
Analyst = Annotated[Visitor, Depends(visitor(Role.ANALYST))]
Viewer = Annotated[Visitor, Depends(visitor(Role.ANALYST, Role.OWNER, Role.ADMIN))]
Registrar = Annotated[Visitor, Depends(visitor(Role.OWNER, Role.ADMIN))]


async def posted(request: Request, who: Anybody) -> Form:
    """The fields of a form that came from one of our pages. Raises Forbidden."""
    form = {name: value for name, value in (await request.form(max_files=0)).items() if isinstance(value, str)}
    ours(who, form.get("csrf", ""))
    return form


Posted = Annotated[Form, Depends(posted)]


def ours(who: Visitor, brought: str) -> None:
    """Raises Forbidden for a form's secret that is another session's."""
    if not is_ours(who, brought):
        raise Forbidden("This form is from another session: go back, reload the page and send it again.", "stale_form")


async def received(request: Request, who: Visitor, folder: Path, within: Bounds, fields: Form) -> list[Upload]:
    """The files of a form of ours; ``fields`` are filled in as soon as they are known. Raises AppError."""
    form = await read_form(request.stream(), request.headers.get("content-type", ""), folder, within)
    fields |= {name: value.decode(errors="replace") for name, value in form.fields.items()}
    ours(who, fields.get("csrf", ""))
    return [upload for upload in form.uploads if upload.name or upload.size]


def page(request: Request, who: Visitor | None, template: str, code: int = 200, **values: Any) -> Response:
    """A template for somebody signed in, or for anybody, as they like it."""
    return HTMLResponse(render(template, look_of(request), **_known(who), **values), code)


def gone(request: Request, address: str) -> Response:
    """To another page; htmx would put it inside this one."""
    return Response(status_code=204, headers={"HX-Redirect": address}) if by_htmx(request) else RedirectResponse(address, 303)


def picture(data: bytes | None) -> Response:
    """A JPEG. Raises NotFound."""
    if data is None:
        raise NotFound("There is no picture to show.")
    return Response(data, media_type="image/jpeg")


def by_htmx(request: Request) -> bool:
    """Whether htmx asks, for a fragment."""
    return request.headers.get("HX-Request") == "true"


def cookie_of(request: Request) -> str:
    """The secret of who is signed in; empty: nobody."""
    return request.cookies.get(cookie_name(request.url.scheme), "")


def _by_itself(request: Request) -> bool:
    """Whether a page that lies open asks, not a person: that keeps nobody signed in."""
    return "x-by-itself" in request.headers or "text/event-stream" in request.headers.get("accept", "")


def _from_here(request: Request) -> None:
    """Raises Forbidden for what another site made a browser send."""
    if request.method in ("GET", "HEAD"):
        return
    hosts = {request.headers.get("host", "").lower(), urlsplit(house_of(request).settings.public_url).netloc.lower()} - {""}
    if is_foreign(request.headers, hosts):
        raise Forbidden("This form was sent by another site.", "foreign_form")


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _to_sign_in(request: Request) -> Response:
    """From where one comes back. A redirect that htmx would follow puts the page inside the old one: it is told to leave."""
    host = request.headers.get("host", "")
    return gone(request, sign_in(asked_from(request.method, _address(request), request.headers, host)))

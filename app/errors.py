"""What can go wrong for a caller, each with a status and a stable code, told as RFC 9457 problem documents.

AppError
├── Unauthenticated 401   ├── Forbidden 403   ├── NotFound 404   ├── Conflict 409
├── Stale 412             ├── TooLarge 413    ├── Unsupported 415
├── Invalid 422           ├── TooMany 429
└── Unavailable 503
    └── Uninspected 503
"""

import errno
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Any, ClassVar

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from app.blobs.types import BlobsDown
from app.db import DatabaseFailure
from app.streams.types import StreamDown

PROBLEM = "application/problem+json"
Page = Callable[[Request, int, str], Awaitable[Response]]
"""Tells a person of a failure: status, and what is wrong."""
DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
"""A disk's ways to say that it takes nothing."""
LIMITS = ("min_length", "max_length", "ge", "gt", "le", "lt")
log = logging.getLogger(__name__)
_DOCUMENT = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "a stable word for programs"},
        "detail": {"type": "string", "description": "what is wrong and what to do, for people"},
    },
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": f"Problem: {HTTPStatus(status).phrase}", "content": {PROBLEM: {"schema": _DOCUMENT}}}
    for status in (401, 403, 404, 409, 412, 413, 415, 422, 429, 503)
}
"""What any call may answer instead of what it promises, for the API's description."""


class AppError(Exception):
    """Root. ``code`` never changes once published; ``detail`` is a sentence that says what to do; ``more`` joins the document.

    Pages say it in another language by ``code`` and what is in ``more``: see ``app.console.refusals``.
    """

    status = 500
    code = "internal"
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, detail: str, code: str | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.more = more


class Unauthenticated(AppError):
    status, code = 401, "unauthenticated"
    headers: ClassVar = {"WWW-Authenticate": "Bearer"}


class Forbidden(AppError):
    status, code = 403, "forbidden"


class NotFound(AppError):
    status, code = 404, "not_found"


class Conflict(AppError):
    status, code = 409, "conflict"


class Stale(AppError):
    """What the request is about is not what the caller saw of it."""

    status, code = 412, "changed_meanwhile"


class TooLarge(AppError):
    status, code = 413, "too_large"


class Unsupported(AppError):
    status, code = 415, "unsupported_media_type"


class Invalid(AppError):
    """The request itself is wrong; sending it again changes nothing."""

    status, code = 422, "invalid"


class TooMany(AppError):
    """There is no room at present; the same request will be accepted ``seconds`` later, or told to wait again."""

    status, code = 429, "too_many"

    def __init__(self, detail: str, code: str, seconds: int, **more: Any) -> None:
        super().__init__(detail, code, **more)
        self.headers = {"Retry-After": str(seconds)}  # type: ignore[misc]


class Unavailable(AppError):
    """Our fault or passing; the same request may succeed later."""

    status, code = 503, "unavailable"
    headers: ClassVar = {"Retry-After": "5"}


class Uninspected(Unavailable):
    """Inspecting was given up; the same message again gets the same answer, so nobody is told to retry."""

    code = "inspection_failed"
    headers: ClassVar = {}


def invalid(error: ValidationError | RequestValidationError) -> Invalid:
    """Pydantic's findings in our words: where, and what, never the value. ``code``, ``limit``: the same for programs."""
    places = [{"at": ".".join(str(part) for part in one["loc"]), "says": one["msg"], **_kind(one)} for one in error.errors()]
    said = "; ".join(f"{one['at'] or 'body'}: {one['says']}" for one in places[:5])
    return Invalid(said, "invalid", errors=places[:50])


def _kind(found: Any) -> dict[str, Any]:
    """What kind of mistake it is, and which limit was not kept."""
    limit = next((value for name, value in found.get("ctx", {}).items() if name in LIMITS), None)
    return {"code": found["type"], **({"limit": limit} if isinstance(limit, int | float) else {})}


def problem(status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """One problem document."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code, "detail": detail}
    return JSONResponse({**body, **more}, status, headers, PROBLEM)


def install(app: FastAPI, page: Page) -> None:
    """Answer every failure of ``app`` with a problem document; outside the API people are told of it on a ``page``."""
    app.add_exception_handler(AppError, _ours)
    app.add_exception_handler(DatabaseFailure, partial(_down, page, "The database"))
    app.add_exception_handler(BlobsDown, partial(_down, page, "The store of files"))
    app.add_exception_handler(StreamDown, partial(_down, page, "The stream"))
    app.add_exception_handler(OSError, partial(_disk, page))
    app.add_exception_handler(RequestValidationError, _fastapis)
    app.add_exception_handler(ValidationError, partial(_unforeseen, page))
    app.add_exception_handler(HTTPException, partial(_frameworks, page))
    app.add_exception_handler(Exception, partial(_unforeseen, page))


async def told(page: Page, request: Request, status: int, code: str, detail: str) -> Response:
    """On a page to people, as a problem document to programs."""
    return await page(request, status, detail) if _by_a_person(request) else problem(status, code, detail)


def _ours(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AppError)  # noqa: S101
    return problem(error.status, error.code, error.detail, error.headers, **error.more)


async def _down(page: Page, what: str, request: Request, error: Exception) -> Response:
    log.error("%s cannot be used", what.lower(), extra={"path": request.url.path, "reason": str(error)})
    return await _passing(page, request, f"{what} cannot be used just now. Try again soon.")


async def _disk(page: Page, request: Request, error: Exception) -> Response:
    """Whoever is told that it passes comes again; a gateway may drop what is answered 500."""
    if not isinstance(error, OSError) or error.errno not in DISK:
        return await _unforeseen(page, request, error)
    log.error("the disk cannot be written", extra={"path": request.url.path, "reason": errno.errorcode[error.errno]})
    return await _passing(page, request, "The disk cannot be written just now. Try again soon.")


async def _passing(page: Page, request: Request, says: str) -> Response:
    told = Unavailable(says)
    if not _by_a_person(request):
        return _ours(request, told)
    response = await page(request, told.status, told.detail)
    response.headers.update(told.headers)
    return response


def _fastapis(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    return _ours(request, invalid(error))


async def _frameworks(page: Page, request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    if _by_a_person(request):
        says = {404: "There is no such page.", 405: "This address cannot be called up like this."}
        return await page(request, error.status_code, says.get(error.status_code, str(error.detail)))
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
    return problem(error.status_code, code, str(error.detail), dict(error.headers or {}))


async def _unforeseen(page: Page, request: Request, error: Exception) -> Response:
    log.error("unforeseen failure", extra={"path": request.url.path, "error": type(error).__name__})
    detail = "Something went wrong on our side; it has been logged."
    return await told(page, request, 500, "internal", detail)


def _by_a_person(request: Request) -> bool:
    reads = "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers
    return reads and not request.url.path.startswith("/api/")

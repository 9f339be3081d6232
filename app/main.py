"""The HTTP application: routes, failures as problem documents, and what stands at the root for operators."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import errors
from app.alerts.routes import router as alerts_router
from app.assets.routes import router as assets_router
from app.audit.routes import router as audit_router
from app.console.rendering import STATIC
from app.console.rooms import ROUTERS as CONSOLE
from app.console.routes import explained
from app.directory.routes import router as directory_router
from app.evidence.routes import router as evidence_router
from app.house import Crew, House, open_crew, open_house
from app.hunts.routes import router as hunts_router
from app.incidents.routes import router as incidents_router
from app.ingest.asyncapi import document
from app.ingest.routes import router as messages_router
from app.mistakes.routes import router as mistakes_router
from app.notify import repository as outbox
from app.numbers.routes import router as numbers_router
from app.reruns.routes import router as reruns_router
from app.security import InHouse
from app.settings import Settings
from app.sightings.routes import router as sightings_router
from app.uploads import MAX_FIELD, media_type

COUNTED = (
    "/api/v1/messages",
    "/api/v1/check",
    "/api/v1/assets",
    "/api/v1/assets/test",
    "/assets",
    "/api/v1/directory",
    "/directory",
)
"""Routes that count the bytes of their bodies while they come."""
FORMS = {"/sign-in": 64_000, "/preferences": 64_000}
"""Bytes of forms that anybody may send."""


def create_app(settings: Settings) -> FastAPI:
    """The application; everything it runs on lives from its start to its end."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_house(settings) as house:
            app.state.house = house
            yield

    app = FastAPI(
        title="leakwatch",
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        version="1",
        responses=errors.RESPONSES,
    )
    errors.install(app, explained)
    app.add_middleware(Interrupted)
    app.add_middleware(BoundedBodies, largest=settings.max_body, page=explained)
    for router in (
        messages_router,
        sightings_router,
        assets_router,
        hunts_router,
        alerts_router,
        incidents_router,
        mistakes_router,
        numbers_router,
        reruns_router,
        evidence_router,
        directory_router,
        audit_router,
        *CONSOLE,
    ):
        app.include_router(router)
    # Pages are not compressed: their length would tell of the secrets in them (BREACH, Prado et al. 2013).
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC), compresslevel=6))
    app.add_api_route("/api/asyncapi.json", asyncapi, include_in_schema=False)
    _for_operators(app)
    return app


def create_crew_app(settings: Settings) -> FastAPI:
    """What a worker tells operators; the work goes on from its start to its end."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_crew(settings) as crew:
            app.state.house = crew
            yield

    app = FastAPI(title="leakwatch worker", lifespan=lifespan, openapi_url=None)
    _for_operators(app)
    return app


def _for_operators(app: FastAPI) -> None:
    app.add_api_route("/healthz", healthz, include_in_schema=False)
    app.add_api_route("/readyz", readyz, include_in_schema=False)
    app.add_api_route("/metrics", metrics, include_in_schema=False)


async def asyncapi() -> dict[str, Any]:
    """What travels in Kafka's topics."""
    return document()


async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


async def readyz(house: InHouse) -> JSONResponse:
    """200 when every detection process runs and has caught up with the registry, and messages are being taken."""
    ready = house.lanes.ready
    trouble = house.trouble
    status = "troubled" if trouble else "ready" if ready else "starting"
    body = {"status": status, "checkpoint": house.lanes.checkpoint, "trouble": trouble}
    return JSONResponse(body, 200 if status == "ready" else 503)


async def metrics(house: InHouse) -> Response:
    """For Prometheus."""
    await _measure(house)
    return Response(house.metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _measure(house: House | Crew) -> None:
    house.metrics.depth.set(await house.accepted.lag())
    async with house.grounds.database.reading() as session:
        for status, count in (await outbox.counts(session)).items():
            house.metrics.outbox.labels(status).set(count)
    house.metrics.checkpoint.set(house.lanes.checkpoint)
    house.metrics.ready.set(house.lanes.ready)


class Interrupted:
    """Tells whoever still waits when the server ends to come again; uvicorn would call it a fault of ours, for ever."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except asyncio.CancelledError:
            if begun or scope["type"] != "http":
                raise
            ending = errors.Unavailable("The server is being restarted. Try again soon.")
            await errors.problem(ending.status, ending.code, ending.detail, ending.headers)(scope, receive, send)


class BoundedBodies:
    """Turns away bodies that would be read into memory whole: too large, or of a length nobody tells."""

    def __init__(self, app: ASGIApp, largest: int, page: errors.Page) -> None:
        self.app, self.largest, self.page = app, largest, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].rstrip("/") not in COUNTED:
            refused = await self._refused(Request(scope))
            if refused is not None:
                await refused(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _refused(self, request: Request) -> Response | None:
        headers = request.headers
        if "transfer-encoding" in headers:
            return await errors.told(self.page, request, 411, "length_required", "Send this body with a Content-Length.")
        multipart = media_type(headers.get("content-type", "")) == "multipart/form-data"
        bound = FORMS.get(request.url.path, self.largest if multipart else MAX_FIELD)
        if int(headers.get("content-length", "0")) > bound:
            return await errors.told(self.page, request, 413, "body_too_large", f"The body is larger than {bound:,} bytes.")
        return None

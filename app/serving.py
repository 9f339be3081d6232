"""One server, or worker, from its start to the signal that ends it."""

import asyncio
import socket
import sys
from collections.abc import Callable
from typing import Any

import uvicorn

from app.db import Database
from app.db.upgrading import bring_up_to_date
from app.garbage import spare_what_stays
from app.house import FolderInUse, House, only_server
from app.main import create_app, create_crew_app
from app.observability import log_to_stderr
from app.settings import Settings

DOWN = 3
GRACEFUL = 5
"""Seconds requests under way are given when the server is told to stop."""
KEPT_OPEN = 20
"""Seconds a connection may rest: longer than clients keep one (httpx 5, aiohttp 15), for whoever asks just as it is closed is
told nothing.
"""


def serve(settings: Settings) -> None:
    """Blocks until SIGTERM or SIGINT. Raises SystemExit when it cannot start; OSError, DatabaseFailure for its folder."""
    log_to_stderr(settings.log_level)
    try:
        with only_server(settings.data_dir):
            asyncio.run(_up_to_date(settings))
    except FolderInUse as error:
        print(error, file=sys.stderr)
        sys.exit(DOWN)
    app = create_app(settings)
    _run(Server(_config(app, settings), app))


class Server(uvicorn.Server):
    """Told to stop, it first lets go whoever only listens: that never ends by itself, and would hold every restart up."""

    def __init__(self, config: uvicorn.Config, app: Any) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        house: House | None = getattr(self._app.state, "house", None)
        if house is not None:
            house.live.end()
            house.incidents_live.end()
        await super().shutdown(sockets)


def work(settings: Settings) -> None:
    """Take messages from the stream until SIGTERM or SIGINT; what is being inspected is given back. Raises SystemExit."""
    log_to_stderr(settings.log_level)
    _run(uvicorn.Server(_config(create_crew_app(settings), settings)))


def _run(server: uvicorn.Server) -> None:
    spare_what_stays()
    server.run()
    if not server.started:
        sys.exit(DOWN)


def _config(app: Callable[..., Any], settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACEFUL,
        timeout_keep_alive=KEPT_OPEN,
        server_header=False,
    )


async def _up_to_date(settings: Settings) -> None:
    database = Database(settings.database)
    try:
        await bring_up_to_date(database)
    finally:
        await database.close()

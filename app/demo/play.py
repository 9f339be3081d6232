"""``leakwatch demo``: a throw-away server, the staged organisation registered on it, the staged chat posted to it.

Everything goes through the same HTTP interface that gateways and owners use; nothing here knows how detection works. What is
printed is what the server answered, also where it differs from what was expected.
"""

import asyncio
import json
import signal
import socket
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from app import offline
from app.demo.cast import ASSETS, File, RegisteredAsset
from app.demo.scenes import Scene
from app.demo.story import SCENES
from app.demo.transcript import Transcript
from app.errors import Unavailable
from app.main import create_app
from app.observability import log_to_stderr
from app.people.service import Role
from app.settings import Settings

READY_WITHIN = 120.0
VERDICT_WITHIN = 300.0
ANALYST, OWNER, AUDITOR = "analyst-on-duty", "asset-office", "auditor"
Clients = dict[str, httpx.AsyncClient]


def demo(settings: Settings, serve: bool) -> bool:
    """Play the whole story; whether every scene ended as expected. ``serve``: go on serving until interrupted."""
    log_to_stderr("ERROR")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # else the throw-away folder would stay behind
    signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    told = Transcript()
    with tempfile.TemporaryDirectory(prefix="leakwatch-demo-") as folder:
        port = settings.port if settings.port and _free(settings.host, settings.port) else _any_port(settings.host)
        own = {"data_dir": Path(folder), "database_url": "", "blob_url": "", "webhook_url": "", "port": port}
        throwaway = settings.model_copy(update=own)
        with suppress(KeyboardInterrupt):
            asyncio.run(_play(throwaway, serve, told))
        if not told.ended:
            told.interrupted()
    return told.ended and told.as_expected


async def _play(settings: Settings, serve: bool, told: Transcript) -> None:
    tokens = {name: await offline.create_token(settings, name, role, None) for name, role in _people().items()}
    server = uvicorn.Server(uvicorn.Config(create_app(settings), settings.host, settings.port, log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve())
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    story = asyncio.create_task(_story(f"http://{host}:{settings.port}", tokens, told, serve))
    try:
        await asyncio.wait((serving, story), return_when=asyncio.FIRST_COMPLETED)
        if story.done():
            story.result()
        if story.done() and serve:
            await serving
    finally:
        story.cancel()
        server.should_exit = True
        await asyncio.gather(serving, story, return_exceptions=True)


async def _story(address: str, tokens: dict[str, str], told: Transcript, serve: bool) -> None:
    async with _clients(address, tokens) as clients:
        await _until_ready(clients[OWNER], told)
        await _register(clients[OWNER], told)
        told.chat_begins()
        for scene in SCENES:
            await _post(clients[scene.gateway], scene, told)
    told.finished()
    if serve:
        told.serving(address, tokens[ANALYST], tokens[OWNER], tokens[AUDITOR])


def _people() -> dict[str, str]:
    """Names of tokens, and their roles. The asset office registers for every owner, so it is an admin."""
    gateways = {scene.gateway: Role.GATEWAY.value for scene in SCENES}
    return gateways | {ANALYST: Role.ANALYST.value, OWNER: Role.ADMIN.value, AUDITOR: Role.AUDITOR.value}


@asynccontextmanager
async def _clients(address: str, tokens: dict[str, str]) -> AsyncIterator[Clients]:
    clients = {
        who: httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=VERDICT_WITHIN)
        for who, token in tokens.items()
    }
    try:
        yield clients
    finally:
        for client in clients.values():
            await client.aclose()


async def _until_ready(client: httpx.AsyncClient, told: Transcript) -> None:
    """Raises Unavailable when detection does not start."""
    began, said = time.perf_counter(), ""
    while time.perf_counter() - began < READY_WITHIN:
        with suppress(httpx.TransportError):
            answer = await client.get("/readyz")
            said = answer.text
            if answer.status_code == httpx.codes.OK:
                told.ready(time.perf_counter() - began)
                return
        await asyncio.sleep(0.1)
    raise Unavailable(f"Detection did not start within {READY_WITHIN:.0f} s: {said}")


async def _register(client: httpx.AsyncClient, told: Transcript) -> None:
    told.registering()
    for asset in ASSETS:
        files = [("files", (file.name, await asyncio.to_thread(file.draw), file.content_type)) for file in asset.files]
        answer = await client.post("/api/v1/assets", data={"asset": json.dumps(_described(asset))}, files=files)
        told.registered(answer.raise_for_status().json())


def _described(asset: RegisteredAsset) -> dict[str, Any]:
    fields = ("title", "kind", "level", "owner", "unit", "terms", "tags", "keep_originals", "note")
    return {field: getattr(asset, field) for field in fields}


async def _post(client: httpx.AsyncClient, scene: Scene, told: Transcript) -> None:
    told.posted(scene)
    files = [(file, await asyncio.to_thread(file.draw)) for file in scene.attachments]
    began = time.perf_counter()
    accepted = (await _send(client, scene, files)).raise_for_status().json()
    answer = accepted
    while answer["status"] == "queued" and time.perf_counter() - began < VERDICT_WITHIN:
        answer = (await client.get(f"/api/v1/messages/{accepted['id']}", params={"wait": 30})).raise_for_status().json()
    told.judged(scene, answer, time.perf_counter() - began)


async def _send(client: httpx.AsyncClient, scene: Scene, files: list[tuple[File, bytes]]) -> httpx.Response:
    source = next((one for one in SCENES if one.id == scene.forwarded_from), None)
    message = {
        "gateway": scene.gateway,
        "message_id": scene.id,
        "channel": asdict(scene.channel),
        "sender": asdict(scene.sender),
        "sent_at": _sent(scene),
        "text": scene.text,
        "forwarded_from": source and {"channel_id": source.channel.id, "message_id": source.id},
        "attachments": [{"name": file.name, "content_type": file.content_type} for file, _ in files],
    }
    parts = [("files", (file.name, data, file.content_type)) for file, data in files]
    form = {"message": (None, json.dumps(message))}
    return await client.post("/api/v1/messages", files=[*form.items(), *parts])


def _sent(scene: Scene) -> str:
    """The story's last minute is now."""
    return (datetime.now(UTC) - timedelta(minutes=SCENES[-1].minute - scene.minute)).isoformat()


def _free(host: str, port: int) -> bool:
    with suppress(OSError):
        return bool(_bound(host, port))
    return False


def _any_port(host: str) -> int:
    return _bound(host, 0)


def _bound(host: str, port: int) -> int:
    """The port that could be bound. Raises OSError."""
    family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        bound: int = probe.getsockname()[1]
        return bound

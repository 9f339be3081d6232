"""What stands at the root, and answers that are nobody's route."""

import asyncio
import errno
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app import errors
from app.console.routes import explained
from app.db import Database
from app.main import Interrupted
from app.people import service as people
from app.settings import Settings
from tests.app.conftest import Server


def test_operators_see_what_they_need(server: Server) -> None:
    server.verdict(server.post("hello"))
    assert httpx.get(f"{server.url}/healthz").json() == {"status": "ok"}
    assert httpx.get(f"{server.url}/readyz").json()["status"] == "ready"
    told = httpx.get(f"{server.url}/metrics").text
    for name in ("messages_accepted_total", "verdicts_total", "inspect_seconds_count", "queue_depth", "registry_checkpoint"):
        assert f"leakwatch_{name}" in told


def test_openapi_names_every_route(server: Server) -> None:
    told = httpx.get(f"{server.url}/api/openapi.json").json()
    assert {"/api/v1/messages", "/api/v1/check", "/api/v1/assets", "/api/v1/assets/test", "/api/v1/alerts/bulk"} <= set(
        told["paths"]
    )
    kinds = told["paths"]["/api/v1/messages"]["post"]["requestBody"]["content"]
    assert set(kinds) == {"application/json", "multipart/form-data"}
    assert "channel" in kinds["application/json"]["schema"]["required"]
    assert "$defs" not in str(kinds)


def test_every_failure_is_a_problem_document(server: Server) -> None:
    client = server["analyst"]
    answers = {404: client.get("/nothing"), 405: client.delete("/messages"), 422: client.get("/alerts", params={"limit": 0})}
    for status, answer in answers.items():
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"type", "title", "status", "code", "detail"} <= set(answer.json())


@pytest.mark.only("sqlite")
async def test_a_database_that_cannot_be_used_is_told_to_programs_and_people(tmp_path: Path) -> None:
    (tmp_path / "leakwatch.db").write_bytes(b"this is no database" * 100)
    database, app = Database(Settings(data_dir=tmp_path).database), FastAPI()
    errors.install(app, explained)

    @app.get("/{anything:path}")
    async def asked() -> None:
        async with database.reading() as session:
            await people.who_holds(session, "nobody's token")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        program, person = await client.get("/api/v1/alerts"), await client.get("/alerts", headers={"accept": "text/html"})
    for answer in (program, person):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "Try again soon" in answer.text
    assert program.json()["code"] == "unavailable"
    assert person.headers["content-type"].startswith("text/html")
    await database.close()


def test_bodies_nobody_counts_are_bounded(server: Server) -> None:
    client = server["analyst"]
    large = client.post("/alerts/bulk", content=bytes(4_000_001), headers={"content-type": "application/json"})
    assert (large.status_code, large.json()["code"]) == (413, "body_too_large")
    endless = client.post("/alerts/bulk", content=iter([b"{}"]), headers={"content-type": "application/json"})
    assert endless.status_code == 411
    page = httpx.post(
        f"{server.url}/alerts/bulk", data={"note": "x" * 4_000_001}, headers={"accept": "text/html", "accept-language": "zh"}
    )
    assert page.status_code == 413
    assert page.headers["content-type"].startswith("text/html")
    assert 'lang="zh' in page.text


def test_moments_outside_the_calendar_are_refused(server: Server) -> None:
    for moment in ("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"):
        assert server.post("hello", sent_at=moment).status_code == 422
        assert server["analyst"].get("/alerts", params={"since": moment}).status_code == 422


def test_a_misspelt_filter_changes_nothing(server: Server) -> None:
    alert = server.alert()
    change = {"filter": {"status": "open", "sevrity": "critical"}, "change": {"assignee": "typo"}}
    assert server["analyst"].post("/alerts/bulk", json=change).status_code == 422
    assert server["analyst"].get(f"/alerts/{alert['id']}").json()["assignee"] is None


async def answered(app: FastAPI) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get("/api/v1/anything")


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 503), (errno.EFBIG, 503), (errno.EROFS, 503), (errno.ENOENT, 500)])
async def test_a_full_disk_passes_and_other_faults_are_ours(number: int, status: int) -> None:
    """A gateway comes again after the one, and may give up after the other."""
    app = FastAPI()
    errors.install(app, explained)

    @app.get("/api/v1/anything")
    async def fails() -> None:
        raise OSError(number, "no")

    answer = await answered(app)
    assert (answer.status_code, "retry-after" in answer.headers) == (status, status == 503)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_who_waits_when_the_server_ends_is_told_to_come_again() -> None:
    app = FastAPI()
    app.add_middleware(Interrupted)

    @app.get("/api/v1/anything")
    async def is_cancelled() -> None:
        raise asyncio.CancelledError

    answer = await answered(app)
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "unavailable", "5")

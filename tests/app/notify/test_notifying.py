"""``leakwatch notify`` as a process, and a server that delivers by itself."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from app.audit import service as audit
from app.audit.schemas import AuditFilter
from app.db.models import OutboxRow, now
from app.notify.service import Notices
from app.settings import Settings
from tests.app import conftest as served
from tests.app.notify.conftest import Outbox, until
from tests.app.notify.receiver import SECRET, Receiver, hangs, status
from tests.app.test_cli import run

WEBHOOK = Notices(("webhook",))


def told(receiver: Receiver) -> dict[str, str]:
    return {"LEAKWATCH_WEBHOOK_URL": receiver.url, "LEAKWATCH_WEBHOOK_SECRET": SECRET}


@contextmanager
def notifying(folder: Path, receiver: Receiver) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "app.cli", "notify", "--data-dir", str(folder)]
    with subprocess.Popen(command, env={**os.environ, **told(receiver)}, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


async def test_once_delivers_what_is_due_and_logs_ids_alone(outbox: Outbox, receiver: Receiver, tmp_path: Path) -> None:
    alert = await outbox.alert(WEBHOOK)
    await outbox.change(alert, WEBHOOK, status="acknowledged")
    done = run("notify", "--once", "--data-dir", str(tmp_path), **told(receiver))
    assert (done.returncode, done.stdout) == (0, "")
    rows = await outbox.rows()
    assert receiver.ids() == [row.id for row in rows]
    assert all(one.is_signed() for one in receiver.got)
    assert [one.json for one in receiver.got] == [row.body for row in rows]
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["event"], line["id"], line["alert"]) for line in lines] == [("delivered", row.id, alert) for row in rows]
    assert not any(secret in done.stderr for secret in ("hush", "127.0.0.1", SECRET[6:]))


async def test_once_ends_with_one_if_something_failed_and_again_tries_it_again(
    outbox: Outbox, receiver: Receiver, tmp_path: Path
) -> None:
    await outbox.alert(WEBHOOK)
    receiver.answers = [status(404)]
    command = ("notify", "--once", "--data-dir", str(tmp_path))
    assert run(*command, **told(receiver)).returncode == 1
    assert run(*command, **told(receiver)).returncode == 0
    assert len(receiver.got) == 1
    assert run(*command, "--again", **told(receiver)).returncode == 0
    assert receiver.ids()[0] == receiver.ids()[1]
    assert (await outbox.rows())[0].status == "delivered"
    async with outbox.database.reading() as session:
        [entry] = (await audit.page(session, AuditFilter(), None, 10)).items
    assert (entry.action, entry.role, entry.details) == ("notifications.repeated", "operator", {"count": 1})


async def test_killed_after_delivery_it_delivers_again(outbox: Outbox, receiver: Receiver, tmp_path: Path) -> None:
    """The receiver has it when the process dies; nobody recorded that, so it comes again, under the same id."""
    await outbox.alert(WEBHOOK)
    receiver.answers = [hangs(1)]
    with notifying(tmp_path, receiver) as process:
        await until(lambda: receiver.got)
        process.kill()
        process.wait(10)
    assert run("notify", "--once", "--data-dir", str(tmp_path), **told(receiver)).returncode == 0
    assert len(receiver.got) == 1, "its claim still holds"
    async with outbox.database.writing() as session:
        await session.execute(update(OutboxRow).values(claimed_until=now()))
    assert run("notify", "--once", "--data-dir", str(tmp_path), **told(receiver)).returncode == 0
    assert receiver.ids() == [(await outbox.rows())[0].id] * 2


async def test_told_to_stop_it_ends_soon(outbox: Outbox, receiver: Receiver, tmp_path: Path) -> None:
    receiver.answers = [status(204), hangs(30)]
    await outbox.alert(WEBHOOK)
    with notifying(tmp_path, receiver) as process:
        await until(lambda: receiver.got)
        await outbox.alert(WEBHOOK)
        await until(lambda: len(receiver.got) == 2)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert time.monotonic() - began < 20, "the receiver would have hung for 30 s"
    assert [state[::2] for state in await outbox.states()] == [("delivered", None), ("pending", "interrupted")]


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({}, "set LEAKWATCH_WEBHOOK_URL"),
        ({"LEAKWATCH_WEBHOOK_URL": "https://h/hook"}, "LEAKWATCH_WEBHOOK_SECRET: "),
        ({"LEAKWATCH_WEBHOOK_URL": "https://h/hook", "LEAKWATCH_WEBHOOK_SECRET": "whsec_hush"}, "LEAKWATCH_WEBHOOK_SECRET: "),
        ({"LEAKWATCH_WEBHOOK_URL": "ftp://hush/"}, "LEAKWATCH_WEBHOOK_URL: "),
    ],
)
def test_what_cannot_work_is_told_in_one_line(environment: dict[str, str], says: str, tmp_path: Path) -> None:
    done = run("notify", "--once", "--data-dir", str(tmp_path), **environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "hush" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_tells_of_its_alerts(receiver: Receiver, tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path,
        workers=1,
        webhook_url=receiver.url,
        webhook_secret=SECRET,
        public_url="https://console.example/",
    )
    with served.running(settings) as server:
        alert = server.alert(channel={"id": "c9", "name": "Family"})
        server["analyst"].patch(f"/alerts/{alert['id']}", json={"status": "acknowledged"}).raise_for_status()
        served.until(lambda: len(receiver.got) == 2)
        served.until(lambda: 'leakwatch_outbox{status="pending"} 0.0' in httpx.get(f"{server.url}/metrics").text)
    created, changed = receiver.got
    assert created.is_signed()
    assert changed.is_signed()
    assert (created.json["type"], changed.json["type"]) == ("alert.created", "alert.changed")
    data = created.json["data"]
    assert (data["id"], data["url"]) == (alert["id"], f"https://console.example/alerts/{alert['id']}")
    assert data["message"]["channel"]["name"] == "Family"
    assert [one["detector"] for one in data["matches"]] == ["watch_term"]
    assert b"codeword" not in created.body

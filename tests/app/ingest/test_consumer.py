"""Messages through trouble: detection that hangs or dies, a server that is killed. Nothing is lost, nothing waits for ever."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import offline
from app.ingest.jobs import LaneError, Priority
from app.settings import Settings
from tests.app.conftest import Server, message, running, until
from tests.app.ingest.test_lanes import Die, Sleep, Wait
from tests.app.pictures import jpeg


def status(server: Server, answer: httpx.Response, wait: float = 30) -> dict[str, Any]:
    told: dict[str, Any] = server["gateway"].get(f"/messages/{answer.json()['id']}", params={"wait": wait}).json()
    return told


def test_accepting_does_not_wait_for_detection(server: Server) -> None:
    busy = asyncio.run_coroutine_threadsafe(server.house.lanes.run(Sleep(3), Priority.CHECK), server.loop)
    answers = [server.post(f"text {i}", {"a.jpg": jpeg(21)}) for i in range(5)]
    assert [answer.status_code for answer in answers] == [202] * 5
    assert not busy.done(), "five messages were accepted while the only lane was busy"
    assert status(server, answers[0], 0)["status"] == "queued"
    busy.result(30)
    assert [server.verdict(answer)["verdict"] for answer in answers] == ["clear"] * 5


def test_a_dead_process_costs_one_attempt(server: Server, tmp_path: Path) -> None:
    busy = Wait(str(tmp_path / "gate"))
    held = asyncio.run_coroutine_threadsafe(server.house.lanes.run(busy, Priority.CHECK), server.loop)
    until(Path(f"{busy.gate}.begun").exists)
    answer = server.post("", {"a.jpg": jpeg(22)})
    pid = server.house.lanes.lanes[0].pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(LaneError):
        held.result(30)
    assert server.verdict(answer)["verdict"] == "clear"
    with pytest.raises(LaneError):
        server.run(server.house.lanes.run(Die(), Priority.CHECK))
    assert server.verdict(server.post("still here"))["verdict"] == "clear"


def test_what_takes_too_long_is_given_up_openly(tmp_path: Path) -> None:
    with running(Settings(data_dir=tmp_path, workers=1)) as server:
        object.__setattr__(server.house.lanes, "_patience", 0.001)
        answer = server.post("hello", {"a.jpg": jpeg(23)})
        told = status(server, answer)
        assert (told["status"], told["verdict"]) == ("failed", None)
        assert "longer than" in told["reason"]
        refused = server["gateway"].post("/check", json=message("x") | {"message_id": told["message_id"]})
        assert (refused.status_code, refused.json()["code"]) == (503, "inspection_failed")
        assert "Retry-After" not in refused.headers, "the same answer would come for ever"


class Process:
    """A server in a process of its own, to be killed."""

    def __init__(self, folder: Path, token: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "app.cli",
            "serve",
            "--port",
            str(self.port),
            "--workers",
            "1",
            "--data-dir",
            str(folder),
        ]
        self.process = subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.DEVNULL)
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", headers={"Authorization": f"Bearer {token}"}, timeout=60
        )

    def answers(self, path: str) -> bool:
        try:
            return self.client.get(path).status_code == 200
        except httpx.TransportError:
            return False

    def children(self) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()]

    def end(self, how: signal.Signals) -> float:
        began = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(30)
        self.client.close()
        return time.monotonic() - began


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_killed_server_loses_nothing_and_leaves_nobody(tmp_path: Path) -> None:
    token = asyncio.run(offline.create_token(Settings(data_dir=tmp_path), "g1", "gateway", "1h"))
    first = Process(tmp_path, token)
    until(lambda: first.answers("/healthz"), 60)
    ids = [first.client.post("/api/v1/messages", json=message(f"text {i}")).raise_for_status().json()["id"] for i in range(5)]
    children = first.children()
    first.end(signal.SIGKILL)
    assert children
    until(lambda: not any(alive(pid) for pid in children), 60)
    second = Process(tmp_path, token)
    until(lambda: second.answers("/readyz"), 60)
    children = second.children()
    told = [second.client.get(f"/api/v1/messages/{one}", params={"wait": 30}).json()["status"] for one in ids]
    assert told == ["done"] * 5
    rival = subprocess.run(
        [sys.executable, "-m", "app.cli", "serve", "--data-dir", str(tmp_path)], capture_output=True, check=False
    )
    assert rival.returncode == 3
    assert second.end(signal.SIGTERM) < 60
    assert not any(alive(pid) for pid in children)

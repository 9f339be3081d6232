"""A server's own process takes one core for what libraries compute, however many the machine has."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app import offline
from app.settings import Settings
from tests.app.conftest import until
from tests.app.ingest.test_consumer import Process

COMMAND = """
import os
from app.cli_edges import settings_of
settings_of()
import app.serving, app.offline, numpy
square = numpy.ones((1500, 1500), numpy.float32)
square @ square
print(len(os.listdir("/proc/self/task")), os.environ["OPENBLAS_NUM_THREADS"], os.environ["OMP_NUM_THREADS"])
"""


def told(**environment: str) -> list[int]:
    """Threads of a process that multiplies matrices after asking for settings, as commands do; and what its libraries see."""
    ours = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", COMMAND], env={**ours, **environment}, capture_output=True, check=True)
    return [int(word) for word in done.stdout.split()]


def test_libraries_start_no_threads_unless_the_operator_wants_them() -> None:
    assert told() == [1, 1, 1]
    assert told(OPENBLAS_NUM_THREADS="2")[1:] == [2, 1]


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="with one core there is nothing to limit")
def test_a_server_has_fewer_threads_than_one_that_is_told_to_take_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def threads() -> int:
        token = asyncio.run(offline.create_token(Settings(data_dir=tmp_path), "g1", "gateway", "1h"))
        server = Process(tmp_path, token)
        try:
            until(lambda: server.answers("/readyz"), 60)
            return len(list(Path(f"/proc/{server.process.pid}/task").iterdir()))
        finally:
            server.end(signal.SIGTERM)

    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    limited = threads()
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    assert limited < threads()

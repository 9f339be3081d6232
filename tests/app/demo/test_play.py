"""The demo as a process: what it leaves behind when it is ended early."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.only("sqlite")  # a demo keeps nothing in a database that is set


@pytest.mark.parametrize("ending", [signal.SIGHUP, signal.SIGINT], ids=lambda one: one.name)
def test_ended_early_it_says_so_and_leaves_nothing(ending: signal.Signals, tmp_path: Path) -> None:
    """SIGHUP is answered by raising SIGTERM, which does as it would by itself."""
    command = [sys.executable, "-m", "app.cli", "demo", "--once", "--port", "0", "--host", "::1"]
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as demo:
        assert demo.stdout
        assert "leakwatch demo" in demo.stdout.readline()
        assert [one.name.startswith("leakwatch-demo-") for one in tmp_path.iterdir()] == [True]
        demo.send_signal(ending)
        said, complaints = demo.communicate(timeout=300)
    assert (demo.returncode, complaints) == (1, "")
    assert "Interrupted after 0 messages" in said
    assert list(tmp_path.iterdir()) == []

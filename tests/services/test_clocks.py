"""The clock that steps: Python and SQLite are told its time, at once, and monotonic clocks go on."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.services.children import Unavailable
from tests.services.clocks import Clock
from tests.services.fixtures import missing

ASK = """
import sqlite3, time
database = sqlite3.connect(":memory:")
while input() != "end":
    (sqlite,) = database.execute("SELECT strftime('%s', 'now')").fetchone()
    print(int(time.time()), sqlite, int(time.monotonic()), flush=True)
"""


def test_a_step_is_seen_by_a_program_that_runs(tmp_path: Path) -> None:
    try:
        clock = Clock(tmp_path)
    except Unavailable as reason:
        missing(reason)
    environment = {**os.environ, **clock.environment}
    command = (sys.executable, "-c", ASK)
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asked:
        for seconds in (0, 7200, -14400):
            clock.step(seconds)
            told, error = _told(asked), 3
            assert told == pytest.approx((time.time() + clock.ahead, time.time() + clock.ahead, time.monotonic()), abs=error)
        asked.communicate("end\n")


def _told(asked: "subprocess.Popen[str]") -> tuple[int, ...]:
    assert asked.stdin is not None
    assert asked.stdout is not None
    print(file=asked.stdin, flush=True)
    return tuple(map(int, asked.stdout.readline().split()))

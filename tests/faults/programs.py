"""Commands of leakwatch as processes that are killed and always started again, as an operator's supervisor would."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.services.children import Child, free_port

PATIENCE = 15.0
STARTED = b'"event": "delivering"'
SETTLED = 60.0
"""Seconds after which a program without ``/readyz`` has certainly started, should a full disk have swallowed what it said."""


class Program:
    """One command with its place: name, port and log outlive its processes. Several threads may use it.

    ``fell``: endings nobody asked for, of processes that had been ready.
    """

    def __init__(
        self, name: str, words: Sequence[str], environment: Mapping[str, str], folder: Path, *, serves: bool = True
    ) -> None:
        self.name, self.port = name, free_port() if serves else None
        self.log = folder / f"{name}.log"
        self.fell: list[str] = []
        ports = ("--port", str(self.port)) if serves else ()
        settings = (f"{key}={value}" for key, value in environment.items())
        self._command = ["env", *settings, sys.executable, "-m", "app.cli", *words, *ports]
        self._child: Child | None = None
        self._began, self._said, self._was_ready = 0.0, 0, False
        self._turn = threading.RLock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Idempotent; does not wait until it is ready."""
        with self._turn:
            if self._child is None:
                self._said = self.log.stat().st_size if self.log.exists() else 0
                self._child = Child(self._command, self.log, last=signal.SIGKILL)
                self._began, self._was_ready = time.monotonic(), False

    def end(self, how: signal.Signals) -> None:
        """Idempotent; returns when it has ended."""
        with self._turn:
            if self._child is not None:
                self._child.tell(how)
                self._child.wait(PATIENCE)
                self._child = None

    def again(self, how: signal.Signals) -> None:
        """Ended, and started again at once."""
        with self._turn:
            self.end(how)
            self.start()

    def keep(self) -> None:
        """Start what has ended by itself, and make a note of it. Does nothing for what was ended."""
        with self._turn:
            if self._child is None:
                return
            self.ready()
            if not self._child.running:
                if self._was_ready:
                    self.fell.append(f"{self.name} ended by itself with {self._child.process.returncode}")
                self._child = None
                self.start()

    def ready(self) -> bool:
        """Whether it runs and says so."""
        with self._turn:
            running = self._child is not None and self._child.running
            is_ready = running and (self._answers() if self.port else self._has_begun())
            self._was_ready |= is_ready
            return is_ready

    def pids(self) -> Iterator[int]:
        """Its process and its detection processes."""
        child = self._child
        if child is not None and child.running:
            yield child.process.pid
            yield from self.lanes()

    def lanes(self) -> list[int]:
        """Its detection processes, in the order they were started."""
        child = self._child
        with contextlib.suppress(OSError):
            if child is not None:
                pid = child.process.pid
                return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return []

    def _has_begun(self) -> bool:
        """By what it said since it was started."""
        return STARTED in self.log.read_bytes()[self._said :] or time.monotonic() - self._began > SETTLED

    def _answers(self) -> bool:
        asking = HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            asking.request("GET", "/readyz")
            return asking.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            asking.close()


def kill(pid: int) -> bool:
    """Whether there was such a process."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


class Supervisor(threading.Thread):
    """Starts again whatever ends, until it is stopped."""

    def __init__(self, programs: Sequence[Program]) -> None:
        super().__init__(name="supervisor", daemon=True)
        self._programs, self._over = programs, threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.5):
            for program in self._programs:
                program.keep()

    def stop(self) -> None:
        self._over.set()
        self.join()

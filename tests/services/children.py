"""Servers as child processes that never outlive the test run, however it ends."""

import contextlib
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

# The kernel's "tell me when my parent dies" means the thread that started the child. A test may start a server from a
# thread that ends with the test, so all are started from this one, which ends with the process.
_STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="children")
_PORTS = range(20000, 32000)
_given: set[int] = set()


class Unavailable(Exception):
    """A service is not installed; the message says what to do."""


class Broken(Exception):
    """A service was started and did not do what it must; the message ends with its log's last lines."""


def program(name: str, remedy: str) -> str:
    """Where a program is. Raises Unavailable."""
    found = shutil.which(name)
    if found is None:
        raise Unavailable(f"there is no {name} here: {remedy}")
    return found


def free_port() -> int:
    """A port of the loopback that nobody listens on and that was not given before.

    It lies below the ports that outgoing connections get: whoever keeps dialling a stopped server there may end up
    connected to himself, and then the server cannot have its port back.
    """
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                if port not in _given:
                    _given.add(port)
                    return port


def answers(port: int) -> bool:
    """Whether somebody listens on that port of the loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(true: Callable[[], bool], seconds: float) -> bool:
    """Whether it came true in time."""
    end = time.monotonic() + seconds
    pause = 0.01
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)
    return True


class Child:
    """One process, its output in a file. It gets `last` as a signal when the test run dies, even by SIGKILL.

    It stands in a session of its own, so that Ctrl-C reaches the test run alone, which then ends it in order.
    """

    def __init__(self, command: Sequence[str], log: Path, *, user: str | None = None, last: signal.Signals) -> None:
        """`user`: run as that one (only root may ask for it). Raises Unavailable without util-linux."""
        setpriv = program("setpriv", "it is part of util-linux")
        identity = () if user is None else as_user(user)
        self.log = log
        with log.open("ab") as output:
            start = (setpriv, *identity, "--pdeathsig", last.name.removeprefix("SIG"), *command)
            self.process = _STARTER.submit(_started, start, output).result()

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def tell(self, how: signal.Signals) -> None:
        """Signals it and does not wait. Nothing happens when it has ended."""
        self.process.send_signal(how)

    def wait(self, seconds: float) -> None:
        """Until it has ended; what has not by then is killed. Idempotent."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def broken(self, what: str) -> Broken:
        """An error that quotes the log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return Broken("\n".join([what, *lines[-20:]]))


def as_user(name: str) -> tuple[str, ...]:
    """What `setpriv` is told, to become that user."""
    user = pwd.getpwnam(name)
    return f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"


def _started(command: Sequence[str], output: BinaryIO) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
    )

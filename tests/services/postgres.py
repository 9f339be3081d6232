"""A real PostgreSQL, as durable as its defaults make it, to be stopped, restarted and crashed."""

import asyncio
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from functools import cache
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import asyncpg

from tests.services.children import Broken, Child, Unavailable, as_user, free_port, program, until

OWNER = "leakwatch"
REMEDY = "`make test`, or deploy/test-packages, installs it"
SETTINGS = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "shared_buffers": "32MB", "max_connections": "100"}
SECONDS = 60.0
MEMORY, ENOUGH = Path("/dev/shm"), 4 << 30  # noqa: S108

Mode = Literal["fast", "immediate"]
_ENDINGS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class PostgreSQL:
    """One server on the loopback, on one port for its whole life. Every call blocks until it is so: from a coroutine,
    `await asyncio.to_thread(postgres.restart)`.
    """

    def __init__(self, place: Path | None = None) -> None:
        """Makes the cluster, in a folder of its own within `place`; starts nothing. Raises Unavailable.

        The place is a disk in memory when this machine has one with room. What a killed server had written survives
        there as well as on any disk; only a test that cuts the machine's power, or measures a disk, needs another.
        """
        self._programs = programs()
        self._user = unprivileged()
        self.port = free_port()
        self._numbers = count()
        self._child: Child | None = None
        self._connection: asyncpg.Connection | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="leakwatch-postgres-", dir=place or roomy()))
        try:
            self._initialise()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Of the process that all its others descend from."""
        assert self._child is not None
        return self._child.process.pid

    @property
    def log(self) -> Path:
        """Where it writes its log."""
        return self.folder / "log"

    def start(self) -> None:
        """Takes connections when it returns, having recovered from whatever ended it. Idempotent. Raises Broken."""
        if self._child is None or not self._child.running:
            settings = [part for name, value in {**SETTINGS, "port": self.port}.items() for part in ("-c", f"{name}={value}")]
            command = [self._program("postgres"), "-D", str(self.folder / "data"), *settings]
            self._child = Child(command, self.log, user=self._user, last=signal.SIGQUIT)
        child = self._child

        def ready() -> bool:
            if not child.running:
                raise child.broken("PostgreSQL ended")
            return self._says_ready(child)

        if not until(ready, SECONDS):
            raise child.broken(f"PostgreSQL is not ready after {SECONDS:.0f} s")

    def stop(self, mode: Mode = "fast") -> None:
        """`fast` rolls back what is open and writes a checkpoint, `immediate` leaves as in a crash. Idempotent."""
        if self._child is not None:
            if self._connection is not None:
                _loop().call_soon_threadsafe(self._connection.terminate)
                self._connection = None
            self._child.tell(_ENDINGS[mode])
            self._child.wait(SECONDS)
            self._child = None

    def restart(self, mode: Mode = "fast") -> None:
        self.stop(mode)
        self.start()

    def database(self, name: str | None = None, template: str = "template0") -> str:
        """The URL of a new, empty database, or of a copy of `template` (to which nobody may be connected then).

        One of that name makes way for it, whoever is connected; without a name it gets one of its own. Raises Broken.
        """
        if name is None:
            name = f"fresh_{next(self._numbers)}"
        else:
            self.drop(name)
        self._sql(f"CREATE DATABASE {_quoted(name)} TEMPLATE {_quoted(template)}")
        return f"postgresql+asyncpg://{OWNER}@127.0.0.1:{self.port}/{name}"

    def drop(self, name: str) -> None:
        """Removes a database, whoever is connected. Idempotent. Raises Broken."""
        self._sql(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")

    def close(self) -> None:
        """Ends it and removes every trace. Idempotent."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _initialise(self) -> None:
        if self._user is not None:
            owner = pwd.getpwnam(self._user)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        become = () if self._user is None else (program("setpriv", "it is part of util-linux"), *as_user(self._user))
        # What `--no-sync` leaves out guards the empty cluster against a power cut, not what the server writes later.
        told = ("--no-sync", "--auth=trust", f"--username={OWNER}", "--encoding=UTF8", "--locale=C.UTF-8")
        self._run(*become, self._program("initdb"), "-D", str(self.folder / "data"), *told)

    def _says_ready(self, child: Child) -> bool:
        """Where `pg_ctl` looks: whoever else answers at our port is not taken for ours."""
        try:
            told = (self.folder / "data" / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(told) > 7 and told[0] == str(child.process.pid) and told[7].strip() == "ready"

    def _sql(self, statement: str) -> None:
        try:
            asyncio.run_coroutine_threadsafe(self._tell(statement), _loop()).result(SECONDS)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise Broken(f"PostgreSQL refuses {statement}: {error}") from error

    async def _tell(self, statement: str) -> None:
        """Over one connection that is kept: tests take many databases, and a client takes longer than the statement."""
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(host="127.0.0.1", port=self.port, user=OWNER, database="postgres")
        await self._connection.execute(statement)

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=SECONDS, check=False)
        if done.returncode:
            raise Broken(f"{command[0]} fails: {done.stderr.strip()}")

    def _program(self, name: str) -> str:
        return str(self._programs / name)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """In a thread of its own: a test may have one already."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="postgres", daemon=True).start()
    return loop


def programs() -> Path:
    """The newest PostgreSQL's folder of programs: Debian keeps them out of the path. Raises Unavailable."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return (debian[-1] if debian else Path(program("initdb", REMEDY)).resolve()).parent


def roomy() -> Path | None:
    """Where a thousand small files are quickly synced and quickly removed. None: the folder for temporary files."""
    try:
        return MEMORY if shutil.disk_usage(MEMORY).free >= ENOUGH and os.access(MEMORY, os.W_OK) else None
    except OSError:
        return None


def unprivileged() -> str | None:
    """Whom the server runs as: it refuses root. None: as ourselves."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name for user in pwd.getpwall()}
    if "postgres" in known:
        return "postgres"
    if "nobody" in known:
        return "nobody"
    raise Unavailable("PostgreSQL does not run as root, and there is no user postgres or nobody here")


def _quoted(name: str) -> str:
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        raise ValueError(f"{name!r} is no plain name for a database")
    return f'"{name}"'

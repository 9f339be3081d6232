"""A real S3 over HTTP, which keeps its objects in memory (moto's server), to be paused and stopped."""

import os
import signal
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.services.children import Child, answers, free_port, until
from tests.services.clocks import Clock

SECONDS = 60.0


class S3:
    """One server on the loopback. Buckets come and go with it. ``clock``: what it tells the time by."""

    def __init__(self) -> None:
        """Raises Unavailable without a compiler."""
        self.port = free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="leakwatch-s3-")
        self.clock = Clock(Path(self._folder.name))
        self._child = self._started()

    def __enter__(self) -> Self:
        """Raises Broken."""
        try:
            self._reached()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        self._folder.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def bucket(self, name: str) -> str:
        """A new one; its URL."""
        self._ask("PUT", name)
        return f"s3://{name}"

    def put(self, path: str, data: bytes) -> None:
        """An object, ``bucket/key``, as another client would."""
        self._ask("PUT", path, data)

    def stop(self) -> None:
        """With all it holds."""
        self._child.process.kill()
        self._child.wait(10)

    def start(self) -> None:
        """Empty, at the same address. Raises Broken."""
        self._child = self._started()
        self._reached()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Takes connections and says nothing."""
        self._child.tell(signal.SIGSTOP)
        try:
            yield
        finally:
            self._child.tell(signal.SIGCONT)

    def _started(self) -> Child:
        told = [f"{name}={value}" for name, value in self.clock.environment.items()]
        command = ["env", *told, sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        return Child(command, Path(self._folder.name) / "log", last=signal.SIGKILL)

    def _reached(self) -> None:
        if not until(lambda: answers(self.port), SECONDS):
            raise self._child.broken("S3 does not answer")

    def _ask(self, method: str, path: str, data: bytes | None = None) -> None:
        headers = {
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request",
            "Content-Type": "application/octet-stream",
        }
        request = urllib.request.Request(f"{self.url}/{path}", data, headers, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=30):  # noqa: S310
            pass


@contextmanager
def reached(s3: S3) -> Iterator[None]:
    """What looks for S3 as the AWS tools do finds this one."""
    names = {
        "AWS_ENDPOINT_URL": s3.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})

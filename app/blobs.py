"""Kept bytes as files named by their SHA-256: written once, whole or not at all, before any row names them.

Nobody counts references. What no row names and nobody touched for ``GRACE`` is swept, so a crash between file and row
leaves nothing behind; a lock on the folder keeps a sweep and a writer (also one in another process) apart.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

GRACE = 600.0
"""Seconds between the last write of a blob and its removal when no row names it: far longer than any transaction."""


class Blobs:
    """A folder of blobs. Every method blocks on the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def inbox(self) -> Path:
        """Where gateways that publish by themselves put files, each under its SHA-256."""
        return self.folder / "inbox"

    def path(self, key: str) -> Path:
        return self.folder / key[:2] / key

    def put(self, data: bytes) -> str:
        """Keep ``data``, durably, and return its key. Again is a no-op."""
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".new-", delete=False) as file:
            file.write(data)
        return self._adopt(Path(file.name), hashlib.sha256(data).hexdigest())

    def put_file(self, source: Path, sha256: str) -> str:
        """Keep a copy of a file whose SHA-256 is known."""
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".new-", delete=False) as file, source.open("rb") as original:
            shutil.copyfileobj(original, file, 1 << 20)
        return self._adopt(Path(file.name), sha256)

    def admit(self, key: str) -> int | None:
        """Bytes of a blob that is here; one in the inbox is moved here if it is what its name says. ``None``: there is none."""
        waiting = self.inbox / key
        if not self.path(key).exists() and waiting.exists():
            with waiting.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != key:
                    return None
            self.put_file(waiting, key)
        with suppress(FileNotFoundError):
            os.utime(self.path(key))
            return self.path(key).stat().st_size
        return None

    def get(self, key: str) -> bytes:
        """Raises FileNotFoundError."""
        return self.path(key).read_bytes()

    def tidy(self, grace: float = GRACE) -> None:
        """Remove what a writer that died left half written."""
        for path in self.folder.glob(".new-*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < time.time() - grace:
                    path.unlink()

    def old(self, grace: float = GRACE) -> Iterator[list[str]]:
        """Keys nobody wrote within ``grace`` seconds, folder by folder."""
        before = time.time() - grace
        for folder in sorted(self.folder.glob("??")):
            keys = [entry.name for entry in os.scandir(folder) if entry.stat().st_mtime < before]
            if keys:
                yield keys

    def remove(self, keys: list[str], grace: float = GRACE) -> int:
        """Delete those that are still old; says how many."""
        before, removed = time.time() - grace, 0
        with self._locked(fcntl.LOCK_EX):
            for key in keys:
                path = self.path(key)
                if path.exists() and path.stat().st_mtime < before:
                    path.unlink()
                    removed += 1
        return removed

    def _adopt(self, new: Path, key: str) -> str:
        target = self.path(key)
        target.parent.mkdir(exist_ok=True, mode=0o700)
        _to_disk(new)
        with self._locked(fcntl.LOCK_SH):
            new.replace(target)
        _to_disk(target.parent)
        return key

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        descriptor = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

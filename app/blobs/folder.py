"""Blobs as files of a folder. A lock on the folder keeps a sweep and a writer (also one in another process) apart."""

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.blobs.types import OVERDUE, BlobsDown

GRACE = 600.0


@contextmanager
def _usable() -> Iterator[None]:
    """Raises BlobsDown for a disk that is full, gone or broken."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise BlobsDown(f"the folder of blobs cannot be used: {error.strerror}") from error


class BlobFolder:
    """A folder of blobs, for this user alone."""

    grace = GRACE

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def inbox(self) -> Path:
        """Where gateways that publish by themselves put files."""
        return self.folder / "inbox"

    def path(self, key: str) -> Path:
        return self.folder / key[:2] / key

    @_usable()
    def put(self, data: bytes) -> str:
        """Keep ``data``, durably, and return its key."""
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".new-", delete=False) as file:
            file.write(data)
        return self._adopt(Path(file.name), hashlib.sha256(data).hexdigest())

    @_usable()
    def put_file(self, source: Path, sha256: str) -> str:
        """Keep a copy of a file whose SHA-256 is known."""
        return self._adopt(self._copied(source), sha256)

    @_usable()
    def admit(self, key: str, most: int) -> int | None:
        """Bytes of a blob that is here, or may come here from the inbox."""
        size = self._refreshed(key)
        with suppress(FileNotFoundError):
            if size is None and (size := (self.inbox / key).stat().st_size) <= most:
                size = self._taken_in(key)
        return size

    @_usable()
    def get(self, key: str) -> bytes:
        """Raises FileNotFoundError."""
        return self.path(key).read_bytes()

    @contextmanager
    def local(self, keys: Iterable[str]) -> Iterator[list[Path]]:
        """The files themselves."""
        paths = [self.path(key) for key in keys]
        for path in paths:
            if not path.exists():
                raise FileNotFoundError(path.name)
        yield paths

    @_usable()
    def tidy(self, overdue: float = OVERDUE) -> None:
        """Remove what was left half written, and what lay in the inbox for too long."""
        self._forget(self.folder.glob(".new-*"), self.grace)
        self._forget(self.inbox.glob("*"), overdue)

    def old(self, grace: float) -> Iterator[list[str]]:
        """Keys nobody wrote within ``grace`` seconds, folder by folder."""
        before = time.time() - grace
        for folder in sorted(self.folder.glob("??")):
            with _usable():
                keys = [entry.name for entry in os.scandir(folder) if entry.stat().st_mtime < before]
            if keys:
                yield keys

    @_usable()
    def remove(self, keys: Iterable[str], grace: float) -> int:
        """Delete those that are still old; says how many."""
        before, removed = time.time() - grace, 0
        with self._locked(fcntl.LOCK_EX):
            for key in keys:
                path = self.path(key)
                if path.exists() and path.stat().st_mtime < before:
                    path.unlink()
                    removed += 1
        return removed

    def close(self) -> None:
        """There is nothing to let go of."""

    def _forget(self, paths: Iterable[Path], seconds: float) -> None:
        for path in paths:
            with suppress(FileNotFoundError):
                if path.is_file() and path.stat().st_mtime < time.time() - seconds:
                    path.unlink()

    def _refreshed(self, key: str) -> int | None:
        """Bytes of a blob as good as just written."""
        with self._locked(fcntl.LOCK_SH), suppress(FileNotFoundError):
            os.utime(self.path(key))
            return self.path(key).stat().st_size
        return None

    def _taken_in(self, key: str) -> int | None:
        """The copy is what is looked at: the original is its gateway's, who may be writing it still."""
        copy = self._copied(self.inbox / key)
        with copy.open("rb") as file:
            is_true = hashlib.file_digest(file, "sha256").hexdigest() == key
        if is_true:
            self._adopt(copy, key)
            return self._refreshed(key)
        copy.unlink()
        return None

    def _copied(self, source: Path) -> Path:
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".new-", delete=False) as file, source.open("rb") as original:
            shutil.copyfileobj(original, file, 1 << 20)
        return Path(file.name)

    def _adopt(self, new: Path, key: str) -> str:
        target = self.path(key)
        if not target.parent.exists():
            target.parent.mkdir(exist_ok=True, mode=0o700)
            _to_disk(self.folder)
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

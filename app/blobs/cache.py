"""Copies of blobs on this machine's disk, for detection processes, which read files.

A file that is in use is held by a shared lock, which the kernel takes back when its process ends, however it ends; what cannot
be locked alone is never removed. So any number of processes share one folder.
"""

import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

IDLE = 600.0
"""Seconds after which a copy that nobody used is removed: of a clear message no file stays."""
NEW = ".new-"
SHARE = 20
"""A look at the whole folder (50 ms for 10,000 copies) is due when this part of what may lie there has come."""


class Cache:
    """A folder of at most ``most`` bytes, and a ``SHARE`` more a process; the longest unused go first, what is in use stays."""

    def __init__(self, folder: Path, most: int) -> None:
        self.folder, self._most = folder, most
        self._came = 0
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @contextmanager
    def holding(self, key: str, fetch: Callable[[Path], object]) -> Iterator[Path]:
        """The copy of a blob while the block lasts. ``fetch`` writes one, if there is none yet, to the path it is given."""
        descriptor = self._held(key)
        while descriptor is None:
            descriptor = self._fetched(key, fetch) or self._held(key)
        try:
            yield self.folder / key
        finally:
            os.close(descriptor)

    def evict(self, idle: float = IDLE) -> None:
        """Remove what nobody used for ``idle`` seconds, and of the rest what is too much."""
        self._came = 0
        found = sorted(self._found())
        total, before = sum(size for _, size, _ in found), time.time() - idle
        for used, size, name in found:
            if used >= before and (total <= self._most or name.startswith(NEW)):
                continue
            if self._removed(name):
                total -= size

    def _found(self) -> Iterator[tuple[float, int, str]]:
        """Each file's last use, size and name."""
        for entry in os.scandir(self.folder):
            with suppress(FileNotFoundError):
                status = entry.stat()
                yield status.st_mtime, status.st_size, entry.name

    def _held(self, key: str) -> int | None:
        """A descriptor whose shared lock keeps the copy that lies there now; ``None``: there is none."""
        descriptor = self._locked(key, fcntl.LOCK_SH)
        if descriptor is not None:
            os.utime(descriptor)
        return descriptor

    def _fetched(self, key: str, fetch: Callable[[Path], object]) -> int | None:
        """The same, of a copy made now; ``None``: another was quicker, and its copy stays, for it may be in use."""
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=NEW) as new:
            fcntl.flock(new, fcntl.LOCK_SH)
            fetch(Path(new.name))
            try:
                os.link(new.name, self.folder / key)
            except FileExistsError:
                return None
            descriptor = os.dup(new.fileno())
        self._came += os.fstat(descriptor).st_size
        if self._came * SHARE >= self._most:
            self.evict()
        return descriptor

    def _removed(self, name: str) -> bool:
        """Whether nobody uses it, and it is gone."""
        try:
            descriptor = self._locked(name, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        if descriptor is not None:
            (self.folder / name).unlink()
            os.close(descriptor)
        return True

    def _locked(self, name: str, how: int) -> int | None:
        """A file that still lies there once it is locked: until then another may have taken its place. Raises BlockingIOError."""
        path = self.folder / name
        with ExitStack() as opened, suppress(FileNotFoundError):
            descriptor = os.open(path, os.O_RDONLY)
            opened.callback(os.close, descriptor)
            fcntl.flock(descriptor, how)
            if path.stat().st_ino == os.fstat(descriptor).st_ino:
                opened.pop_all()
                return descriptor
        return None

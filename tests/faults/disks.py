"""A disk that is full for a while.

Where mounting is permitted it is a small file system of its own, filled by a ballast file: writes fail with ENOSPC, as on any
full disk. Elsewhere the programs are forbidden to write to files (RLIMIT_FSIZE): all writes fail, with EFBIG.
"""

import contextlib
import errno
import resource
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

BYTES = 96_000_000
AGAIN = 0.05


class Disk(Protocol):
    """``folder``: what is on it."""

    folder: Path

    def fill(self, seconds: float) -> None:
        """Nothing can be written to it for so long; blocks. What others remove meanwhile is filled up at once."""

    def close(self) -> None:
        """Idempotent."""


def small_disk(place: Path, writers: Callable[[], Iterable[int]]) -> Disk:
    """``place``: a folder to make it in. ``writers``: the processes that write to it."""
    folder = place / "disk"
    folder.mkdir()
    command = ("mount", "-t", "tmpfs", "-o", f"size={BYTES},mode=0700", "leakwatch-faults", str(folder))
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    return Mounted(folder) if mounted else Forbidden(folder, writers)


class Mounted:
    """See ``Disk``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, seconds: float) -> None:
        """See ``Disk``."""
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                self._add()
                time.sleep(AGAIN)
        finally:
            self._ballast.unlink(missing_ok=True)

    def _add(self) -> None:
        try:
            with self._ballast.open("ab", buffering=0) as file:
                while True:
                    file.write(bytes(1 << 16))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise

    def close(self) -> None:
        """See ``Disk``. Lazily: who still has a file open there loses it with its end."""
        subprocess.run(("umount", "--lazy", str(self.folder)), capture_output=True, check=False)


class Forbidden:
    """See ``Disk``."""

    def __init__(self, folder: Path, writers: Callable[[], Iterable[int]]) -> None:
        self.folder, self._writers = folder, writers

    def fill(self, seconds: float) -> None:
        """See ``Disk``."""
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                self._limit(0)
                time.sleep(AGAIN)
        finally:
            for _ in range(3):  # a process that was being started just now has its parent's limit
                self._limit(resource.RLIM_INFINITY)
                time.sleep(AGAIN)

    def _limit(self, size: int) -> None:
        for pid in self._writers():
            with contextlib.suppress(ProcessLookupError):
                hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))

    def close(self) -> None:
        """See ``Disk``."""

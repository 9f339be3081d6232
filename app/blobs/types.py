"""Kept bytes, named by their SHA-256: written once, whole or not at all, before any row names them.

Nobody counts references. What no row names and nobody wrote for ``grace`` seconds is swept, so a crash between blob and row
leaves nothing behind. Whoever shares a store shares the database: else each sweeps what the other's rows name.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

OVERDUE = 14 * 86_400.0
"""Seconds after which a file in the inbox is removed: no record that names it is still on its way."""


class BlobsDown(Exception):
    """The store cannot be used just now. Not the caller's fault; the same may succeed later."""


class Blobs(Protocol):
    """A store. Its *inbox* takes files of gateways that publish by themselves, each under its SHA-256.

    Every method blocks on a disk or a network: call it in a thread. All raise BlobsDown, within a bounded time.
    """

    @property
    def grace(self) -> float:
        """Seconds between the last write of a blob and its removal when no row names it: far longer than any transaction."""

    def put(self, data: bytes) -> str:
        """Keep ``data``, durably, and return its key. Again changes nothing but its age."""

    def put_file(self, source: Path, sha256: str) -> str:
        """Keep a copy of a file whose SHA-256 is known."""

    def admit(self, key: str, most: int) -> int | None:
        """Bytes of a blob that is here, and is as good as just written; ``None``: there is none.

        One in the inbox is copied here if it is what its name says, and no larger than ``most``: else only its size is told.
        It stays in the inbox: another message may name it.
        """

    def get(self, key: str) -> bytes:
        """Raises FileNotFoundError."""

    def local(self, keys: Iterable[str]) -> AbstractContextManager[list[Path]]:
        """Files with the bytes of these blobs, to be read while the block lasts. Raises FileNotFoundError."""

    def tidy(self, overdue: float = OVERDUE) -> None:
        """Remove what writers that died left half written, and what lay in the inbox for too long."""

    def old(self, grace: float) -> Iterator[list[str]]:
        """Keys nobody wrote within ``grace`` seconds, some at a time."""

    def remove(self, keys: Iterable[str], grace: float) -> int:
        """Delete those that are still old; says how many. They may be found until the next sweep."""

    def close(self) -> None:
        """Let go of connections."""

"""Blobs as objects of a bucket in S3, laid out as the folder is: ``ab/ab12…``, and ``inbox/ab12…``.

An object appears whole or not at all, and durably, when its upload is answered. There is no lock between a writer and a sweep, so
a sweep takes nothing away at once: it copies a blob to ``trash/`` first, where whoever misses it finds it, and what was trashed
is deleted only when no row named it for another ``grace``. A writer that comes in the middle loses nothing.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from app.blobs.cache import Cache
from app.blobs.objects import Found, Objects, Patience
from app.blobs.types import OVERDUE

GRACE = 1800.0
YOUNG = GRACE / 4
"""Seconds within which a blob need not be made young again."""
TOGETHER = 8
"""Blobs removed at a time."""
KEY = re.compile("[0-9a-f]{64}")
T = TypeVar("T")
log = logging.getLogger(__name__)


class _Untrue(Exception):
    """What came is not what its name says."""


class BlobBucket:
    """``address``: ``s3://bucket/prefix``; credentials and endpoint are found as the AWS tools find them."""

    grace = GRACE

    def __init__(self, address: str, cache: Cache, patience: Patience | None = None) -> None:
        bucket, _, prefix = address.removeprefix("s3://").partition("/")
        self._objects = Objects(bucket, f"{prefix}/" if prefix else "", patience or Patience())
        self._cache = cache

    def put(self, data: bytes) -> str:
        """Uploaded even if it is there, which makes it young."""
        key = hashlib.sha256(data).hexdigest()
        self._objects.put(_kept(key), data)
        return key

    def put_file(self, source: Path, sha256: str) -> str:
        """Keep a copy of a file whose SHA-256 is known."""
        self._objects.put_file(_kept(sha256), source)
        return sha256

    def admit(self, key: str, most: int) -> int | None:
        """What comes from the inbox is fetched and uploaded again: only what was looked at is known to be true."""
        found = self._refreshed(key) or self._objects.head(_waiting(key))
        if found is None:
            self._objects.require_bucket()
        elif found.name == _waiting(key) and found.size <= most and not self._taken_in(key):
            return None
        return found.size if found else None

    def get(self, key: str) -> bytes:
        """Raises FileNotFoundError."""
        return self._somewhere(key, self._objects.get)

    @contextmanager
    def local(self, keys: Iterable[str]) -> Iterator[list[Path]]:
        """Copies in the cache."""
        with ExitStack() as held:
            yield [held.enter_context(self._cached(key)) for key in keys]

    def tidy(self, overdue: float = OVERDUE) -> None:
        """Of the cache, what is idle or too much; of the inbox, what is overdue and was not put there again meanwhile."""
        self._cache.evict()
        for listed in self._objects.list("inbox/"):
            found = self._objects.head(listed.name) if listed.age >= overdue else None
            if found is not None and found.age >= overdue:
                self._objects.delete(found.name)

    def old(self, grace: float) -> Iterator[list[str]]:
        """By their first digit; then what lies in the trash for so long."""
        for start in (*"0123456789abcdef", "trash/"):
            names = (found.name.rpartition("/")[2] for found in self._objects.list(start) if found.age >= grace)
            keys = [name for name in names if KEY.fullmatch(name)]
            if keys:
                yield keys

    def remove(self, keys: Iterable[str], grace: float) -> int:
        """To the trash, and from there for good."""
        with ThreadPoolExecutor(TOGETHER, thread_name_prefix="sweep") as pool:
            return sum(pool.map(partial(self._removed, grace=grace), keys))

    def close(self) -> None:
        self._objects.close()

    def _refreshed(self, key: str) -> Found | None:
        """A blob as good as just written. A sweep that comes between looking and copying leaves it in the trash."""
        for name in (_kept(key), _trashed(key)):
            found = self._objects.head(name)
            if found is not None and name == _kept(key) and found.age < YOUNG:
                return found
            with suppress(FileNotFoundError):
                if found is not None:
                    self._objects.copy(name, _kept(key))
                    return found
        return None

    def _taken_in(self, key: str) -> bool:
        try:
            with self._cache.holding(key, partial(self._fetch, key, _waiting(key))) as path:
                self.put_file(path, key)
        except (FileNotFoundError, _Untrue):
            return False
        return True

    def _cached(self, key: str) -> AbstractContextManager[Path]:
        """Raises FileNotFoundError."""

        def fetch(target: Path) -> None:
            try:
                self._somewhere(key, lambda name: self._fetch(key, name, target))
            except _Untrue:
                log.error("a blob is damaged", extra={"key": key})
                raise FileNotFoundError(key) from None

        return self._cache.holding(key, fetch)

    def _fetch(self, key: str, name: str, target: Path) -> None:
        """Raises FileNotFoundError, _Untrue."""
        self._objects.fetch(name, target)
        with target.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != key:
                raise _Untrue(key)

    def _somewhere(self, key: str, get: Callable[[str], T]) -> T:
        """Where it belongs or in the trash. Raises FileNotFoundError."""
        for name in (_kept(key), _trashed(key)):
            with suppress(FileNotFoundError):
                return get(name)
        self._objects.require_bucket()
        raise FileNotFoundError(key)

    def _removed(self, key: str, grace: float) -> bool:
        found = self._objects.head(_kept(key))
        if found is not None and found.age >= grace:
            with suppress(FileNotFoundError):
                self._objects.copy(found.name, _trashed(key))
                self._objects.delete(found.name)
                return True
        trashed = self._objects.head(_trashed(key))
        if trashed is not None and trashed.age >= grace:
            self._objects.delete(trashed.name)
        return False


def _kept(key: str) -> str:
    return f"{key[:2]}/{key}"


def _waiting(key: str) -> str:
    return f"inbox/{key}"


def _trashed(key: str) -> str:
    return f"trash/{key}"

"""Work that cannot go on because the store cannot be used: what an operator must see to, and only while something waits."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.blobs.types import BlobsDown

FORGOTTEN = 30.0
"""Seconds after an attempt that failed; what is not tried again here by then is done by another process."""


class Waiting:
    """From an attempt that ``BlobsDown`` ended to the next one that it does not end, work waits."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    @contextmanager
    def attempt(self, work: str) -> Iterator[None]:
        """``work``: a name that is the same each time it is tried."""
        if work in self._until:
            self._until[work] = math.inf
        failed = False
        try:
            yield
        except BlobsDown:
            failed = True
            raise
        finally:
            self._until.pop(work, None)
            if failed:
                self._until[work] = self._clock() + FORGOTTEN

    @property
    def trouble(self) -> str | None:
        """In words for operators. Which store it is, and what it said, stands in the log alone."""
        now = self._clock()
        self._until = {work: until for work, until in self._until.items() if until > now}
        return f"the store of files cannot be used, and work waits for it ({len(self._until)})" if self._until else None

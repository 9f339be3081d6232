"""What is dear, a few times at once for each person: whoever asks for more is told to wait, and nobody else waits for them.

Counted in memory by the id of the token or account: a person has as many turns as there are servers.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import TooMany

AT_ONCE = 2
AGAIN = 5
"""Seconds after which it is worth while to come again."""


class Turns:
    """One server's. ``at_once``: of one person."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._taken: Counter[str] = Counter()

    @contextmanager
    def one(self, who: str) -> Iterator[None]:
        """Until the block ends. ``who``: an id. Raises TooMany."""
        if self._taken[who] >= self._at_once:
            said = f"{self._at_once} of your trials are running already: wait until one is done."
            raise TooMany(said, "trials_busy", AGAIN, running=self._at_once)
        self._taken[who] += 1
        try:
            yield
        finally:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]

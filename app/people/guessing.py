"""Guessing is slowed: whoever errs too often waits, each time twice as long.

Three counts: of a name from one address, which is how a person errs; of a name from anywhere, for guessers with many addresses;
and of an address under any name. The second allows more and lets nobody wait long, so that a stranger cannot keep an analyst out
whose name they know. Kept in memory, not in the database: a wrong guess must cost a write neither of the disk nor of others'
time. So a restart forgets, and each of several servers counts by itself: a guesser has as many times as many tries.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

REMEMBERED = 3600.0
"""Seconds without a wrong guess after which nothing is held against anybody."""
MOST = 30_000
"""Counts at a time; the one that rested longest makes room."""
Key = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Bound:
    """``free``: wrong guesses that cost nothing; the next costs a second, each later one twice as much, up to ``longest``."""

    free: int
    longest: float


SOMEBODY_THERE, SOMEBODY, THERE = Bound(5, 900), Bound(50, 60), Bound(50, 60)


@dataclass(slots=True)
class _Count:
    wrong: int = 0
    at: float = 0.0
    until: float = 0.0
    turned_away: int = 0


class Guesses:
    """One server's memory of wrong ones. ``clock``: seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: OrderedDict[Key, _Count] = OrderedDict()

    def wait(self, name: str, address: str) -> float:
        """Seconds until another guess is looked at; 0: now. Whoever must wait is counted as turned away."""
        now = self._clock()
        counts = [self._counts[key] for key, _ in _keys(name, address) if key in self._counts]
        seconds = max((count.until - now for count in counts), default=0.0)
        if seconds <= 0:
            return 0.0
        for count in counts:
            count.turned_away += 1
        return seconds

    def wrong(self, name: str, address: str) -> int:
        """One more; how many were turned away since the last that was looked at."""
        now, turned_away = self._clock(), 0
        for key, bound in _keys(name, address):
            count = self._counts.pop(key, _Count())
            if now - count.at > REMEMBERED:
                count = _Count()
            self._counts[key] = count
            count.wrong, count.at = count.wrong + 1, now
            over = count.wrong - bound.free
            count.until = now + min(bound.longest, 2.0 ** min(over - 1, 30)) if over > 0 else now
            turned_away, count.turned_away = max(turned_away, count.turned_away), 0
        while len(self._counts) > MOST:
            self._counts.popitem(last=False)
        return turned_away

    def right(self, name: str, address: str) -> None:
        """What was held against that name is forgotten. Not what was against the address: a guesser may have an account."""
        self._forget(key for key, bound in _keys(name, address) if bound is not THERE)

    def _forget(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self._counts.pop(key, None)


def _keys(name: str, address: str) -> list[tuple[Key, Bound]]:
    """``name``: empty for whoever shows a token."""
    there: list[tuple[Key, Bound]] = [((None, address), THERE)]
    return [((name, address), SOMEBODY_THERE), ((name, None), SOMEBODY), *there] if name else there

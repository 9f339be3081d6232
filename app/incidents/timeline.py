"""Time as a line: long silences are shortened, so that what happened has room, and it shows where."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil

_LONGEST = 0.15  # of the whole line, that one silence may take where there are many
_BROKEN = 1.3  # times as long as it is drawn, from where a silence is shown as shortened
_STEPS = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 2 * 86400, 7 * 86400, 28 * 86400, 91 * 86400)
_APART = 74.0  # between two marks
_CLEAR = 58.0


@dataclass(frozen=True)
class Timeline:
    """``moments``: in order, each once. ``left``, ``width``: of the line."""

    moments: tuple[datetime, ...]
    left: float
    width: float

    @classmethod
    def of(cls, moments: Iterable[datetime], left: float, width: float) -> "Timeline":
        """One moment at least."""
        return cls(tuple(sorted(set(moments))), left, width)

    @cached_property
    def _seconds(self) -> list[float]:
        return [(at - self.moments[0]).total_seconds() for at in self.moments]

    @cached_property
    def _gaps(self) -> list[float]:
        return [after - before for before, after in zip(self._seconds, self._seconds[1:], strict=False)]

    @cached_property
    def _cap(self) -> float:
        """Seconds that a silence is drawn at most."""
        cap, share = max(self._gaps, default=1.0), max(_LONGEST, 1.5 / max(1, len(self._gaps)))
        for _ in range(40):
            cap = min(cap, share * sum(min(gap, cap) for gap in self._gaps))
        return cap

    @cached_property
    def _at(self) -> list[float]:
        """Where each moment lies, 0..1."""
        drawn, sums = [min(gap, self._cap) for gap in self._gaps], [0.0]
        for one in drawn:
            sums.append(sums[-1] + one)
        return [value / sums[-1] if sums[-1] else 0.0 for value in sums]

    def x(self, moment: datetime) -> float:
        """Where it lies; before the first and after the last as if it were that."""
        return self._x((moment - self.moments[0]).total_seconds())

    def _x(self, seconds: float) -> float:
        after = bisect_right(self._seconds, seconds)
        if after == 0 or after == len(self._seconds):
            return self.left + self.width * self._at[0 if after == 0 else -1]
        before = after - 1
        part = (seconds - self._seconds[before]) / self._gaps[before]
        return self.left + self.width * (self._at[before] + part * (self._at[after] - self._at[before]))

    def silences(self) -> list[tuple[float, float, timedelta]]:
        """Those drawn shorter than they were: from where to where, and how long they lasted."""
        return [
            (self._x(self._seconds[n]), self._x(self._seconds[n + 1]), timedelta(seconds=gap))
            for n, gap in enumerate(self._gaps)
            if gap > _BROKEN * self._cap
        ]

    def marks(self) -> list[tuple[float, timedelta]]:
        """Round times since the first moment, as many as have room."""
        found = [(self.left, timedelta(0))]
        for begin, end in self._runs():
            step = self._step()
            for number in range(int(begin // step) + 1, int(end // step) + 1):
                if (x := self._x(number * step)) - found[-1][0] >= _CLEAR:
                    found.append((x, timedelta(seconds=number * step)))
        return found

    def _step(self) -> float:
        drawn = sum(min(gap, self._cap) for gap in self._gaps)
        wanted = _APART * drawn / self.width
        return next((step for step in _STEPS if step >= wanted), _STEPS[-1] * ceil(wanted / _STEPS[-1]))

    def _runs(self) -> Sequence[tuple[float, float]]:
        """From when to when, in seconds, time runs without a shortened silence."""
        runs, begin = [], self._seconds[0]
        for number, gap in enumerate(self._gaps):
            if gap > _BROKEN * self._cap:
                runs.append((begin, self._seconds[number]))
                begin = self._seconds[number + 1]
        return [*runs, (begin, self._seconds[-1])]

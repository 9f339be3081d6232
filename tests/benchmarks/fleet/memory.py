"""Whether memory grows: what every process holds for itself alone, sampled, and the line through it."""

import math
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

EVERY = 5.0
Samples = Mapping[str, list[tuple[float, float]]]
"""By process: (seconds since the beginning, bytes)."""


def private(pid: int) -> int:
    """Bytes of memory that is no file's and nobody else's (Linux), so that others' doings change nothing. 0: it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    return 0


class Watch:
    """Samples in a thread of its own while it is a context. ``who``: names and the processes of each, asked every time."""

    def __init__(self, who: Callable[[], Mapping[str, list[int]]], every: float = EVERY) -> None:
        self._who, self._every = who, every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="memory")
        self._began = time.monotonic()
        self.samples: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._ended.wait(self._every):
            at = time.monotonic() - self._began
            for name, pids in self._who().items():
                self.samples[name].append((at, float(sum(map(private, pids)))))


@dataclass(frozen=True, slots=True)
class Growth:
    """Bytes at the beginning and at the end; bytes an hour, and the standard error of that."""

    first: float
    last: float
    slope: float
    error: float

    @property
    def is_flat(self) -> bool:
        """No growth that could not be chance: less than two standard errors, or less than a hundredth of it all an hour."""
        return self.slope <= 2 * self.error or self.slope <= 0.01 * self.first


def growth(samples: list[tuple[float, float]], begin: float, end: float = math.inf) -> Growth:
    """Least squares over what came between two moments, in seconds; neighbours depend on each other, which the error allows for
    (effective sample size by the first autocorrelation, Bayley and Hammersley 1946).
    """
    at, held = np.array([one for one in samples if begin <= one[0] < end] or samples[-1:]).T
    if len(at) < 4:
        return Growth(held[0], held[-1], math.nan, math.nan)
    slope, start = np.polyfit(at, held, 1)
    left = held - (slope * at + start)
    spread = float(np.sum(left**2))
    alike = min(0.95, max(0.0, float(np.sum(left[1:] * left[:-1]) / spread))) if spread else 0.0
    fewer = (1 + alike) / (1 - alike)
    error = math.sqrt(spread * fewer / (len(at) - 2) / float(np.sum((at - at.mean()) ** 2)))
    return Growth(float(held[0]), float(held[-1]), float(slope) * 3600, error * 3600)

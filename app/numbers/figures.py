"""From rows to figures: how long things took, how often we were right and how sure that is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil, sqrt
from typing import NamedTuple

Z = 1.96
"""Of a normal distribution, 95 % lie within so many standard deviations."""
SKEW = timedelta(minutes=5)
"""So much may a gateway's clock be ahead of ours."""
LATEST = timedelta(days=30)
"""What a gateway tells of later than that is no news, or its clock is wrong."""
SHARES = (0.50, 0.90, 0.99)
RIGHT = ("true_positive", "benign_positive")
"""Resolutions that say that what was recognised was there."""


@dataclass(frozen=True, slots=True)
class Timed:
    """When things happened to one alert; ``None``: not yet, or nobody says.

    ``live``: it was raised as its message came. Of what was found later nobody could have been quicker.
    """

    sent: datetime | None
    received: datetime
    created: datetime
    acknowledged: datetime | None
    resolved: datetime | None
    live: bool = True


class Stand(NamedTuple):
    """How an alert stood since then. ``found``: it came back because more was found in its message."""

    status: str
    at: datetime
    found: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Percentiles, in seconds, of so many."""

    count: int
    p50: float | None = None
    p90: float | None = None
    p99: float | None = None


@dataclass(frozen=True, slots=True)
class Precision:
    """How many alerts were resolved how, and the share of them that were right, with its interval."""

    true_positive: int
    benign_positive: int
    false_positive: int
    right: float
    low: float
    high: float


def detecting(rows: Iterable[Timed]) -> Wait:
    """From the chat to the alert, if the gateway's clock can be believed. One a little ahead makes no negative times."""
    return waits((row.created - (row.sent or row.received)).total_seconds() for row in rows if row.live and believable(row))


def believable(row: Timed) -> bool:
    """Whether it can have been sent when the gateway says; it need not say."""
    return row.sent is None or -SKEW <= row.received - row.sent <= LATEST


def acknowledging(rows: Iterable[Timed]) -> Wait:
    """Whoever resolves at once has acknowledged."""
    firsts = ((row, min(filter(None, (row.acknowledged, row.resolved)), default=None)) for row in rows)
    return waits((first - row.created).total_seconds() for row, first in firsts if first)


def resolving(rows: Iterable[Timed]) -> Wait:
    return waits((row.resolved - row.created).total_seconds() for row in rows if row.resolved)


def times(born: Timed, stands: Iterable[Stand]) -> list[Timed]:
    """Of one alert, and once more from each time at which it came back because more was found in its message: what people had
    decided they had decided, and nobody could have decided about that before.
    """
    spells = [(born, list[Stand]())]
    for one in stands:
        if one.found:
            spells.append((replace(born, created=one.at, live=False), []))
        else:
            spells[-1][1].append(one)
    found = ((begun, decided(some)) for begun, some in spells)
    return [replace(begun, acknowledged=acknowledged, resolved=resolved) for begun, (acknowledged, resolved) in found]


def decided(stands: Iterable[Stand]) -> tuple[datetime | None, datetime | None]:
    """When an alert was acknowledged, and resolved, as it stands at last: one that was reopened begins again.

    ``stands``: one after the other.
    """
    acknowledged = resolved = None
    for status, at, _ in stands:
        if status == "open" or (status == "acknowledged" and resolved):
            acknowledged = None
        acknowledged = acknowledged or (at if status == "acknowledged" else None)
        resolved = at if status == "resolved" else None
    return acknowledged, resolved


def waits(seconds: Iterable[float]) -> Wait:
    """Percentiles by nearest rank: each is one that was measured."""
    values = sorted(max(0.0, one) for one in seconds)
    ranks = (ceil(len(values) * share) - 1 for share in SHARES)
    return Wait(len(values), *(round(values[rank], 3) for rank in ranks)) if values else Wait(0)


def precision(resolutions: Mapping[str, int]) -> Precision | None:
    """``resolutions``: how many alerts had each; ``None`` when there is none."""
    leaks, harmless, wrong = (resolutions.get(name, 0) for name in ("true_positive", "benign_positive", "false_positive"))
    right = leaks + harmless
    total = right + wrong
    return Precision(leaks, harmless, wrong, right / total, *interval(right, total)) if total else None


def interval(right: float, total: float) -> tuple[float, float]:
    """Where the true share lies, with 95 % confidence, given so many of so many: the score interval of Wilson (JASA 1927).

    Unlike the normal approximation it is sensible for few cases and for shares of 0 and 1.
    """
    share, room = right / total, Z * Z / total
    middle, half = share + room / 2, Z * sqrt(share * (1 - share) / total + room / (4 * total))
    return max(0.0, (middle - half) / (1 + room)), min(1.0, (middle + half) / (1 + room))


def extrapolated(found: int, looked: int, total: int) -> tuple[float, float, float]:
    """Of ``total``, when so many ``looked`` at by chance had so many ``found``: about how many, at least, at most (95 %).

    What was looked at is certain, so the interval narrows as less is left (Cochran, Sampling Techniques, 1977, section 2.6).
    """
    if looked >= total:
        return found, found, found
    weight = (total - 1) / (total - looked)
    low, high = interval(found * weight, looked * weight)
    return total * found / looked, max(found, total * low), min(total - (looked - found), total * high)


def by_detector(counted: Iterable[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    """``counted``: detectors of alerts as the queue has them, a resolution, how many. An alert counts for each."""
    found: dict[str, dict[str, int]] = {}
    for detectors, resolution, number in counted:
        for name in detectors.split():
            of = found.setdefault(name, {})
            of[resolution] = of.get(resolution, 0) + number
    return found


def worst_first(found: Mapping[str, Precision]) -> Sequence[tuple[str, Precision]]:
    """Those most surely wrong first, equals by name."""
    return sorted(found.items(), key=lambda one: (one[1].high, one[0]))

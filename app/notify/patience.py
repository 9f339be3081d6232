"""When to try again: later each time, not all at once, never later than ``LONGEST``; and when to stop."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

FIRST = timedelta(seconds=5)
LONGEST = timedelta(hours=1)
GIVE_UP, ENOUGH = timedelta(days=3), 12
"""Failed is what could not be delivered for so long (Standard Webhooks: "a retry schedule spanning multiple days") and so often:
that we were off for days, or the clock was wrong, is not the receiver's fault."""
DOUBLINGS = 20


def backoff(attempts: int, chance: float) -> timedelta:
    """After so many attempts (from 1): doubling, and by ``chance`` (0..1) up to half of it sooner."""
    return min(FIRST * (1 << min(attempts - 1, DOUBLINGS)), LONGEST) * (1 - chance / 2)


def is_hopeless(attempts: int, age: timedelta) -> bool:
    """Whether what failed once more, so old, is worth no other attempt."""
    return attempts >= ENOUGH and age > GIVE_UP


def retry_after(header: str | None, at: datetime) -> timedelta | None:
    """What a receiver asks for (RFC 9110 §10.2.3: seconds, or a date), within 0 and ``LONGEST``; ``None``: nothing clear."""
    asked = _seconds(header or "", at)
    return None if asked is None else timedelta(seconds=max(0.0, min(asked, LONGEST.total_seconds())))


def _seconds(header: str, at: datetime) -> float | None:
    if header.isdecimal():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - at).total_seconds()

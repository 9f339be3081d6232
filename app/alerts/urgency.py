"""What comes first: how grave it is, then how far it went, then what came last (it can still be stopped).

How far it went is a number of eyes, estimated and in doublings, so that 37 channels are not held against 38 and an alert changes
its place a few times at most while a leak grows: channels in which the same thing was found, times members of this one, eight
times that if people outside read along. The first two parts are one number, so that a page is read off an index.
"""

from datetime import timedelta

WINDOW = timedelta(days=7)
"""What was seen longer before an alert has nothing to do with how far this leak went."""
GRAVITY = {"low": 1, "medium": 2, "high": 3, "critical": 4}
STEP = 64
"""More than any spread."""
MOST = 20
"""Doublings of one count: a million."""
UNKNOWN = 8
"""Members of a channel that does not tell."""
OUTSIDE = 3


def doublings(count: int) -> int:
    """The whole part of the binary logarithm; 0 for nothing."""
    return min(max(count, 1).bit_length() - 1, MOST)


def urgency(severity: str, channels: int, members: int | None, external: bool | None) -> int:
    """The more the sooner. ``channels``: doublings of them."""
    eyes = channels + doublings(UNKNOWN if members is None else members) + (OUTSIDE if external else 0)
    return GRAVITY.get(severity, 0) * STEP + eyes

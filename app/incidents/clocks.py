"""When a message counts as posted: when its gateway states it was sent, unless that cannot be.

What is stated is kept, and shown. But a moment after we had the message, or long before there were such chats, puts nothing in
order: one wrong clock would stand before or after all others.
"""

from datetime import datetime, timedelta

AHEAD = timedelta(minutes=2)
"""How far a gateway's clock may be ahead of ours."""
OLDEST = timedelta(days=20 * 365)
"""How long before we had it a message can have been sent: what is brought in later may be old, but no chat is so old."""


def counted(stated: datetime | None, received: datetime) -> datetime:
    """When it counts as posted."""
    return received if stated is None or impossible(stated, received) is not None else stated


def impossible(stated: datetime | None, received: datetime) -> datetime | None:
    """What is stated, if it cannot be."""
    return stated if stated is not None and not -AHEAD <= received - stated <= OLDEST else None

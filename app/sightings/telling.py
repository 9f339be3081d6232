"""What was found by likeness, as the API tells it."""

from app.sightings.schemas import SightingOut, SightingsOut
from app.sightings.seeking import Alike, Found

_SAME = ("message_id", "gateway", "external_id", "channel_id", "sender_id", "part", "at", "deleted_at")


def sightings_out(found: Found, limit: int) -> SightingsOut:
    """The first of them."""
    items = [_told(one) for one in found.alike[:limit]]
    return SightingsOut(items=items, more=found.left > 0 or found.short or len(found.alike) > limit)


def _told(one: Alike) -> SightingOut:
    seen = one.sighting
    return SightingOut(
        **{name: getattr(seen, name) for name in _SAME},
        channel_name=seen.head["channel"].get("name") or "",
        sender_name=seen.head["sender"].get("name") or "",
        attachment=seen.position,
        sha256=seen.digest,
        distance=one.distance,
        agrees=round(one.agrees, 2),
        exact=one.exact,
        alert_id=one.raised.alert_id if one.raised else None,
    )

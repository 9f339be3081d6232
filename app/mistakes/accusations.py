"""What alerts accuse which assets by, so that a decision about an alert can be one about the very pictures and texts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.db import Session
from app.db.models import AlertRow
from app.ingest import repository as ingest
from app.ingest.jobs import Place

Pair = tuple[str, str]
"""An asset's id and a part's digest."""
Pairs = Mapping[Pair, tuple[str, Place]]
"""What an alert is about, surest first: the reference it was matched to, and the place (attachment or -1, part)."""
Match = Mapping[str, Any]


async def accusations(
    session: Session, alerts: Sequence[AlertRow], counts: Callable[[Match], bool] = lambda _: True
) -> dict[str, Pairs]:
    """By alert. ``counts``: which of its matches do."""
    digests = await ingest.accused(session, [row.message_id for row in alerts])
    return {row.id: _about(filter(counts, row.matches), digests.get(row.message_id, {})) for row in alerts}


def _about(matches: "filter[Match]", digests: Mapping[Place, str]) -> Pairs:
    pairs: dict[Pair, tuple[str, Place]] = {}
    for match in matches:
        place = (-1 if match["attachment"] is None else match["attachment"], match.get("part", ""))
        if match.get("reference_id") and place in digests:
            pairs.setdefault((match["asset_id"], digests[place]), (match["reference_id"], place))
    return pairs

"""How whoever posted something stood to the organisation on the day of the leak, and whether that makes it more urgent."""

from typing import Any

from app.assets import repository as assets
from app.db import Session
from app.directory import kept
from app.directory import service as directory
from app.sightings.service import Sighting
from detectors.policy import concern
from detectors.types import Level


async def weighed(
    session: Session, asset_id: str, sighting: Sighting, severity: str, graver: str
) -> tuple[str, dict[str, Any] | None]:
    """The severity, and, if it is the graver one, why, as a verdict keeps it: what a live alert would have been."""
    known = kept.standing(await directory.standing(session, sighting.gateway, sighting.sender_id, sighting.at))
    asset = await assets.get(session, asset_id)
    if known is None or asset is None or graver == severity:
        return severity, None
    found = concern(known, Level(asset.level))
    return (severity, None) if found is None else (graver, kept.raised(found))

"""A standing as the database hands it to inspections, and what it raised as a verdict keeps it: plain values, and back."""

from collections.abc import Mapping
from typing import Any

from detectors.types import Level, Raised, Standing


def standing(known: Mapping[str, Any] | None) -> Standing | None:
    """Of ``directory.service.standing``."""
    return (
        None if known is None else Standing(known["ended"], known["clearance"] and Level(known["clearance"]), known["unsigned"])
    )


def raised(found: Raised) -> dict[str, Any]:
    """As JSON."""
    about = {"reason": found.reason, "level": found.level.value}
    more = {"ended": found.ended and found.ended.isoformat(), "clearance": found.clearance and found.clearance.value}
    return about | {name: value for name, value in more.items() if value}

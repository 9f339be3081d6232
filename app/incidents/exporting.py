"""A cascade for other programs: as JSON and as GraphML."""

from typing import Any

from detectors.spread.cascade import Cascade


def as_json(cascade: Cascade) -> dict[str, Any]:
    """Plain values for ``json.dumps``."""
    raise NotImplementedError


def as_graphml(cascade: Cascade) -> str:
    """An XML document."""
    raise NotImplementedError

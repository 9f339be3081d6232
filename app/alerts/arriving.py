"""What came into a look at the queue since it was drawn, without being new: woken, reopened, taken back, given to somebody."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.alerts.schemas import AlertFilter


def arrived(changes: Iterable[tuple[str, Mapping[str, Any]]], wanted: AlertFilter) -> set[str]:
    """Alerts that would not have been found before. ``changes``: of alerts that are found now, in the order they were made."""
    before: dict[str, dict[str, Any]] = {}
    for alert, change in changes:
        fields = before.setdefault(alert, {})
        for name, values in change.items():
            fields.setdefault(name, values[0])
    return {alert for alert, fields in before.items() if not _fits(fields, wanted)}


def _fits(fields: Mapping[str, Any], wanted: AlertFilter) -> bool:
    """Whether an alert fits that had these values, and of whatever was not changed what fits."""
    asked = (
        ("status", wanted.status, fields.get("status")),
        ("resolution", wanted.resolution, fields.get("resolution")),
        ("severity", wanted.severity, fields.get("severity")),
        ("assignee", wanted.assignee, fields.get("assignee")),
        ("assignee", wanted.assigned, fields.get("assignee") is not None),
        ("snoozed_until", wanted.snoozed, fields.get("snoozed_until") is not None),
    )
    return all(wants is None or wants == was for name, wants, was in asked if name in fields)

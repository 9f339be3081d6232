"""What becomes of an incident when its alerts are decided: it says so, and closes itself when nothing in it was a leak.

It closes as ``cleared`` when every alert was found to be harmless or a false alarm, and opens again as soon as one is not. What
people closed stays as they left it. Nothing is taken apart: a false alarm was still part of what was looked at.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from app.alerts.deciding import Step
from app.db import Session
from app.db.models import IncidentRow, now
from app.incidents import repository

MACHINE = "leakwatch"
NAMED = 20
"""Alerts that an entry names; it counts all of them."""


async def follow(session: Session, steps: Iterable[Step], actor: str) -> None:
    """After alerts were changed."""
    said = {one.before.id: did for one in steps if (did := _did(one)) is not None}
    if not said:
        return
    incident_of = {alert: incident for alert, (incident, _) in (await repository.of_alerts(session, list(said))).items()}
    groups: dict[tuple[str, tuple[str, str | None]], list[str]] = {}
    for alert, incident in incident_of.items():
        groups.setdefault((incident, said[alert]), []).append(alert)
    rows = [
        _entry(one, actor, did, {"resolution": what} if what else {}, alerts) for (one, (did, what)), alerts in groups.items()
    ]
    await repository.record(session, rows)
    await settle(session, set(incident_of.values()))


async def settle(session: Session, ids: Collection[str]) -> None:
    """Close what has nothing left that could be a leak, and open again what has."""
    rows = await repository.locked(session, ids)
    left = await repository.undecided(session, list(rows))
    for one, row in rows.items():
        harmful = left.get(one, (0, 0))[1]
        if one in left and not harmful and row.status != "closed":
            await _close(session, row)
        elif harmful and row.status == "closed" and row.closing == "cleared":
            await _open(session, row)


async def _close(session: Session, row: IncidentRow) -> None:
    values = {"status": "closed", "closing": "cleared", "closed_at": now()}
    await repository.set_values(session, row.id, values, version=True)
    await repository.record(session, [_entry(row.id, MACHINE, "cleared", {"status": [row.status, "closed"]}, [])])


async def _open(session: Session, row: IncidentRow) -> None:
    values = {"status": "open", "closing": None, "closed_at": None}
    await repository.set_values(session, row.id, values, version=True)
    await repository.record(session, [_entry(row.id, MACHINE, "uncleared", {"status": ["closed", "open"]}, [])])


def _did(step: Step) -> tuple[str, str | None] | None:
    """One word, and the resolution if it is one; ``None``: nothing an incident tells of."""
    if step.after.get("resolution"):
        return "decided", str(step.after["resolution"])
    status = step.after.get("status")
    if status == "acknowledged":
        return "acknowledged", None
    return ("reopened", None) if status == "open" or (status and step.before.status == "resolved") else None


def _entry(incident: str, actor: str, action: str, change: dict[str, Any], alerts: Sequence[str]) -> dict[str, Any]:
    about = {"incident_id": incident, "at": now(), "actor": actor, "action": action, "change": change}
    return about | {"alerts": sorted(alerts)[:NAMED], "count": len(alerts), "move_id": None}

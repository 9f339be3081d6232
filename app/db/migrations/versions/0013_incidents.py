"""Incidents. Earlier alerts about the same thing, with no more than a week between two, become one."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.db.ids import new_id

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BATCH = 500
WINDOW = timedelta(days=7)
GRAVITY = {"low": 1, "medium": 2, "high": 3, "critical": 4}
HARMLESS = ("false_positive", "benign_positive")

queue = sa.table(
    "queue",
    *(sa.column(name, sa.String()) for name in ("alert_id", "subject", "status", "resolution", "severity")),
    sa.column("shown", sa.JSON()),
    sa.column("created_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    incidents = op.create_table(
        "incidents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("closing", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gravity", sa.Integer(), nullable=False),
        sa.Column("commander", sa.String(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("alert_count", sa.Integer(), nullable=False),
        sa.Column("narrative", sa.String(), nullable=True),
        sa.Column("narrative_by", sa.String(), nullable=True),
        sa.Column("narrative_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("earlier", sa.String(), nullable=True),
        sa.Column("merged_into", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["earlier"], ["incidents.id"], name="fk_incidents_earlier", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["merged_into"], ["incidents.id"], name="fk_incidents_merged_into", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    members = op.create_table(
        "incident_alerts",
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_incident_alerts_alert_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_incident_alerts_incident_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alert_id", name="pk_incident_alerts"),
    )
    subjects = op.create_table(
        "incident_subjects",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_incident_subjects_incident_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("subject", name="pk_incident_subjects"),
    )
    op.create_table(
        "incident_tasks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_incident_tasks_incident_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_incident_tasks"),
    )
    history = op.create_table(
        "incident_history",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.Column("alerts", sa.JSON(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("move_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_incident_history_incident_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_incident_history"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "incident_moves",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("alerts", sa.JSON(), nullable=False),
        sa.Column("tasks", sa.JSON(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["incidents.id"], name="fk_incident_moves_source", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target"], ["incidents.id"], name="fk_incident_moves_target", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_incident_moves"),
    )
    found = _incidents()
    for rows in _some(found):
        op.bulk_insert(incidents, [one["row"] for one in rows])
        op.bulk_insert(members, [{"alert_id": alert, "incident_id": one["row"]["id"]} for one in rows for alert in one["alerts"]])
        op.bulk_insert(history, [_opened(one) for one in rows])
    last = {one["subject"]: one["row"]["id"] for one in found if one["subject"]}
    for rows in _some([{"subject": _key(subject), "incident_id": ident} for subject, ident in last.items()]):
        op.bulk_insert(subjects, rows)
    for table, columns in (
        ("incidents", ["status", "gravity", "last_at", "id"]),
        ("incidents", ["earlier"]),
        ("incidents", ["merged_into"]),
        ("incident_alerts", ["incident_id", "alert_id"]),
        ("incident_subjects", ["incident_id"]),
        ("incident_tasks", ["incident_id"]),
        ("incident_history", ["incident_id", "id"]),
        ("incident_history", ["move_id"]),
        ("incident_moves", ["source"]),
        ("incident_moves", ["target"]),
    ):
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def downgrade() -> None:
    for table in ("moves", "history", "tasks", "subjects", "alerts"):
        op.drop_table(f"incident_{table}")
    op.drop_table("incidents")


def _incidents() -> list[dict[str, Any]]:
    """In the order in which they were opened."""
    found: list[dict[str, Any]] = []
    current: dict[str, dict[str, Any]] = {}
    for alert in _alerts():
        at = alert.created_at.replace(tzinfo=UTC) if alert.created_at.tzinfo is None else alert.created_at
        before = current.get(alert.subject) if alert.subject else None
        if before is None or at - before["row"]["last_at"] > WINDOW:
            before = _begun(alert, at, before)
            found.append(before)
            if alert.subject:
                current[alert.subject] = before
        _join(before, alert, at)
    for one in found:
        one["row"] |= _standing(one)
    return found


def _alerts() -> Iterator[Any]:
    """In the order in which they were raised."""
    after = ""
    while True:
        query = sa.select(queue).where(queue.c.alert_id > after).order_by(queue.c.alert_id).limit(BATCH)
        rows = list(op.get_bind().execute(query))
        if not rows:
            return
        yield from rows
        after = rows[-1].alert_id


def _begun(alert: Any, at: datetime, before: dict[str, Any] | None) -> dict[str, Any]:
    shown = alert.shown if isinstance(alert.shown, dict) else {}
    unread = shown.get("unread")
    row = {
        "id": new_id("inc", max(0.0, at.timestamp())),
        "title": str(shown.get("title") or shown.get("marking") or (unread[0] if isinstance(unread, list) and unread else "")),
        "gravity": 0,
        "commander": None,
        "opened_at": at,
        "last_at": at,
        "alert_count": 0,
        "narrative": None,
        "narrative_by": None,
        "narrative_at": None,
        "earlier": before["row"]["id"] if before else None,
        "merged_into": None,
        "version": 1,
    }
    return {"row": row, "subject": alert.subject, "alerts": [], "left": 0, "harmful": 0}


def _join(one: dict[str, Any], alert: Any, at: datetime) -> None:
    row = one["row"]
    row["gravity"] = max(row["gravity"], GRAVITY.get(alert.severity, 0))
    row["last_at"] = max(row["last_at"], at)
    row["alert_count"] += 1
    one["alerts"].append(alert.alert_id)
    one["left"] += alert.status != "resolved"
    one["harmful"] += alert.resolution not in HARMLESS


def _standing(one: dict[str, Any]) -> dict[str, Any]:
    if one["left"]:
        return {"status": "open", "closing": None, "closed_at": None}
    closing = "handled" if one["harmful"] else "cleared"
    return {"status": "closed", "closing": closing, "closed_at": datetime.fromtimestamp(int(time.time()), UTC)}


def _opened(one: dict[str, Any]) -> dict[str, Any]:
    about = {"incident_id": one["row"]["id"], "at": one["row"]["opened_at"], "actor": "leakwatch", "action": "opened"}
    return about | {"change": {}, "alerts": one["alerts"][:1], "count": 1, "move_id": None}


def _key(subject: str) -> str:
    return f"asset:{subject}" if subject.startswith("ast_") else f"sha256:{subject}"


def _some(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    yield from (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))

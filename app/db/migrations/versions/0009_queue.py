"""A line in the queue for every alert, snoozing, and versions of what is decided.

How far earlier alerts went is counted anew when the next one about the same asset comes.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.db.columns import storable

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BATCH = 500
GRAVITY = {"low": 1, "medium": 2, "high": 3, "critical": 4}

alerts = sa.table(
    "alerts",
    *(
        sa.column(name, sa.String())
        for name in ("id", "message_id", "channel_id", "status", "resolution", "severity", "assignee")
    ),
    sa.column("matches", sa.JSON()),
    sa.column("created_at", sa.DateTime(timezone=True)),
)
messages = sa.table(
    "messages", sa.column("id", sa.String()), sa.column("body", sa.JSON()), sa.column("verdict", sa.JSON(none_as_null=True))
)
attachments = sa.table(
    "attachments",
    sa.column("message_id", sa.String()),
    sa.column("position", sa.Integer()),
    sa.column("name", sa.String()),
    sa.column("sha256", sa.String()),
)


def upgrade() -> None:
    with op.batch_alter_table("alerts") as table:
        table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
        table.create_index("ix_alerts_snoozed_until", ["snoozed_until"])
    queue = op.create_table(
        "queue",
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("doublings", sa.Integer(), nullable=False),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("sender_id", sa.String(), nullable=False),
        sa.Column("external", sa.Boolean(), nullable=True),
        sa.Column("detectors", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_queue_alert_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alert_id", name="pk_queue"),
    )
    after = ""
    while batch := _batch(after):
        op.bulk_insert(queue, [_line(row, files) for row, files in batch])
        after = batch[-1][0].id
    op.create_index("ix_queue_standing_urgency_alert_id", "queue", ["standing", "urgency", "alert_id"])
    op.create_index("ix_queue_standing_severity", "queue", ["standing", "severity"])
    op.create_index("ix_queue_assignee_standing_urgency_alert_id", "queue", ["assignee", "standing", "urgency", "alert_id"])
    op.create_index("ix_queue_subject_gateway_channel_id_created_at", "queue", ["subject", "gateway", "channel_id", "created_at"])
    op.create_index("ix_queue_channel_id", "queue", ["channel_id"])
    op.create_index("ix_queue_gateway", "queue", ["gateway"])


def downgrade() -> None:
    op.drop_table("queue")
    with op.batch_alter_table("alerts") as table:
        table.drop_index("ix_alerts_snoozed_until")
        table.drop_column("snoozed_until")
        table.drop_column("version")


def _batch(after: str) -> list[tuple[Any, dict[int, Any]]]:
    """The next alerts with their messages, and their files by position."""
    query = sa.select(alerts, messages.c.body, messages.c.verdict).join(messages, messages.c.id == alerts.c.message_id)
    rows = list(op.get_bind().execute(query.where(alerts.c.id > after).order_by(alerts.c.id).limit(BATCH)))
    files: dict[str, dict[int, Any]] = {row.message_id: {} for row in rows}
    for file in op.get_bind().execute(sa.select(attachments).where(attachments.c.message_id.in_(files))):
        files[file.message_id][file.position] = file
    return [(row, files[row.message_id]) for row in rows]


def _line(row: Any, files: dict[int, Any]) -> dict[str, Any]:
    matches = [one for one in row.matches if isinstance(one, dict)] if isinstance(row.matches, list) else []
    body, first = _dict(row.body), matches[0] if matches else {}
    channel, sender = _dict(body.get("channel")), _dict(body.get("sender"))
    index = first.get("attachment") if matches else 0
    file = None if index is None else files.get(index)
    shown = _shown(row, matches, channel, sender, files)
    said = [*(one.get("asset_title") for one in matches), shown["marking"], shown["channel"], shown["sender"]]
    return {
        **{name: getattr(row, name) for name in ("status", "resolution", "severity", "assignee", "channel_id", "created_at")},
        "alert_id": row.id,
        "standing": row.status,
        "urgency": GRAVITY.get(row.severity, 0) * 64 + _doublings(channel.get("members")) + (3 if channel.get("external") else 0),
        "doublings": 0,
        "gateway": storable(body.get("gateway", "")),
        "sender_id": storable(sender.get("id", "")),
        "external": channel.get("external"),
        "detectors": storable("".join(f" {name} " for name in shown["detectors"])),
        "subject": first.get("asset_id") or (file.sha256 if file else None),
        "words": storable("\n".join(_distinct(said)).casefold()[:1000]),
        "shown": shown,
    }


def _shown(
    row: Any, matches: list[dict[str, Any]], channel: dict[str, Any], sender: dict[str, Any], files: dict[int, Any]
) -> dict[str, Any]:
    first = matches[0] if matches else {}
    unread = [] if matches else _dict(row.verdict).get("unread") or []
    return {
        "title": first.get("asset_title") or None,
        "others": max(0, len(_distinct(one.get("asset_title") for one in matches)) - 1),
        "reference": first.get("reference") or "",
        "marking": _dict(_dict(first.get("evidence")).get("marking")).get("text"),
        "unread": _distinct(files[one["attachment"]].name for one in unread if one.get("attachment") in files),
        "detectors": _distinct(one.get("detector") for one in matches),
        "confidence": first.get("confidence"),
        "channel": channel.get("name") or channel.get("id", ""),
        "members": channel.get("members"),
        "sender": sender.get("name") or sender.get("id", ""),
    }


def _doublings(members: int | None) -> int:
    return min(max(8 if members is None else members, 1).bit_length() - 1, 20)


def _distinct(values: Any) -> list[str]:
    return list(dict.fromkeys(str(value) for value in values if value))


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

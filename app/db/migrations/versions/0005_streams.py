"""The queue becomes a topic of a stream: fair to every gateway and channel. What waited goes on waiting."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
streams = sa.table(
    "stream_records",
    sa.column("topic"),
    sa.column("gateway"),
    sa.column("channel"),
    sa.column("turn"),
    sa.column("ident"),
    sa.column("value", sa.LargeBinary()),
    sa.column("headers", sa.JSON()),
    sa.column("attempts"),
    sa.column("failures"),
    sa.column("published_at", sa.DateTime(timezone=True)),
)
queue = sa.table("queue", sa.column("message_id"), sa.column("visible_at", sa.DateTime(timezone=True)), sa.column("attempts"))
messages = sa.table(
    "messages",
    sa.column("id"),
    sa.column("gateway"),
    sa.column("channel_id"),
    sa.column("body", sa.JSON()),
    sa.column("received_at", sa.DateTime(timezone=True)),
)
files = sa.table(
    "attachments",
    *(sa.column(name) for name in ("message_id", "position", "name", "content_type", "sha256", "size")),
)


def upgrade() -> None:
    op.create_table(
        "stream_records",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("ident", sa.String(), nullable=True),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("claimed_until", sa.Double(), nullable=True),
        sa.Column("claimant", sa.String(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stream_records"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_stream_records_topic_gateway_turn_id", "stream_records", ["topic", "gateway", "turn", "id"])
    op.create_index("ix_stream_records_topic_gateway_channel_turn", "stream_records", ["topic", "gateway", "channel", "turn"])
    op.create_index("ix_stream_records_topic_ident", "stream_records", ["topic", "ident"])
    with op.batch_alter_table("messages") as table:
        table.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("registry_changes", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.add_column(sa.Column("announced", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.create_index("ix_registry_changes_announced", ["announced"])
    _queued_to_stream(op.get_bind())
    op.drop_table("queue")


def downgrade() -> None:
    op.create_table(
        "queue",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("visible_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_queue_message_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message_id", name="pk_queue"),
    )
    op.create_index("ix_queue_visible_at_message_id", "queue", ["visible_at", "message_id"])
    columns = streams.c.ident, streams.c.published_at, streams.c.attempts
    waiting = sa.select(*columns).where(streams.c.ident.in_(sa.select(messages.c.id)))
    op.execute(queue.insert().from_select(["message_id", "visible_at", "attempts"], waiting))
    with op.batch_alter_table("messages") as table:
        table.drop_column("attempts")
    with op.batch_alter_table("registry_changes", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_index("ix_registry_changes_announced")
        table.drop_column("announced")
    op.drop_table("stream_records")


def _queued_to_stream(connection: sa.Connection) -> None:
    columns = messages.c.id, messages.c.gateway, messages.c.channel_id, messages.c.body, messages.c.received_at, queue.c.attempts
    waiting = sa.select(*columns).join_from(queue, messages, messages.c.id == queue.c.message_id).order_by(messages.c.id)
    for turn, row in enumerate(connection.execute(waiting).all()):
        kept = sa.select(files).where(files.c.message_id == row.id).order_by(files.c.position)
        attachments = [
            {"name": one.name, "content_type": one.content_type, "sha256": one.sha256, "size": one.size}
            for one in connection.execute(kept)
        ]
        value = json.dumps({**row.body, "attachments": attachments}, ensure_ascii=False).encode()
        about = {"topic": "messages", "gateway": row.gateway, "channel": row.channel_id, "turn": turn, "ident": row.id}
        more = {"value": value, "headers": {}, "attempts": row.attempts, "failures": 0, "published_at": row.received_at}
        connection.execute(streams.insert().values(**about, **more))

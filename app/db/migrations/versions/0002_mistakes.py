"""Accused parts and mistakes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accused_parts",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_accused_parts_message_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message_id", "position", "part", name="pk_accused_parts"),
    )
    op.create_table(
        "mistakes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("asset_id", sa.String(), nullable=False),
        sa.Column("reference_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name="fk_mistakes_asset_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["reference_id"], ["asset_references.id"], name="fk_mistakes_reference_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_mistakes"),
        sa.UniqueConstraint("asset_id", "digest", name="uq_mistakes_asset_id_digest"),
    )
    op.create_index("ix_mistakes_reference_id", "mistakes", ["reference_id"])

    op.create_table(
        "accused_fingerprints",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id", "position", "part"],
            ["accused_parts.message_id", "accused_parts.position", "accused_parts.part"],
            name="fk_accused_fingerprints_message_id_position_part",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", "position", "part", "kind", name="pk_accused_fingerprints"),
    )
    op.create_table(
        "mistake_fingerprints",
        sa.Column("mistake_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["mistake_id"], ["mistakes.id"], name="fk_mistake_fingerprints_mistake_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mistake_id", "kind", name="pk_mistake_fingerprints"),
    )
    op.create_table(
        "mistake_alerts",
        sa.Column("mistake_id", sa.String(), nullable=False),
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["mistake_id"], ["mistakes.id"], name="fk_mistake_alerts_mistake_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_mistake_alerts_alert_id"),
        sa.PrimaryKeyConstraint("mistake_id", "alert_id", name="pk_mistake_alerts"),
    )
    op.create_index("ix_mistake_alerts_alert_id", "mistake_alerts", ["alert_id"])


def downgrade() -> None:
    for table in ("mistake_alerts", "mistake_fingerprints", "accused_fingerprints", "mistakes", "accused_parts"):
        op.drop_table(table)

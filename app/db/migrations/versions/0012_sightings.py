"""What was seen, as fingerprints; searches among it; alerts about what was posted earlier; references derived from leaks."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("alerts") as table:
        table.add_column(sa.Column("historic", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("leaked_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("asset_references") as table:
        table.add_column(sa.Column("derived", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.create_index("ix_asset_references_digest", ["digest"])
    _seen()
    _sightings()
    op.create_table(
        "derived_alerts",
        sa.Column("reference_id", sa.String(), nullable=False),
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["reference_id"], ["asset_references.id"], name="fk_derived_alerts_reference_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_derived_alerts_alert_id"),
        sa.PrimaryKeyConstraint("reference_id", "alert_id", name="pk_derived_alerts"),
    )
    op.create_index("ix_derived_alerts_alert_id", "derived_alerts", ["alert_id"])


def downgrade() -> None:
    for table in ("derived_alerts", "hunts", "deletions", "sightings", "seen_fingerprints", "seen_sketches", "seen_parts"):
        op.drop_table(table)
    with op.batch_alter_table("asset_references") as batch:
        batch.drop_index("ix_asset_references_digest")
        batch.drop_column("derived")
    with op.batch_alter_table("alerts") as batch:
        batch.drop_column("leaked_at")
        batch.drop_column("historic")


def _seen() -> None:
    op.create_table(
        "seen_parts",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("perceptual", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_seen_parts"),
        sa.UniqueConstraint("digest", name="uq_seen_parts_digest"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "seen_sketches",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("perceptual", sa.BigInteger(), nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("phrases", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["seen_parts.number"], name="fk_seen_sketches_number", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", name="pk_seen_sketches"),
    )
    op.create_table(
        "seen_fingerprints",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["seen_parts.number"], name="fk_seen_fingerprints_number", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", "kind", name="pk_seen_fingerprints"),
    )


def _sightings() -> None:
    op.create_table(
        "sightings",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("seen", NUMBER, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("head", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["seen"], ["seen_parts.number"], name="fk_sightings_seen"),
        sa.PrimaryKeyConstraint("id", name="pk_sightings"),
        sa.UniqueConstraint("message_id", "position", "part", name="uq_sightings_message_id_position_part"),
    )
    op.create_index("ix_sightings_seen", "sightings", ["seen"])
    op.create_index("ix_sightings_gateway_external_id", "sightings", ["gateway", "external_id"])
    op.create_table(
        "deletions",
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("gateway", "message_id", name="pk_deletions"),
    )
    op.create_index("ix_deletions_reported_at", "deletions", ["reported_at"])
    op.create_table(
        "hunts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("asset_id", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("reached", NUMBER, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("claimed_until", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name="fk_hunts_asset_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_hunts"),
    )
    op.create_index("ix_hunts_asset_id_id", "hunts", ["asset_id", "id"])
    op.create_index("ix_hunts_status_id", "hunts", ["status", "id"])

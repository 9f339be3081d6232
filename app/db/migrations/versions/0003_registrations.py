"""Registrations that take longer than their answer."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registrations",
        sa.Column("asset_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("replaces", sa.JSON(), nullable=False),
        sa.Column("unread", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name="fk_registrations_asset_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("asset_id", name="pk_registrations"),
    )
    op.create_index("ix_registrations_status", "registrations", ["status"])
    op.create_table(
        "registration_files",
        sa.Column("asset_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("blob", sa.String(), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["registrations.asset_id"], name="fk_registration_files_asset_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("asset_id", "position", name="pk_registration_files"),
    )
    op.create_index("ix_registration_files_blob", "registration_files", ["blob"])


def downgrade() -> None:
    op.drop_table("registration_files")
    op.drop_table("registrations")

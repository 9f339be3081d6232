"""Alerts like another one are found quickly: by their files, and the newest about an asset."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_attachments_sha256", "attachments", ["sha256"])
    op.create_index("ix_alert_assets_asset_id_alert_id", "alert_assets", ["asset_id", "alert_id"])
    op.drop_index("ix_alert_assets_asset_id", "alert_assets")


def downgrade() -> None:
    op.create_index("ix_alert_assets_asset_id", "alert_assets", ["asset_id"])
    op.drop_index("ix_alert_assets_asset_id_alert_id", "alert_assets")
    op.drop_index("ix_attachments_sha256", "attachments")

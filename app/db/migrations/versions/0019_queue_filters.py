"""The queue by sender and by resolution, without looking through all of it."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_queue_sender_id", "queue", ["sender_id"])
    op.create_index("ix_queue_resolution_standing_urgency_alert_id", "queue", ["resolution", "standing", "urgency", "alert_id"])


def downgrade() -> None:
    op.drop_index("ix_queue_resolution_standing_urgency_alert_id", "queue")
    op.drop_index("ix_queue_sender_id", "queue")

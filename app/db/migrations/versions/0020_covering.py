"""The queue by assignee and by resolution with all that is asked besides, so that no row is fetched to be counted or sorted."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ORDERED = ["standing", "urgency", "alert_id"]
ASKED = ["created_at", "severity", "status", "external", "gateway"]


def upgrade() -> None:
    for column, other in (("assignee", "resolution"), ("resolution", "assignee")):
        op.drop_index(f"ix_queue_{column}_standing_urgency_alert_id", "queue")
        op.create_index(f"ix_queue_{column}", "queue", [column, *ORDERED, other, *ASKED])


def downgrade() -> None:
    for column in ("assignee", "resolution"):
        op.drop_index(f"ix_queue_{column}", "queue")
        op.create_index(f"ix_queue_{column}_standing_urgency_alert_id", "queue", [column, *ORDERED])

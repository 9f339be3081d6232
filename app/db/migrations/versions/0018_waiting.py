"""Messages that wait to be inspected are found without looking at all that were."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
WAITS = sa.text("status = 'queued'")


def upgrade() -> None:
    op.create_index("ix_messages_waiting", "messages", ["id"], sqlite_where=WAITS, postgresql_where=WAITS)


def downgrade() -> None:
    op.drop_index("ix_messages_waiting", "messages")

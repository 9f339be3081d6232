"""Who sent a message, and where: columns, so that a sender's last messages are found. Earlier ones are not read together."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("messages") as messages:
        messages.add_column(sa.Column("channel_id", sa.String(), nullable=False, server_default=""))
        messages.add_column(sa.Column("sender_id", sa.String(), nullable=False, server_default=""))
        messages.create_index("ix_messages_gateway_channel_id_sender_id_id", ["gateway", "channel_id", "sender_id", "id"])


def downgrade() -> None:
    with op.batch_alter_table("messages") as messages:
        messages.drop_index("ix_messages_gateway_channel_id_sender_id_id")
        messages.drop_column("sender_id")
        messages.drop_column("channel_id")

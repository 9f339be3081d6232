"""Who the accounts in monitored chats belong to."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "directory",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("gateway", "sender", "name", "unit", "kind", "clearance")),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("responsible", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("gateway", "sender", name="pk_directory"),
    )


def downgrade() -> None:
    op.drop_table("directory")

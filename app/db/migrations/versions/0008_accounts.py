"""Accounts, and sessions that are an account's. Whoever is signed in with a token stays so."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

sessions = sa.table(
    "sessions",
    sa.column("token_id"),
    *(sa.column(name, sa.DateTime(timezone=True)) for name in ("created_at", "used_at", "expires_at")),
)


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("name", name="uq_accounts_name"),
    )
    with op.batch_alter_table("sessions") as table:
        table.alter_column("token_id", existing_type=sa.String(), nullable=True)
        table.add_column(sa.Column("account_id", sa.String(), nullable=True))
        table.add_column(sa.Column("created_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("used_at", sa.DateTime(timezone=True), nullable=True))
        table.create_foreign_key("fk_sessions_account_id", "accounts", ["account_id"], ["id"], ondelete="CASCADE")
        table.create_index("ix_sessions_account_id", ["account_id"])
    at = sa.func.current_timestamp()
    op.execute(sessions.update().values(created_at=at, used_at=at))
    with op.batch_alter_table("sessions") as table:
        table.alter_column("created_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        table.alter_column("used_at", existing_type=sa.DateTime(timezone=True), nullable=False)


def downgrade() -> None:
    op.execute(sessions.delete().where(sessions.c.token_id.is_(None)))
    with op.batch_alter_table("sessions") as table:
        table.drop_index("ix_sessions_account_id")
        table.drop_constraint("fk_sessions_account_id", type_="foreignkey")
        table.drop_column("used_at")
        table.drop_column("created_at")
        table.drop_column("account_id")
        table.alter_column("token_id", existing_type=sa.String(), nullable=False)
    op.drop_table("accounts")

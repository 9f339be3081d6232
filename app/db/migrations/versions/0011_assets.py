"""What happened to an asset, and how many references it has and how many of them are weak: stored, so that lists are quick."""

from collections import Counter

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

assets = sa.table("assets", sa.column("id"), sa.column("reference_count"), sa.column("weak_count"))
references = sa.table("asset_references", sa.column("asset_id"), sa.column("distinctiveness", sa.JSON()))


def upgrade() -> None:
    with op.batch_alter_table("assets") as table:
        table.add_column(sa.Column("reference_count", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("weak_count", sa.Integer(), nullable=False, server_default="0"))
        table.create_index("ix_assets_weak_count_id", ["weak_count", "id"])
    op.create_table(
        "asset_history",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("asset_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name="fk_asset_history_asset_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_asset_history"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_asset_history_asset_id", "asset_history", ["asset_id"])
    _count(op.get_bind())


def downgrade() -> None:
    op.drop_table("asset_history")
    with op.batch_alter_table("assets") as table:
        table.drop_index("ix_assets_weak_count_id")
        table.drop_column("weak_count")
        table.drop_column("reference_count")


def _count(connection: sa.Connection) -> None:
    there, weak = Counter[str](), Counter[str]()
    for asset_id, found in connection.execute(sa.select(references.c.asset_id, references.c.distinctiveness)):
        there[asset_id] += 1
        weak[asset_id] += found.get("verdict", "good") != "good" or bool(found.get("resembles"))
    for asset_id, count in there.items():
        values = {"reference_count": count, "weak_count": weak[asset_id]}
        connection.execute(assets.update().where(assets.c.id == asset_id).values(values))

"""Which account watches which channel, and what a second one saw of it"""

import sqlalchemy as sa
from alembic import op

from storage.types import Document, Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assignments",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("home", sa.String(length=64), nullable=False),
        sa.Column("watcher", sa.String(length=64), nullable=True),
        sa.Column("witness", sa.String(length=64), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_assignments")),
    )
    op.create_table(
        "witnesses",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("checked_at", Instant(), nullable=False),
        sa.Column("newest_id", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("only_witness", sa.BigInteger(), nullable=False),
        sa.Column("only_watcher", sa.BigInteger(), nullable=False),
        sa.Column("waiting", Document, nullable=False),
        sa.Column("differed", Document, nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "account", name=op.f("pk_witnesses")),
    )


def downgrade() -> None:
    op.drop_table("witnesses")
    op.drop_table("assignments")

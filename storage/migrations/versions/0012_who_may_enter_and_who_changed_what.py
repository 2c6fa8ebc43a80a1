"""Requests, the record of changes, budgets and wants set while Deadair runs"""

import sqlalchemy as sa
from alembic import op

from storage.types import Document, Instant, Sequence, Words

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "requests",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("handle", Words(), nullable=True),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("told", Document, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_requests")),
    )
    op.create_index(op.f("ix_requests_state"), "requests", ["state"], unique=False)
    op.create_table(
        "changes",
        sa.Column("id", Sequence, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("old", Document, nullable=True),
        sa.Column("new", Document, nullable=True),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.create_index(op.f("ix_changes_undoes"), "changes", ["undoes"], unique=False)
    op.create_index(op.f("ix_changes_what_subject_id"), "changes", ["what", "subject", "id"], unique=False)
    op.create_table(
        "budgets",
        sa.Column("subject", Words(), nullable=False),
        sa.Column("budget", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_budgets")),
    )
    op.create_table(
        "wants",
        sa.Column("key", Words(), nullable=False),
        sa.Column("wanted", sa.String(length=12), nullable=False),
        sa.Column("handle", Words(), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("group", Words(), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("web", sa.Boolean(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("asked_by", Words(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("why", Words(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_wants")),
    )
    op.create_index(op.f("ix_wants_state"), "wants", ["state"], unique=False)


def downgrade() -> None:
    op.drop_table("wants")
    op.drop_table("budgets")
    op.drop_table("changes")
    op.drop_table("requests")

"""Headcounts, candidates for a channel's place, what the outside sees, and what Telegram says against it"""

import sqlalchemy as sa
from alembic import op

from storage.types import Document, Instant, Sequence, Words

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channels", sa.Column("flags", Document, nullable=True))
    op.create_table(
        "headcounts",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("within", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "at", name=op.f("pk_headcounts")),
    )
    op.create_table(
        "candidates",
        sa.Column("id", Sequence, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("handle", Words(), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("evidence", Document, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_at", Instant(), nullable=True),
        sa.Column("asked_by", Words(), nullable=False),
        sa.Column("why", Words(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidates")),
        sa.UniqueConstraint("channel_id", "name", name=op.f("uq_candidates_channel_id_name")),
    )
    op.create_index(op.f("ix_candidates_state"), "candidates", ["state"], unique=False)
    op.create_table(
        "testimonies",
        sa.Column("seq", Sequence, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("since_at", Instant(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("says", sa.String(length=12), nullable=True),
        sa.Column("posts", Document, nullable=False),
        sa.Column("detail", Words(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_testimonies")),
        sa.UniqueConstraint("channel_id", "since_at", name=op.f("uq_testimonies_channel_id_since_at")),
    )
    op.create_index(op.f("ix_testimonies_answered_at"), "testimonies", ["answered_at"], unique=False)


def downgrade() -> None:
    op.drop_table("testimonies")
    op.drop_table("candidates")
    op.drop_table("headcounts")
    with op.batch_alter_table("channels") as channels:
        channels.drop_column("flags")

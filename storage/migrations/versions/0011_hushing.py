"""What chats do not want to hear just now, answers to alerts, notes to ops, and acts that are told"""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Sequence

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mutes",
        sa.Column("id", Sequence, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("claimant", sa.Text(), nullable=True),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutes")),
    )
    op.create_index(op.f("ix_mutes_chat_id"), "mutes", ["chat_id"], unique=False)
    op.create_table(
        "quiet_hours",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_quiet_hours")),
    )
    op.create_table(
        "digests",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("every", sa.String(length=12), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("instead", sa.Boolean(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_digests")),
    )
    op.create_table(
        "acknowledgements",
        sa.Column("id", Sequence, nullable=False),
        sa.Column("episode_id", Sequence, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("reminded_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgements")),
    )
    op.create_index(
        op.f("ix_acknowledgements_episode_id_chat_id"), "acknowledgements", ["episode_id", "chat_id"]
    )
    op.create_index(op.f("ix_acknowledgements_until"), "acknowledgements", ["until"])
    op.create_table(
        "notes",
        sa.Column("seq", Sequence, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_notes")),
    )
    op.add_column("subscribers", sa.Column("thread_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "subscriptions", sa.Column("least", sa.String(length=12), server_default="minor", nullable=False)
    )
    op.add_column("deliveries", sa.Column("hold", sa.String(length=12), nullable=True))
    op.add_column(
        "deliveries", sa.Column("digested", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("opinions", sa.Column("fault", sa.String(length=16), nullable=True))
    op.add_column("episodes", sa.Column("incident_id", sa.BigInteger(), nullable=True))
    op.add_column("episodes", sa.Column("severity", sa.String(length=12), nullable=True))
    op.create_index(op.f("ix_episodes_incident_id"), "episodes", ["incident_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_episodes_incident_id"), table_name="episodes")
    op.drop_column("episodes", "severity")
    op.drop_column("episodes", "incident_id")
    op.drop_column("opinions", "fault")
    op.drop_column("deliveries", "digested")
    op.drop_column("deliveries", "hold")
    op.drop_column("subscriptions", "least")
    op.drop_column("subscribers", "thread_id")
    op.drop_table("notes")
    op.drop_table("acknowledgements")
    op.drop_table("digests")
    op.drop_table("quiet_hours")
    op.drop_index(op.f("ix_mutes_chat_id"), table_name="mutes")
    op.drop_table("mutes")

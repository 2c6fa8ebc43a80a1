"""The first archive"""

import sqlalchemy as sa
from alembic import op

from storage.types import Document, Instant, Sequence

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accesses",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("access_hash", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "account", name=op.f("pk_accesses")),
    )
    op.create_table(
        "channel_events",
        sa.Column("seq", Sequence, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("change", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_channel_events")),
    )
    op.create_index(op.f("ix_channel_events_channel_id"), "channel_events", ["channel_id"], unique=False)

    op.create_table(
        "channels",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("audience", sa.BigInteger(), nullable=True),
        sa.Column("added_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
    )
    op.create_index(op.f("ix_channels_handle"), "channels", ["handle"], unique=False)

    op.create_table(
        "cursors",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("newest_id", sa.BigInteger(), nullable=False),
        sa.Column("oldest_id", sa.BigInteger(), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("checked_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_cursors")),
    )
    op.create_table(
        "deletions",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_missed_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("returned_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("channel_id", "post_id", "first_missed_at", name=op.f("pk_deletions")),
    )
    op.create_table(
        "episodes",
        sa.Column("id", Sequence, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("since_at", Instant(), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("ruling", sa.String(length=12), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("evidence", Document, nullable=False),
        sa.Column("observed", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("members", Document, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episodes")),
    )
    op.create_index(op.f("ix_episodes_channel_id"), "episodes", ["channel_id"], unique=False)
    op.create_index(op.f("ix_episodes_state"), "episodes", ["state"], unique=False)

    op.create_table(
        "gaps",
        sa.Column("seq", Sequence, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("to_at", Instant(), nullable=True),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("missing", sa.String(length=12), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_gaps")),
    )
    op.create_index(op.f("ix_gaps_channel_id_from_at"), "gaps", ["channel_id", "from_at"], unique=False)

    op.create_table(
        "handles",
        sa.Column("seq", Sequence, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("to_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_handles")),
    )
    op.create_index(op.f("ix_handles_channel_id"), "handles", ["channel_id"], unique=False)

    op.create_table(
        "imports",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.Column("revised", sa.BigInteger(), nullable=False),
        sa.Column("bad", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_imports")),
    )
    op.create_table(
        "invites",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_by", sa.BigInteger(), nullable=True),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_invites")),
    )
    op.create_table(
        "marks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", Document, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_marks")),
    )
    op.create_table(
        "posts",
        sa.Column("seq", Sequence, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("how", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=32), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("current_hash", sa.String(length=32), nullable=False),
        sa.Column("edited_at", Instant(), nullable=True),
        sa.Column("entities", Document, nullable=True),
        sa.Column("media", Document, nullable=True),
        sa.Column("album_id", sa.BigInteger(), nullable=True),
        sa.Column("forward", Document, nullable=True),
        sa.Column("reply_to", sa.BigInteger(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("views", sa.BigInteger(), nullable=True),
        sa.Column("forwards", sa.BigInteger(), nullable=True),
        sa.Column("raw", Document, nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_posts")),
        sa.UniqueConstraint("channel_id", "id", name=op.f("uq_posts_channel_id_id")),
    )
    op.create_index("ix_posts_album", "posts", ["channel_id", "album_id"], unique=False)
    op.create_index(op.f("ix_posts_channel_id_posted_at"), "posts", ["channel_id", "posted_at"], unique=False)

    op.create_table(
        "readings",
        sa.Column("seq", Sequence, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", Instant(), nullable=False),
        sa.Column("reader_version", sa.Integer(), nullable=False),
        sa.Column("topics", Document, nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_readings")),
        sa.UniqueConstraint(
            "channel_id",
            "post_id",
            "reader_version",
            name=op.f("uq_readings_channel_id_post_id_reader_version"),
        ),
    )
    op.create_index(
        op.f("ix_readings_channel_id_posted_at"), "readings", ["channel_id", "posted_at"], unique=False
    )

    op.create_table(
        "revisions",
        sa.Column("seq", Sequence, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("edited_at", Instant(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=32), nullable=False),
        sa.Column("entities", Document, nullable=True),
        sa.Column("media", Document, nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_revisions")),
        sa.UniqueConstraint(
            "channel_id", "post_id", "number", name=op.f("uq_revisions_channel_id_post_id_number")
        ),
    )
    op.create_table(
        "subscribers",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("let_in_at", Instant(), nullable=False),
        sa.Column("let_in_by", sa.Text(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_subscribers")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", Sequence, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index(op.f("ix_subscriptions_chat_id"), "subscriptions", ["chat_id"], unique=False)

    op.create_table(
        "tallies",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("reader_version", sa.Integer(), nullable=False),
        sa.Column("hour", Instant(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "topic", "reader_version", "hour", name=op.f("pk_tallies")),
    )
    op.create_table(
        "watch_spans",
        sa.Column("seq", Sequence, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("to_at", Instant(), nullable=False),
        sa.Column("how", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_watch_spans")),
    )
    op.create_index(
        op.f("ix_watch_spans_account_channel_id_how"),
        "watch_spans",
        ["account", "channel_id", "how"],
        unique=False,
    )
    op.create_index(
        op.f("ix_watch_spans_channel_id_to_at"), "watch_spans", ["channel_id", "to_at"], unique=False
    )

    op.create_table(
        "alerts",
        sa.Column("id", Sequence, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("move", sa.String(length=12), nullable=False),
        sa.Column("episode_id", Sequence, nullable=False),
        sa.Column("episode", Document, nullable=False),
        sa.Column("payload", Document, nullable=False),
        sa.ForeignKeyConstraint(
            ["episode_id"],
            ["episodes.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index(op.f("ix_alerts_episode_id"), "alerts", ["episode_id"], unique=False)

    op.create_table(
        "transitions",
        sa.Column("seq", Sequence, nullable=False),
        sa.Column("episode_id", Sequence, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("move", sa.String(length=12), nullable=False),
        sa.Column("inhibited_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["episode_id"],
            ["episodes.id"],
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_transitions")),
    )
    op.create_index(op.f("ix_transitions_episode_id"), "transitions", ["episode_id"], unique=False)

    op.create_table(
        "deliveries",
        sa.Column("id", Sequence, nullable=False),
        sa.Column("alert_id", Sequence, nullable=False),
        sa.Column("episode_id", Sequence, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alerts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["episode_id"],
            ["episodes.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("alert_id", "chat_id", name=op.f("uq_deliveries_alert_id_chat_id")),
    )
    op.create_index(
        op.f("ix_deliveries_chat_id_state_id"), "deliveries", ["chat_id", "state", "id"], unique=False
    )
    op.create_index(op.f("ix_deliveries_episode_id"), "deliveries", ["episode_id"], unique=False)
    op.create_index(
        op.f("ix_deliveries_state_not_before_id"), "deliveries", ["state", "not_before", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_deliveries_state_not_before_id"), table_name="deliveries")
    op.drop_index(op.f("ix_deliveries_episode_id"), table_name="deliveries")
    op.drop_index(op.f("ix_deliveries_chat_id_state_id"), table_name="deliveries")

    op.drop_table("deliveries")
    op.drop_index(op.f("ix_transitions_episode_id"), table_name="transitions")

    op.drop_table("transitions")
    op.drop_index(op.f("ix_alerts_episode_id"), table_name="alerts")

    op.drop_table("alerts")
    op.drop_index(op.f("ix_watch_spans_channel_id_to_at"), table_name="watch_spans")
    op.drop_index(op.f("ix_watch_spans_account_channel_id_how"), table_name="watch_spans")

    op.drop_table("watch_spans")
    op.drop_table("tallies")
    op.drop_index(op.f("ix_subscriptions_chat_id"), table_name="subscriptions")

    op.drop_table("subscriptions")
    op.drop_table("subscribers")
    op.drop_table("revisions")
    op.drop_index(op.f("ix_readings_channel_id_posted_at"), table_name="readings")

    op.drop_table("readings")
    op.drop_index(op.f("ix_posts_channel_id_posted_at"), table_name="posts")
    op.drop_index("ix_posts_album", table_name="posts")

    op.drop_table("posts")
    op.drop_table("marks")
    op.drop_table("invites")
    op.drop_table("imports")
    op.drop_index(op.f("ix_handles_channel_id"), table_name="handles")

    op.drop_table("handles")
    op.drop_index(op.f("ix_gaps_channel_id_from_at"), table_name="gaps")

    op.drop_table("gaps")
    op.drop_index(op.f("ix_episodes_state"), table_name="episodes")
    op.drop_index(op.f("ix_episodes_channel_id"), table_name="episodes")

    op.drop_table("episodes")
    op.drop_table("deletions")
    op.drop_table("cursors")
    op.drop_index(op.f("ix_channels_handle"), table_name="channels")

    op.drop_table("channels")
    op.drop_index(op.f("ix_channel_events_channel_id"), table_name="channel_events")

    op.drop_table("channel_events")
    op.drop_table("accesses")

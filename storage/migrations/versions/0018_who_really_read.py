"""Who really read what was emptied; rare languages and many views are found without a look at every post"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.beside import add_column, each_by_itself, make_index
from storage.types import Document, Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_column("readings", sa.Column("read_by", sa.Integer()))
    marks = sa.table("marks", sa.column("name"), sa.column("value", Document), sa.column("at", Instant()))
    live = sa.select(marks.c.value, marks.c.at).where(marks.c.name == "reader.live")
    found = op.get_bind().execute(live).first()
    readings = sa.table(
        "readings",
        *(sa.column(name) for name in ("channel_id", "post_id", "reader_version", "read_by")),
    )
    removals = sa.table("removals", sa.column("channel_id"), sa.column("post_id"), sa.column("at", Instant()))
    gone = sa.exists().where(
        removals.c.channel_id == readings.c.channel_id, removals.c.post_id == readings.c.post_id
    )
    # Only what the version that counts has read is ever emptied: what went after that one came to count, it
    # read itself. Of what had gone before nobody wrote down who did.
    unknown = sa.update(readings).values(read_by=0)
    if found is not None:
        its = readings.c.reader_version == found.value["version"]
        earlier = sa.false() if found.value.get("former") is None else gone.where(removals.c.at < found.at)
        channels = op.get_bind().execute(sa.select(removals.c.channel_id).distinct()).scalars().all()
        with each_by_itself():
            for channel in channels:
                of = readings.c.channel_id == channel
                op.execute(unknown.where(of, its, earlier))
                op.execute(unknown.where(of, ~its, gone))
    where = sa.text("read_by IS NOT NULL")
    make_index(
        "ix_readings_read_by",
        "readings",
        ["reader_version", "read_by", "channel_id", "posted_at"],
        sqlite_where=where,
        postgresql_where=where,
    )
    if op.get_bind().dialect.name == "sqlite":  # PostgreSQL goes through stretches of time
        op.create_index("ix_readings_language", "readings", ["reader_version", "language"])
        many = sa.text("views >= 1000")
        op.create_index("ix_posts_views", "posts", ["views"], sqlite_where=many)
        op.create_index("ix_counters_views", "counters", ["views"], sqlite_where=many)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_counters_views", "counters")
        op.drop_index("ix_posts_views", "posts")
        op.drop_index("ix_readings_language", "readings")
    op.drop_index("ix_readings_read_by", "readings")
    op.drop_column("readings", "read_by")

"""Posts whole: details, raw copies, the chain, counters over time, files"""

import sqlalchemy as sa
from alembic import op

from storage.types import Document, Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("posts", sa.Column("details", Document, nullable=True))
    op.create_table(
        "raws",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("layer", sa.Integer(), nullable=False),
        sa.Column("packing", sa.Integer(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "post_id", "version", name=op.f("pk_raws")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "links",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "number", name=op.f("pk_links")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "chains",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("began_as", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_chains")),
    )
    op.create_table(
        "counters",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=True),
        sa.Column("forwards", sa.BigInteger(), nullable=True),
        sa.Column("replies", sa.BigInteger(), nullable=True),
        sa.Column("reactions", Document, nullable=True),
        sa.PrimaryKeyConstraint("channel_id", "post_id", "at", name=op.f("pk_counters")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "followed",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("posted_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "post_id", name=op.f("pk_followed")),
    )
    op.create_index(op.f("ix_followed_channel_id_due_at"), "followed", ["channel_id", "due_at"], unique=False)
    op.create_table(
        "post_files",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("again_at", Instant(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("channel_id", "post_id", "version", name=op.f("pk_post_files")),
    )
    op.create_index(
        op.f("ix_post_files_channel_id_state_again_at"),
        "post_files",
        ["channel_id", "state", "again_at"],
        unique=False,
    )
    op.create_index(op.f("ix_post_files_file_id"), "post_files", ["file_id"], unique=False)
    op.create_index(op.f("ix_post_files_sha256"), "post_files", ["sha256"], unique=False)
    _note_what_is_unsealed()


def _note_what_is_unsealed() -> None:
    """What is here already is in no chain; what comes after it must be (storage/sealing.py)."""
    posts, revisions = (sa.table(name, sa.column("seq"), sa.column("seen_at", Instant)) for name in _OLD)
    connection = op.get_bind()
    last, at = connection.execute(
        sa.select(posts.c.seq, posts.c.seen_at).order_by(posts.c.seq.desc()).limit(1)
    ).one_or_none() or (None, None)
    if last is None:
        return
    last_revision = connection.execute(sa.select(sa.func.max(revisions.c.seq))).scalar_one() or 0
    marks = sa.table(
        "marks", sa.column("name", sa.Text), sa.column("value", Document), sa.column("at", Instant)
    )
    value = {"posts": last, "revisions": last_revision}
    op.bulk_insert(marks, [{"name": "chain.unsealed", "value": value, "at": at}])


_OLD = ("posts", "revisions")


def downgrade() -> None:
    for prefix in ("chain.", "counters.", "files."):
        op.execute(f"DELETE FROM marks WHERE name LIKE '{prefix}%'")  # noqa: S608 - our own words
    op.drop_index(op.f("ix_post_files_sha256"), table_name="post_files")
    op.drop_index(op.f("ix_post_files_file_id"), table_name="post_files")
    op.drop_index(op.f("ix_post_files_channel_id_state_again_at"), table_name="post_files")
    op.drop_table("post_files")
    op.drop_index(op.f("ix_followed_channel_id_due_at"), table_name="followed")
    op.drop_table("followed")
    op.drop_table("counters")
    op.drop_table("chains")
    op.drop_table("links")
    op.drop_table("raws")
    op.drop_column("posts", "details")

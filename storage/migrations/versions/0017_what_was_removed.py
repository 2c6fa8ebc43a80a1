"""What was removed of posts when its time was over, and which posts an export holds"""

import sqlalchemy as sa
from alembic import op

from storage.errors import SchemaMismatch
from storage.types import Document, Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("posts", sa.Column("removed_at", Instant()))
    op.create_table(
        "removals",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("links", Document, nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "post_id", name=op.f("pk_removals")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "exports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("identity", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_table(
        "exported",
        sa.Column("export_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("posts", Document, nullable=False),
        sa.PrimaryKeyConstraint("export_id", "channel_id", name=op.f("pk_exported")),
    )


def downgrade() -> None:
    if op.get_bind().execute(sa.text("SELECT 1 FROM links WHERE kind = 'removal' LIMIT 1")).first():
        raise SchemaMismatch(
            "[retention] removed what posts said from this archive: an earlier Deadair could not prove it",
            hint="keep this version, or restore a backup from before",
        )
    op.drop_table("exported")
    op.drop_table("exports")
    op.drop_table("removals")
    op.drop_column("posts", "removed_at")

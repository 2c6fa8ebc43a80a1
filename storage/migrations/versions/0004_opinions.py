"""What people make of episodes"""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Sequence

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opinions",
        sa.Column("seq", Sequence, nullable=False),
        sa.Column("episode_id", Sequence, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("says", sa.String(length=12), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"]),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_opinions")),
    )
    op.create_index(op.f("ix_opinions_episode_id"), "opinions", ["episode_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_opinions_episode_id"), table_name="opinions")
    op.drop_table("opinions")

"""Leases: who does what one process only may do, and who waits for it"""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Words

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", Words(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "standbys",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", "holder", name=op.f("pk_standbys")),
    )


def downgrade() -> None:
    op.drop_table("standbys")
    op.drop_table("leases")

"""When an episode escalated, and how often it has begun"""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("episodes", sa.Column("escalated_at", Instant(), nullable=True))
    op.add_column("episodes", sa.Column("times", sa.Integer(), server_default="1", nullable=False))
    op.add_column("episodes", sa.Column("again_at", Instant(), nullable=True))


def downgrade() -> None:
    op.drop_column("episodes", "again_at")
    op.drop_column("episodes", "times")
    op.drop_column("episodes", "escalated_at")

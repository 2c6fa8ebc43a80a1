"""PostgreSQL's index of words says when a post was posted"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("UPDATE search_places SET fingerprint = ''")  # the indexer builds it anew


def downgrade() -> None:
    """Signs of time are nothing to an earlier version."""
